"""Says what stands before an address: words that announce it, words that lead to it, or what makes it none."""

from __future__ import annotations

import re
from typing import Final, Literal

from gateway.detectors.names.street import vocabulary as known
from gateway.detectors.names.street.reader import LETTER

CUES: Final = ("address", "lives at", "lived at", "living at", "resides at", "residing at")
"""Words that announce an address, whatever it looks like."""

LOOKED_AT: Final = 64
"""How many characters before an address are looked at."""

_ADDRESS: Final = (
    r"address(?:es)?(?: (?:of|for|at) [a-z0-9 .&'-]{1,28})?"
    r"(?:[,:]? (?:is|was|are|to|with|now|here they are)){0,2}[:=]?"
)
_LIVES: Final = (
    r"(?:lives?|lived|living|resid(?:es?|ed|ing)|stays?|staying) (?:now )?at|(?:resident|residence) (?:of|at)"
)
_SENT: Final = (
    r"(?:ship|deliver|mail|send|sent|return|forward|post|taxi|cab|courier|take me|go|come|came)(?:ped|ed|s)? ?"
    r"(?:it |this |that |them |her |him |me |us |one |(?:the|a|my|your|his) [a-z]{1,12} ){0,2}(?:back |over )?to:?"
)
_MET: Final = (
    r"(?:pick|drop)(?:s|ed|ped)? (?:me |us |him |her |you |it )?(?:up|off) (?:at|from)|meet (?:me |us |you )?at|"
    r"(?:located|situated|based|registered|headquartered|office is|arrived|delivered|living) (?:at|on|in)|"
    r"(?:bill|ship|mail|deliver|sold|return|attn) ?to:|location:|residence:|venue:|where:|office:|home:|street:"
)
_CHINESE: Final = "地址(?:是|为|在)?|住址(?:是|为)?|住在|家住|寄到|寄往|送到|位于|搬到|邮寄至|门牌号码?是?"
_ENDING: Final = r"[ \t\r\n:：,\"'(*>|-]{0,8}"
# No boundary of words: Chinese may stand directly before.
_LED: Final = re.compile(
    rf"(?:(?<![a-z])(?:{_ADDRESS}|{_LIVES}|{_SENT}|{_MET}){_ENDING}|(?:{_CHINESE})[:：, ]{{0,3}})\Z"
)
_ANNOUNCED: Final = re.compile(rf"(?<![a-z])(?:{_ADDRESS}|[a-z]+ at){_ENDING}")
_WORD_BEFORE: Final = re.compile(rf"([{LETTER}.'0-9-]{{0,20}})[ \t]{{0,4}}\Z")
_MONEY: Final = frozenset("$€£¥₹+*/=%_^~")
_MONEY_APART: Final = frozenset("$€£¥₹+=%^")
_PHONE_BEFORE: Final = re.compile(r"[0-9]{3} ?- ?\Z")
_NO_BEFORE: Final = re.compile(rf"(?<![{LETTER}])[nN][oO]\.\Z")
_SMALL_BEFORE: Final = re.compile(r"(?<![a-z])(?:at|to|from|on|near|address|is|for|of|in|via|by)[ \n:]{1,3}\Z")


def cue_end(low: str, start: int) -> int | None:
    """Return where something begins that one of ``CUES`` at ``start`` announces; None if it is no street address.

    Args:
        low: A text in small letters.
        start: Where the cue begins.
    """
    cue = _ANNOUNCED.match(low, start)
    return None if cue is None or _is_other(low, start) else cue.end()


def is_led(low: str, start: int) -> bool:
    """Whether the words directly before a place announce an address or lead to one."""
    cue = _LED.search(low, max(0, start - LOOKED_AT), start)
    return cue is not None and not _is_other(low, cue.start())


def _is_other(low: str, start: int) -> bool:
    """Whether what is announced is the address of something on a network, or a speech."""
    if not low.startswith("address", start):
        return False
    words = low[max(0, start - LOOKED_AT // 4) : start].split()
    return bool(words) and words[-1] in known.OTHER_ADDRESSES


def leads_small(low: str, start: int) -> bool:
    """Whether a small word before a place leads to where somebody or something is."""
    return _SMALL_BEFORE.search(low, max(0, start - 12), start) is not None


def is_part(text: str, start: int) -> bool:
    """Whether a number is a part of what stands directly before it: a price, a decimal, a score, a time."""
    if start == 0:
        return False
    sign, before = text[start - 1], text[start - 2 : start - 1]
    if sign in _MONEY or (sign == "#" and before == "&"):
        return True
    if sign == "." and _NO_BEFORE.search(text, max(0, start - 4), start):
        return False
    if (sign in ":," and before.isdigit()) or (sign in ".-'" and before.isascii() and before.isalnum()):
        return True
    return sign == " " and (before in _MONEY_APART or _PHONE_BEFORE.search(text, max(0, start - 6), start) is not None)


Placed = Literal["led", "open"]
"""A word before a number leads to a house; or nothing stands there that makes it something else."""


def may_begin(text: str, start: int, *, sure: bool, number: str, year: bool) -> Placed | None:
    """Say whether a number may be that of a house, for all that the word before it says; None if not.

    Args:
        text: As it is written.
        start: Where the number begins.
        sure: Whether a street follows for certain: then only words that count something speak against it.
        number: The number.
        year: Whether it may be a year.
    """
    match = _WORD_BEFORE.search(text, max(0, start - LOOKED_AT // 2), start)
    word = match.group(1).strip("'-") if match else ""
    low = word.lower().rstrip(".")
    if not word or word.endswith("."):
        return None if low in known.MONTHS or low in known.BEFORE_OTHERS else "open"
    if year and low in known.BEFORE_YEARS:
        return None
    if low in known.BEFORE_HOUSES:
        return "led"
    if not sure or low in known.BEFORE_OTHERS or low in known.MONTHS or low[0].isdigit():
        return None
    return "open" if not word[0].isupper() or (len(number) > 3 and not year) else None
