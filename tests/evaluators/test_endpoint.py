"""An endpoint is asked within bounds, and again only where that can help."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web
from kit.endpoint import ScriptedEndpoint, serving

from evaluators.endpoint import EndpointError, _most, _retry_after, check_url, open_endpoint
from gateway.errors import ConfigError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "ftp://a/v1", "http://user:pass@a/v1", "http://a/v1?key=1", ""])
def test_a_url_that_is_none_or_holds_a_secret_is_refused(url):
    with pytest.raises(ConfigError):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "kept"), [("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"), ("https://a", "https://a")]
)
def test_a_base_url_has_no_slash_at_its_end(url, kept):
    assert check_url(url) == kept


async def asked(script, **how):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    with ScriptedEndpoint(script) as there:
        async with open_endpoint(there.url, sleep=sleep, **how) as endpoint:
            try:
                said = await endpoint.post("/x", {"q": "问"})
            except EndpointError as error:
                said = error
    return said, waits, there.asked


async def test_an_answer_says_how_often_it_was_asked_for_and_the_key_is_sent():
    left = [(503, {}), (429, {"retry-after": "7"}), {"a": 1}]
    said, waits, heard = await asked(lambda path, body: left.pop(0), key="k1", headers={"x-more": "m"})
    assert (said.body, said.attempts, waits) == ({"a": 1}, 3, [0.5, 7.0])
    assert {(headers["authorization"], headers["x-more"]) for _, _, headers in heard} == {("Bearer k1", "m")}


@pytest.mark.parametrize(
    ("said", "code", "times"),
    [
        ((400, {"error": "x"}), "http_400", 1),
        ((404, {}), "http_404", 1),
        ((302, {"location": "/elsewhere"}), "http_302", 1),
        ((503, {}), "http_503", 2),
    ],
)
async def test_only_what_may_pass_is_asked_for_again(said, code, times):
    found, _, heard = await asked(lambda path, body: said, attempts=2)
    assert (found.code, found.attempts, len(heard)) == (code, times, times)


async def test_an_answer_that_is_no_object_or_has_no_end_is_none(monkeypatch):
    monkeypatch.setattr("evaluators.endpoint.MAX_BYTES", 50)
    assert (await asked(lambda path, body: {"a": "长" * 40}))[0].code == "too_large"

    async def handle(request):
        return web.Response(text="[1]")

    with serving(handle) as url:
        async with open_endpoint(url) as endpoint:
            with pytest.raises(EndpointError, match="not_json"):
                await endpoint.post("/x", {})


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("7", 7.0), (" 7 ", 7.0), ("", 0.0), ("soon", 0.0), ("-3", 0.0), ("²", 0.0), ("1.5", 0.0),
     ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_a_pause_is_a_number_or_a_date_and_else_none(written, seconds):
    assert _retry_after({"retry-after": written}) == seconds


def test_a_date_in_the_future_is_waited_for():
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < _retry_after({"retry-after": until}) <= 100


@pytest.mark.parametrize(
    ("body", "most"),
    [({"max_tokens": 5}, 5), ({"max_tokens": 5, "max_completion_tokens": 3}, 3), ({"max_tokens": 0}, None),
     ({"max_tokens": "5"}, None), ({}, None), (None, None), ([1], None)],
)  # fmt: skip
def test_how_long_an_answer_may_be_is_read_where_the_request_says_so(body, most):
    assert _most(body) == most
