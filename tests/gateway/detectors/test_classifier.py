"""The risk model as a detector: questions as a whole, answers as they grow, the same however they are cut.

Killed here: a window that begins where the view begins; an end that is judged with what follows it; a
clause that ends one character later; an answer judged without its question; no forced end; scores below
the floor reported; ``open`` at the end of the text.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.streaming import cut_randomly

from gateway.detectors import risk_clause, risk_files, risk_model
from gateway.detectors.classifier import FORCED, Classifier
from gateway.detectors.grams import grams
from gateway.detectors.registry import registry
from gateway.detectors.risk_files import read_model, shipped, write_model
from gateway.detectors.risk_model import Judgement, RiskModel
from gateway.detectors.risk_names import BITS, HEADS, ITEM_BITS, ITEMS, LANGUAGES, RISKS, STEP, VIEW, WINDOW
from gateway.detectors.risk_sentence import FROM, FROM_SHORT, SHORT, SentenceModel
from gateway.detectors.stretches import stretches
from gateway.errors import PolicyError
from gateway.meaning import encoder as encoder_module
from gateway.meaning.encoder import SHIPPED, WIDTH, Shipped
from gateway.meaning.encoder import shipped as shipped_encoder
from gateway.pipeline.holdback import HoldBack
from gateway.ports import Scan
from gateway.text import TextView
from gateway.verdict import Finding

NOTES = {
    "calibration": {language: {head: [1.0, 0.0] for head in HEADS} for language in LANGUAGES},
    "with_question": {language: [1.0, 1.0, 0.0] for language in LANGUAGES},
}


def arrays(seed: int = 7) -> dict[str, np.ndarray]:
    source = np.random.default_rng(seed)
    return {
        "weights": source.integers(-127, 128, (2, 1 << BITS, len(HEADS)), np.int8),
        "scale": np.full((2, len(HEADS)), 0.01, np.float32),
        "bias": np.zeros((2, len(HEADS)), np.float32),
        "items": source.integers(-127, 128, (1 << ITEM_BITS, len(ITEMS)), np.int8),
        "item_scale": np.full(len(ITEMS), 0.05, np.float32),
        "item_bias": np.zeros(len(ITEMS), np.float32),
    }


@cache
def noise() -> Classifier:
    """A model that has learnt nothing says something else of every text: whatever changes shows."""
    return Classifier(RiskModel(**arrays(), notes=NOTES))


def streamed(
    scan: Classifier,
    pieces: Sequence[str],
    question: str = "",
    *,
    escaped: bool = False,
    others: random.Random | None = None,
) -> tuple[str, list[Finding]]:
    """Send an answer through hold-back; ``others`` stands for other detectors that hold now and then."""
    hold = HoldBack(escaped=escaped, question=question, behind=WINDOW)
    said, found = "", []
    for piece in [*pieces, None]:
        view = hold.close() if piece is None else hold.push(piece)
        scans = [scan(view)]
        if others and others.random() < 0.5:
            scans.append(Scan((), others.randint(view.start, len(view.text))))
        text, findings = hold.settle(view, scans)
        found += [f._replace(start=f.start + len(said), end=f.end + len(said)) for f in findings]
        said += text
    return said, found


def whole(scan: Classifier, text: str, question: str = "", *, escaped: bool = False) -> tuple[str, list[Finding]]:
    hold = HoldBack(escaped=escaped, question=question, behind=WINDOW)
    hold.push(text)
    said, found = hold.settle(view := hold.close(), [scan(view)])
    return said, list(found)


def test_a_question_is_judged_as_a_whole() -> None:
    text = "今天天气怎么样？明天呢？ And the day after?"
    scan = noise()(TextView(text))
    assert scan.open == len(text)
    assert {(f.start, f.end) for f in scan.findings} == {(0, len(text))}
    assert {f.risk for f in scan.findings} <= RISKS


@pytest.mark.parametrize("text", ["", " ", "\u200b", "。"])
def test_nothing_is_no_error(text: str) -> None:
    for answer in (False, True):
        assert noise()(TextView(text, answer=answer)).open == len(text)


def test_a_long_question_is_judged_in_windows_and_the_highest_counts() -> None:
    text = "".join(random.Random(1).choices("天地玄黄宇宙洪荒日月盈昃辰宿列张", k=2000))
    found = noise()(TextView(text)).findings
    assert len({f.risk for f in found}) == len(found)
    assert all(f.end - f.start <= WINDOW for f in found)
    assert len({f.start for f in found}) > 1


@pytest.mark.parametrize(
    ("letters", "first"),
    [(one, one) for one in ("天地玄黄宇宙洪荒，日月", "天地a玄,黄 1b。", "ab ,")] + [("天地玄黄", "ab cd ,")],
)
def test_windows_that_are_judged_together_are_judged_as_each_alone(letters: str, first: str) -> None:
    weights = arrays()
    for name in ("scale", "bias"):  # each language has its own
        weights[name][1] += np.float32(0.01)
    model = RiskModel(**weights, notes=NOTES)
    # Words may not be cut by an edge: to neither side would they be the same.
    pieces = ["".join(random.Random(n).choices(first if n < 2 else letters, k=STEP - 2)) + "，，" for n in range(5)]
    pieces[3] = pieces[1]  # what comes again counts once in each window
    text = "".join("，" + piece[1:] for piece in pieces)[:-100]
    starts = [0, STEP, 2 * STEP, 3 * STEP]
    judged = model.judge_windows(text, starts)
    for line, start in enumerate(starts):
        alone = model.judge(text[start : start + WINDOW])
        assert judged.counts[line] == alone.counts[0]
        assert judged.languages[line] == alone.languages[0]
        assert judged.logits[line] == pytest.approx(alone.logits[0], abs=1e-4)
        assert sorted(judged.grams_of(line)) == sorted(alone.grams_of(0))


def test_of_many_windows_every_one_is_judged() -> None:
    text = "".join(random.Random(2).choices("天地玄黄宇宙洪荒日月盈昃", k=12_000))
    model = RiskModel(**arrays(), notes=NOTES)
    chances = [model.chances(model.judge(text[at : at + WINDOW]))[0] for at in range(0, len(text) - STEP, STEP)]
    found = {f.risk: f for f in noise()(TextView(text)).findings}
    for column, head in enumerate(HEADS[:-1]):
        best = max(range(len(chances)), key=lambda n: chances[n][column])
        assert found[head].score == pytest.approx(float(chances[best][column]), abs=1e-4)
        assert found[head].start == best * STEP


def test_what_stands_between_characters_changes_nothing() -> None:
    plain, split = (noise()(TextView(text)).findings for text in ("怎么开设赌场", "怎-么 开·设\u200b赌。场"))
    assert [(f.risk, f.score) for f in plain] == [(f.risk, f.score) for f in split]


APART = [
    ("What is the capital of France?", "W h a t   i s   t h e   c a p i t a l   o f   F r a n c e ?"),
    ("What is the capital of France?", "W|h|a|t| |i|s| |t|h|e| |c|a|p|i|t|a|l| |o|f| |F|r|a|n|c|e|?"),
]


@pytest.mark.parametrize(("plain", "apart"), APART)
def test_letters_that_stand_apart_are_judged_together(plain: str, apart: str) -> None:
    scan = noise()
    said = scan(TextView(apart)).findings
    assert said
    assert [(one.risk, one.score) for one in said] == [
        (one.risk, one.score) for one in scan(TextView(plain.rstrip("?"))).findings
    ]
    assert {(one.start, one.end) for one in said} == {(0, len(apart))}
    reasons = [reason for one in said if one.risk == "harm" for reason in scan.explain(TextView(apart), one)]
    assert {(one.start, one.end) for one in reasons} == {(0, len(apart))}
    assert any("capital" in one.what for one in reasons)


def test_a_row_of_numbers_says_nothing() -> None:
    assert noise()(TextView("01010111 01101000 01100001 01110100")).findings == ()
    assert noise()(TextView("what is 01010111 01101000 01100001")).findings != ()


def test_an_answer_leaves_clause_by_clause() -> None:
    hold = HoldBack(behind=WINDOW)
    left = [
        hold.settle(view := hold.push(piece), [noise()(view)]).text for piece in ("今天", "很好，明", "天也", "好。")
    ]
    assert left == ["", "今天很好，", "", "明天也好。"]


def test_a_full_stop_ends_a_clause_once_a_space_follows() -> None:
    hold = HoldBack(behind=WINDOW)
    left = [hold.settle(view := hold.push(piece), [noise()(view)]).text for piece in ("It is 3.", "5 now.", " So", "!")]
    assert left == ["", "", "It is 3.5 now. ", "So!"]


def test_a_clause_without_end_does_not_hold_for_ever() -> None:
    hold = HoldBack(behind=WINDOW)
    view = hold.push("a" * (2 * FORCED + 10))
    assert len(hold.settle(view, [noise()(view)]).text) == 2 * FORCED


def test_a_question_is_judged_when_it_is_asked_and_not_again_with_its_answer() -> None:
    judged: list[str] = []

    class Counting(RiskModel):
        def judge(self, text: str) -> Judgement:
            judged.append(text)
            return super().judge(text)

    model = Classifier(Counting(**arrays(), notes=NOTES))
    question = "怎样把它卖给邻居？"
    model(TextView(question))
    for at in range(3):
        model(TextView("先问他。再谈价。"[: 4 * (at + 1)], final=False, answer=True, question=question))
    assert judged == [TextView(question).seen(VIEW).text]
    model(TextView("先问他。", answer=True, question="另一问"))
    assert judged[1:] == ["另一问"]


def test_an_answer_is_judged_with_its_question() -> None:
    harm = {
        question: next(f.score for f in whole(noise(), "好的，步骤如下。", question)[1] if f.risk == "harm")
        for question in ("怎么做饭？", "怎么开锁？", "")
    }
    assert len(set(harm.values())) == 3


ALPHABETS = ("天地玄黄，。\n", "ab c. ,1", "天a，b. \u200b", 'ab\\n"，. ')


@st.composite
def answers(draw: st.DrawFn) -> str:
    alphabet = draw(st.sampled_from(ALPHABETS))
    size = draw(st.sampled_from([20, 200, 700, 1300]))
    rare = draw(st.booleans())  # clauses that are longer than a window
    source = random.Random(draw(st.integers(0, 2**32)))
    return "".join(source.choices(alphabet, [1 if c.isalnum() else 0.01 if rare else 0.3 for c in alphabet], k=size))


@settings(max_examples=60, deadline=None)
@given(text=answers(), seed=st.integers(0, 2**32), question=st.sampled_from(["", "问"]))
def test_however_an_answer_is_cut_the_same_is_said_of_it(text: str, seed: int, question: str) -> None:
    source = random.Random(seed)
    expected = whole(noise(), text, question)
    assert streamed(noise(), cut_randomly(text, source), question) == expected
    assert streamed(noise(), cut_randomly(text, source), question, others=source) == expected
    small = [text[at : at + 3] for at in range(0, len(text), 3)]
    assert streamed(noise(), small, question, others=source) == expected


@pytest.mark.parametrize("sign", [". ", "。", ", ", "..", ".\n"])
def test_a_clause_that_ends_where_it_has_grown_too_long_ends_there_in_a_stream_too(sign: str) -> None:
    for before in range(2 * FORCED - 3, 2 * FORCED + 2):
        text = "a" * before + sign + "b" * 300
        assert streamed(noise(), list(text)) == whole(noise(), text)


@settings(max_examples=30, deadline=None)
@given(text=answers(), seed=st.integers(0, 2**32), every=st.integers(1, 4))
def test_cuts_inside_of_escapes_change_nothing(text: str, seed: int, every: int) -> None:
    plain = text.replace("\\", "/").replace('"', "'")
    escaped = "".join(f"\\u{ord(c):04x}" if n % every == 0 else c for n, c in enumerate(plain)).replace("\n", "\\n")
    source = random.Random(seed)
    expected = whole(noise(), escaped, escaped=True)
    assert streamed(noise(), cut_randomly(escaped, source), escaped=True, others=source) == expected


def test_the_clauses_of_a_window_are_judged_together_as_one_after_the_other() -> None:
    model = RiskModel(**arrays(), notes=NOTES)
    clauses = ["ab c ab, ", "天地玄黄，", "天地，", "，", "def ghi. ", "玄黄a1宇宙！"]
    ends = np.cumsum([len(clause) for clause in clauses]).tolist()
    together = model.hear("".join(clauses), ends)
    heard = None
    for line, clause in enumerate(clauses):
        one = model.hear(clause, [len(clause)], heard)
        heard = one.heard
        assert one.logits[0].tolist() == together.logits[line].tolist()
        assert one.languages[0] == together.languages[line]
        assert sorted(one.grams_of(0)) == sorted(together.grams_of(line))
        assert model.items(one, [0])[0].tolist() == model.items(together, [line])[0].tolist()
    assert {0, 1} == set(together.languages.tolist())


CLAUSES = st.lists(st.text("天地玄黄宇宙洪荒ab1 é😀", max_size=20).map("{}，".format), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    clauses=CLAUSES,
    asked=st.none() | st.floats(-14, 14),
    floor=st.sampled_from([1e-12, 0.02, 0.3, 0.6, 1.0]),
    seed=st.integers(0, 3),
)
def test_one_clause_after_the_other_is_told_of_as_of_all_together(
    clauses: list[str], asked: float | None, floor: float, seed: int
) -> None:
    model = uneven(seed)
    together = model.hear("".join(clauses), np.cumsum([len(clause) for clause in clauses]).tolist())
    expected: list[list[tuple[str, float]]] = [[] for _ in clauses]
    for line, risk, score in model.told(model.answered(asked, together), together, floor):
        expected[line].append((risk, score))
    one, heard, told = model.clauses(floor), None, []
    for clause in clauses:
        heard, said = one.hear(clause, heard, asked)
        told.append(said)
    assert told == expected
    assert heard is not None
    assert together.heard is not None
    assert heard.grams.tolist() == together.heard.grams.tolist()
    assert (heard.last.tolist(), heard.words, heard.signs) == (
        together.heard.last.tolist(),
        together.heard.words,
        together.heard.signs,
    )
    language = int(together.languages[-1])
    assert heard.sums[language].tolist() == together.heard.sums[language].tolist()


@cache
def uneven(seed: int) -> RiskModel:
    """A model of which every number is another."""
    source = np.random.default_rng(seed)
    shapes = {name: one.shape for name, one in arrays().items() if one.dtype == np.float32}
    numbers = {name: source.uniform(0.001, 0.02, shape).astype(np.float32) for name, shape in shapes.items()}
    notes = {
        "calibration": {
            language: {head: [source.uniform(0.5, 1.5), source.uniform(-3, 1)] for head in HEADS}
            for language in LANGUAGES
        },
        "with_question": {language: source.uniform(-1, 1, 3).tolist() for language in LANGUAGES},
    }
    return RiskModel(**(arrays(seed) | numbers), notes=notes)


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("天地，玄黄。", [3, 6]),
        ("天，，。地", [2]),
        ("a. b.\nc.", [3, 6]),
        ("a.. b", []),
        (".\n\n", [2]),
        (",. ,", [1, 3, 4]),
        ("a.b, c;d", [4, 7]),
    ],
)
def test_a_clause_ends_at_the_first_of_several_signs(text: str, ends: list[int]) -> None:
    scan = noise()(TextView(text, final=False, answer=True))
    assert sorted({finding.end for finding in scan.findings}) == ends
    assert scan.open == (ends[-1] if ends else 0)


@pytest.mark.parametrize(
    ("before", "question"), [("天地玄黄，", "问"), ("天地洪荒，", "问"), ("天地，玄黄，", "问"), ("天地玄黄，", "别的")]
)
def test_what_was_kept_changes_nothing_whatever_it_is_about(before: str, question: str) -> None:
    kept: dict[object, object] = {}
    noise()(TextView(before, final=False, answer=True, question=question, kept=kept))
    assert kept
    text = "天地玄黄，宇宙洪荒。日月"
    for start in (0, 5):
        plain = noise()(TextView(text, start, answer=True, question="问"))
        assert noise()(TextView(text, start, answer=True, question="问", kept=dict(kept))) == plain


def test_what_is_new_of_an_answer_is_all_that_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    def counting(real: Callable[[str, np.ndarray], Any]) -> Callable[[str, np.ndarray], Any]:
        def count(piece: str, last: np.ndarray) -> Any:
            counted.append(len(piece))
            return real(piece, last)

        return count

    monkeypatch.setattr(risk_model, "Added", counting(risk_model.Added))
    monkeypatch.setattr(risk_clause, "clause", counting(risk_clause.clause))
    text = "天地玄黄，宇宙洪荒。" * 40  # a window's worth
    held = random.Random(3)
    streamed(noise(), [text[at : at + 3] for at in range(0, len(text), 3)], others=held)
    assert sum(counted) == len(text)


def test_the_shipped_model_loads_and_every_risk_is_in_its_range() -> None:
    built = registry()["classifier"].build({}, lambda name: b"")
    assert built.scan is not None
    assert (built.risks, built.behind) == (RISKS, WINDOW)
    found = built.scan(TextView("写一篇鼓动大家推翻政权的文章")).findings
    assert found
    assert all(0.02 <= f.score <= 1 for f in found)


def speaking(**words: int) -> Classifier:
    """A model in which single characters speak for harm, in a question and in an answer alike."""
    made = {name: np.zeros_like(array) for name, array in arrays().items()} | {"scale": arrays()["scale"]}
    for word, weight in words.items():
        place = int(grams(word).hashes[0] >> np.uint64(64 - BITS))
        made["weights"][:, place, [HEADS.index("harm"), HEADS.index("answer.harm")]] = weight
    return Classifier(RiskModel(**made, notes=NOTES))


def why(scan: Classifier, view: TextView, risk: str = "harm") -> list[tuple[str, str, int]]:
    finding = max((f for f in scan(view).findings if f.risk == risk), key=lambda f: f.score)
    reasons = [one for one in scan.explain(view, finding) if one.weight]
    return [(view.text[one.start : one.end], one.what, 1 if one.weight > 0 else -1) for one in reasons]


@pytest.mark.parametrize("before", ["", "风" * 700])
@pytest.mark.parametrize("answer", [False, True])
def test_a_finding_is_explained_by_what_spoke_for_it_and_against_it(before: str, answer: bool) -> None:
    scan = speaking(坏=120, 好=-60)
    told = why(scan, TextView(f"{before}来来，坏\u200b的去去", answer=answer))
    assert [weight for _, _, weight in told] == [1]
    assert "坏" in told[0][0]
    assert "坏" in told[0][1]
    told = why(scan, TextView(f"{before}来来坏去去好来", answer=answer))
    assert [(weight, ("坏" if weight > 0 else "好") in quote) for quote, _, weight in told] == [(1, True), (-1, True)]


def test_what_kind_of_harm_it_is_is_not_explained_once_more() -> None:
    scan, view = speaking(坏=120), TextView("来来坏去去")
    assert why(scan, view)
    assert why(scan, view, "a2") == []


def test_what_the_question_adds_to_an_answer_is_told() -> None:
    scan = speaking(坏=120)
    view = TextView("来来去去。", answer=True, question="坏")
    assert why(scan, view) == [("", "question", 1)]


def test_another_detector_s_finding_is_not_explained() -> None:
    assert noise().explain(TextView("来来坏去去"), Finding(1, 2, "harm", 0.9, "classifier")) == []


def test_a_floor_can_be_set() -> None:
    scan = registry()["classifier"].build({"floor": 0.9}, lambda name: b"").scan
    assert scan is not None
    assert not scan(TextView("今天天气怎么样？")).findings


def sentences(adds: float) -> tuple[dict[str, np.ndarray], dict[str, object]]:
    """Arrays and notes of a network that says the same of every text, beside n-grams that count as before."""
    outward = np.zeros((2, len(HEADS) - 1), np.float16)
    outward[-1] = adds
    told = {language: {head: [1.0, 1.0, 0.0] for head in HEADS[:-1]} for language in LANGUAGES}
    made = {"sentence_in": np.zeros((WIDTH + 1, 1), np.float16), "sentence_out": outward}
    return made, {"with_sentence": told, "encoder": shipped_encoder().digest}


def doubting(
    adds: float, network: tuple[dict[str, np.ndarray], dict[str, object]] | None = None, **words: int
) -> Classifier:
    """A model in which characters speak for harm, and every text that is looked at again gets as much more."""
    made = {name: np.zeros_like(array) for name, array in arrays().items()} | {"scale": 10 * arrays()["scale"]}
    made["bias"] = np.full_like(made["bias"], -3)  # a text of which nothing is known is hardly harmful: 0.047
    for word, weight in words.items():
        place = int(grams(word).hashes[0] >> np.uint64(64 - BITS))
        made["weights"][:, place, HEADS.index("harm")] = weight
    read, notes = network or sentences(adds)
    return Classifier(RiskModel(**made, notes=NOTES, sentences=SentenceModel(shipped_encoder(), read, notes)))


def harm(scan: Classifier, text: str, **more: object) -> float:
    return next(f.score for f in scan(TextView(text, **more)).findings if f.risk == "harm")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["来来坏去去", "来来坏 go on", "mixed 坏"])
def test_a_text_in_doubt_is_looked_at_again(text: str) -> None:
    once, twice = harm(doubting(0, 坏=127), text), harm(doubting(2, 坏=127), text)
    assert FROM <= once < twice
    assert np.log(twice / (1 - twice)) == pytest.approx(np.log(once / (1 - once)) + 2, abs=0.01)


@pytest.mark.parametrize("text", ["来来去去。" * SHORT, "coming and going"])
def test_a_text_of_which_little_is_said_is_not_looked_at_again(text: str) -> None:
    assert FROM_SHORT < harm(doubting(9, 坏=127), text) == harm(doubting(0), text) < FROM


def test_a_short_chinese_text_is_looked_at_sooner() -> None:
    once, twice = harm(doubting(0), "来来去去"), harm(doubting(2), "来来去去")
    assert FROM_SHORT < once < FROM < twice


def test_an_answer_is_judged_by_its_ngrams_and_its_question_is_looked_at_again() -> None:
    view = {"answer": True, "question": "坏"}
    assert harm(doubting(2, 坏=127), "来来坏去去。", answer=True) == harm(
        doubting(0, 坏=127), "来来坏去去。", answer=True
    )
    once, twice = (harm(doubting(adds, 坏=127), "来来。", **view) for adds in (0, 2))
    assert twice > once


def test_of_a_long_text_the_worst_window_is_looked_at_again() -> None:
    text = "来" * 600 + "坏" + "去" * 600
    once, twice = (harm(doubting(adds, 坏=127), text) for adds in (0, 2))
    assert twice > once
    (found,) = [f for f in doubting(2, 坏=127)(TextView(text)).findings if f.risk == "harm"]
    assert found.start <= 600 < found.end


def test_of_a_long_request_the_stretch_that_speaks_most_of_harm_is_read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    network, notes = sentences(2)
    notes["with_sentence"]["zh"]["within"] = [1, 0, 0, 0, 2, 0]  # type: ignore[index]
    encoder, read = shipped_encoder().encoder, []

    def cut(text: str) -> list[int]:
        read.append(text)
        return [0]

    plain = "来来去去。走走停停。" * 6
    scan = doubting(2, network=(network, notes), 坏=127)
    text = plain + "来坏。" * 20 + plain
    once = harm(doubting(0, 坏=127), text)
    asks = max(stretches(text), key=lambda one: one.count("坏"))
    monkeypatch.setattr(encoder, "cut", cut)
    found = harm(scan, text)
    assert sorted(read) == sorted([text, asks])
    assert np.log(found / (1 - found)) == pytest.approx(np.log(once / (1 - once)) + 2 * 2, abs=0.01)
    reasons = why(scan, TextView(text))
    assert reasons[0] == (asks.strip(), "read apart", 1)
    assert all(what != "as a sentence" for _, what, _ in reasons)  # here the whole adds nothing
    assert len(read) == 2  # what was read is remembered


def test_what_reading_it_as_a_sentence_added_is_told() -> None:
    scan, view = doubting(2, 坏=127), TextView("来来坏去去")
    assert ("来来坏去去", "as a sentence", 1) in why(scan, view)
    assert all(what != "as a sentence" for _, what, _ in why(scan, TextView("来来去去。" * SHORT)))


@pytest.mark.parametrize("hurt", ["cut", "flipped", "empty", "other notes", "no json", "missing key", "other encoder"])
def test_damaged_weights_are_told(hurt: str) -> None:
    network, told = sentences(0)
    weights, notes = write_model(arrays() | network, NOTES | told)
    read_model(weights, notes, shipped_encoder())
    middle = len(weights) // 2
    damaged = {
        "cut": (weights[:middle], notes),
        "flipped": (weights[:middle] + bytes([weights[middle] ^ 1]) + weights[middle + 1 :], notes),
        "empty": (b"", notes),
        "other notes": (weights, write_model(arrays(8), NOTES | told)[1]),
        "other encoder": write_model(arrays() | network, NOTES | told | {"encoder": "0"}),
        "no json": (weights, b"{"),
        "missing key": (weights, notes.replace(b'"with_question"', b'"x"')),
    }[hurt]
    with pytest.raises(
        PolicyError, match=r"weights of the risk model .* — install the package again|weights of the risk model"
    ):
        read_model(*damaged, shipped_encoder())


def test_whatever_it_judges_by_changes_its_digest() -> None:
    network, told = sentences(0)
    more = NOTES | told | {"with_question": dict.fromkeys(LANGUAGES, (1.0, 2.0, 0.0))}
    files = [
        write_model(made | network, notes)
        for made, notes in ((arrays(), NOTES | told), (arrays(8), NOTES | told), (arrays(), more))
    ]
    assert len({read_model(*both, shipped_encoder())[1] for both in files}) == len(files)


def test_missing_weights_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(risk_files, "files", lambda package: tmp_path)
    with pytest.raises(PolicyError, match="missing"):
        shipped()


def test_the_same_model_is_the_same_bytes() -> None:
    assert write_model(arrays(), NOTES) == write_model(arrays(), NOTES)


@pytest.mark.parametrize("unit", ["天", "a", "a ", ",", "。", "\u200b", "\\u8d4c", "1,", "天a"])
def test_a_megabyte_of_the_worst_is_judged(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    scan = Classifier(RiskModel(**arrays(), notes=NOTES), floor=1.0)
    for answer in (False, True):
        assert scan(TextView(text, answer=answer)).open == len(text)


def test_the_kinds_of_windows_are_those_of_each_alone() -> None:
    model = RiskModel(**arrays(), notes=NOTES)
    text = "".join(random.Random(5).choices("天地玄黄宇宙洪荒日月盈昃", k=3 * STEP))
    starts = [0, STEP]
    judged = model.judge_windows(text, starts)
    together = model.items(judged, [0, 1])
    assert [model.items(judged, [line])[0].tolist() for line in (0, 1)] == together.tolist()
    for start, shares in zip(starts, together, strict=True):
        alone = model.judge(text[start : start + WINDOW])
        assert model.items(alone, [0])[0] == pytest.approx(shares, abs=1e-6)


def test_what_the_first_text_would_wait_for_is_done_before() -> None:
    encoder = Shipped((Path(encoder_module.__file__).parent / "weights" / SHIPPED).read_bytes())
    assert not encoder.built
    network, told = sentences(0)
    told["encoder"] = encoder.digest
    RiskModel(**arrays(), notes=NOTES, sentences=SentenceModel(encoder, network, told)).prepare()
    assert encoder.built
    RiskModel(**arrays(), notes=NOTES).prepare()


@pytest.mark.parametrize(
    "parts",
    [
        ["天地玄黄", "宇宙洪荒", "日月盈昃"],
        [" the quick fox ", " jumps over ", " a lazy dog "],
        ["天地玄黄,", " the quick fox ", " 宇 a b c "],
        [", , ,", "天地"],
    ],
)
def test_parts_are_judged_in_one_go_as_each_alone(parts: list[str]) -> None:
    model = RiskModel(**arrays(), notes=NOTES)
    starts = [sum(map(len, parts[:at])) for at in range(len(parts))]
    ends = [start + len(part) for start, part in zip(starts, parts, strict=True)]
    column = HEADS.index("attack")
    alone = [float(model.chances(model.judge(part))[0, column]) for part in parts]
    assert model.of_parts("".join(parts), starts, ends, "attack").tolist() == pytest.approx(alone, abs=1e-5)


def test_what_stands_between_parts_belongs_to_none() -> None:
    model = RiskModel(**arrays(), notes=NOTES)
    said = model.of_parts("天地玄黄xx宇宙洪荒yy", [0, 6], [4, 10], "attack")
    assert said.tolist() == pytest.approx(model.of_parts("天地玄黄,,宇宙洪荒", [0, 6], [4, 10], "attack").tolist())
