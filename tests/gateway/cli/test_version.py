"""``sluice version``."""

from __future__ import annotations

import platform
from typing import Any

import gateway


def test_the_version_is_that_of_the_package_and_of_python(sluice: Any) -> None:
    ran = sluice("version")
    assert (ran.code, ran.out) == (0, f"sluice {gateway.__version__} (Python {platform.python_version()})\n")
