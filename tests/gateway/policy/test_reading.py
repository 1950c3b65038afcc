"""What is read out of a text is judged like the text itself, and reported where it stands."""

from __future__ import annotations

import pytest

from gateway.policy.plan import BoundDetector
from gateway.policy.reading import reading
from gateway.ports import Derived, Piece, Scan
from gateway.text import TextView
from gateway.verdict import Finding

BOUND = BoundDetector("reader", "span", frozenset({"attack.encoding"}))


def words(view: TextView) -> Scan:
    """Report ``bad`` and ``mail``."""
    found = [
        Finding(view.text.index(word), view.text.index(word) + len(word), risk, score, "words")
        for word, risk, score in (("bad", "a1.h", 0.9), ("mail", "pii.email", 1.0), ("meh", "a1.h", 0.0))
        if word in view.text
    ]
    return Scan(tuple(found), len(view.text))


def brackets(view: TextView) -> Derived:
    """Read what stands between the outermost brackets."""
    start, end = view.text.find("["), view.text.rfind("]") + 1
    pieces = (Piece(start, end, view.text[start + 1 : end - 1], "brackets"),) if 0 <= start < end else ()
    return Derived(pieces, 7)


def spelled(view: TextView) -> Derived:
    """Read what stands between the outermost brackets without its hyphens, as the likelier spelling."""
    pieces = (piece._replace(text=piece.text.replace("-", ""), coded=False) for piece in brackets(view).pieces)
    return Derived(tuple(pieces), 7)


OTHERS = (BoundDetector("words", "span", frozenset({"a1.h", "pii.email"}), words),)


def found(text: str, answer: bool = False) -> dict[str, tuple[int, int, float]]:
    detector = reading(BOUND, brackets, OTHERS)
    assert detector.scan is not None
    scan = detector.scan(TextView(text, answer=answer))
    assert scan.open == 7
    assert {f.detector for f in scan.findings} <= {"reader"}
    return {f.risk: (f.start, f.end, f.score) for f in scan.findings}


def test_it_can_report_what_it_reads_and_what_the_others_report() -> None:
    detector = reading(BOUND, brackets, OTHERS)
    assert detector.risks == {"attack.encoding", "a1.h", "pii.email"}
    assert detector.id == "reader"


def test_what_is_found_inside_is_reported_where_the_stretch_stands() -> None:
    assert found("see [so bad]!") == {"a1.h": (4, 12, 0.9), "attack.encoding": (4, 12, 0.9)}


def test_what_is_found_outside_is_left_to_the_others() -> None:
    assert found("bad [fine]") == {"attack.encoding": (4, 10, 0.3)}


def test_to_encode_personal_data_is_no_attack() -> None:
    assert found("[mail]") == {"pii.email": (0, 6, 1.0), "attack.encoding": (0, 6, 0.3)}


def test_what_was_encoded_twice_is_read_twice_and_no_more() -> None:
    assert found("[x[bad]x]")["a1.h"] == (0, 9, 0.9)
    assert found("[x[mail[y]]x]") == {"pii.email": (0, 13, 1.0), "attack.encoding": (0, 13, 0.3)}


def test_the_others_see_no_deeper_than_two() -> None:
    seen: list[str] = []

    def note(view: TextView) -> Scan:
        seen.append(view.text)
        return Scan((), len(view.text))

    detector = reading(BOUND, brackets, [BoundDetector("note", "span", frozenset({"x"}), note)])
    assert detector.scan is not None
    detector.scan(TextView("[a[b[c[d]]]]"))
    assert seen == ["a[b[c[d]]]", "b[c[d]]"]


def test_a_finding_that_excuses_is_not_reported() -> None:
    assert found("[meh]") == {"attack.encoding": (0, 5, 0.3)}


def test_the_others_know_whether_it_is_an_answer_and_to_what() -> None:
    seen: list[tuple[str, bool, str]] = []

    def note(view: TextView) -> Scan:
        seen.append((view.text, view.answer, view.question))
        return Scan((), len(view.text))

    detector = reading(BOUND, brackets, [BoundDetector("note", "span", frozenset({"x"}), note)])
    assert detector.scan is not None
    detector.scan(TextView("[a]", answer=True, question="why"))
    assert seen == [("a", True, "why")]


