"""``sluice label show-on``, ``hide-in``, ``reveal``: as a shell sees them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kit.media import colours, file_of, read, wav

from gateway.labels.sounds import parse
from gateway.textmark import mark

ID = "01JZ8M3K5QW0123456789ABCDE"


def test_a_picture_and_a_sound_are_labelled_where_they_are_told(sluice: Any, tmp_path: Path) -> None:
    picture, sound, out = tmp_path / "a.png", tmp_path / "b.wav", tmp_path / "out"
    picture.write_bytes(file_of(colours(300, 200)))
    sound.write_bytes(wav(0.5))
    ran = sluice("label", "show-on", picture, sound, "--out", out)
    assert (ran.code, ran.out) == (0, f"✓ {out / 'a.png'}\n✓ {out / 'b.wav'}\n")
    assert (np.asarray(read((out / "a.png").read_bytes())) != np.asarray(read(picture.read_bytes()))).any()
    assert parse((out / "b.wav").read_bytes()).seconds > 1.5
    assert picture.read_bytes() == file_of(colours(300, 200))


def test_without_out_the_file_itself_is_replaced_and_one_that_fails_stays(sluice: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.jpg", tmp_path / "b.png"
    good.write_bytes(file_of(colours(300, 200), "JPEG"))
    bad.write_bytes(b"no picture")
    ran = sluice("label", "show-on", good, bad, "--corner", "top", "--words", "AI生成")
    assert ran.code == 1
    assert f"✗ {bad}: this is no picture of a kind that can be labelled" in ran.err
    assert bad.read_bytes() == b"no picture"
    assert good.read_bytes() != file_of(colours(300, 200), "JPEG")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.jpg", "b.png"]


@pytest.mark.parametrize(
    ("words", "told"), [("机器生成", "do not name artificial"), ("AI 内容", "do not say that it was")]
)
def test_words_without_both_elements_are_refused(sluice: Any, tmp_path: Path, words: str, told: str) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(file_of(colours(300, 200)))
    ran = sluice("label", "show-on", file, "--words", words)
    assert ran.code == 2
    assert told in ran.err


def test_a_watermark_is_hidden_and_revealed(sluice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, marked = tmp_path / "a.png", tmp_path / "m.png"
    plain.write_bytes(file_of(colours(400, 300)))
    assert sluice("label", "hide-in", plain, "--content-id", ID, "--out", marked).code == 0
    ran = sluice("label", "reveal", marked)
    assert (ran.code, ran.out) == (0, f"✓ {marked}  {ID}  (scale 1)\n")
    ran = sluice("label", "reveal", plain, marked, "--format", "json")
    assert ran.code == 1
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["content_id"] for row in rows] == [None, ID]
    monkeypatch.setenv("SLUICE_MARK_KEY", "secret")
    assert sluice("label", "reveal", marked).code == 1


def test_what_cannot_be_marked_or_read_is_told(sluice: Any, tmp_path: Path) -> None:
    small, none = tmp_path / "s.png", tmp_path / "n.png"
    small.write_bytes(file_of(colours(100, 100)))
    none.write_bytes(b"\x89PNG nothing")
    ran = sluice("label", "hide-in", small, "--content-id", ID)
    assert (ran.code, "needs 256×256" in ran.err) == (1, True)
    ran = sluice("label", "reveal", none)
    assert (ran.code, "no picture of a kind" in ran.err) == (3, True)
    ran = sluice("label", "hide-in", small, none, "--content-id", ID)
    assert (ran.code, "Several files need several ids" in ran.err) == (2, True)


def test_the_mark_of_a_copied_text_is_revealed(sluice: Any, tmp_path: Path) -> None:
    text = tmp_path / "copied.txt"
    text.write_text(f"前文。{mark(ID)}后文。", encoding="utf-8")
    ran = sluice("label", "reveal", text)
    assert (ran.code, ran.out) == (0, f"✓ {text}  {ID}\n")
    text.write_text("前文。后文。", encoding="utf-8")
    ran = sluice("label", "reveal", text)
    assert (ran.code, ran.out) == (1, f"– {text}  no mark\n")
