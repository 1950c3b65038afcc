"""What a short follow-up means with the turn before it: 「那退货呢」 after 「怎么申请退款」 asks 「怎么申请退货」."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from gateway.answers.stock import Source
from gateway.meaning.pieces import plain

_LEADS: Final = re.compile(
    "^(?:那么|那|还有|如果是|换成|要是|至于|而)"
    "|^(?:and )?(?:what|how) about (?:the |a |an )?|^and (?:for |the )?|^what if it(?: is|'s) (?:the |a )?"
)
_TRAILS: Final = re.compile("(?:呢|的话|也一样吗|也是吗|怎么样|吗|too|as well)$")
_MARKS: Final = re.compile(r"[\s\W_]+$|^[\s\W_]+")
_ASKING: Final = re.compile(
    "怎么办|怎么|为什么|什么时候|多久|多少钱|哪里|可以|需要|什么|是不是|有没有|吗|呢|我想|我要|我"
)
_ALIKE: Final = 0.05
"""Words that are no nearer than this do not stand for each other."""
_TRIED: Final = 4
"""Places that are tried."""
_LONGEST: Final = 14
_MOST_WORDS: Final = 7


def resolved(question: str, before: Sequence[str], vectors: Source) -> Iterator[str]:
    """Yield what a follow-up may ask, the likeliest first; nothing for a question that stands for itself.

    Args:
        question: What was asked now.
        before: What the user said before, the oldest first.
        vectors: Tell which part of the turn before the new words stand for.
    """
    now = plain(question).strip()
    if not before or not now or (len(now) > _LONGEST if not now.isascii() else now.count(" ") >= _MOST_WORDS):
        return
    last = _MARKS.sub("", plain(before[-1]))
    bare = _MARKS.sub("", now)
    led = _LEADS.sub("", bare)
    new = _MARKS.sub("", _TRAILS.sub("", led))
    if not new or not last:
        return
    if new != bare:
        yield from _replaced(last, new, vectors)
    subject = _MARKS.sub("", _ASKING.sub("", last))
    if subject and subject != last:
        yield f"{subject}{bare}" if not bare.isascii() else f"{subject} {bare}"
    elif bare.isascii():
        yield f"{bare} {last}"


def _replaced(last: str, new: str, vectors: Source) -> list[str]:
    """Put new words in the places of the words before that are most like them, the likeliest first."""
    wanted = vectors.of(new)
    if not wanted.pieces:
        return []
    near = [(float(vectors.of(last[start:end]).vector @ wanted.vector), start, end) for start, end in _spans(last, new)]
    best = sorted((one for one in near if one[0] > _ALIKE), key=lambda one: (-one[0], one[1], one[2]))[:_TRIED]
    return [f"{last[:start]}{new}{last[end:]}" for _, start, end in best]


def _spans(last: str, new: str) -> Iterator[tuple[int, int]]:
    if new.isascii():
        words = [match.span() for match in re.finditer(r"[^\s]+", last)]
        for at in range(len(words)):
            end = at + new.count(" ")
            if end < len(words):
                yield words[at][0], words[end][1]
        return
    for size in sorted({max(2, len(new) - 1), len(new), len(new) + 1}):
        for at in range(len(last) - size + 1):
            if not _ASKING.search(last[at : at + size]):
                yield at, at + size
