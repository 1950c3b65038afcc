"""What the scripted model says is read back as it was said, in every dialect, whole and streamed."""

from __future__ import annotations

import pytest

from benchmarks.conformance import render
from benchmarks.conformance.case import Say, Tool
from benchmarks.conformance.seen import Seen, path_of, read

SPEAKING = ("chat", "completions", "messages", "responses")


def heard(dialect: str, says: Say, stream: bool, **asked) -> Seen:
    path, asked = "/v1" + path_of(dialect), {"stream_options": {"include_usage": True}, **asked}
    kind = {"content-type": "text/event-stream" if stream else "application/json"}
    raw = (
        b"".join(frame for frame, _ in render.stream(path, asked, says)) if stream else render.whole(path, asked, says)
    )
    return read(dialect, stream, 200, kind, raw)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", SPEAKING)
@pytest.mark.parametrize("text", ["你好，世界。", "plain words", "mixed 中文 and 😀"])
def test_a_text_is_read_back(dialect: str, stream: bool, text: str) -> None:
    seen = heard(dialect, Say(text=text, pieces=2, usage=(3, 4)), stream)
    assert seen.choice().text == text
    assert (seen.choice().finish, seen.usage, seen.after) == ("stop", (3, 4), 0)
    assert seen.terminals == (1 if stream else 0)
    assert seen.deltas == (-(-len(text) // 2) if stream else 0)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["chat", "messages", "responses"])
def test_calls_and_thoughts_are_read_back(dialect: str, stream: bool) -> None:
    says = Say(reasoning="想一想", tools=(Tool(arguments='{"q":"茶"}'), Tool(arguments='{"n":2}')), pieces=3)
    seen = heard(dialect, says, stream)
    assert list(seen.choice().arguments.values()) == ['{"q":"茶"}', '{"n":2}']
    assert (seen.choice().reasoning, seen.choice().finish) == ("想一想", "tool_calls")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", SPEAKING)
@pytest.mark.parametrize("finish", ["length", "content_filter"])
def test_why_it_ended_is_read_back(dialect: str, stream: bool, finish: str) -> None:
    assert heard(dialect, Say(text="一半", finish=finish), stream).choice().finish == finish


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", ["chat", "completions"])
def test_every_choice_is_read_back(dialect: str, stream: bool) -> None:
    seen = heard(dialect, Say(text="甲", others="乙", n=2), stream)
    assert [seen.choices[at].text for at in (0, 1)] == ["甲", "乙"]


@pytest.mark.parametrize(
    "asked",
    [
        {"messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "最后"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "最"}, {"type": "text", "text": "后"}]}]},
        {"input": "最后"},
        {"input": [{"role": "user", "content": [{"type": "input_text", "text": "最后"}]}]},
        {"prompt": ["先", "最后"]},
    ],
)
def test_the_echo_says_the_last_words_of_any_dialect(asked) -> None:
    assert render.last_words(asked) == "最后"


def test_each_input_has_its_vector() -> None:
    assert heard("embeddings", Say(), False, input=["甲", "b"]).vectors == 2
    assert heard("embeddings", Say(), False, input="甲").vectors == 1
    assert heard("embeddings", Say(), False, input=[1, 2, 3]).vectors == 1
