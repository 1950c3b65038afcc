from __future__ import annotations

import pytest
from kit.evaluated import ask


@pytest.fixture
def two(tmp_path):
    """A run that passes and one that fails."""
    return ask(tmp_path)[1], ask(tmp_path, answering=range(8), model="n")[1]
