"""The report's section about people: how far they agree, and every scorer beside them, as HTML, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from html import escape
from importlib import resources
from typing import Any

from evaluators.agreement import Agreement
from evaluators.report.words import Labels
from evaluators.review.item import STANDARD
from evaluators.review.people import GOOD, Beside, People, Said, Source, agreeing, beside
from evaluators.stats import Interval
from evaluators.summary import RowSummary
from gateway.document import read_document

_Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]
"""Its title, its headers and its rows, as they stand in the page."""


def data(people: People, rows: Iterable[RowSummary]) -> dict[str, Any]:
    """Return the section as JSON values."""
    return {
        "review": people.review,
        "digest": people.digest,
        "merged": people.merged,
        "rubric": people.rubric,
        "reviewers": people.reviewers,
        "items": people.items,
        "judged": people.judged,
        "disputed": people.disputed,
        "agreement": [{**asdict(field), "interval": _ends(field.interval)} for field in people.fields],
        "ranking": {"tau": people.tau, "interval": _ends(people.tau_interval), "n": people.tau_items},
        "sources": [{**asdict(source), "interval": list(source.interval)} for source in people.sources],
        "beside": [
            {
                "metric": one.metric,
                "against": one.against,
                "all": _figures(one.table),
                "chance": _figures(one.chance) if one.chance else None,
            }
            for one in beside(people, rows)
        ],
        "rows": [
            {"row": one.row, "repetition": one.repetition, "verdict": {n: asdict(v) for n, v in one.verdict.items()}}
            for one in people.rows
        ],
    }


def _interval(table: Agreement) -> Interval | None:
    return None if agreeing(table) is None else table.kappa_interval


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else list(interval)


def _figures(table: Agreement) -> dict[str, Any]:
    return {
        **asdict(table),
        "n": table.n,
        "kappa": agreeing(table),
        "kappa_interval": _ends(_interval(table)),
        "sensitivity": table.sensitivity,
        "specificity": table.specificity,
    }


class Section:
    """The section of the page; everything that is not ours is escaped.

    Args:
        people: What people said; None if nobody was asked: then all of it is empty.
    """

    def __init__(self, people: People | None) -> None:
        self._people = people
        self._words = read_words() if people else Labels({})
        self._said = {(one.row, one.repetition): one for one in people.rows} if people else {}

    def html(self, rows: Iterable[RowSummary]) -> str:
        """Return the section as HTML."""
        return _html(self._people, rows, self._words) if self._people else ""

    def row(self, row: RowSummary) -> list[dict[str, Any]]:
        """Return what people said of one answer, as values for the page's script; empty if nobody judged it."""
        said = self._said.get((row.sample.id, row.repetition))
        return [] if self._people is None or said is None else list(_verdict(self._people, said, self._words))

    @property
    def title(self) -> Any:
        """What stands above what people said of one answer; None if nobody was asked."""
        return self._words.words.get("people_say")


def _html(people: People, rows: Iterable[RowSummary], words: Labels) -> str:
    facts = (
        ("reviewers", str(people.reviewers)),
        ("judged", f"{people.judged} / {people.items}"),
        ("disputed", str(people.disputed)),
        ("rubric", escape(people.rubric)),
        ("merged", escape(people.merged)),
        ("review", f"<code>{escape(people.review)}</code>"),
    )
    head = "".join(f"<div><dt>{words(name)}</dt><dd>{said}</dd></div>" for name, said in facts)
    parts = [
        f'<section id="people"><h2>{words("title")}</h2><p class="note">{words("note")}</p>',
        f'<dl class="facts">{head}</dl>',
    ]
    if not people.judged:
        parts.append(f"<p>{words('nobody')}</p>")
    for title, headers, lines in _tables(people, beside(people, rows), words, escape):
        cells = "".join(
            f'<tr><th scope="row">{line[0]}</th>{"".join(f"<td>{cell}</td>" for cell in line[1:])}</tr>'
            for line in lines
        )
        heads = "".join(f"<th>{header}</th>" for header in headers)
        parts.append(f'<h3>{title}</h3><div class="wide"><table class="matrix"><tr>{heads}</tr>{cells}</table></div>')
        if title == words("sources"):
            parts.append(f'<p class="dim">{words("sources_note")}</p>')
    return "".join([*parts, "</section>"])


