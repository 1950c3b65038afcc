"""What every test shares: one event loop of asyncio for each async test, and one thread of BLAS.

Where several processes test at once, as many threads as the machine has cores for each of them wait
for one another: the sounds of labels took twenty times as long. Set before anything imports numpy;
what a test starts inherits it, and so do the processes of ``pytest -n``.
"""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