def test_the_likeliest_spelling_says_nothing_by_itself_and_nothing_about_persons() -> None:
    detector = reading(BOUND, spelled, OTHERS)
    assert detector.scan is not None
    for text, risks in (("[good]", set()), ("[ma-il]", set()), ("[b-ad ma-il]", {"a1.h"})):
        assert {finding.risk for finding in detector.scan(TextView(text)).findings} == risks


def test_a_spelling_reports_only_what_it_adds_to_the_text_as_it_stands() -> None:
    def unsure(view: TextView) -> Scan:
        score = 0.5 + 0.1 * view.text.count("x") - 0.001 * view.text.count("-") if "bad" in view.text else 0.2
        return Scan((Finding(0, 3, "attack.jailbreak", score, "unsure"),), len(view.text))

    others = [BoundDetector("unsure", "span", frozenset({"attack.jailbreak"}), unsure)]
    scan = reading(BOUND, spelled, others).scan
    assert scan is not None
    rows = [("[bad -]", []), ("[bad x-]", []), ("[b-ad]", [0.5]), ("[bad -x]", []), ("[go-od]", [0.2])]
    for text, scores in rows:
        assert [round(finding.score, 3) for finding in scan(TextView(text)).findings] == scores, text


def test_what_was_read_is_the_reason() -> None:
    detector = reading(BOUND, brackets, OTHERS)
    assert detector.scan is not None
    assert detector.explain is not None
    view = TextView("see [so bad]!")
    (first, *_) = detector.scan(view).findings
    assert detector.explain(view, first) == [(4, 12, first.score, "brackets: so bad")]
    assert detector.explain(view, first._replace(start=0)) == []


def test_who_finds_only_persons_and_keys_is_not_asked_about_a_mere_spelling() -> None:
    asked: list[str] = []

    def private(view: TextView) -> Scan:
        asked.append(view.text)
        return Scan((), len(view.text))

    others = (*OTHERS, BoundDetector("private", "span", frozenset({"pii.name", "secret.api_key"}), private))
    for derive, text, seen in ((spelled, "[b-ad]", []), (brackets, "[bad]", ["bad"])):
        asked.clear()
        scan = reading(BOUND, derive, others).scan
        assert scan is not None
        assert "a1.h" in {f.risk for f in scan(TextView(text)).findings}
        assert asked == seen


def test_what_was_read_before_is_not_judged_again_unless_it_answers_another_question_or_failed() -> None:
    seen: list[str] = []

    def note(view: TextView) -> Scan:
        seen.append(f"{view.question}|{view.answer}|{view.text}")
        if "fail" in view.text:
            raise ValueError("no")
        return Scan((Finding(0, 1, "a1.h", len(view.question) / 10, "note"),), len(view.text))

    detector = reading(BOUND, brackets, [BoundDetector("note", "span", frozenset({"a1.h"}), note)])
    assert detector.scan is not None
    views = [
        TextView("see [it]"),
        TextView("see [it] again"),
        TextView("[it]", answer=True, question="why"),
        TextView("[it]", answer=True, question="wherefore"),
    ]
    told = [detector.scan(view).findings for view in views]
    assert seen == ["|False|it", "why|True|it", "wherefore|True|it"]
    assert [max(finding.score for finding in found) for found in told] == [0.3, 0.3, 0.3, 0.9]
    assert [told[0][-1].start, told[1][-1].start, told[2][-1].start] == [4, 4, 0]
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            detector.scan(TextView("[fail]"))
    assert seen[3:] == ["|False|fail", "|False|fail"]


def test_what_is_remembered_is_short() -> None:
    seen: list[int] = []

    def note(view: TextView) -> Scan:
        seen.append(len(view.text))
        return Scan((), len(view.text))

    detector = reading(BOUND, brackets, [BoundDetector("note", "span", frozenset({"x"}), note)])
    assert detector.scan is not None
    for text in ("[" + "x" * 512 + "]", "[" + "x" * 513 + "]") * 2:
        detector.scan(TextView(text))
    assert seen == [512, 513, 513]
    for _ in range(2):
        detector.scan(TextView("[y]", answer=True, question="?" * 512))
    assert seen[3:] == [1, 1]
