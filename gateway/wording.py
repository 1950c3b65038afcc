"""Tells which words say that a machine made a text: those of a policy, and those that others write.

GB 45438-2025 5.1 wants two elements in the words: artificial intelligence (人工智能 or AI) and that
it generated (生成 or 合成). The policy's own words are checked for both; a line that another gateway
or the model itself has written counts as a label only if it is nothing but that.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, Literal

import regex

Language = Literal["zh", "en"]

LONGEST: Final = 120
"""Characters that the words of a label may have: what is longer is no label but a text."""

_AI: Final = re.compile(r"人工智能|(?<![A-Za-z])AI(?![A-Za-z])")
_MADE_ZH: Final = re.compile(r"生成|合成")
_MADE_EN: Final = re.compile(r"generated|synthe", re.IGNORECASE)

_HAN: Final = re.compile("[\u3400-\u9fff]")
_HAN_RUN: Final = re.compile("[\u3400-\u9fff]+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_LOOK: Final = 64
"""Characters in which the first letter of an answer is looked for."""
_MIXED: Final = 32
"""Characters in which a Chinese answer that begins with a Latin word shows that it is Chinese."""
_SHARE: Final = 10
"""A text is Chinese if it has at least one Han character for so many others."""

# What a label that we did not write looks like: a line of its own, or a bracket at either end.
# Every repetition is bounded, so a match looks at some 160 characters at most.
_BEFORE: Final = r"[*_>~#\-—–·\s]{0,6}"
_AFTER: Final = r"[*_~\-—–·。.!！ \t]{0,6}"
_CHINESE: Final = (
    r"(?:(?:温馨|免责|特别)?(?:提示|声明|标识|说明|备注|注)[：:]?[ \t]?)?"
    r"(?:(?:本|此|该|以上|上述|以下)(?:段|篇|条|次|张)?)?(?:内容|回答|回复|答复|文本|文字|文章|答案|信息|结果|图片|视频|音频)?"
    r"(?:均|全部|系|为|是){0,2}由?[ \t]?(?:人工智能|AI)[ \t]?(?:大模型|模型|技术|助手|智能体|系统|工具)?"
    r"(?:自动|辅助)?(?:生成(?:[与和或、/]?合成)?|合成)(?:的?(?:内容|文本|文字|答案))?"
    r"(?:[，,；;。 \t]{1,2}(?:仅|请|不|注意|可能|无法)[^\n？?！!（）()]{0,40})?"
)
_ENGLISH: Final = (
    r"(?:(?:note|notice|disclaimer)[:：][ \t]?)?"
    r"(?:(?:(?:this|the[ ]above|the[ ]following)[ ])?(?:content|answer|response|reply|text|message|image|article)[ ]"
    r"(?:is|was|has[ ]been)[ ](?:(?:fully|automatically|partly)[ ])?)?"
    r"(?:(?:generated|synthesi[sz]ed)[ ](?:by|with|using)[ ](?:an?[ ])?(?:AI|artificial[ ]intelligence)"
    r"(?:[ ](?:model|assistant|system|tool))?"
    r"|AI[-‐ ](?:generated|synthesi[sz]ed)(?:[ ](?:content|answer|response|reply|text|message|image))?)"
    r"(?:[.,;][ ](?:for|please|it[ ]may|may|verify|check|not)[^\n?!()]{0,60})?"
)
_BETWEEN: Final = r"[ \t]?[·|/—–-][ \t]?"
# English counts beside a Chinese form, or alone.
_BESIDE: Final = f"(?:{_CHINESE}(?:{_BETWEEN}{_ENGLISH})?|{_ENGLISH}{_BETWEEN}{_CHINESE})"
_ALONE: Final = f"(?:{_CHINESE}(?:{_BETWEEN}{_ENGLISH})?|{_ENGLISH}(?:{_BETWEEN}{_CHINESE})?)"


def _line(words: str) -> str:
    """A label as a line of its own, bare or in brackets."""
    # The words stand here once, as they are long: what has been opened must be closed.
    return f"{_BEFORE}([（(\\[【「]{{1,2}})?{words}(?(1)[。.]?[）)\\]】」]{{1,2}}){_AFTER}"


def _bracket(words: str) -> str:
    return f"{_BEFORE}[（(\\[【]{words}[。.]?[）)\\]】]"


class _Shapes:
    """The patterns of labels for one reading of English: whether it counts without a Chinese form."""

    __slots__ = ("bracket", "line", "opening")

    def __init__(self, words: str) -> None:
        flags = regex.IGNORECASE
        self.line = regex.compile(_line(words), flags)
        self.bracket = regex.compile(_bracket(words), flags)
        self.opening = regex.compile(f"{_line(words)}\\n|{_bracket(words)}", flags)


@cache
def _shapes(alone: bool) -> _Shapes:
    """Return the patterns for one reading, made when they are first asked for: that takes a while."""
    return _Shapes(_ALONE if alone else _BESIDE)


def fault_of_words(words: str, language: Language) -> tuple[str, str] | None:
    """Return what the words of a label lack and what to do about it, or None.

    Args:
        words: The words.
        language: In which language they are; English may say it with an English word, see ``lacks_chinese``.
    """
    if len(words) > LONGEST:
        return f"are longer than {LONGEST} characters", "a label is a line: say it shorter"
    if not _AI.search(words):
        return "do not name artificial intelligence", "GB 45438-2025, 5.1: say 人工智能 or AI"
    if _MADE_ZH.search(words) or (language == "en" and _MADE_EN.search(words)):
        return None
    more = "; in English, generated or synthesised" if language == "en" else ""
    return "do not say that it was generated", f"GB 45438-2025, 5.1: say 生成 or 合成{more}"


def lacks_chinese(words: str) -> bool:
    """Whether a label says only in English that something was generated: not enough for GB 45438-2025, 5.1."""
    return _MADE_ZH.search(words) is None


class Recogniser:
    """Knows the label of a policy, and labels that others wrote, at either end of an answer.

    Args:
        own: The policy's words, in each language.
    """

    __slots__ = ("_own", "_shapes")

    def __init__(self, own: tuple[str, ...]) -> None:
        self._own = tuple(words.strip() for words in own)
        # Where the policy keeps a Chinese form beside its English words, an English label alone is not enough.
        self._shapes = _shapes(any(lacks_chinese(words) for words in self._own))

    def opens(self, text: str, *, ended: bool) -> bool | None:
        """Whether an answer begins with a label; None while what follows ``text`` may still decide it.

        Once it says True or False of a text it says the same of every longer one.

        Args:
            text: The answer's first characters.
            ended: Whether nothing follows.
        """
        head = text.lstrip()
        if head.startswith(self._own):
            return True
        if not ended and any(words.startswith(head) for words in self._own):
            return None
        found = self._shapes.opening.match(head, partial=not ended)
        if found is not None:
            return None if found.partial else True
        return ended and self._shapes.line.fullmatch(head.rstrip()) is not None

    def closes(self, tail: str) -> bool:
        """Whether an answer ends with a label.

        Args:
            tail: Its last characters, 256 of them if it has so many.
        """
        end = tail.rstrip()
        if end.endswith(self._own):
            return True
        line = end[end.rfind("\n") + 1 :]
        if self._shapes.line.fullmatch(line):
            return True
        if not line or line[-1] not in "）)]】":
            return False
        start = max(line.rfind(mark) for mark in "（([【")
        return start >= 0 and self._shapes.bracket.fullmatch(line[start:]) is not None


def language_of(text: str, *, asked: Language, ended: bool) -> Language | None:
    """Return in which language an answer begins; None while its first characters do not show it.

    Once it says a language of a text it says the same of every longer one.

    Args:
        text: The answer's first characters.
        asked: The language of the question: it decides where the answer shows none.
        ended: Whether nothing follows.
    """
    letter = _LETTER.search(text, 0, _LOOK)
    if letter is None:
        return asked if ended or len(text) >= _LOOK else None
    at = letter.start()
    if _HAN.match(letter.group()):
        return "zh"
    if asked == "en":
        return "en"
    if _HAN.search(text, at, at + _MIXED):
        return "zh"
    return "en" if ended or len(text) >= at + _MIXED else None


def language_by_count(han: int, other: int, *, asked: Language) -> Language:
    """Return the language of a text with so many Han and so many other characters."""
    if not han:
        return "en" if other else asked
    return "zh" if han * _SHARE >= other else "en"


def count_han(text: str) -> int:
    """Return how many Han characters a text has."""
    return 0 if text.isascii() else sum(map(len, _HAN_RUN.findall(text)))  # there are few runs, and many characters
