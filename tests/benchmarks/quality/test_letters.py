"""Made-up Chinese letters with known personal data, and what is measured with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.quality.letters import RISKS, Letter, default_detectors, letters, main, measure
from gateway.detectors.personal.identity import identity_score
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

DIVISIONS = [
    {
        "code": "33",
        "name": "浙江省",
        "children": [{"code": "3301", "name": "杭州市", "children": [{"code": "330106", "name": "西湖区"}]}],
    }
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "zh_names_wainshine").mkdir()
    (folder / "zh_admin_divisions").mkdir()
    (folder / "zh_names_wainshine/Ancient.txt").write_text("a\nb\n\n王文清\n李思远\n", "utf-8")
    (folder / "zh_admin_divisions/dist__pca-code.json").write_text(json.dumps(DIVISIONS), "utf-8")
    return folder


def test_the_same_seed_gives_the_same_letters_and_another_others(data: Path) -> None:
    first = list(letters(data, 3, 50))
    assert first == list(letters(data, 3, 50))
    assert first != list(letters(data, 4, 50))


def test_spans_hold_what_they_say(data: Path) -> None:
    made = list(letters(data, 1, 400))
    values: dict[str, set[str]] = {}
    for letter in made:
        assert "{" not in letter.text
        for (_, end, _), (start, _, _) in zip(letter.spans, letter.spans[1:], strict=False):
            assert end <= start
        for start, end, risk in letter.spans:
            values.setdefault(risk, set()).add(letter.text[start:end])
    assert values.keys() == set(RISKS.values())
    assert all(identity_score(value.lower()) == 1.0 for value in values["pii.identity_number"])
    assert all("@" in value for value in values["pii.email"])
    assert {letter.sort for letter in made} == {"cv_fields", "cv_story", "letter", "form", "chat", "nobody"}
    assert all(not letter.spans for letter in made if letter.sort == "nobody")


def test_what_is_found_is_counted_by_its_exact_ends() -> None:
    text = "王芳住在13800138000"
    letter = Letter(text, ((0, 2, "pii.name"), (4, 15, "pii.mobile_number")), "chat")

    def say(view: TextView) -> Scan:
        assert view.text == text
        name = Finding(0, 3, "pii.name", 0.9, "x")
        unsure = Finding(1, 2, "pii.qq", 0.4, "x")
        return Scan((name, unsure, Finding(4, 15, "pii.phone_number", 0.9, "x")), len(text))

    tallies, wrong = measure([letter], [say])
    name, phone = tallies["pii.name"], tallies["phone"]
    assert (name.n, name.whole, name.part, name.said, name.right) == (1, 0, 1, 1, 0)
    assert (name.recall, name.precision) == (0.0, 0.0)
    assert (phone.recall, phone.precision) == (1.0, 1.0)
    assert tallies["pii.name in chat"] == name
    assert "pii.qq" not in tallies
    assert wrong == {("missed", "pii.name", "王芳住在1"): 1, ("extra", "pii.name", "王芳住"): 1}


def test_structured_values_and_names_are_found_as_the_floors_ask(data: Path) -> None:
    tallies, _ = measure(letters(data, 11, 300), default_detectors())
    assert all(tallies[kind].recall >= 0.99 for kind in ("phone", "pii.email", "pii.identity_number"))
    assert tallies["pii.name"].recall >= 0.9
    assert tallies["pii.name"].precision >= 0.9


def test_the_command_prints_the_figures(data: Path) -> None:
    result = CliRunner().invoke(main, ["--data", str(data), "--count", "20", "--wrong", "2"])
    assert result.exit_code == 0
    assert result.output.startswith("20 made-up letters, seed 1")
    assert "pii.name" in result.output


def test_a_missing_set_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "the list of names is missing" in result.output
