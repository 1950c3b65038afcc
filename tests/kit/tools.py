"""Programs that read metadata and know nothing of us; a test that needs one is skipped where it is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def needs(*programs: str) -> Any:
    """Skip a test where a program is not installed, and say which."""
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def exiftool(file: Path) -> dict[str, Any]:
    """Everything that exiftool finds, by ``group:tag`` in lower case; warnings under ``exiftool:warning``."""
    ran = subprocess.run(
        ["exiftool", "-j", "-G", "-u", "-a", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    return {key.lower(): value for key, value in json.loads(ran.stdout)[0].items()}


def ffprobe(file: Path) -> dict[str, str]:
    """The tags of the container as ffprobe finds them."""
    ran = subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-of", "json", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return dict(json.loads(ran.stdout)["format"].get("tags", {}))


def ffmpeg(*arguments: str | Path) -> None:
    """Make a file."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], capture_output=True, timeout=120, check=True)
