"""A vendor of another wire is reached through LiteLLM, and what fails has a stable name."""

import asyncio

import pytest
from kit.endpoint import ScriptedEndpoint

from evaluators.pace import Meters, Purse
from evaluators.sample import Failure, Sample
from evaluators.targets.asked import Asked
from evaluators.targets.litellm import _code
from evaluators.targets.opening import open_targets

SAMPLE = Sample("a", "你好", "zh")


def ask(asked, env=None):
    async def go():
        async with open_targets(asked, env or {}, Meters(Purse(), lambda: 0.0), lambda: 0.0) as targets:
            return {
                way: await target.ask(SAMPLE, [{"role": "user", "content": "你好"}]) for way, target in targets.items()
            }

    return asyncio.run(go())


def test_litellm_reaches_a_vendor_of_another_wire_and_names_what_fails():
    def said(path, body):
        if "错" in str(body):
            return (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "no"}})
        return {
            "id": "m", "type": "message", "role": "assistant", "model": "claude-x", "stop_reason": "end_turn",
            "stop_sequence": None, "content": [{"type": "text", "text": "您好"}],
            "usage": {"input_tokens": 9, "output_tokens": 2},
        }  # fmt: skip

    with ScriptedEndpoint(said) as endpoint:
        asked = Asked(
            False, endpoint.url.removesuffix("/v1"), "anthropic/claude-sonnet-4-5", "K", {"temperature": 0}, 20.0, 1,
            kind="litellm",
        )  # fmt: skip
        response = ask(asked, {"K": "k1"})[""]
        (path, _, headers) = endpoint.asked[0]
        wrong = Asked(
            False, endpoint.url.removesuffix("/v1"), "anthropic/claude-sonnet-4-5", "K", {"stop": ["错"]}, 20.0, 1,
            kind="litellm",
        )  # fmt: skip
        failed = ask(wrong, {"K": "k1"})[""]
    assert (path, headers["x-api-key"]) == ("/messages", "k1")
    assert (response.text, response.finish, response.input_tokens, response.output_tokens) == ("您好", "stop", 9, 2)
    assert isinstance(failed, Failure)
    assert failed.code == "http_400"


class Timeout(Exception):
    pass


class APIConnectionError(Exception):
    status_code = 500  # LiteLLM calls a refused connection a 500


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Timeout(), "timeout"),
        (caused(ValueError(), Timeout()), "timeout"),
        (TimeoutError(), "timeout"),
        (APIConnectionError(), "unreachable"),
        (caused(RuntimeError(), ConnectionRefusedError()), "unreachable"),
        (type("Busy", (Exception,), {"status_code": 429})(), "http_429"),
        (type("Odd", (Exception,), {"status_code": "429"})(), "litellm_error"),
        (ValueError("密 secret"), "litellm_error"),
    ],
)
def test_whatever_an_adapter_raises_has_a_stable_name_without_text(error, code):
    assert _code(error) == code


def test_causes_that_go_in_a_circle_have_an_end():
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert _code(one) == "litellm_error"
