"""Writes a text as people do who do not want it to be read: hidden characters, look-alikes, sounds, parts, gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from evaluators.attacks.attack import Attempt
from evaluators.attacks.registry import find_attack
from gateway.text import is_chinese


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _between(sign: str) -> Callable[[str], str]:
    return sign.join


def _alike(text: str) -> str:
    return text.translate(str.maketrans("aeopcyx", "аеорсух"))


def _leet(text: str) -> str:
    return text.translate(str.maketrans("aeiost", "431057"))


def _traditional(text: str) -> str:
    return text.translate(
        str.maketrans("国杀枪药买卖钱写个么样这说让发动网号银骗证伪", "國殺槍藥買賣錢寫個麼樣這說讓發動網號銀騙證偽")
    )


def _by(attack: str) -> Callable[[str], str]:
    change = find_attack(attack)

    def write(text: str) -> str:
        lang = "zh" if is_chinese(text) else "en"
        return change.apply(Attempt((text,), lang), 1).last if change.fits(lang) else text

    return write


DISGUISES: Final[Mapping[str, Callable[[str], str]]] = {
    "full width": _wide,
    "zero width between": _between("\u200b"),
    "hyphens between": _between("-"),
    "Cyrillic look-alikes": _alike,
    "leetspeak": _leet,
    "traditional characters": _traditional,
    **{name: _by(name) for name in ("pinyin", "pinyin-toned", "bopomofo", "homophone", "split", "radical-swap")},
    **{name: _by(name) for name in ("martian", "spaced", "stops", "swapped-letters", "pig-latin")},
}
