"""A record counts the classes of personal data in a turn and its answer, and never what stood there.

Mutants killed: earlier turns counted again; unsure findings counted; a value that two detectors found counted twice;
the answer left out; the level of the last finding instead of the highest.
"""

from __future__ import annotations

from typing import Any

import pytest
from kit.asking import chat
from kit.path import Said, ask, assistant
from kit.plans import pattern, plan, rule, side
from kit.upstream import chat_json

from gateway.ports import Scan
from gateway.text import TextView

PHONE_RISK, CARD_RISK = "pii.mobile_number", "pii.bank_card"
PHONE, CARD = pattern(PHONE_RISK, "1[3-9][0-9]{9}"), pattern(CARD_RISK, "62[0-9]{14}")
SIDE = side({PHONE_RISK: PHONE, CARD_RISK: CARD, "twice": CARD}, [rule(PHONE_RISK, "mask"), rule(CARD_RISK, "mask")])
CARDS = {"annex_b": 1, "direct": 1, "gbt45574": 1, "pipl28": 1, "property": 1}


@pytest.mark.parametrize(
    ("asked", "said", "classes", "level"),
    [
        (["你好"], "好", {}, 0),
        (["电话13812345678"], "好", {"basic": 1, "direct": 1}, 3),
        (["电话13812345678和13912345678"], "好", {"basic": 2, "direct": 2}, 3),
        (["卡号6222021234567890"], "call 13812345678", {**CARDS, "basic": 1, "direct": 2}, 4),
        (["卡号6222021234567890", assistant("好"), "你好"], "好", {}, 0),
    ],
)
async def test_classes_are_counted_and_the_highest_level_kept(
    asked: list[Any], said: str, classes: dict[str, int], level: int
) -> None:
    got = await ask(plan(SIDE, SIDE), chat(*asked, model="up"), Said(chat_json(said)))
    assert got.record.classes == classes
    assert list(got.record.classes) == sorted(classes)
    assert got.record.level == level


async def test_what_is_not_sure_is_not_counted() -> None:
    def shy(view: TextView) -> Scan:
        found = PHONE(view)
        return Scan(tuple(finding._replace(score=0.4) for finding in found.findings), found.open)

    unsure = side({PHONE_RISK: shy}, [rule(PHONE_RISK, "mask", score=0.3)])
    got = await ask(plan(unsure, unsure), chat("13812345678", model="up"), Said(chat_json("13812345678")))
    assert got.record.request.action == got.record.response.action == "mask"
    assert (got.record.classes, got.record.level) == ({}, 0)
