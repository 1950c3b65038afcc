"""Every URL that is served has a dialect that reads its requests and tells what is none, in its clients' envelope."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson
import pytest

from gateway.errors import RequestError
from gateway.wire.served import MODERATIONS, SERVED, Served

MINIMAL = {
    "/v1/chat/completions": {"messages": [{"role": "user", "content": "问"}]},
    "/v1/responses": {"input": "问"},
    "/v1/completions": {"prompt": "问"},
    "/v1/embeddings": {"input": "问"},
    "/v1/images/generations": {"prompt": "问"},
    "/v1/audio/speech": {"input": "问", "voice": "v"},
    "/v1/messages": {"messages": [{"role": "user", "content": "问"}], "max_tokens": 9},
    "/v1/messages/count_tokens": {"messages": [{"role": "user", "content": "问"}]},
}
each = pytest.mark.parametrize("served", SERVED, ids=lambda served: str(served.url))


def test_every_minimal_request_has_its_dialect() -> None:
    assert set(MINIMAL) <= {served.url for served in SERVED}


def test_no_two_dialects_answer_at_one_url() -> None:
    urls = [MODERATIONS, *(served.url for served in SERVED)]
    assert len(urls) == len(set(urls))


@each
def test_an_upstream_is_asked_at_the_path_that_the_client_asked_at(served: Served) -> None:
    assert urlsplit(served.url).path == "/v1" + served.upstream


# Those that take a form are read in test_formed.
@pytest.mark.parametrize("served", [served for served in SERVED if served.url in MINIMAL], ids=lambda one: str(one.url))
def test_a_request_is_read_and_written_for_the_model_that_is_asked(served: Served) -> None:
    dialect = served.build(8)
    question = dialect.read(orjson.dumps({"model": "m", **MINIMAL[served.url]}))
    assert (question.model, [slot.text for slot in question.slots]) == ("m", ["问"])
    assert orjson.loads(dialect.write(question, {}, model="other"))["model"] == "other"


@each
@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"{}", b'{"model": "m"}'])
def test_what_is_no_request_is_told_in_the_envelope_of_the_clients(served: Served, raw: bytes) -> None:
    dialect = served.build(8)
    with pytest.raises(RequestError) as error:
        dialect.read(raw)
    said = orjson.loads(dialect.error(400, error.value.code, str(error.value), param=error.value.param, extra={}))
    assert said["error"]["message"] == str(error.value)
    assert (said.get("type") == "error") is served.url.startswith("/v1/messages")


@each
def test_only_anthropics_own_headers_go_on_and_only_where_it_is_spoken(served: Served) -> None:
    assert all(name == name.lower() and name.startswith(b"anthropic-") for name in served.passing)
    assert bool(served.passing) is served.url.startswith("/v1/messages")


def test_no_number_is_declared_to_be_made_by_a_model() -> None:
    numbers = {"/v1/embeddings", "/v1/messages/count_tokens"}
    heard = {"/v1/audio/transcriptions", "/v1/audio/translations"}
    assert {served.url for served in SERVED if not served.declared} == numbers | heard