def markdown(people: People, rows: Iterable[RowSummary]) -> str:
    """Return the section as Markdown, in both languages."""
    words = read_words().words

    def say(name: str) -> str:
        return f"{words[name]['zh']} · {words[name]['en']}"

    def plain(text: str) -> str:
        return text.replace("|", "\\|").replace("\n", " ")

    out = [
        f"## {say('title')}",
        "",
        say("note"),
        "",
        f"{say('reviewers')}: {people.reviewers}; {say('judged')}: {people.judged} / {people.items}; "
        f"{say('disputed')}: {people.disputed}",
    ]
    for title, headers, lines in _tables(people, beside(people, rows), say, plain):
        out += ["", f"### {title}", "", f"| {' | '.join(headers)} |", f"|{'---|' * len(headers)}"]
        out += [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join(out) + "\n"


def _verdict(people: People, said: Said, words: Labels) -> Iterator[dict[str, Any]]:
    for field in people.fields:
        settled = said.verdict.get(field.id)
        if settled is not None:
            value = field.values.get(settled.value, {"zh": settled.value, "en": settled.value})
            yield {
                "label": dict(field.label),
                "value": dict(value),
                "how": dict(words.words[settled.how]),
                "votes": settled.votes,
            }


def _tables(
    people: People, held: Sequence[Beside], say: Callable[[str], str], safe: Callable[[str], str]
) -> Iterable[_Table]:
    """Yield the tables of the section."""
    if any(field.n for field in people.fields) or people.tau is not None:
        lines = [
            (safe(field.label["zh"] + " " + field.label["en"]), _number(field.alpha), _span(field.interval),
             _number(field.fleiss), str(field.n))
            for field in people.fields
        ]  # fmt: skip
        if people.tau_items:
            lines.append((say("ranks"), _number(people.tau), _span(people.tau_interval), "–", str(people.tau_items)))
        yield say("agreement"), [say(n) for n in ("field", "alpha", "interval", "fleiss", "twice")], lines
    if people.sources:
        yield (
            say("sources"),
            [say(name) for name in ("source", "strength", "interval", "above", "wins")],
            [
                (_source(one, say, safe), f"{one.strength:+.2f}", _span(one.interval), f"{one.above_average:.2f}",
                 f"{one.wins}/{one.ties}/{one.losses}")
                for one in people.sources
            ],
        )  # fmt: skip
    if held:
        names = ("metric", "against", "both", "missed", "invented", "neither", "kappa", "interval", "chance")
        yield say("beside"), [say(name) for name in names], [_line(one, say, safe) for one in held]


def _source(one: Source, say: Callable[[str], str], safe: Callable[[str], str]) -> str:
    name = say("standard") if one.name == STANDARD else safe(one.name)
    return f"{name} ({say('this_run')})" if one.mine else name


def _line(one: Beside, say: Callable[[str], str], safe: Callable[[str], str]) -> tuple[str, ...]:
    table, claim = one.table, say("good") if one.against == GOOD else safe(one.against)
    chance = "–" if one.chance is None else f"{_number(agreeing(one.chance))} (n {one.chance.n})"
    counts = (table.both, table.missed, table.invented, table.neither)
    return safe(one.metric), claim, *map(str, counts), _number(agreeing(table)), _span(_interval(table)), chance


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _span(interval: Interval | None) -> str:
    return "–" if interval is None else f"{interval.low:.2f} – {interval.high:.2f}"


def read_words() -> Labels:
    """Read the words that ship."""
    content = resources.files("evaluators.report").joinpath("people.yaml").read_bytes()
    return Labels(read_document(content, "people.yaml").value)
