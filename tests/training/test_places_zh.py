"""Names of places are condensed: long and short forms down to the counties, and none that is no name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from training import places_zh


@pytest.mark.parametrize(
    ("level", "name", "forms"),
    [
        (0, "河北省", {"河北省", "河北"}),
        (0, "内蒙古自治区", {"内蒙古自治区", "内蒙古"}),
        (0, "广西壮族自治区", {"广西壮族自治区", "广西"}),
        (1, "石家庄市", {"石家庄市", "石家庄"}),
        (1, "沙市", {"沙市"}),  # one character is no short form
        (2, "正定县", {"正定县"}),
        (2, "辛集市", {"辛集市"}),
    ],
)
def test_places_above_the_counties_have_a_short_form(level: int, name: str, forms: set[str]) -> None:
    assert places_zh._forms(level, name) == forms


def test_the_command_writes_each_name_once_and_no_word_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "zh_admin_divisions"
    folder.mkdir()
    tree = [{"name": "甲省", "children": [{"name": "乙丙市", "children": [{"name": "市辖区"}, {"name": "丁戊县"}]}]}]
    (folder / "dist__pca-code.json").write_text(json.dumps(tree), "utf-8")
    (folder / "dist__HK-MO-TW.json").write_text(json.dumps({"己庚市": {"辛壬": ["癸子区", "丑区"]}}), "utf-8")
    monkeypatch.setattr(places_zh, "PLACES", tmp_path / "places.txt")
    monkeypatch.setattr(sys, "argv", ["places", "--data", str(tmp_path)])
    places_zh.main()
    assert (tmp_path / "places.txt").read_text("utf-8").split() == sorted(
        ["甲省", "乙丙市", "乙丙", "丁戊县", "己庚市", "己庚", "辛壬", "癸子区"]
    )
