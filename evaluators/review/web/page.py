"""The pages of a review as HTML: usable without a script, from the keyboard, and blinded; all texts are escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from evaluators.review.blind import in_order
from evaluators.review.decisions import Decision, gaps
from evaluators.review.folder import Review
from evaluators.review.item import Item, Shown
from evaluators.review.rubric import Both, Judged, Rubric
from evaluators.review.sheet import LETTERS
from evaluators.review.wording import Words

Lang = Literal["zh", "en"]
State = Literal["judged", "begun", "open"]


@dataclass(frozen=True, slots=True)
class Voice:
    """The words of the page in one language."""

    words: Words
    lang: Lang

    def __call__(self, name: str) -> str:
        """Say a word of the page, escaped."""
        return escape(self.words[name][self.lang])

    def of(self, both: Both) -> str:
        """Say a text that is there in both languages, escaped."""
        return escape(both[self.lang])


@dataclass(frozen=True, slots=True)
class Seat:
    """Who judges, what was given to them, and what they have said so far, by item."""

    review: Review
    person: str
    own: Sequence[Item]
    said: Mapping[str, Decision]


def home(seat: Seat, say: Voice) -> str:
    """Return the page that lists a person's items, with what is judged, begun and open."""
    review, own, said = seat.review, seat.own, seat.said
    states = [_state(item, said.get(item.id), review.rubric) for item in own]
    if not own:
        body = f'<p class="big">{say("nothing")}</p>'
    else:
        left = next((at for at, state in enumerate(states, 1) if state != "judged"), 0)
        go = f'<a class="button go" href="/item/{left}">{say("go_on")}</a>' if left else ""
        done = "" if left else f'<p class="big">{say("all_done")}</p>'
        rows = "".join(
            f'<li class="{state}"><a href="/item/{at}"><span class="number">{at}</span>'
            f'<span class="brief" lang="{_spoken(item)}">{escape(item.question[:200])}</span>'
            f'<span class="state">{say(state)}</span></a></li>'
            for at, (item, state) in enumerate(zip(own, states, strict=True), 1)
        )
        body = f'{done}<p>{go}</p>{_guide(review.rubric, say)}<ol class="items">{rows}</ol>'
    return _page(seat, say, f"<h1>{say.of(review.rubric.title)}</h1>{body}", "/")


def item(seat: Seat, number: int, mark: str, say: Voice) -> str:
    """Return the page on which one item is judged.

    Args:
        seat: Who judges.
        number: Which of their items, from 1.
        mark: What the form must bring along when it is sent.
        say: The words of the page.
    """
    review, person, own, said = seat.review, seat.person, seat.own, seat.said
    one, rubric = own[number - 1], review.rubric
    decision = said.get(one.id, Decision(one.id, person, "", "page"))
    answers = in_order(one, person, review.facts.seed)
    ranked = len(answers) if rubric.places(len(answers)) else 0
    cards = "".join(_card(LETTERS[at], answer, decision, (rubric, ranked), say) for at, answer in enumerate(answers))
    missing = gaps(decision, one, rubric)
    letters = {answer.id: LETTERS[at] for at, answer in enumerate(answers)}
    back = f"/item/{number - 1}" if number > 1 else "/"
    on = f"/item/{number + 1}" if number < len(own) else "/"
    body = (
        f'<form method="post" action="/item/{number}" id="form" autocomplete="off">'
        f'<input type="hidden" name="mark" value="{mark}">'
        f'<section class="asked"><h1><span class="number">{number}</span> {say("question")}</h1>'
        f'<p class="text" lang="{_spoken(one)}">{escape(one.question)}</p>{_background(one, say)}</section>'
        f'<div class="columns"><div class="cards">{cards}</div><aside>'
        f"{_ranking(answers, rubric, say) if ranked else ''}"
        f'<label class="note"><span>{say("note")}</span>'
        f'<textarea name="note" rows="3" maxlength="4000">{escape(decision.note)}</textarea></label>'
        f'<div id="state" class="{"open" if missing else "judged"}" role="status" '
        f"{_said_by_script(say)}>{_missing(missing, letters, rubric, say)}</div>"
        f'<nav><a class="button" id="previous" href="{back}">← {say("previous")}</a>'
        f'<button class="button go" id="save">{say("save")}</button>'
        f'<a class="button" id="next" href="{on}">{say("next")} →</a></nav>'
        f"{_guide(rubric, say)}{_keys(say)}</aside></div></form>"
    )
    return _page(seat, say, body, f"/item/{number}")


def told(say: Voice, word: str) -> str:
    """Return a page that says one thing."""
    title, lang = say("forbidden_title"), say.lang
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/style.css">'
        f'</head><body><main><h1>{title}</h1><p class="big">{say(word)}</p></main></body></html>'
    )


