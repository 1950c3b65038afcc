"""The words that judges are asked with: read once, filled in once, and part of who a judge is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from evaluators.sample import Sample
from gateway.document import read_document

Spoken = Literal["zh", "en"]

_HOLE: Final = re.compile(
    r"\{(question|answer|context|statements|count|reference|reference_count|text|conversation|topic|earlier|questions|"
    r"atomicity|coverage|fault)\}"
)
_TAG: Final = re.compile(
    r"<(/?)(问题|回答的陈述|参考的陈述|参考答案|回答|资料|陈述|答案|文字|断言|对话|主题|范围|"
    r"question|answer|passages?|statements|reference|text|assertion|conversation|topics?|subjects)>"
)


@dataclass(frozen=True, slots=True)
class JudgeWords:
    """What is in ``words.yaml``.

    Attributes:
        version: Counted up with every change.
        said: Texts by their name and language; names of nested ones are joined by ``/``.
    """

    version: int
    said: Mapping[str, Mapping[Spoken, str]]

    def get(self, name: str, spoken: Spoken) -> str:
        """Return a text."""
        return self.said[name][spoken]

    def both(self, names: tuple[str, ...]) -> str:
        """Return texts in both languages, for a judge's identity; a name ending in ``/`` stands for all below it."""
        wanted = [
            one for one in sorted(self.said) if any(one == n or (n[-1] == "/" and one.startswith(n)) for n in names)
        ]
        return "\n\n".join(f"{one}\n{self.said[one]['zh']}\n{self.said[one]['en']}" for one in wanted)


@cache
def judge_words() -> JudgeWords:
    """Read ``words.yaml``; costs some milliseconds the first time."""
    raw = files("evaluators.scorers.judged").joinpath("words.yaml").read_text("utf-8")
    value = read_document(raw, "words.yaml").value
    said: dict[str, Mapping[Spoken, str]] = {}
    for name, entry in value.items():
        if name == "version":
            continue
        if set(entry) == {"zh", "en"}:
            said[name] = entry
        else:
            said.update({f"{name}/{inner}": text for inner, text in entry.items()})
    return JudgeWords(value["version"], said)


def spoken_in(sample: Sample) -> Spoken:
    """Return the language in which a row's judge is asked: mixed rows are asked about in Chinese."""
    return "en" if sample.lang == "en" else "zh"


def fill(template: str, holes: Mapping[str, str]) -> str:
    """Fill a template in once; what is filled in cannot close the tags around it."""
    return _HOLE.sub(lambda hole: _tame(holes[hole[1]]) if hole[1] in holes else hole[0], template)


def numbered(statements: tuple[str, ...] | list[str]) -> str:
    """Return statements one a line, under their numbers; a line break inside of one is a space."""
    return "\n".join(f"{number}. {' '.join(one.split())}" for number, one in enumerate(statements, 1))


def _tame(text: str) -> str:
    return _TAG.sub(r"‹\1\2›", text)
