"""Writes syllables of Mandarin in Bopomofo (注音符号), and reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from gateway.glyphs import read

_INITIALS: Final = dict(
    zip(
        ["b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s"],
        "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ",
        strict=True,
    )
)
_WRITTEN: Final = (
    "a:ㄚ o:ㄛ e:ㄜ ai:ㄞ ei:ㄟ ao:ㄠ ou:ㄡ an:ㄢ en:ㄣ ang:ㄤ eng:ㄥ er:ㄦ i:ㄧ ia:ㄧㄚ io:ㄧㄛ ie:ㄧㄝ iao:ㄧㄠ "
    "iu:ㄧㄡ ian:ㄧㄢ in:ㄧㄣ iang:ㄧㄤ ing:ㄧㄥ iong:ㄩㄥ u:ㄨ ua:ㄨㄚ uo:ㄨㄛ uai:ㄨㄞ ui:ㄨㄟ uan:ㄨㄢ un:ㄨㄣ "
    "uang:ㄨㄤ ueng:ㄨㄥ ong:ㄨㄥ v:ㄩ ve:ㄩㄝ van:ㄩㄢ vn:ㄩㄣ"
)
_FINALS: Final = dict(pair.split(":") for pair in _WRITTEN.split())
_WHOLE: Final = {"yi": "i", "wu": "u", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn", "yong": "iong"}
_FRONT: Final = frozenset({"zhi", "chi", "shi", "ri", "zi", "ci", "si"})


def bopomofo(syllable: str) -> str:
    """Write a syllable (without tone, ü as v) in Bopomofo; empty if it has none (such as ``hng``)."""
    if syllable in _FRONT:
        return _INITIALS[syllable[:-1]]
    if syllable in _WHOLE:
        return _FINALS[_WHOLE[syllable]]
    if syllable[0] == "y":
        return _FINALS.get("i" + {"ou": "u"}.get(syllable[1:], syllable[1:].removeprefix("i")), "")
    if syllable[0] == "w":
        rest = syllable[1:]
        return _FINALS.get({"ei": "ui", "en": "un", "eng": "ueng"}.get(rest, "u" + rest), "")
    initial = next((syllable[:size] for size in (2, 1) if syllable[:size] in _INITIALS), "")
    final = syllable[len(initial) :]
    if initial in ("j", "q", "x") and final[:1] == "u":
        final = "v" + final[1:]
    return _INITIALS.get(initial, "") + _FINALS[final] if final in _FINALS else ""


@cache
def syllables() -> Mapping[str, str]:
    """Return the syllable of each writing in Bopomofo."""
    return {said: syllable for syllable in sorted(set(read("pinyin").values())) if (said := bopomofo(syllable))}
