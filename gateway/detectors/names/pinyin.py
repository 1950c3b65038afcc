"""Chinese names in Latin letters: Li Wei, Xiaoming Zhang, WANG Fang, Mo Ze-di.

A surname and one or two syllables beside it are hardly ever anything else, though no list of English names holds them.
A word that is English as well as a syllable (He, Long, Can) counts only beside two syllables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from gateway.detectors.names.wordlist import phrases, words
from gateway.glyphs import read

_SURNAMES: Final = words(
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he lin gao luo zheng liang xie song tang han "
    "deng feng cao peng zeng xiao tian dong pan yuan cai jiang yu du ye cheng wei su lv lyu lu ding ren yao shen zhong "
    "cui tan fan liao shi jin jia xia fu fang zou xiong bai meng qin qiu hou yin xue yan lei long tao duan hao gu mao "
    "gong shao wan qian dai kong xiang lai wen pang yi shang zuo niu ji lan geng guan jiao mu ge zhan ning mo ouyang "
    "ruan bao yue qi mei sheng tong pei huo zhuo gan"
)
_ENGLISH: Final = words(
    "he long song han tan fan sun man can you she men bin ban so mu an hang ping pan pang sang sing king gang den ten "
    "pen hen wen dai die pie lie tie tang ting wan bang bong gong ding dong dung lung tong nan ran chang lang rang ma "
    "mo me sui shi shun run gun fun bun dun hun tun pin shin thin ai ha hi ho lo lao mao pai tai kai dao hai yang yin "
    "do go no to"
)
"""Syllables that are English words, places or parts of both as well."""
_OTHER: Final = phrases(
    "hong kong,tai chi,feng shui,ping pong,yin yang,bei jing,shang hai,he nan,hu nan,he bei,hu bei,jiang su,jiang xi,"
    "shan xi,guang dong,guang xi,yun nan,gui zhou,hai nan,fu jian,zhe jiang,ji lin,liao ning,gan su,qing hai,xi an,"
    "xin jiang,ning xia,an hui,si chuan,hang zhou,su zhou,wu han,nan jing,tian jin,chong qing,shen zhen,guang zhou,"
    "mao tai,tai ji,qi gong,mah jong,ding dong,sing song,king kong,dim sum,kung pao,wen xin,tong yi,hun yuan,dou bao,"
    "jin shan,ji nan,da lian"
)
"""Places, things and programs of two such words."""
_SURE: Final = 6.0
_LIKELY: Final = 3.0
_WORD: Final = re.compile("[A-Z][a-z]*(?:['’-][A-Za-z][a-z]*)?|[A-Z]{2,}")
_REMEMBERED: Final = 4096


@lru_cache(1)
def _syllables() -> frozenset[str]:
    return frozenset(said.lower() for said in read("pinyin").values()) - {"m", "n", "o", "e", "a", "hm"}


@lru_cache(_REMEMBERED)
def spoken(word: str) -> int:
    """Return of how many syllables of Mandarin a capitalised word is made: one or two; 0 if it is made of none."""
    if not _WORD.fullmatch(word):
        return 0
    known, low = _syllables(), word.lower().replace("’", "'")
    parts = re.split("['-]", low)
    if len(parts) == 2:
        return 2 if all(part in known for part in parts) else 0
    if low in known:
        return 1
    return 2 if any(low[:cut] in known and low[cut:] in known for cut in range(1, min(7, len(low)))) else 0


def _pair(surname: str, given: str) -> float:
    """Return how much speaks for it, in log odds, that two words are a surname and a given name."""
    one, other = surname.lower(), given.lower()
    if one not in _SURNAMES:
        return 0.0
    count = spoken(given)
    if count == 2 and len(other) > 4:
        return _SURE
    if count and other not in _ENGLISH and one not in _ENGLISH:
        return _LIKELY
    return 0.0


def evidence(tokens: Sequence[str], first: int, end: int) -> list[float]:
    """Return for each word of a run how much speaks for it, in log odds, that it is part of a Chinese name.

    Below 0 for places, things and programs of two such words: Hong Kong, Feng Shui.

    Args:
        tokens: The words of a text.
        first: Where the run begins,
        end: and where it ends.
    """
    found = [0.0] * (end - first)
    for at in range(first, end - 1):
        one, other = tokens[at], tokens[at + 1]
        speaks = -_SURE if f"{one} {other}".lower() in _OTHER else max(_pair(one, other), _pair(other, one))
        for place in (at - first, at + 1 - first):
            if speaks < 0 or speaks > found[place] >= 0:
                found[place] = speaks
    return found
