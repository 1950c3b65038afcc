"""Reads a question that comes in parts, with the order to join them: parts with labels, or strings with names.

``第一部分：…第二部分：…连起来``, ``a = "…", b = "…", answer a + b``. Without an order to join them, parts are parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from gateway.detectors.encoding.spacing import together
from gateway.ports import Piece

MARKS: Final = (
    *(
        "连起来",
        "连在一起",
        "连接起来",
        "连成",
        "连读",
        "拼接",
        "拼成",
        "拼起来",
        "拼在",
        "拼凑",
        "拼合",
        "拼好",
        "合起来",
    ),
    *(
        "合在一起",
        "合并",
        "合成一",
        "合为一",
        "组合",
        "接起来",
        "接在一起",
        "串起来",
        "串联",
        "加起来",
        "加在一起",
        "凑成",
    ),
    *("join", "joined", "joining", "combine", "combined", "combining", "concatenate", "concatenated", "concatenating"),
    *("concatenation", "merge", "merged", "together", "append", "appended", "stitch", "reassemble", "assemble"),
)
"""Words that say to join what stands apart; in small letters."""

_FEWEST: Final = 2
_MOST: Final = 12
"""What has more parts is a document, or a program."""
_LONGEST: Final = 4096

_QUOTED: Final = (
    r"(?:\"([^\"\n]{1,1000})\"|“([^“”\n]{1,1000})”|'([^'\n]{1,1000})'|‘([^‘’\n]{1,1000})’|「([^「」\n]{1,1000})」"
    r"|`([^`\n]{1,1000})`)"
)
_STRING: Final = re.compile(_QUOTED)
_NAME: Final = r"(?:[A-Za-z][A-Za-z0-9_]{0,15}|[甲乙丙丁])"
_GIVEN: Final = re.compile(r"(?:[=＝:：为是]|be|is|equals)[ \t]{0,3}[\"“'‘「`]")
_NAMED: Final = re.compile(
    rf"(?<![A-Za-z0-9_.])({_NAME})[ \t]{{0,3}}(?::?=|＝|[:：]|为|是|(?:be|is|equals)(?= ))[ \t]{{0,3}}{_QUOTED}"
)
_AND: Final = r"[ \t]{0,3}(?:[+＋、,]|and(?= )|then(?= )|和|与|加|再)[ \t]{0,3}"
_CHAIN: Final = re.compile(rf"(?<![A-Za-z0-9_.]){_NAME}(?:{_AND}{_NAME}(?![A-Za-z0-9_]))+")
_EACH: Final = re.compile(_NAME)
_SUM: Final = re.compile("[+＋]")
_ADDED: Final = re.compile(r"[+＋][ \t]{0,3}[A-Za-z甲乙丙丁]")

_LABEL: Final = re.compile(
    r"(?:第 ?([一二三四五六1-9]) ?个?(?:部分|片段|半句|[半段句节片块截])"
    r"|([前上后下])(?:半句话|半部分|半[句段]?|一半|[段句])"
    r"|(?:部分|片段|碎片|[段块]) ?([一二三四五六1-9])"
    r"|(?<![a-z])(?:part|piece|fragment|half|segment|chunk) (?:no\. ?|number )?"
    r"(one|two|three|four|five|six|[1-9]|[a-f](?![a-z])|iii?(?![a-z])|iv(?![a-z])|i(?![a-z]))"
    r"|(?<![a-z])(first|second|third|fourth|last|other) (?:half|part|piece|fragment|segment|chunk))"
    r" ?(?:[:：=＝]|是|为|is(?= )) {0,3}",
    re.IGNORECASE,
)
_SECOND: Final = (
    "第二 第2 后半 后一半 后段 后句 下半 下段 下句 分二 分2 段二 段2 块二 块2 part half piece fragment segment chunk"
)
_SECONDS: Final = (*_SECOND.split(), "第 2")
"""One of them stands in the label of some part but the first."""
_PLACES: Final[Mapping[str, int]] = {
    word: place
    for place, words in enumerate(
        (
            "一 1 前 上 one a i first", "二 2 后 下 two b ii second", "三 3 three c iii third", "四 4 four d iv fourth",
            "五 5 five e", "六 6 six f", "7", "8", "9", "last other",
        )
    )
    for word in words.split()
}  # fmt: skip
_STOP: Final = re.compile(r"[。！？!?]|\.(?=\s|\Z)")


class _Part(NamedTuple):
    """A part of a question: where it stands, and what it holds."""

    start: int
    end: int
    text: str


def parts(text: str, *, told: bool) -> Iterator[Piece]:
    """Yield what parts say together.

    Args:
        text: All of it.
        told: Whether one of the marks stands in it; names may also be added up.
    """
    if told:
        yield from _pieces(_labelled(text))
    if told or _ADDED.search(text):
        yield from _pieces(_named(text, told=told))


def _pieces(found: Sequence[_Part]) -> Iterator[Piece]:
    """Yield the parts as one text; words may have been cut in two, therefore without blanks, too."""
    if not found or sum(len(part.text) for part in found) > _LONGEST:
        return
    start, end = min(part.start for part in found), max(part.end for part in found)
    contents = [part.text for part in found]
    loose, tight = together(contents), together(contents, tight=True)
    yield Piece(start, end, loose, "parts joined", coded=False)
    if tight != loose:
        yield Piece(start, end, tight, "parts joined", coded=False)


def _labelled(text: str) -> Sequence[_Part]:
    """Return the parts that have labels, in the order that these say."""
    small = text.lower()
    if not any(word in small for word in _SECONDS):
        return ()
    labels = list(_LABEL.finditer(text))
    if not _FEWEST <= len(labels) <= _MOST:
        return ()
    found: list[tuple[int, _Part]] = []
    for number, label in enumerate(labels):
        start = label.end()
        quoted = _STRING.match(text, start)
        if quoted is not None:
            part = _content(quoted)
        else:
            last = number + 1 == len(labels)
            end = len(text) if last else labels[number + 1].start()
            newline = text.find("\n", start, end)
            end = end if newline < 0 else newline
            stop = _STOP.search(text, start, end) if last else None
            end = stop.end() if stop else end
            held = text[start:end]
            part = _Part(start, end, held.strip().rstrip("，,；;、"))
        word = next(filter(None, label.groups())).lower()
        found.append((_PLACES[word], part))
    if len({place for place, _ in found}) == len(found):
        found.sort(key=lambda one: one[0])
    return [part for _, part in found]


def _named(text: str, *, told: bool) -> Sequence[_Part]:
    """Return the strings that have names, in the order in which they are added up or named together."""
    if _GIVEN.search(text) is None:
        return ()
    held: dict[str, _Part] = {}
    for match in _NAMED.finditer(text):
        held.setdefault(match[1], _content(match, 2))
    if len(held) < _FEWEST:
        return ()
    best: list[str] = []
    for chain in _CHAIN.finditer(text):
        if told or _SUM.search(chain.group()):
            names = [name for name in _EACH.findall(chain.group()) if name in held]
            best = names if len(names) > max(1, len(best)) else best
    if best:
        return [held[name] for name in best[:_MOST]]
    return list(held.values()) if told and len(held) <= _MOST else ()


def _content(match: re.Match[str], first: int = 1) -> _Part:
    """Return the quoted string that a pattern has found; its groups from ``first`` on stand for kinds of quotes."""
    group = next(number for number in range(first, first + 6) if match[number] is not None)
    return _Part(*match.span(group), match[group])
