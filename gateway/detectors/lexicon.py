"""Finds the terms of word lists, disguised or not, and knows which terms the end of a text cuts off.

One automaton a view, one pass each; what a disguise is, ``disguise`` says. Words are evidence, not
verdicts: a finding has the weight of its term, and the rule decides from which weight on it fires. With
``evidence: sentence`` the terms of one risk that stand in one sentence also count together, as
independent evidence does, 1 - (1 - w1)(1 - w2)… (noisy-or), each term once; such a finding reaches from
the first to the last of them.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, Final, Literal, NamedTuple

import ahocorasick_rs

from gateway.detectors.disguise import DISGUISES, LETTERS, Base, Disguise, Written
from gateway.detectors.wordlist import Entry, read_list
from gateway.errors import ConfigError, PolicyError, PolicyErrors
from gateway.ports import BuiltDetector, DetectorSpec, Loader, Scan
from gateway.ports import Evidence as Reason
from gateway.text import CANONICAL, HIDDEN, Folded, TextView, edges, fold
from gateway.verdict import Finding

NAME: Final = "lexicon"
Evidence = Literal["none", "sentence"]
_SENTENCE_END: Final = re.compile(r"[。!?\n]|\.\s")  # in folded text: full-width signs are among them
_SENTENCE: Final = 200
_HEAD: Final = 5


# --- One view --------------------------------------------------------------------------------------


class _Index:
    """Texts to look for in one view, each of one or more terms."""

    __slots__ = ("_automaton", "_firsts", "_heads", "_longest", "_owners", "_sorted", "_words")

    def __init__(self, texts: Mapping[str, int | tuple[int, ...]]) -> None:
        self._owners = list(texts.values())
        self._automaton = ahocorasick_rs.AhoCorasick(list(texts), store_patterns=False)
        self._sorted = sorted(texts)
        # How a text may begin that the end cuts off: by its first character, or its first two, if it has more.
        self._firsts = frozenset([text[0] for text in texts if len(text) > 1])
        self._heads = self._firsts.union([text[:2] for text in texts if len(text) > 2])
        # Nearly every two letters are the head of some text, so of words more of them are looked at.
        self._words = frozenset([text[:_HEAD] for text in texts if text[0] in LETTERS and len(text) > _HEAD])
        self._longest = max(map(len, texts)) - 1

    def matches(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield every occurrence: number of the term, where it begins, where it ends."""
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            owners = self._owners[number]
            if isinstance(owners, int):
                yield owners, start, end
            else:
                for owner in owners:
                    yield owner, start, end

    def open(self, shown: Folded, base: Base, disguise: Disguise) -> int:
        """Return where something may have begun that the end of a text cuts off.

        Args:
            shown: The text.
            base: What its places count in: nothing begins inside of a word there.
            disguise: Says whether it may begin at a place.
        """
        text, heads, words, places = shown.text, self._heads, self._words, shown.places
        bounds = base.edges
        size = len(text)
        low = max(shown.start, size - self._longest)
        if self._firsts.isdisjoint(text[low:]):
            return size
        counted: Sequence[int] | None = None if places is not None else range(low, size)
        for start in range(low, size):
            if text[start : start + 2] not in heads:
                continue
            if text[start] in LETTERS:
                if size - start >= _HEAD and text[start : start + _HEAD] not in words:
                    continue
                if counted is None and places is not None:
                    counted = places[low:size]
                # No disguise begins inside of a word: of words that is seen soonest.
                at = counted[start - low] if counted else start
                if at and bounds[at] in LETTERS and bounds[at - 1] in LETTERS:
                    continue
            if (size - start <= 2 or self._begins(text[start:])) and disguise.may_begin(shown, base, start):
                return start
        return size

    def _begins(self, text: str) -> bool:
        """Whether one of the texts begins with ``text`` and goes on."""
        place = bisect_right(self._sorted, text)
        return place < len(self._sorted) and self._sorted[place].startswith(text)


# --- Matching --------------------------------------------------------------------------------------


