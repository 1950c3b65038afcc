"""An endpoint is asked once, within bounds, and whatever goes wrong names it without its secrets."""

from __future__ import annotations

import pytest
from kit.upstream import Answer, ScriptedUpstream, silence, whole

from gateway.errors import EndpointError
from gateway.meaning.remote import Place, named, post

pytestmark = pytest.mark.anyio


async def test_a_question_goes_as_json_with_the_key_and_the_answer_comes_parsed() -> None:
    async with ScriptedUpstream(whole(b'{"a": ["\xe4\xb8\xad"]}')) as upstream:
        assert await post(Place(upstream.url, "k1"), {"q": "问"}) == {"a": ["中"]}
        assert await post(Place(upstream.url), {"q": "ask"}) == {"a": ["中"]}
    first, second = upstream.requests
    assert (first.json, first.headers["authorization"]) == ({"q": "问"}, "Bearer k1")
    assert "authorization" not in second.headers


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (whole(b'{"error": "secret"}', 503), "answers HTTP 503"),
        (whole(b"{}", 302), "answers HTTP 302"),
        (whole(b"secret, no JSON"), "answers no JSON"),
        (whole(b""), "answers no JSON"),
        (whole(b'"' + b"x" * 200 + b'"'), "answers more than 100 bytes"),
        (silence(), "did not answer within 0.2 s"),
    ],
)
async def test_what_is_no_answer_is_told_without_its_words(answer: Answer, says: str) -> None:
    async with ScriptedUpstream(answer) as upstream:
        with pytest.raises(EndpointError) as error:
            await post(Place(upstream.url + "?token=hidden", "key-secret", 0.2), {"q": "密"}, most=100)
    assert says in str(error.value)
    for hidden in ("secret", "hidden", "密"):
        assert hidden not in str(error.value)


async def test_nobody_there_is_told() -> None:
    with pytest.raises(EndpointError, match=r"^http://127\.0\.0\.1:1/v1 cannot be asked \(ClientConnectorError\)$"):
        await post(Place("http://127.0.0.1:1/v1", "k"), {})


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://a/v1", "http://a/v1"),
        ("http://a/v1?key=secret", "http://a/v1"),
        ("http://user:secret@a/v1", "a/v1"),
        ("http://user:secret@a/v1?x=y@z", "a/v1"),
    ],
)
def test_an_address_is_named_without_what_may_be_secret_in_it(url: str, name: str) -> None:
    assert named(Place(url)) == name
