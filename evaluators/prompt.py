"""Puts a row into the words that a target gets: the suite's template, filled in once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from evaluators.sample import Message, Sample

_HOLE: Final = re.compile(r"\{(question|passages|id|text)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """The words around a row, for rows with passages.

    Attributes:
        system: System prompt; empty for none.
        user: Holds ``{question}`` and ``{passages}``.
        passage: One passage: holds ``{id}`` and ``{text}``.
    """

    system: str = ""
    user: str = "{question}"
    passage: str = "[{id}] {text}"


def messages(sample: Sample, template: Template) -> list[Message]:
    """Return the chat messages for a row.

    A row's own system prompt comes before the template's. What a row says is put in as it is:
    braces in it are text.
    """
    passages = "\n".join(_fill(template.passage, {"id": p.id, "text": p.text}) for p in sample.contexts)
    words = {"question": sample.question, "passages": passages}
    user = _fill(template.user, words) if sample.contexts else sample.question
    system = "\n\n".join(part for part in (sample.system, template.system if sample.contexts else "") if part)
    head = [{"role": "system", "content": system}] if system else []
    return [*head, {"role": "user", "content": user}]


def _fill(template: str, words: dict[str, str]) -> str:
    return _HOLE.sub(lambda hole: words.get(hole[1], hole[0]), template)