Said = tuple[tuple[str, float], ...]
"""What a term says: for each risk its weight. Empty for one that only excuses."""


class _Seen(NamedTuple):
    """Where a term stands in the original, and what it says."""

    start: int
    end: int
    risk: str
    weight: float
    term: int = -1


class Lexicon:
    """A detector of terms.

    A term that begins or ends with a Latin letter or a digit is not found inside of a longer word.
    A term inside of another one with the same risk and no less weight is not reported. One that
    lies inside of an allowed term is reported with a score of 0: so it is in the record, no rule
    fires, and nobody cuts the allowed term in two.

    Args:
        entries: The lines of all lists; of a term that is there twice for a risk, the higher weight
            counts, and the disguises of both.
        allow: Terms that excuse whatever lies inside of them, folded as the canonical view shows them;
            a disguise excuses nothing.
        evidence: Whether terms of one risk in one sentence also count together.
    """

    __slots__ = ("_allow", "_always", "_evidence", "_passes", "_said", "_sources", "_texts")

    def __init__(self, entries: Iterable[Entry], allow: Iterable[str] = (), evidence: Evidence = "none") -> None:
        said: dict[str, Said] = {}
        views: dict[str, frozenset[str]] = {}
        alike: dict[tuple[str, float], Said] = {}
        sources: dict[str, str] = {}
        origins: dict[tuple[str, str], str] = {}
        for term, risk, weight, disguises, source, date in entries:
            before = said.get(term)
            if before is None:
                origin = source, date
                sources[term] = origins.get(origin) or origins.setdefault(origin, ", ".join(filter(None, origin)))
                said[term] = alike.setdefault((risk, weight), ((risk, weight),))
                views[term] = disguises
            else:
                said[term] = tuple({**dict(before), risk: max(weight, dict(before).get(risk, 0.0))}.items())
                views[term] |= disguises
        for term, other in _written_too(said):
            said.setdefault(other, said[term])
            views.setdefault(other, views[term])
            sources.setdefault(other, sources[term])
        self._evidence = evidence == "sentence"
        self._allow = frozenset(allow)
        self._allow |= {other for _, other in _written_too(self._allow)}
        self._texts = [*said, *(self._allow - said.keys())]
        self._said = [*said.values(), *((),) * (len(self._texts) - len(said))]
        plain = dict(zip(self._texts, range(len(self._texts)), strict=True))
        self._sources = [sources.get(term, "") for term in self._texts]
        index = _Index(plain)
        self._passes: list[tuple[Disguise, _Index]] = [(Written(), index)]
        self._always: set[str] = set()
        asked = frozenset().union(*set(views.values()))
        for name, disguise in DISGUISES.items():
            if name not in asked:
                continue
            hidden = [(number, term) for number, (term, those) in enumerate(views.items()) if name in those]
            forms: dict[str, int | tuple[int, ...]] = {}
            for (number, term), form in zip(hidden, disguise.forms([term for _, term in hidden]), strict=True):
                if not form:
                    continue
                if disguise.view not in self._always and disguise.always_may_be(term, form):
                    self._always.add(disguise.view)
                others = forms.get(form)
                forms[form] = number if others is None else (*_several(others), number)
            if forms:  # Chinese terms look the same joined as they are written: one automaton will do
                self._passes.append((disguise, index if forms == plain else _Index(forms)))

    def __call__(self, view: TextView) -> Scan:
        """Scan a view."""
        base = Base(view.seen(CANONICAL).text, edges(view))
        still_open = len(view.text)
        seen: list[_Seen] = []
        allowed: list[tuple[int, int]] = []
        for disguise, index in self._passes:
            may_be = disguise.view in self._always or disguise.may_be(base.text)
            if (view.final and not may_be) or (disguise.view == HIDDEN and view.folded.starts is None):
                continue
            found, opens = _look(disguise, index, self._texts if may_be else None, view, base)
            still_open = min(still_open, opens)
            for number, start, end in found:
                seen += [_Seen(start, end, risk, weight, number) for risk, weight in self._said[number]]
                if self._allow and disguise.view == CANONICAL and self._texts[number] in self._allow:
                    allowed.append((start, end))
        if not seen:
            return Scan((), still_open)
        kept = _outermost(_excuse(seen, allowed) if allowed else seen)
        findings = [Finding(one.start, one.end, one.risk, one.weight, NAME) for one in kept]
        if self._evidence:
            together, still_open = _together(kept, view, still_open)
            findings += together
        return Scan(tuple(findings), still_open)

    def explain(self, view: TextView, finding: Finding) -> list[Reason]:
        """Return the terms that a finding comes from, each with its weight and where its list has it from."""
        found: dict[tuple[int, int, str], Reason] = {}
        base = Base(view.seen(CANONICAL).text, edges(view))
        for disguise, index in self._passes:
            for number, start, end in _look(disguise, index, self._texts, view, base)[0]:
                term = self._texts[number]
                weight = dict(self._said[number]).get(finding.risk)
                if weight is not None and finding.start <= start and end <= finding.end:
                    source = self._sources[number]
                    what = f"{term} ({source})" if source else term
                    found.setdefault((start, end, term), Reason(start, end, weight, what))
        return sorted(found.values(), key=lambda one: (-one.weight, one))


