"""Reads the last question of a transcript: what stands before it was answered, and only it is to be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.ports import Piece

_PAIRS: Final = 3
"""So many times somebody asks and is answered at least."""
COLONS: Final = 2 * _PAIRS
"""What has fewer colons is none."""
_LONGEST: Final = 4096
_COLON: Final = re.compile("[:：]")
# A label stands at the beginning of a line or a sentence, perhaps numbered, perhaps set off.
_LABEL: Final = re.compile(
    r"(?:^|(?<=[\s。！？；.!?*#\[【]))([a-z]{1,9}|[\u4e00-\u9fff]{1,3})[ .]?[0-9]{0,3}[\]】*]{0,2} ?\Z"
)
_REACH: Final = 20
_ASKERS: Final = (
    "q question user human customer student client input me 问 提问 问题 用户 客户 顾客 学生 人类 人 我 甲 输入"
)
_ASKS: Final = frozenset(_ASKERS.split())
_ANSWERERS: Final = (
    "a answer assistant ai bot chatbot chatgpt gpt model agent teacher expert output you "
    "答 回答 答案 助手 客服 机器人 老师 专家 模型 你 乙 输出"
)
_ANSWERS: Final = frozenset(_ANSWERERS.split())

_BEFORE: Final = frozenset(" ]】*0123456789") | {label[-1] for label in _ASKS | _ANSWERS}
"""What may stand before the colon: most colons need no closer look."""


def transcript(text: str) -> Iterator[Piece]:
    """Yield the last question of a transcript.

    Args:
        text: All of it.
    """
    pairs, asked = 0, False
    begun = ended = -1
    for colon in _COLON.finditer(text):
        at = colon.start()
        if text[at - 1 : at].lower() not in _BEFORE:
            continue
        label = _LABEL.search(text[max(0, at - _REACH) : at].lower())
        if label is None:
            continue
        if label[1] in _ASKS:
            asked, begun, ended = True, colon.end(), -1
        elif label[1] in _ANSWERS:
            pairs += asked
            if asked:
                ended = at - (len(label.string) - label.start(1))
            asked = False
    if pairs < _PAIRS:
        return
    end = len(text) if ended < begun else ended
    question = text[begun:end]
    start = begun + len(question) - len(question.lstrip(" *\n"))
    question = question.strip(" *#[【\n")
    if 0 < len(question) <= _LONGEST:
        yield Piece(start, start + len(question), question, "last question", coded=False)
