"""Who has no key gets one answer, always the same; who has one is known by its digest, never by the key.

Mutants killed: an empty key that fits; the scheme not looked at; a prefix that fits; a key of non-Latin
characters that never fits; ``/v1/models`` left open; text of the header in the answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat
from kit.gateway import parts
from kit.path import Said
from kit.plans import LABEL, plan
from kit.upstream import chat_json

from gateway.errors import RequestError
from gateway.exchange import ANYONE, Agreement, Caller, Grant, Quota
from gateway.limits.keys import Book, make_key
from gateway.limits.memory import MemoryQuotas
from gateway.policy.current import CurrentPlan
from gateway.policy.plan import LabelPlan, MisusePlan
from gateway.ports import Terms
from gateway.server.auth import authenticator, waivers
from gateway.settings import Settings
from gateway.stores.memory import MemoryRecords
from gateway.wiring import assemble

BODY = orjson.dumps(chat("你好"))


def shown(*values: bytes) -> dict[str, Any]:
    return {"type": "http", "headers": [(b"x-other", b"1"), *((b"authorization", value) for value in values)]}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        (b"Bearer sk-one", "sk-one"),
        (b"bearer sk-one", "sk-one"),
        (b"BEARER   sk-two  ", "sk-two"),
        ("Bearer 钥匙".encode(), "钥匙"),
    ],
)
def test_a_known_key_is_named_by_its_digest(value: bytes, key: str) -> None:
    caller = authenticator(["sk-one", " sk-two ", "钥匙"])(shown(value))
    assert caller.key == hashlib.sha256(key.encode()).hexdigest()[:8]
    assert key not in repr(caller)


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b""],
        [b"Bearer"],
        [b"Bearer "],
        [b"sk-one"],
        [b"Basic sk-one"],
        [b"Bearer sk-on"],
        [b"Bearer sk-onee"],
        [b"Bearer sk-one,sk-two"],
        [b"Bearer SK-ONE"],
        [b"Bearer \xff\xfe"],
        [b"Bearer wrong", b"Bearer sk-one"],
    ],
)
def test_whoever_shows_no_known_key_is_refused(values: list[bytes]) -> None:
    with pytest.raises(RequestError) as caught:
        authenticator(["sk-one", "sk-two", "", " "])(shown(*values))
    assert (caught.value.status, caught.value.code) == (401, "invalid_api_key")
    assert "sk-" not in str(caught.value)


API_KEY = (b"x-api-key", b"sk-one")


@pytest.mark.parametrize(
    ("headers", "known"),
    [
        ([API_KEY], True),
        ([(b"x-api-key", b" sk-one ")], True),
        ([(b"x-api-key", b"sk-on")], False),
        ([(b"x-api-key", b"Bearer sk-one")], False),
        ([API_KEY, (b"authorization", b"Bearer wrong")], False),
        ([(b"x-api-key", b"wrong"), (b"authorization", b"Bearer sk-one")], True),
    ],
)
def test_a_key_may_stand_in_a_header_of_its_own(headers: list[tuple[bytes, bytes]], known: bool) -> None:
    authenticate = authenticator(["sk-one"])
    if known:
        assert authenticate({"headers": headers}).key
        return
    with pytest.raises(RequestError):
        authenticate({"headers": headers})


def test_without_keys_everybody_may_ask() -> None:
    assert authenticator([])(shown(b"Bearer whatever")) == authenticator(["", " "])(shown()) == ANYONE


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer SECRET-GUESS"}, {"authorization": "Basic eDp5"}])
@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/chat/completions"), ("GET", "/v1/models")])
async def test_the_answer_without_a_key_is_always_the_same(headers: dict[str, str], method: str, path: str) -> None:
    records = MemoryRecords()
    app = assemble(parts(plan(), keys=("sk-one",), records=records))
    seen = await ask(app, BODY, method=method, path=path, headers=headers)
    assert seen.status == 401
    assert seen.headers["www-authenticate"] == "Bearer"
    assert seen.json["error"] == {
        "message": "This gateway asks for a key: send it as `Authorization: Bearer KEY` or `x-api-key: KEY`.",
        "type": "authentication_error",
        "param": None,
        "code": "invalid_api_key",
    }
    assert b"SECRET-GUESS" not in seen.body
    assert [(record.status, record.key, record.request_text) for record in records.records] == (
        [(401, "", None)] if method == "POST" else []
    )


async def test_a_body_is_not_read_before_the_key_is_known() -> None:
    app = assemble(parts(plan(), keys=("sk-one",)))
    endless = (b"x" for _ in range(3))
    seen = await ask(app, *endless, headers={"content-length": "3"})
    assert seen.status == 401


async def test_the_record_names_the_key_but_never_holds_it() -> None:
    records = MemoryRecords()
    app = assemble(parts(plan(), keys=("sk-one",), records=records))
    seen = await ask(app, BODY, headers={"authorization": "Bearer sk-one"})
    assert seen.status == 200
    assert records.records[0].key == hashlib.sha256(b"sk-one").hexdigest()[:8]
    assert "sk-one" not in repr(records.records)


AGREED = {hashlib.sha256(b"sk-one").hexdigest()[:16]: Agreement("A-2026-017", "2026-10-01")}


def asks(value: bytes, key: bytes = b"sk-one") -> dict[str, Any]:
    headers = [(b"authorization", b"Bearer " + key), (b"x-sluice-unlabelled", value)]
    return {"type": "http", "headers": headers}


def test_a_key_with_an_agreement_may_ask_for_an_answer_without_a_visible_label() -> None:
    caller = Caller(key="x")
    assert waivers(AGREED)(asks(b"yes"), caller).unlabelled == Agreement("A-2026-017", "2026-10-01")
    assert waivers(AGREED)(asks(b"no"), caller) == waivers(AGREED)(shown(b"Bearer sk-one"), caller) == caller


@pytest.mark.parametrize(
    ("scope", "caller", "status", "code"),
    [
        (asks(b"yes", b"sk-two"), Caller(key="y"), 403, "unlabelled_not_agreed"),
        (asks(b"yes"), ANYONE, 403, "unlabelled_not_agreed"),
        (asks(b"YES"), Caller(key="x"), 400, "invalid_header"),
        (asks(b"1"), Caller(key="x"), 400, "invalid_header"),
        (asks(b""), Caller(key="x"), 400, "invalid_header"),
    ],
)
def test_who_has_none_is_refused_with_what_to_do(scope: Any, caller: Caller, status: int, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        waivers(AGREED)(scope, caller)
    assert (caught.value.status, caught.value.code, caught.value.param) == (status, code, "x-sluice-unlabelled")


async def test_a_refused_request_is_recorded_with_its_key_and_an_agreed_one_with_its_agreement() -> None:
    records = MemoryRecords()
    made = parts(plan(label=LabelPlan("end", LABEL)), keys=("sk-one", "sk-two"), records=records)
    digest = hashlib.sha256(b"sk-one").hexdigest()
    settings = Settings.model_validate({"unlabelled": [{"key": digest, "agreement": "A-1", "date": "2026-10-01"}]})
    app = assemble(replace(made, settings=settings))
    seen = await ask(app, BODY, headers={"authorization": "Bearer sk-two", "x-sluice-unlabelled": "yes"})
    assert (seen.status, seen.json["error"]["code"]) == (403, "unlabelled_not_agreed")
    seen = await ask(app, BODY, headers={"authorization": "Bearer sk-one", "x-sluice-unlabelled": "yes"})
    assert (seen.status, seen.headers["x-sluice-label"]) == (200, "unlabelled")
    assert LABEL.zh not in seen.text()
    seen = await ask(app, BODY, headers={"authorization": "Bearer sk-one"})
    assert LABEL.zh in seen.text()
    known = [hashlib.sha256(key).hexdigest()[:8] for key in (b"sk-two", b"sk-one", b"sk-one")]
    assert [record.key for record in records.records] == known
    assert [record.unlabelled and record.unlabelled.agreement.id for record in records.records] == [None, "A-1", None]


# --- Keys that were made one by one --------------------------------------------------------------

GRANT = Grant(models=("echo",), quota=Quota(requests=1), agreement=Agreement("A-9", "2026-10-01"))


def booked(grant: Grant = GRANT) -> tuple[Book, str]:
    key, secret = make_key(lambda size: b"7" * size, 0.0, name="", tenant="acme", grant=grant)
    book = Book(lambda: [key], lambda: 1.0)
    book.load()
    return book, secret


def test_a_key_that_was_made_opens_beside_the_shared_ones() -> None:
    book, secret = booked()
    check = authenticator(["sk-one"], book)
    caller = check(shown(b"Bearer " + secret.encode()))
    assert (caller.tenant, caller.grant) == ("acme", GRANT)
    assert check(shown(b"Bearer sk-one")).tenant == "default"
    for value in (b"", b"Bearer " + secret.encode()[:-1]):
        with pytest.raises(RequestError) as caught:
            check(shown(value))
        assert caught.value.status == 401


def test_everybody_may_ask_until_the_first_key_is_made() -> None:
    empty = Book(list, lambda: 1.0)
    assert authenticator([], empty)(shown()) == ANYONE
    book, _ = booked()
    with pytest.raises(RequestError):
        authenticator([], book)(shown())


def test_the_agreement_of_a_key_is_enough() -> None:
    book, secret = booked()
    scope = shown(b"Bearer " + secret.encode())
    scope["headers"].append((b"x-sluice-unlabelled", b"yes"))
    caller = authenticator([], book)(scope)
    assert waivers({})(scope, caller).unlabelled == GRANT.agreement
    book, secret = booked(Grant())
    scope = shown(b"Bearer " + secret.encode())
    scope["headers"].append((b"x-sluice-unlabelled", b"yes"))
    with pytest.raises(RequestError) as caught:
        waivers({})(scope, authenticator([], book)(scope))
    assert caught.value.status == 403


async def test_a_key_sees_its_models_is_judged_by_its_policy_and_kept_to_its_quota() -> None:
    book, secret = booked(Grant("strict", ("echo",), Quota(requests=1)))
    strict = CurrentPlan(replace(plan(), name="strict"), plan, lambda files: (), lambda: 0.0)
    made = parts(plan(), {"echo": Said(chat_json("好")), "other": Said(chat_json("好"))})
    ported = replace(made.ports, quotas=MemoryQuotas(lambda: 1.0))
    app = assemble(replace(made, book=book, plans={"strict": strict}, ports=ported))
    key = {"authorization": f"Bearer {secret}"}
    listed = await ask(app, method="GET", path="/v1/models", headers=key)
    assert [model["id"] for model in orjson.loads(listed.body)["data"]] == ["echo"]
    seen = await ask(app, BODY, headers=key)
    assert (seen.status, seen.headers["x-sluice-policy"].partition("@")[0]) == (200, "strict")
    assert (await ask(app, BODY, headers=key)).status == 429
    assert (await ask(app, BODY)).status == 401


async def test_a_policy_that_is_not_in_force_any_more_takes_no_request() -> None:
    book, secret = booked(Grant("gone"))
    made = parts(plan())
    seen = await ask(assemble(replace(made, book=book)), BODY, headers={"authorization": f"Bearer {secret}"})
    assert (seen.status, orjson.loads(seen.body)["error"]["code"]) == (503, "policy_unavailable")
    records = made.ports.records
    assert isinstance(records, MemoryRecords)
    assert records.records[0].error == "policy_unavailable"


@pytest.mark.parametrize(("value", "user"), [("u-1", "u-1"), ("", ""), ("x" * 512, "x" * 512)])
async def test_a_user_may_be_named_by_a_header(value: str, user: str) -> None:
    said: list[tuple[str, str]] = []

    class Counted:
        def suspended(self, tenant: str, user: str) -> bool:
            said.append((tenant, user))
            return True

    made = parts(replace(plan(), misuse=MisusePlan(frozenset(), Terms(3, 5, None), "safe")))
    made = replace(made, ports=replace(made.ports, conduct=Counted()))
    seen = await ask(assemble(made), BODY, headers={"x-sluice-user": value})
    assert seen.status == 200
    assert said == ([("default", user)] if user else [])


async def test_a_header_too_long_for_a_user_is_refused() -> None:
    seen = await ask(assemble(parts(plan())), BODY, headers={"x-sluice-user": "x" * 513})
    assert (seen.status, orjson.loads(seen.body)["error"]["param"]) == (400, "x-sluice-user")