def _written_too(terms: Iterable[str]) -> list[tuple[str, str]]:
    """Return terms with how else they are written: of 著 no table knows whether it is 着 or stands for itself."""
    found = [(term, term.replace("着", "著")) for term in terms if "着" in term]
    return found + [(term, term.replace("著", "着")) for term in terms if "著" in term]


def _several(owners: int | tuple[int, ...]) -> tuple[int, ...]:
    return (owners,) if isinstance(owners, int) else owners


def _look(
    disguise: Disguise, index: _Index, terms: Sequence[str] | None, view: TextView, base: Base
) -> tuple[list[tuple[int, int, int]], int]:
    """Return the terms in one view, with their spans in the original, and from where on it is open.

    Args:
        disguise: What undoes it is looked at.
        index: What to look for there.
        terms: What it stands for; None if there can be none of it yet.
        view: The text.
        base: The same in the canonical view.
    """
    shown = disguise.shown(view)
    text, first = shown.text, shown.start
    if not text:
        return [], len(view.text)
    if disguise.view == HIDDEN:
        base = Base(text, text)
    still_open = len(text)
    if not view.final:
        still_open = index.open(shown, base, disguise)
    found: list[tuple[int, int, int]] = []
    if terms is None:
        return found, shown.offset(still_open)
    for number, start, end in index.matches(text):
        if start < first:
            continue
        one = disguise.is_one(shown, base, start, end, terms[number])
        if one is None and not view.final:
            still_open = min(still_open, start)
        elif one is not False:
            found.append((number, *shown.span(start, end)))
    return found, shown.offset(still_open)


def _excuse(seen: Iterable[_Seen], allowed: Sequence[tuple[int, int]]) -> list[_Seen]:
    """Put an allowed term, with no weight, in place of whatever lies inside of it."""
    spans = sorted(allowed, key=_outer_first)
    around: list[tuple[int, int]] = []
    excused: list[_Seen] = []
    at = 0
    for one in sorted(seen, key=_outer_first):
        while at < len(spans) and spans[at][0] <= one.start:
            around.append(spans[at])
            at += 1
        around = [span for span in around if span[1] > one.start]
        cover = next((span for span in around if span[1] >= one.end), None)
        excused.append(one if cover is None else _Seen(*cover, one.risk, 0.0))
    return excused


def _outermost(seen: Iterable[_Seen]) -> list[_Seen]:
    """Return, in order, what does not lie inside of another with the same risk and no less weight."""
    kept: list[_Seen] = []
    around: list[_Seen] = []
    for one in sorted(seen, key=lambda one: (one.start, -one.end, one.risk, -one.weight)):
        around = [other for other in around if other.end > one.start]
        if not any(other.end >= one.end and other.risk == one.risk and other.weight >= one.weight for other in around):
            around.append(one)
            kept.append(one)
    return kept


