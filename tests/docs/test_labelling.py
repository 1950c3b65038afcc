"""The page for an app store says what is so: its pictures are made anew, its policy compiles, its commands run."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from kit.media import colours, file_of, wav
from PIL import Image

from benchmarks.label_pictures import PICTURES
from gateway.cli.main import sluice
from gateway.settings import load_settings
from gateway.wiring import embedded, load_plan

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ["labelling-for-app-stores.md", "labelling-for-app-stores.zh.md"]
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def block(page: str, info: str) -> str:
    text = (DOCS / page).read_text("utf-8")
    found = [match["body"] for match in FENCE.finditer(text) if match["info"] == info]
    assert found, f"{page} has no {info}"
    return "".join(found)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_code_draws_today(name: str) -> None:
    file = DOCS / "labels" / f"{name}.png"
    assert file.stat().st_size < 60_000
    kept = np.asarray(Image.open(file).convert("RGB"), float)
    made = np.asarray(PICTURES[name]().convert("RGB"), float)
    assert kept.shape == made.shape
    # Fonts are drawn a little differently by other versions of FreeType.
    assert np.abs(kept - made).mean() < 1, f"run: python -m benchmarks.label_pictures docs/labels ({name})"


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_and_page_that_is_named_is_there(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    named = re.findall(r"\]\(([^)#:]+)\)", text)
    assert {f"labels/{name}.png" for name in PICTURES} <= set(named)
    assert [name for name in named if not (DOCS / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_the_policy_of_the_page_compiles_and_its_agreement_is_read(page: str, tmp_path: Path) -> None:
    base = embedded("policies") / "base" / "base.yaml"
    policy = tmp_path / "labelled.yaml"
    policy.write_text(block(page, "yaml policy").replace("extends: base", f"extends: {base}"), encoding="utf-8")
    label = load_plan(str(policy)).label
    assert label.pictures is not None
    assert label.pictures.watermark
    assert (label.position, label.files, label.text_mark) == ("end", "both", False)
    settings = tmp_path / "sluice.yaml"
    settings.write_text(block(page, "yaml settings"), encoding="utf-8")
    fetch = load_settings(settings, {}).fetch
    assert fetch is not None
    assert not fetch.private
    assert load_settings(settings, {}).unlabelled[0].agreement == "A-2026-017"


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_page_print_what_it_says(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLUICE_MARK_KEY", raising=False)
    Path("picture.png").write_bytes(file_of(colours(400, 300)))
    Path("speech.wav").write_bytes(wav(1.0))
    printed = ""
    for line in block(page, "console").splitlines():
        if line.startswith("$ sluice "):
            ran = CliRunner().invoke(sluice, shlex.split(line)[2:])
            assert ran.exit_code == 0, ran.output
            printed += f"{line}\n{ran.output}"
    assert printed == block(page, "console")


def test_the_chinese_page_has_the_same_parts() -> None:
    texts = [(DOCS / page).read_text("utf-8") for page in PAGES]
    parts = [
        [len(re.findall(pattern, text, re.MULTILINE)) for pattern in (r"^#+ ", r"^\|", r"^- ", r"^!\[", r"^```")]
        for text in texts
    ]
    assert parts[0] == parts[1]


@pytest.mark.parametrize("page", ["watermark.md", "watermark.zh.md"])
def test_the_page_of_the_watermark_names_every_change_that_is_measured(page: str) -> None:
    from benchmarks.watermark import CHANGES, KINDS

    rows = [line for line in (DOCS / page).read_text("utf-8").splitlines() if line.startswith("|")]
    assert len(rows) == 4 + len(CHANGES)
    assert all(row.count("|") == len(KINDS) + 2 for row in rows)