def _page(seat: Seat, say: Voice, body: str, here: str) -> str:
    review, lang, items = seat.review, say.lang, len(seat.own)
    other = "en" if lang == "zh" else "zh"
    judged = sum(_state(one, seat.said.get(one.id), review.rubric) == "judged" for one in seat.own)
    return (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{say("title")} · Sluice</title><link rel="stylesheet" href="/style.css">'
        f'<script src="/script.js" defer></script></head><body><header><a class="brand" href="/">Sluice 水闸 · '
        f'{say.of(review.rubric.title)}</a><span class="who">{escape(seat.person)}</span>'
        f'<label class="progress"><span>{say("progress")} <b id="judged">{judged}</b>/{items}</span>'
        f'<progress id="bar" max="{max(1, items)}" value="{judged}"></progress></label>'
        f'<a class="button" href="{here}?lang={other}" lang="{other}">{say("switch")}</a></header>'
        f"<main>{body}</main></body></html>"
    )


def _card(letter: str, answer: Shown, decision: Decision, asked: tuple[Rubric, int], say: Voice) -> str:
    rubric, ranked = asked
    chosen = decision.verdicts.get(answer.id, {})
    fields = "".join(_field(answer.id, field, chosen.get(field.id, ""), say) for field in rubric.fields)
    text = escape(answer.text) if answer.text.strip() else f"<em>{say('empty')}</em>"
    place = _place(answer.id, decision.places.get(answer.id), ranked, say) if ranked else ""
    return (
        f'<article class="card" id="{answer.id}" tabindex="-1" aria-label="{say("answer")} {letter}">'
        f'<h2><span class="letter">{letter}</span>{place}</h2><p class="text">{text}</p>{fields}</article>'
    )


def _field(answer: str, field: Judged, chosen: str, say: Voice) -> str:
    choices = "".join(
        f'<label class="choice"><input type="radio" name="v.{answer}.{field.id}" value="{value.id}" '
        f'data-key="{value.key}"{" checked" if value.id == chosen else ""}><span>{escape(value.text[say.lang])}'
        f" <kbd>{value.key.upper()}</kbd></span></label>"
        for value in field.values
    )
    return f"<fieldset><legend>{escape(field.label[say.lang])}</legend>{choices}</fieldset>"


def _place(answer: str, chosen: int | None, most: int, say: Voice) -> str:
    options = "".join(
        f'<option value="{number}"{" selected" if number == chosen else ""}>{number}</option>'
        for number in range(1, most + 1)
    )
    return (
        f'<label class="place">{say("place")} <select name="p.{answer}" data-answer="{answer}">'
        f'<option value="">–</option>{options}</select></label>'
    )


def _ranking(answers: Sequence[Shown], rubric: Rubric, say: Voice) -> str:
    items = "".join(
        f'<li draggable="true" data-answer="{answer.id}"><span class="at"></span>'
        f'<span class="letter">{LETTERS[at]}</span><span class="start">{escape(" ".join(answer.text.split())[:60])}'
        "</span></li>"
        for at, answer in enumerate(answers)
    )
    rank = escape(rubric.rank[say.lang]) if rubric.rank else ""
    return (
        f'<section class="ranking" hidden><h3>{say("ranking")}</h3>'
        f'<p class="dim">{rank} {say("drag")}</p>'
        f'<ol id="ranking" data-level="{say("level")}" data-unranked="{say("unranked")}">'
        f"{items}</ol></section>"
    )


def _background(one: Item, say: Voice) -> str:
    parts: list[tuple[str, Iterable[str]]] = [
        ("plain", [one.plain]), ("turns", one.turns), ("system", [one.system]), ("tool", [one.tool]),
        ("passages", one.contexts),
    ]  # fmt: skip
    told = "".join(
        f"<h3>{say(name)}</h3>" + "".join(f'<p class="text">{escape(text)}</p>' for text in texts if text)
        for name, texts in parts
        if any(texts)
    )
    return f'<details open class="background"><summary>{say("background")}</summary>{told}</details>' if told else ""


def _missing(missing: Sequence[tuple[str, str]], letters: Mapping[str, str], rubric: Rubric, say: Voice) -> str:
    if not missing:
        return f"✓ {say('whole')}"
    told: dict[str, list[str]] = {}
    for answer, name in missing:
        field = rubric.field(name)
        told.setdefault(letters[answer], []).append(escape(field.label[say.lang]) if field else say("place"))
    parts = "; ".join(f"{letter}: {', '.join(names)}" for letter, names in sorted(told.items()))
    return f"{say('missing')}: {parts}"


def _said_by_script(say: Voice) -> str:
    names = ("saved", "saving", "not_saved", "missing", "whole", "place", "stale")
    return " ".join(f'data-{name.replace("_", "-")}="{say(name)}"' for name in names)


def _guide(rubric: Rubric, say: Voice) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in rubric.guide[say.lang].strip().splitlines())
    return f'<details class="guide"><summary>{say("guide")}</summary><ul>{lines}</ul></details>'


def _keys(say: Voice) -> str:
    return f'<p class="dim keys"><b>{say("keys")}</b> {say("keys_text")}</p>'


def _state(one: Item, decision: Decision | None, rubric: Rubric) -> State:
    if decision is None or not decision.begun:
        return "open"
    return "begun" if gaps(decision, one, rubric) else "judged"


def _spoken(one: Item) -> str:
    return "en" if one.lang == "en" else "zh"