def _outer_first(span: Sequence[Any]) -> tuple[int, int]:
    return span[0], -span[1]


# --- Evidence --------------------------------------------------------------------------------------


def _together(kept: Sequence[_Seen], view: TextView, still_open: int) -> tuple[list[Finding], int]:
    """Return what terms of one risk in one sentence say together, and from where on the text is open.

    From the first of them to the end of its sentence the text is held: what follows may add to it.
    """
    findings: list[Finding] = []
    sentences: list[tuple[int, int]] = []
    risks: dict[str, list[_Seen]] = {}
    for one in kept:
        if one.weight:
            risks.setdefault(one.risk, []).append(one)
    for risk, ones in risks.items():
        at = 0
        while at < len(ones):
            start = ones[at].start
            edge = _sentence_end(view.folded, ones[at].end, start + _SENTENCE)
            weights: dict[int, float] = {}
            last = start
            while at < len(ones) and (ones[at].end <= edge or ones[at].start == start):
                weights[ones[at].term] = max(ones[at].weight, weights.get(ones[at].term, 0.0))
                last = max(last, ones[at].end)
                at += 1
            sentences.append((start, edge))
            if len(weights) > 1:
                score = 1.0 - prod(1.0 - weight for weight in weights.values())
                findings.append(Finding(start, last, risk, round(score, 6), NAME))
    if not view.final:
        # What is open may become a term; a sentence that it may stand in stays whole, the last one first.
        for start, edge in sorted(sentences, reverse=True):
            if edge >= len(view.text) or start < still_open < edge:
                still_open = min(still_open, start)
    return findings, still_open


def _sentence_end(folded: Folded, start: int, end: int) -> int:
    """Return where between two offsets of the original a sentence ends first; the second if it does nowhere."""
    if folded.starts is None:
        found = _SENTENCE_END.search(folded.text, start, end)
        return found.start() if found else end
    found = _SENTENCE_END.search(folded.text, bisect_left(folded.starts, start), bisect_left(folded.starts, end))
    return folded.starts[found.start()] if found else end


# --- The kind of detector --------------------------------------------------------------------------


def _build(options: Mapping[str, Any], load: Loader) -> BuiltDetector:
    entries: list[Entry] = []
    problems: list[ConfigError] = []
    for name in options["lists"]:
        try:
            entries += read_list(load(name), name)
        except ConfigError as error:
            problems.append(error)
    if problems:
        raise PolicyErrors(problems)
    if not entries:
        raise PolicyError("the lists of the lexicon hold no term", None, "add lines to one of them")
    allow = [fold(term, CANONICAL).strip() for term in options.get("allow", ())]
    if not all(allow):
        raise PolicyError("a term of 'allow' is empty", None, "write a term, or remove it")
    evidence: Evidence = options.get("evidence", "none")
    views = {those: sorted(those) for those in {entry.views for entry in entries}}
    said = sorted((*entry[:3], views[entry.views]) for entry in entries)
    digest = hashlib.sha256(repr((said, sorted(allow), evidence)).encode()).hexdigest()
    risks = frozenset(entry.risk for entry in entries)
    lexicon = Lexicon(entries, allow, evidence)
    return BuiltDetector(risks, f"2-{digest[:16]}", lexicon, explain=lexicon.explain)


SPEC: Final = DetectorSpec(
    name=NAME,
    summary="Terms of word lists (CSV: term,risk,weight,source,date), also disguised, with terms that excuse.",
    risks=frozenset(),
    scope="span",
    build=_build,
    options={
        "type": "object",
        "properties": {
            "lists": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
                "description": "word lists, relative to the policy: CSV with term,risk,weight,source,date (and view)",
            },
            "allow": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "description": "terms that excuse whatever lies inside of them, and nothing else",
            },
            "evidence": {
                "type": "string",
                "enum": ["none", "sentence"],
                "description": "sentence: terms of one risk in one sentence also count together; none if left out",
            },
        },
        "required": ["lists"],
    },
)
