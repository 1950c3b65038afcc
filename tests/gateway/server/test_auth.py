"""Who has no key gets one answer, always the same; who has one is known by its digest, never by the key.

Mutants killed: an empty key that fits; the scheme not looked at; a prefix that fits; a key of non-Latin
characters that never fits; ``/v1/models`` left open; text of the header in the answer.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat
from kit.gateway import parts
from kit.plans import plan

from gateway.errors import RequestError
from gateway.exchange import ANYONE
from gateway.server.auth import authenticator
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
        "message": "This gateway asks for a key: send it as `Authorization: Bearer KEY`.",
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
