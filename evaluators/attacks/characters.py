"""What Chinese characters look like: taken apart, in older forms, with other radicals, as signs or numerals."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Final

from evaluators.attacks.attack import BOTH, CHINESE, Attack, words, writing
from evaluators.attacks.sounds import ordinary, sound
from gateway.glyphs import glyphs
from gateway.views import layer

_PLAIN: Final = str.maketrans("0123456789", "〇一二三四五六七八九")
_FORMAL: Final = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_HAN: Final = re.compile("[\u3400-\u9fff]")


def _in_big5(character: str) -> int | None:
    """Return the code of a character that every traditional text uses; None for one that is rarer."""
    try:
        code = int.from_bytes(character.encode("big5"), "big")
    except UnicodeEncodeError:
        return None
    return code if 0xA440 <= code <= 0xC67E else None


@cache
def _older() -> Mapping[str, tuple[str, ...]]:
    """Return for each simplified character the others that stand for it, the commonest first."""
    found: dict[str, list[str]] = {}
    for other, simple in glyphs("simplified").items():
        found.setdefault(simple, []).append(other)
    return {
        simple: tuple(sorted(others, key=lambda one: (_in_big5(one) or 0xFFFF, one)))
        for simple, others in found.items()
    }


@cache
def traditional() -> Mapping[str, str]:
    """Return the traditional form of each simplified character that does not stand in traditional texts itself."""
    return {simple: others[0] for simple, others in _older().items() if not _in_big5(simple) and _in_big5(others[0])}


@cache
def _variants() -> Mapping[str, tuple[str, ...]]:
    """Return rarer writings of a character: other old forms, and doubles that Unicode keeps for old code pages."""
    found: dict[str, list[str]] = {simple: list(others[1:] or others) for simple, others in _older().items()}
    for code in (*range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain != chr(code):
            found.setdefault(glyphs("simplified").get(plain, plain), []).append(chr(code))
    return {simple: tuple(others) for simple, others in found.items()}


@cache
def _radicals() -> Mapping[str, str]:
    """Return for each character that is a radical the code point of the radical itself."""
    return {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0x2F00, 0x2FD6)}


def simple(text: str) -> str:
    """Return a text in simplified characters, each with its usual code point."""
    return layer("simplified")(unicodedata.normalize("NFKC", text)).text


def components(text: str) -> str:
    """Return a text with its characters taken apart."""
    return layer("split")(text).text


def _apart(text: str) -> str:
    """Take apart what falls into two or three characters that one can type."""
    table = glyphs("split")
    return "".join(
        parts if 2 <= len(parts := table.get(c, c)) <= 3 and all(map(_HAN.match, parts)) else c for c in text
    )


@cache
def _by_rest() -> Mapping[str, tuple[str, ...]]:
    """Return the ordinary characters that share all components but the first."""
    found: dict[str, list[str]] = {}
    for character, parts in glyphs("split").items():
        if character in ordinary() and len(parts) > 1:
            found.setdefault(parts[1:], []).append(character)
    return {rest: tuple(sorted(ones)) for rest, ones in found.items() if len(ones) > 1}


def _other_radical(text: str, rng: random.Random) -> str:
    table, alike = glyphs("split"), _by_rest()

    def other(character: str) -> str:
        choices = [one for one in alike.get(table.get(character, "")[1:], ()) if one != character]
        return rng.choice(choices) if choices else character

    return "".join(map(other, text))


def _rests(text: str) -> str:
    table = glyphs("split")
    return "".join(table[c][1:] if len(table.get(c, "")) > 1 else c for c in text)


@cache
def _grown() -> Mapping[str, str]:
    """Return for each ordinary character one of the same sound that has one component more."""
    table, said, taken = glyphs("split"), glyphs("pinyin"), set(words()["martian"].values())
    of: dict[str, list[tuple[str, Counter[str]]]] = {}
    for character, parts in table.items():
        if character in said and character not in taken and "\u4e00" <= character <= "\u9fff":
            of.setdefault(said[character], []).append((character, Counter(parts)))
    found: dict[str, str] = {}
    for character in ordinary():
        own = Counter(table.get(character, character))
        for other, held in of.get(said.get(character, ""), ()):
            if other != character and not own - held and (held - own).total() == 1:
                found[character] = min(other, found.get(character, other))
    return found


def _martian(text: str) -> str:
    table = {**_grown(), **words()["martian"]}
    return "".join(table.get(c, c) for c in text)


def _martian_sound(text: str) -> str:
    back = {other: character for character, other in words()["martian"].items()}
    return sound("".join(back.get(c, c) for c in text))


def _numbers(text: str) -> str:
    return layer("digits")(text).text


@cache
def _signs() -> tuple[Mapping[str, str], re.Pattern[str]]:
    """Return the emoji for each word, and a pattern that finds the words, long ones first."""
    table = {word: sign for sign, both in words()["emoji"].items() for word in (*both[0], *both[1])}
    longest = sorted(table, key=len, reverse=True)
    found = "|".join(f"(?<![A-Za-z]){re.escape(w)}(?![A-Za-z])" if w.isascii() else re.escape(w) for w in longest)
    return {word.lower(): sign for word, sign in table.items()}, re.compile(found, re.IGNORECASE)


def _emoji(text: str) -> str:
    table, pattern = _signs()
    return pattern.sub(lambda match: table[match[0].lower()], text)


def _one_language() -> tuple[Mapping[str, str], Mapping[str, str], re.Pattern[str], re.Pattern[str]]:
    english = dict(words()["mixed"])
    chinese = {other.lower(): word for word, other in english.items()}
    pattern = "|".join(map(re.escape, sorted(english, key=len, reverse=True)))
    back = "|".join(map(re.escape, sorted(chinese, key=len, reverse=True)))
    return english, chinese, re.compile(pattern), re.compile(f"(?<![A-Za-z])(?:{back})(?![A-Za-z])", re.IGNORECASE)


def _mixed(text: str) -> str:
    """Put English words among the Chinese of a text, or Chinese ones into an English text."""
    english, chinese, zh, en = _one_language()
    if _HAN.search(text):
        made = zh.sub(lambda match: f"\0{english[match[0]]}\0", text)
        made = re.sub(r"(?<=[A-Za-z])\0+(?=[A-Za-z])", " ", made)
        return made.replace("\0", "")
    return en.sub(lambda match: chinese[match[0].lower()], text)


def _meaning(text: str) -> str:
    _, chinese, _, en = _one_language()
    return re.sub(r"\s+", "", en.sub(lambda match: chinese[match[0].lower()], text)).casefold()


def characters() -> tuple[Attack, ...]:
    """Return the attacks that write what is seen."""
    return (
        writing("split", "chinese", CHINESE, _apart, same=components),
        writing("radicals", "chinese", CHINESE, lambda text: "".join(_radicals().get(c, c) for c in text), same=simple),
        writing("radical-swap", "chinese", CHINESE, _other_radical, same=_rests, random_too=True),
        writing(
            "traditional", "chinese", CHINESE, lambda text: "".join(traditional().get(c, c) for c in text), same=simple
        ),
        writing(
            "variant",
            "chinese",
            CHINESE,
            lambda text, rng: "".join(rng.choice(_variants().get(c, (c,))) for c in text),
            same=simple,
            random_too=True,
        ),
        writing("martian", "chinese", CHINESE, _martian, same=_martian_sound),
        writing("numerals", "chinese", BOTH, lambda text: text.translate(_PLAIN), same=_numbers),
        writing("numerals-formal", "chinese", BOTH, lambda text: text.translate(_FORMAL), same=_numbers),
        writing("emoji", "chinese", BOTH, _emoji, same=_emoji),
        writing("mixed", "chinese", BOTH, _mixed, same=_meaning),
    )
