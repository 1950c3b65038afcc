"""What the page on judges shows compiles, and both languages show the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.policy.cases import load_cases
from gateway.wiring import load_plan

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```yaml (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(name: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in BLOCK.finditer((DOCS / name).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("name", ["judges.md", "judges.zh.md"])
def test_every_policy_on_the_page_compiles(name: str, tmp_path: Path) -> None:
    shown = blocks(name)
    assert [kind for kind, _ in shown] == ["policy", "policy", "cases"]
    for number, (kind, body) in enumerate(shown):
        if kind == "policy":
            file = tmp_path / f"shown{number}.yaml"
            file.write_text(body, encoding="utf-8")
            assert load_plan(str(file)).name in {"second-look", "judges"}
        else:
            file = tmp_path / "shown_test.yaml"
            file.write_text(body, encoding="utf-8")
            assert [case.entry.judges for case in load_cases(file)] == [{"second-look": {"a1.b": 0.95}}]


def test_both_languages_show_the_same() -> None:
    assert blocks("judges.md") == blocks("judges.zh.md")
