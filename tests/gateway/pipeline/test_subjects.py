"""Identifiers of the current turn are noted as digests, with what became of them."""

from __future__ import annotations

import pytest
from kit.path import ports, question
from kit.plans import pattern, plan, rule, side

from gateway.exchange import Caller, Exchange, Subject
from gateway.pipeline import subjects
from gateway.pipeline.screen import screen
from gateway.pipeline.subjects import subjects_of
from gateway.privacy.keys import Keyring, subject_digest, subject_digests

RING = Keyring(b"k" * 32)
PHONE, CARD, BIRTH = "pii.mobile_number", "pii.bank_card", "pii.date_of_birth"
DETECTORS = {PHONE: pattern(PHONE, "138[0-9-]+"), CARD: pattern(CARD, "62[0-9]+"), BIRTH: pattern(BIRTH, "1990")}
PLAN = plan(side(DETECTORS, [rule(PHONE, "mask"), rule(CARD, "pass"), rule(BIRTH, "pass")]))
HERE = ports(subject=subject_digest(RING))


async def noted(*messages: object, went: bool = True, tenant: str = "default") -> list[Subject]:
    asked = Exchange("X", 0.0, PLAN.digest, PLAN.name, Caller(tenant=tenant), question(*messages))  # type: ignore[arg-type]
    return list(subjects_of(await screen(asked, PLAN, HERE), PLAN, HERE, went=went))


def digest(identifier: str, tenant: str = "default") -> str:
    return subject_digests(RING, tenant, identifier)[0]


async def test_what_was_hidden_did_not_leave_and_what_passed_did() -> None:
    assert await noted("138-1234-5678 和 6222020200112233") == [
        Subject(digest("13812345678"), PHONE, False),
        Subject(digest("6222020200112233"), CARD, True),
    ]


async def test_nothing_left_where_nothing_went_to_a_model() -> None:
    assert [one.left for one in await noted("6222020200112233", went=False)] == [False]


async def test_an_identifier_is_noted_once_however_it_is_written() -> None:
    assert len(await noted("13812345678，138-1234-5678")) == 1


async def test_what_names_nobody_alone_is_not_noted() -> None:
    assert await noted("生于1990年") == []


async def test_earlier_turns_were_noted_when_they_came() -> None:
    assert await noted("13812345678", {"role": "assistant", "content": "好"}, "谢谢") == []


async def test_tenants_have_digests_of_their_own() -> None:
    assert (await noted("13812345678", tenant="b"))[0].digest == digest("13812345678", "b") != digest("13812345678")


async def test_a_list_of_thousands_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "MOST", 3)
    assert len(await noted("，".join(f"138{number:08d}" for number in range(9)))) == 3


async def test_without_a_key_nobody_is_noted() -> None:
    asked = Exchange("X", 0.0, PLAN.digest, PLAN.name, Caller(), question("13812345678"))
    assert subjects_of(await screen(asked, PLAN, ports()), PLAN, ports(), went=True) == ()
