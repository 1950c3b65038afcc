"""Scorers that judge one row by itself, without a model: each gives a number, or says why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from evaluators.rows import Row
from evaluators.sample import Response
from evaluators.scorers import faithful, overlap, relevant
from evaluators.scorers.alignment import Meaning, Passages, Sentence, Vector, pieces, read_passages, take_apart
from evaluators.scorers.rarity import Rarity, load_rarity
from evaluators.scorers.refusal import Reading, RefusalOptions, read_stance
from evaluators.scorers.retrieval import measure as measure_ranking
from evaluators.scorers.risks_by_row import RISKS, Risk
from evaluators.scorers.words import Words, load_words
from gateway.meaning.pieces import plain
from gateway.meaning.vectors import shipped

HELD: Final = 0.5
"""From this support on a passage counts as one that holds the reference."""


class Judgement(NamedTuple):
    """A number, or None with the reason; ``why`` is for people in both cases."""

    value: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Lore:
    """What the scorers go by; made once a run."""

    words: Words
    rarity: Rarity
    meaning: Meaning
    faithfulness: faithful.Weights
    relevancy: faithful.Weights
    refusals: RefusalOptions
    k: int = 5
    prices: tuple[float, float] | None = None


def load_lore(k: int = 5, prices: tuple[float, float] | None = None) -> Lore:
    """Read words and weights; costs some milliseconds.

    Args:
        k: How many of the first passages count for retrieval metrics that name no number.
        prices: Dollars for a million prompt tokens and for a million answer tokens.
    """
    words = load_words()
    weights = faithful.load_weights
    table = shipped()

    def meaning(text: str) -> Vector:
        return table.of(plain(text)).vector

    return Lore(
        words, load_rarity(), meaning, weights("faithfulness"), weights("relevancy"), RefusalOptions(), k, prices
    )


class Taken:
    """A row taken apart: what several scorers need is made once, when it is first asked for."""

    def __init__(self, row: Row, lore: Lore) -> None:
        self.row, self.lore = row, lore

    @cached_property
    def passages(self) -> Passages:
        """All passages."""
        return read_passages(self.row.contexts or (), self.lore.words)

    @cached_property
    def stated(self) -> list[Sentence]:
        """The statements of the answer."""
        return faithful.statements(self.row.answer or "", self.lore.words)

    @cached_property
    def said(self) -> list[Sentence]:
        """All sentences of the answer."""
        return self._sentences(self.row.answer or "")

    @cached_property
    def asked(self) -> list[Sentence]:
        """All sentences of the question."""
        return self._sentences(self.row.question or "")

    @cached_property
    def wanted(self) -> list[Sentence]:
        """The statements of the reference."""
        text = "\n".join(self.row.reference or ())
        return faithful.statements(text, self.lore.words) or self._sentences(text)

    @cached_property
    def stance(self) -> Reading:
        """What the answer does."""
        return read_stance(Response(self.row.answer or ""), self.lore.words, self.lore.refusals)

    @cached_property
    def held(self) -> list[float]:
        """For each passage how far it holds the reference."""
        return [self._holds(place) for place in range(len(self.row.contexts or ()))]

    def judged(self, stated: list[Sentence], passages: Passages, about: Sequence[str] = ()) -> faithful.Verdict | None:
        """Judge statements against passages; None if there is none."""
        lore = self.lore
        return faithful.judge(stated, passages, lore.faithfulness, rarity=lore.rarity, about=about)

    def _holds(self, place: int) -> float:
        verdict = self.judged(self.wanted, self.passages.one(place))
        return verdict.value if verdict else 0.0

    def _sentences(self, text: str) -> list[Sentence]:
        taken = (take_apart(piece, self.lore.words) for piece in pieces(text))
        return [sentence for sentence in taken if sentence.units]


Judge = Callable[[Taken], Judgement]


@dataclass(frozen=True, slots=True)
class RowScorer:
    """A scorer of single rows.

    Attributes:
        name: The word of the command line.
        summary: One line for people.
        fields: The fields that a row needs; a row without one has no value, and the reason says which.
        judge: Judges a row that has them.
    """

    name: str
    summary: str
    fields: tuple[str, ...]
    judge: Judge


def score_row(row: Row, scorers: Sequence[RowScorer], lore: Lore) -> list[Judgement]:
    """Judge a row with every scorer; a scorer that breaks leaves its own value out, with the reason."""
    taken = Taken(row, lore)
    made = []
    for scorer in scorers:
        lack = lacking(row, scorer.fields)
        if lack:
            made.append(Judgement(None, lack))
            continue
        try:
            judgement = scorer.judge(taken)
        except Exception as error:  # one row must not cost the others
            judgement = Judgement(None, f"the scorer failed on this row ({type(error).__name__})")
        if judgement.value is not None and not math.isfinite(judgement.value):
            judgement = Judgement(None, "no finite number came out")
        made.append(judgement)
    return made


def lacking(row: Row, fields: Sequence[str]) -> str:
    """Return why a row cannot be judged for want of a field; empty if it can."""
    for name in fields:
        if name in row.why_not:
            return row.why_not[name]
        value = getattr(row, name)
        if value is None:
            return f"the row has no '{name}'"
        texts = (value,) if isinstance(value, str) else value
        if isinstance(texts, tuple) and not any(isinstance(text, str) and text.strip() for text in texts):
            return f"'{name}' is empty"
    return ""


def _faithfulness(taken: Taken) -> Judgement:
    if taken.stance.stance in ("declines", "abstains"):
        return Judgement(None, f"the answer {taken.stance.stance}: it states nothing to be checked")
    about = [term for sentence in taken.asked for term in sentence.terms]
    verdict = taken.judged(taken.stated, taken.passages, about)
    if verdict is None:
        return Judgement(None, "the answer states nothing that can be checked")
    return Judgement(verdict.value, verdict.why)


def _recall(taken: Taken) -> Judgement:
    verdict = taken.judged(taken.wanted, taken.passages)
    if verdict is None:
        return Judgement(None, "the reference states nothing that can be found")
    value = math.fsum(one.support for one in verdict.statements) / len(verdict.statements)
    return Judgement(value, verdict.why)


def _precision(taken: Taken) -> Judgement:
    if not taken.wanted:
        return Judgement(None, "the reference states nothing that can be found")
    hits = [value >= HELD for value in taken.held]
    found = [f"{place}: {value:.2f}" for place, value in zip(taken.row.context_ids, taken.held, strict=True)]
    why = "how far each passage holds the reference: " + ", ".join(found[:10])
    if not any(hits):
        return Judgement(0.0, why)
    ranks = [sum(hits[:rank]) / rank for rank, hit in enumerate(hits, 1) if hit]
    return Judgement(math.fsum(ranks) / len(ranks), why)


def _relevancy(taken: Taken) -> Judgement:
    if not taken.asked or not taken.said:
        return Judgement(None, f"the {'answer' if taken.asked else 'question'} has no words")
    stance = taken.stance.stance
    passages = taken.passages if taken.row.contexts else None
    found = relevant.measure(
        taken.asked, taken.said, passages, stance, rarity=taken.lore.rarity, meaning=taken.lore.meaning
    )
    value = taken.lore.relevancy.logistic(found.signs)
    if stance in ("declines", "abstains"):
        return Judgement(min(value, relevant.EVASIVE), f"the answer {stance}")
    if found.signs["copied"]:
        return Judgement(min(value, relevant.EVASIVE), "the answer only repeats the question")
    parts = []
    if found.expects:
        parts.append(f"the question asks for a {found.expects}, the answer has {'one' if found.meets else 'none'}")
    if found.missing:
        parts.append("not taken up: " + ", ".join(found.missing))
    return Judgement(value, "; ".join(parts) or "the answer takes up the question")


def _ranking(metric: str, k: int | None) -> Judge:
    def judge(taken: Taken) -> Judgement:
        row, cut = taken.row, k or taken.lore.k
        gold, why = _gold(taken)
        if gold is None:
            return Judgement(None, why)
        ranked = list(dict.fromkeys(row.context_ids))
        if not gold:
            if metric == "recall":
                return Judgement(None, f"{why}, so how many there should be is not known")
            return Judgement(0.0, why)
        values = measure_ranking(ranked, gold, cut)
        name = metric if metric in ("mrr", "map") else f"{metric}@{cut}"
        return Judgement(values[name], why)

    return judge


def _gold(taken: Taken) -> tuple[frozenset[str] | None, str]:
    """Return the ids of the passages that hold the answer, and how they were found out."""
    row = taken.row
    wrong = row.why_not.get("relevant") or row.why_not.get("reference_contexts")
    if row.relevant == ():
        wrong = "'relevant' is empty: no passage is said to hold the answer"
    if wrong:
        return None, wrong
    if row.relevant:
        return frozenset(row.relevant), "passages named by 'relevant': " + ", ".join(row.relevant[:10])
    if row.gold:
        return _gold_texts(row, row.gold)
    if not row.reference:
        return None, "the row has neither 'relevant' (ids) nor 'reference_contexts' (texts) nor 'reference'"
    ids = frozenset(p for p, value in zip(row.context_ids, taken.held, strict=True) if value >= HELD)
    if not ids:
        return ids, "no passage holds the reference, by its words (the row names no relevant passages)"
    listed = ", ".join(sorted(ids)[:10])
    return ids, f"passages that hold the reference, by its words: {listed} (the row names none)"


def _gold_texts(row: Row, gold: Sequence[str]) -> tuple[frozenset[str], str]:
    """Find the gold texts among the passages: equal, or one within the other, but for spaces."""
    wanted = list(dict.fromkeys("".join(text.split()) for text in gold))
    found: dict[str, str] = {}
    for place, text in zip(row.context_ids, row.contexts or (), strict=True):
        bare = "".join(text.split())
        for one in wanted:
            if bare == one or (min(len(one), len(bare)) > 20 and (one in bare or bare in one)):
                found.setdefault(one, place)
    ids = frozenset(found.get(one, f"not retrieved: {number}") for number, one in enumerate(wanted))
    return ids, f"{len(found)} of {len(wanted)} 'reference_contexts' were retrieved"


def _against_reference(measure: Callable[[str, Sequence[str]], float | None], what: str) -> Judge:
    def judge(taken: Taken) -> Judgement:
        row = taken.row
        references = [text for text in row.reference or () if text.strip()]
        value = measure(row.answer or "", references)
        if value is None:
            return Judgement(None, "answer and reference are too long to compare in order")
        return Judgement(value, what if len(references) == 1 else f"{what}, best of {len(references)} references")

    return judge


def _refusal(taken: Taken) -> Judgement:
    reading = taken.stance
    value = {"declines": 1.0, "partly": 0.5}.get(reading.stance, 0.0)
    sign = f": {reading.signs[0][:80]}" if reading.signs else ""
    return Judgement(value, f"the answer {reading.stance}{sign}")


def _risk(risk: Risk) -> Judge:
    return lambda taken: Judgement(*risk(taken.row, taken.lore.words))


def _cost(taken: Taken) -> Judgement:
    row, prices = taken.row, taken.lore.prices
    if row.usd is not None:
        return Judgement(row.usd, "the row's own 'cost', in dollars")
    for name in ("cost", "usage"):
        if name in row.why_not:
            return Judgement(None, row.why_not[name])
    if row.tokens is None:
        return Judgement(None, "the row has neither 'cost' nor 'usage'")
    if prices is None:
        return Judgement(None, "no price is known: give --price IN,OUT, dollars for a million tokens each")
    prompt, completion = row.tokens
    value = (prompt * prices[0] + completion * prices[1]) / 1_000_000
    return Judgement(value, f"{prompt} prompt and {completion} answer tokens")


def _latency(taken: Taken) -> Judgement:
    row = taken.row
    for name in ("seconds", "latency_ms"):
        if name in row.why_not:
            return Judgement(None, row.why_not[name])
    if row.seconds is None:
        return Judgement(None, "the row has neither 'seconds' nor 'latency_ms'")
    return Judgement(row.seconds, "seconds, as the row says")


def catalogue() -> Mapping[str, RowScorer]:
    """Return every scorer of single rows by its name, in the order in which people are shown them."""
    passages, reference = ("answer", "contexts"), ("answer", "reference")
    both, gold = ("contexts", "reference"), " (gold: 'relevant', 'reference_contexts' or by 'reference')"

    def compared(name: str, summary: str, measure: Callable[[str, Sequence[str]], float | None]) -> RowScorer:
        return RowScorer(name, summary, reference, _against_reference(measure, summary))

    def ranking(name: str, summary: str) -> RowScorer:
        return RowScorer(name, summary + gold, ("contexts",), _ranking(name, None))

    listed = [
        RowScorer("faithfulness_lexical", "the answer says only what its passages say", passages, _faithfulness),
        RowScorer("relevancy_lexical", "the answer is one to the question", ("question", "answer"), _relevancy),
        RowScorer("context_precision_lexical", "passages that hold the reference come first", both, _precision),
        RowScorer("context_recall_lexical", "the passages hold all of the reference", both, _recall),
        ranking("hit_rate", "a gold passage is among the first k"),
        ranking("mrr", "1 / rank of the first gold passage"),
        ranking("ndcg", "gain of the first k against the best ranking"),
        ranking("precision", "gold passages among the first k, over k"),
        ranking("recall", "gold passages among the first k, over all"),
        ranking("map", "precision at each gold passage, over all"),
        compared("bleu", "BLEU-4, Chinese by characters", overlap.bleu),
        compared("chrf", "chrF2 over character n-grams", overlap.chrf),
        compared("rouge1", "ROUGE-1 F1, Chinese by characters", _rouge(1)),
        compared("rouge2", "ROUGE-2 F1, Chinese by characters", _rouge(2)),
        compared("rouge_l", "ROUGE-L F1, Chinese by characters", overlap.rouge_l),
        compared("exact", "equal to the reference but for case, width and punctuation", overlap.exact),
        compared("f1", "F1 over words, Chinese by characters", overlap.f1),
        RowScorer("refusal", "1 if the answer declines, 0.5 if it declines and then tells", ("answer",), _refusal),
        *(RowScorer(name, summary, fields, _risk(risk)) for name, summary, fields, risk in RISKS),
        RowScorer("cost", "dollars, by 'cost' or by 'usage' and --price", (), _cost),
        RowScorer("latency", "seconds, by 'seconds' or 'latency_ms'", (), _latency),
    ]
    return {scorer.name: scorer for scorer in listed}


RANKED: Final = ("hit_rate", "ndcg", "precision", "recall")


def find(name: str, known: Mapping[str, RowScorer]) -> RowScorer | None:
    """Return a scorer by its name; ``ndcg@10`` and the like set their own k."""
    if name in known:
        return known[name]
    word, _, cut = name.partition("@")
    if word in RANKED and cut.isdecimal() and 1 <= int(cut) <= 1000:
        spec = known[word]
        return RowScorer(name, spec.summary, spec.fields, _ranking(word, int(cut)))
    return None


def _rouge(n: int) -> Callable[[str, Sequence[str]], float]:
    return lambda answer, references: overlap.rouge_n(answer, references, n)
