"""What the page on labels shows is what happens, and its table is that of the carriers."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from kit.specimens import drawn

from gateway.labels.carriers import CARRIERS

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["labels.md", "labels.zh.md"]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def transcript(page: str) -> list[tuple[str, str]]:
    """Each command of the page and what it says."""
    found = []
    for block in CONSOLE.findall((DOCS / page).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, said = part.partition("\n")
            found.append((command, said))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_say_what_the_page_shows(page: str, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(drawn("PNG"))
    shown = transcript(page)
    assert len(shown) >= 5
    for command, said in shown:
        words = shlex.split(command)
        assert words[0] == "sluice"
        ran = subprocess.run(
            [sys.executable, "-m", "gateway", *words[1:]],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (ran.returncode, ran.stderr) == (0, ""), command
        wanted = re.escape(said).replace("…", ".*")
        assert re.fullmatch(wanted, ran.stdout, re.DOTALL), f"{command}\n{ran.stdout}"


def test_both_languages_show_the_same() -> None:
    assert transcript(PAGES[0]) == transcript(PAGES[1])
    headings = [
        [line.split(" ")[0] for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        for page in PAGES
    ]
    assert headings[0] == headings[1]


@pytest.mark.parametrize("page", PAGES)
def test_every_carrier_is_in_the_table_with_its_guide_and_confidence(page: str) -> None:
    rows = [
        line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if re.match(r"\| .* \| [HML] \|$", line)
    ]
    names = {
        "mkv": "Matroska",
        "mp4": "MP4",
        "ooxml": "DOCX",
        "json": "JSON",
        "webp": "WebP",
        "markdown": "Markdown",
        "ogg": "Ogg",
    }
    for carrier in CARRIERS:
        name = names.get(carrier.name, carrier.name.upper())
        (row,) = [line for line in rows if name in line.split("|")[1]]
        assert row.endswith(f" {carrier.confidence} |")
        guide = row.split("|")[3]
        assert carrier.guide in guide or (carrier.guide == "our convention" and "**" in guide)
