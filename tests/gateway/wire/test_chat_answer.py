"""Answers leave as the bytes they came in, or as frames that OpenAI's own SDK reads: nothing half, one end."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.chunks import HEAD, choice, chunk, frames, question
from kit.sdk import Heard, completion, hear
from kit.upstream import chat_json, chat_sse, sse

from gateway.errors import UpstreamBroke
from gateway.exchange import Channel, Delta, Usage
from gateway.ports import Frame, Passage
from gateway.wire import incoming
from gateway.wire.chat_answer import ChatStream, ChatWhole
from gateway.wire.sse import DONE

CONTENT = Channel(0, "content")
SECOND = Channel(1, "content")
TOOL = Channel(0, "arguments", 0)
SECRET = "贩毒secret"

Decide = Callable[[Frame], Passage]


def verbatim(frame: Frame) -> Passage:
    return Passage([delta.text for delta in frame.deltas])


def relay(pieces: Sequence[bytes], decide: Decide = verbatim, *, usage: bool = False, whole: bool = False) -> bytes:
    """What a client gets of a stream when every frame leaves as ``decide`` says."""
    codec = ChatStream(question(usage=usage), "up", whole=whole)
    frames = [frame for piece in pieces for frame in codec.feed(piece)] + codec.finish()
    return b"".join(codec.write(frame, decide(frame)) for frame in frames)


def once(decide: Callable[[Frame, Passage], None], when: Callable[[Frame], bool]) -> Decide:
    """Change the passage of the first frame that ``when`` takes; leave the others as they are."""
    left = [True]

    def passage(frame: Frame) -> Passage:
        made = verbatim(frame)
        if left[0] and when(frame):
            left[0] = False
            decide(frame, made)
        return made

    return passage


def says(text: str) -> Callable[[Frame], bool]:
    return lambda frame: any(text in delta.text for delta in frame.deltas)


COUNTS = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}


def clean(heard: Heard) -> Heard:
    assert heard.done == 1
    assert heard.after == 0
    assert heard.errors == []
    return heard


# --- Streams: what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (sse(SECRET.encode()), "sent an event that is not JSON"),
        (sse(f'{{"choices": [{SECRET}'.encode()), "not JSON"),
        (sse(f'"{SECRET}"'.encode()), "not a JSON object"),
        (sse(f'["{SECRET}"]'.encode()), "not a JSON object"),
        (sse(b"[DONE] " + SECRET.encode()), "not JSON"),
        (sse(b"[" * 5000 + b"]" * 5000), "not JSON"),
        (sse(f'{{"error": {{"message": "{SECRET}"}}}}'.encode()), "reported an error in the middle"),
        (sse(f'{{"error": "{SECRET}", "choices": []}}'.encode()), "reported an error in the middle"),
        (sse(f'{{"error": "{SECRET}"}}'.encode(), name="error"), "reported an error in the middle"),
        (sse(orjson.dumps({"choices": {"0": SECRET}})), "choices that are not an array"),
        (sse(orjson.dumps({"choices": SECRET})), "choices that are not an array"),
        (sse(orjson.dumps({"choices": 5})), "choices that are not an array"),
        (chunk(SECRET), "a choice that is not an object"),  # type: ignore[arg-type]
        (chunk(None), "a choice that is not an object"),  # type: ignore[arg-type]
        (chunk({"index": "0", "delta": {"content": SECRET}}), "index is not a number from 0 on"),
        (chunk({"index": -1, "delta": {"content": SECRET}}), "index is not a number from 0 on"),
        (chunk({"index": True, "delta": {"content": SECRET}}), "index is not a number from 0 on"),
        (chunk({"index": 0.5, "delta": {"content": SECRET}}), "index is not a number from 0 on"),
        (sse(b'{"choices": [{"index": ' + b"9" * 40 + b', "delta": {}}]}'), "index is not a number from 0 on"),
        (chunk(choice(SECRET)), "a delta that is not an object"),
        (chunk(choice([SECRET])), "a delta that is not an object"),
        (chunk(choice({"content": {"text": SECRET}})), "content that is neither a string nor an array"),
        (chunk(choice({"content": 7})), "content that is neither a string nor an array"),
        (chunk(choice({"reasoning": {"text": SECRET}})), "reasoning that is neither a string nor an array"),
        (chunk(choice({"tool_calls": {"0": SECRET}})), "tool calls that are not an array"),
        (chunk(choice({"tool_calls": [None]})), "a tool call that is not an object"),
        (chunk(choice({"tool_calls": [{"function": SECRET}]})), "whose function is not an object"),
        (
            chunk(choice({"tool_calls": [{"function": {"arguments": {"q": SECRET}}}]})),
            "arguments that are not a string",
        ),
        (chunk(choice({"function_call": SECRET})), "whose function is not an object"),
        (chunk(choice({"function_call": {"arguments": [SECRET]}})), "arguments that are not a string"),
        (chunk(choice({}, finish=5)), "a finish reason that is not a string"),  # type: ignore[arg-type]
        (chunk(choice({}, finish=[SECRET])), "a finish reason that is not a string"),  # type: ignore[arg-type]
    ],
)
def test_a_broken_event_breaks_the_stream_and_the_message_names_the_upstream_and_no_text(
    event: bytes, says: str
) -> None:
    with pytest.raises(UpstreamBroke) as caught:
        frames(event)
    assert says in str(caught.value)
    assert caught.value.upstream == "up"
    assert "upstream up" in str(caught.value)
    assert "贩" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b": ping\n\n"],
        chat_sse(["你好"], finish=None, done=False),
        chat_sse(["你好"], n=2, done=False)[:-1],
        [chunk(usage=COUNTS)],
        [b'{"choices":[{"message":{"content":"words"}}]}'],
    ],
)
def test_a_stream_that_closes_before_its_answer_is_finished_broke(pieces: list[bytes]) -> None:
    codec = ChatStream(question(), "up")
    for piece in pieces:
        codec.feed(piece)
    with pytest.raises(UpstreamBroke, match="The upstream up closed the stream before the answer was finished"):
        codec.finish()


def test_an_event_cut_off_in_the_middle_broke() -> None:
    codec = ChatStream(question(), "up")
    codec.feed(chunk(choice({"content": "x"}, finish="stop")) + b'data: {"choi')
    with pytest.raises(UpstreamBroke):
        codec.finish()


def test_an_event_without_end_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_HELD", 100)
    codec = ChatStream(question(), "up")
    codec.feed(b"data: " + b"x" * 94)
    with pytest.raises(UpstreamBroke, match="more than 100 bytes"):
        codec.feed(b"x")


def test_an_answer_without_end_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_WHOLE", 100)
    for codec in (ChatWhole(question(), "up"), ChatStream(question(), "up", whole=True)):
        codec.feed(b"x" * 100)
        with pytest.raises(UpstreamBroke, match="more than 100 bytes"):
            codec.feed(b"x")


def test_lines_that_are_no_field_of_an_event_are_for_nobody_and_heartbeats_stay() -> None:
    stream = [b": ping\n\n", *chat_sse(["好"]), b"late\n\n"]
    stream.insert(2, SECRET.encode() + b"\n\n")
    stream.insert(3, b": alive\n\n")
    out = relay(stream)
    assert "贩".encode() not in out
    assert out.startswith(b": ping\n\n")
    assert b": alive\n\n" in out


# --- Streams: what leaves ---------------------------------------------------------------------------

PLAIN = chat_sse(["你好，", "world", "。"], usage=(3, 4))
CALLS = chat_sse([], tool_calls=[("查天气", ['{"城市":', '"北京"}']), ("f", ["{}"])], finish="tool_calls")
THOUGHTS = chat_sse(["答"], reasoning=["想", "一想"])


@pytest.mark.parametrize("eol", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("heartbeat", [False, True])
def test_a_stream_in_which_nothing_changes_leaves_as_the_bytes_it_came_in(eol: str, heartbeat: bool) -> None:
    stream = b"".join(
        chat_sse(["你好，", "world", "。"], n=2, reasoning=["想"], usage=(3, 4), eol=eol, heartbeat=heartbeat)
    )
    assert relay([stream]) == stream
    out = relay([stream[at : at + 1] for at in range(len(stream))])
    assert out.rstrip(b"\r\n") == stream.rstrip(b"\r\n")


def test_odd_numbers_and_spelling_stay_where_nothing_changes() -> None:
    odd = b'data: { "id":1, "x":1.10, "big":123456789012345678901234567890, "choices":[ ] }\n\n'
    stream = [odd, *PLAIN]
    assert relay(stream) == b"".join(stream)


@pytest.mark.parametrize(("text", "to"), [("world", "世界"), ("你好，", "**，"), ("。", "")])
def test_changed_words_leave_changed_and_all_else_stays(text: str, to: str) -> None:
    def change(frame: Frame, passage: Passage) -> None:
        passage.texts = [to]

    heard = clean(hear(relay(PLAIN, once(change, says(text)), usage=True)))
    assert heard.text() == "你好，world。".replace(text, to)
    assert heard.reasons() == ["stop"]
    assert heard.raw[-1]["usage"] == {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    assert {(one["id"], one["created"], one["model"]) for one in heard.raw} == {("chatcmpl-1", 1_700_000_000, "m")}


def test_fields_that_nobody_knows_stay_in_a_changed_chunk() -> None:
    sent = choice({"role": "assistant", "content": "旧", "extra": 7}, content_filter_results={"hate": {}})
    stream = [chunk(sent, system_fingerprint="fp", vendor={"a": 1}), *PLAIN]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.texts.__setitem__(0, "新"), says("旧")))))
    assert heard.raw[0] == {
        **HEAD,
        "choices": [{**sent, "delta": {"role": "assistant", "content": "新", "extra": 7}}],
        "system_fingerprint": "fp",
        "vendor": {"a": 1},
    }


def test_log_probabilities_leave_only_with_the_words_they_spell() -> None:
    spelled = {"content": [{"token": "毒", "logprob": -0.1, "bytes": None, "top_logprobs": []}], "refusal": None}
    stream = [
        chunk(choice({"role": "assistant", "content": "毒"}, logprobs=spelled, token_ids=[1])),
        chunk(choice({"content": "品"}, logprobs=spelled)),
        *chat_sse([]),
    ]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.texts.__setitem__(0, "*"), says("毒")))))
    assert [one["choices"][0]["logprobs"] for one in heard.raw[:2]] == [None, spelled]
    assert heard.raw[0]["choices"][0]["token_ids"] is None


def held(frame: Frame) -> Passage:
    return Passage(["" for _ in frame.deltas])


@pytest.mark.parametrize("stream", [PLAIN, THOUGHTS, chat_sse(["甲", "乙"], n=3)])
def test_held_words_leave_no_empty_deltas(stream: list[bytes]) -> None:
    heard = clean(hear(relay(stream, held)))
    empty = [
        item
        for one in heard.raw
        for item in one["choices"]
        if not item["finish_reason"] and "role" not in item["delta"] and not any(item["delta"].values())
    ]
    assert empty == []
    assert heard.reasons() == ["stop"]


def test_held_arguments_leave_no_empty_deltas_and_the_calls_begin_whole() -> None:
    heard = clean(hear(relay(CALLS, held)))
    calls = [
        one["choices"][0]["delta"]["tool_calls"] for one in heard.raw if "tool_calls" in one["choices"][0]["delta"]
    ]
    assert [[call["function"] for call in entry] for entry in calls] == [
        [{"name": "查天气", "arguments": ""}],
        [{"name": "f", "arguments": ""}],
    ]
    assert heard.arguments() == ""


def test_a_role_repeated_in_every_chunk_keeps_no_empty_delta_alive() -> None:
    stream = [chunk(choice({"role": "assistant", "content": text})) for text in ("", "一", "二")] + chat_sse([])[1:]
    heard = clean(hear(relay(stream, held)))
    assert len(heard.raw) == 2  # the role, the finish


def test_of_two_choices_in_one_chunk_the_held_one_stays_back() -> None:
    stream = [
        *chat_sse([], n=2)[:2],
        chunk(choice({"content": "一"}), choice({"content": "二"}, 1)),
        *chat_sse([], n=2)[2:],
    ]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.texts.__setitem__(0, ""), says("一")))))
    assert [item["index"] for item in heard.raw[2]["choices"]] == [1]
    assert (heard.text(0), heard.text(1)) == ("", "二")


def test_a_held_chunk_with_usage_keeps_its_usage() -> None:
    stream = [*PLAIN[:1], chunk(choice({"content": "一"}), usage=COUNTS), *PLAIN[1:]]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.texts.__setitem__(0, ""), says("一")))))
    assert heard.raw[1] == {**HEAD, "choices": [], "usage": COUNTS}


def test_fields_join_the_chunk_they_are_given_to() -> None:
    fields = {"aigc": {"Label": "1"}}
    decide = once(lambda _, passage: passage.fields.update(fields), lambda frame: bool(frame.ends))
    heard = clean(hear(relay(PLAIN, decide)))
    assert [one.get("aigc") for one in heard.raw if one["choices"] and one["choices"][0]["finish_reason"]] == [
        fields["aigc"]
    ]


@pytest.mark.parametrize(
    ("stream", "channel", "key"),
    [
        (PLAIN, CONTENT, "content"),
        (THOUGHTS, Channel(0, "reasoning"), "reasoning_content"),
        (PLAIN, Channel(0, "reasoning", 1), "reasoning"),
        (PLAIN, Channel(0, "refusal"), "refusal"),
    ],
)
def test_what_was_held_is_said_before_the_finish_chunk_under_its_own_key(
    stream: list[bytes], channel: Channel, key: str
) -> None:
    tail = [Delta(channel, "尾 tail"), Delta(CONTENT, "（标识）")]
    decide = once(lambda _, passage: passage.tail.extend(tail), lambda frame: bool(frame.ends))
    heard = clean(hear(relay(stream, decide)))
    assert heard.text(0, key).endswith("尾 tail（标识）" if key == "content" else "尾 tail")
    assert heard.text().endswith("（标识）")
    ending = next(at for at, one in enumerate(heard.raw) if one["choices"] and one["choices"][0]["finish_reason"])
    assert [one["choices"][0]["delta"] for one in heard.raw[ending - 2 : ending]] == [
        {key: "尾 tail"},
        {"content": "（标识）"},
    ]
    assert heard.reasons() == ["stop"]


@pytest.mark.parametrize(
    ("channel", "delta"),
    [
        (Channel(0, "arguments", 2), {"tool_calls": [{"index": 2, "function": {"arguments": '"}'}}]}),
        (Channel(0, "arguments", -1), {"function_call": {"arguments": '"}'}}),
    ],
)
def test_held_arguments_are_said_in_the_shape_of_their_call(channel: Channel, delta: dict[str, Any]) -> None:
    tail = [Delta(channel, '"}')]
    heard = clean(
        hear(relay(CALLS, once(lambda _, passage: passage.tail.extend(tail), lambda frame: bool(frame.ends))))
    )
    assert heard.raw[-2]["choices"] == [{"index": 0, "delta": delta, "finish_reason": None}]


def test_a_finish_chunk_with_words_is_written_in_words_tail_and_finish_and_keeps_its_fields() -> None:
    spelled = {"content": [], "refusal": None}
    last = choice({"content": "完"}, finish="length", logprobs=spelled, stop_reason=7, content_filter_results={"a": {}})
    stream = [*chat_sse(["你"])[:2], chunk(last, usage=COUNTS)]

    def label(frame: Frame, passage: Passage) -> None:
        passage.tail.append(Delta(CONTENT, "标识"))
        passage.fields["aigc"] = {"Label": "1"}

    heard = clean(hear(relay([*stream, DONE], once(label, says("完")))))
    words, tail, finish = heard.raw[-3:]
    assert words["choices"][0]["delta"] == {"content": "完"}
    assert words["choices"][0]["logprobs"] == spelled
    assert words["choices"][0]["finish_reason"] is None
    assert "usage" not in words
    assert tail["choices"][0]["delta"] == {"content": "标识"}
    assert finish["choices"] == [
        {
            "index": 0,
            "delta": {},
            "finish_reason": "length",
            "logprobs": None,
            "stop_reason": 7,
            "content_filter_results": {"a": {}},
        }
    ]
    assert finish["usage"]["total_tokens"] == 3
    assert [one.get("aigc") for one in (words, tail, finish)] == [None, None, {"Label": "1"}]


def test_fields_without_an_end_join_the_last_words() -> None:
    def label(frame: Frame, passage: Passage) -> None:
        passage.tail.extend([Delta(CONTENT, "一"), Delta(CONTENT, "二")])
        passage.fields["aigc"] = 1

    heard = clean(hear(relay(PLAIN, once(label, says("world")))))
    at = next(at for at, one in enumerate(heard.raw) if one["choices"][0]["delta"].get("content") == "world")
    assert [one.get("aigc") for one in heard.raw[at : at + 4]] == [None, None, 1, None]
    assert heard.text() == "你好，world一二。"


# --- Streams: stops ---------------------------------------------------------------------------------


def stopping(
    text: str, keep: str, words: str = "换个话题吧。", reason: str = "content_filter", choice: int = 0
) -> Decide:
    """Stop a choice at the frame that says ``text``; nothing of it leaves any more."""
    stopped: set[int] = set()

    def decide(frame: Frame) -> Passage:
        passage = Passage([delta.text for delta in frame.deltas], mute=frozenset(stopped))
        for at, delta in enumerate(frame.deltas):
            if delta.channel.choice == choice and text in delta.text and choice not in stopped:
                passage.texts[at] = keep
                passage.stops[choice] = reason
                passage.tail.append(Delta(Channel(choice, "content"), words))
                passage.fields["aigc"] = {"Label": "1"}
                stopped.add(choice)
        return passage

    return decide


def cut_off(pieces: Sequence[bytes], decide: Decide, *, usage: bool = False) -> bytes:
    """What a client gets of a stream that ends with its first stop."""
    codec = ChatStream(question(usage=usage), "up")
    out = b""
    for piece in pieces:
        for frame in codec.feed(piece):
            passage = decide(frame)
            out += codec.write(frame, passage)
            if passage.stops:
                return out + codec.end(Usage(5, 6, estimated=True))
    raise AssertionError("nothing stopped")


@pytest.mark.parametrize("usage", [False, True])
@pytest.mark.parametrize("keep", ["", "wor"])
def test_a_stop_says_the_settled_words_then_ours_then_the_finish_then_usage_then_the_terminal(
    usage: bool, keep: str
) -> None:
    out = cut_off(PLAIN, stopping("world", keep), usage=usage)
    assert out.endswith(DONE)
    heard = clean(hear(out))
    deltas = [one["choices"][0]["delta"] for one in heard.raw if one["choices"]]
    assert deltas == [
        {"role": "assistant", "content": ""},
        {"content": "你好，"},
        *([{"content": keep}] if keep else []),
        {"content": "换个话题吧。"},
        {},
    ]
    finish = heard.raw[-2 if usage else -1]
    assert finish["choices"] == [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]
    assert finish["aigc"] == {"Label": "1"}
    if usage:
        counts = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11, "estimated": True}
        assert heard.raw[-1] == {**HEAD, "choices": [], "usage": counts}
    assert {one["id"] for one in heard.raw} == {"chatcmpl-1"}


def test_of_several_choices_one_stops_and_is_mute_while_the_others_go_on() -> None:
    stream = chat_sse(["你好，", "world", "。"], n=3, usage=(1, 2))
    heard = clean(hear(relay(stream, stopping("world", "", choice=1))))
    assert [heard.text(at) for at in range(3)] == ["你好，world。", "你好，换个话题吧。", "你好，world。"]
    assert [heard.reasons(at) for at in range(3)] == [["stop"], ["content_filter"], ["stop"]]
    assert heard.raw[-1]["usage"]["total_tokens"] == 3


def test_of_several_choices_in_one_chunk_the_mute_one_is_left_out() -> None:
    both = [
        chunk(choice({"role": "assistant", "content": text}), choice({"role": "assistant", "content": text}, 1))
        for text in ("一", "毒", "二")
    ]
    ends = chunk(choice({}, finish="stop"), choice({}, 1, "stop"), usage=COUNTS)
    heard = clean(hear(relay([*both, ends, DONE], stopping("毒", "", choice=1))))
    assert [heard.text(at) for at in range(2)] == ["一毒二", "一换个话题吧。"]
    assert [heard.reasons(at) for at in range(2)] == [["stop"], ["content_filter"]]
    assert heard.raw[-1]["usage"] == COUNTS


def test_a_mute_choice_says_nothing_even_if_fields_are_given() -> None:
    codec = ChatStream(question(), "up")
    (frame,) = codec.feed(chunk(choice({}, finish="stop")))
    assert codec.write(frame, Passage([], mute=frozenset({0}), fields={"aigc": 1})) == b""
    (counted,) = codec.feed(chunk(choice({"content": "毒"}), usage=COUNTS))
    left = hear(codec.write(counted, Passage(["毒"], mute=frozenset({0}))))
    assert left.raw == [{**HEAD, "choices": [], "usage": COUNTS}]


BEGUN = chunk(
    choice({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}]})
)


@pytest.mark.parametrize(
    ("delta", "kept", "leaves"),
    [
        (
            {"tool_calls": [{"index": 0, "function": {"arguments": '毒"}'}}]},
            '{"',
            {"tool_calls": [{"index": 0, "function": {"arguments": '{"'}}]},
        ),
        ({"tool_calls": [{"index": 0, "function": {"arguments": '毒"}'}}]}, "", None),
        (
            {
                "tool_calls": [
                    {"index": 1, "id": "d", "type": "function", "function": {"name": "half", "arguments": "毒"}}
                ]
            },
            "x",
            None,
        ),
        ({"tool_calls": [{"index": 1, "function": {"name": "ha", "arguments": "毒"}}]}, "x", None),
        ({"tool_calls": [{"index": 1, "id": "half", "function": {"arguments": "毒"}}]}, "x", None),
        ({"tool_calls": [{"index": 1, "custom": {"input": "y"}}], "content": "毒"}, "x", {"content": "x"}),
        ({"function_call": {"name": "f", "arguments": "毒"}}, "x", None),
        ({"function_call": {"arguments": "毒"}}, "x", {"function_call": {"arguments": "x"}}),
        ({"content": "毒", "audio": {"transcript": SECRET}}, "x", {"content": "x"}),
        ({"content": "毒", "role": "assistant"}, "x", {"content": "x", "role": "assistant"}),
        (
            {"content": [{"type": SECRET, "text": "毒", "more": SECRET}, {"type": "image_url", "image_url": {}}]},
            "x",
            {"content": [{"type": "text", "text": "x"}]},
        ),
        (
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "毒"}]}, "bare"]},
            "x",
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "x"}]}]},
        ),
    ],
)
def test_of_a_chunk_that_stops_only_settled_words_leave_and_never_half_a_call(
    delta: dict[str, Any], kept: str, leaves: dict[str, Any] | None
) -> None:
    sent = chunk(choice(delta, text=SECRET, logprobs={"content": [{"token": "毒"}]}))
    out = cut_off([BEGUN, sent], stopping("毒", kept))
    assert "贩".encode() not in out
    assert b"half" not in out
    assert "毒".encode() not in out
    said = [one["choices"][0]["delta"] for one in hear(out, typed=not isinstance(delta.get("content"), list)).raw][1:]
    assert said == [*([leaves] if leaves else []), {"content": "换个话题吧。"}, {}]


def test_what_is_said_behind_a_held_frame_is_not_held_with_it() -> None:
    def tail(frame: Frame, passage: Passage) -> None:
        passage.texts[0] = ""
        passage.tail.append(Delta(CONTENT, "尾"))

    assert clean(hear(relay(PLAIN, once(tail, says("world"))))).text() == "你好，尾。"


def test_usage_in_a_chunk_of_words_follows_what_is_said_behind_them() -> None:
    stream = [*PLAIN[:1], chunk(choice({"content": "一"}), usage=COUNTS), *chat_sse([])[1:]]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.tail.append(Delta(CONTENT, "尾")), says("一")))))
    assert heard.text() == "一尾"
    assert [one["choices"] for one in heard.raw if "usage" in one] == [[]]


def test_fields_leave_with_a_held_frame_too() -> None:
    def add(frame: Frame, passage: Passage) -> None:
        passage.texts[0] = ""
        passage.fields["aigc"] = 1

    heard = clean(hear(relay(PLAIN, once(add, says("world")))))
    assert [one["choices"] for one in heard.raw if "aigc" in one] == [[]]


def test_a_stop_at_the_terminal_without_words_gives_a_finish_chunk() -> None:
    codec = ChatStream(question(), "up")
    _, frame = codec.feed(PLAIN[1] + DONE)
    assert hear(codec.write(frame, Passage([], stops={0: "content_filter"}))).reasons() == ["content_filter"]


def test_a_stop_at_the_terminal_still_gives_a_finish_chunk_before_it_and_nothing_after() -> None:
    codec = ChatStream(question(usage=True), "up")
    stream = b"".join([*chat_sse(["好", "毒"], finish=None)])
    out = b""
    for frame in codec.feed(stream) + codec.finish():
        passage = verbatim(frame)
        if frame.last:
            passage.tail.append(Delta(CONTENT, "换个话题。"))
            passage.stops[0] = "content_filter"
        out += codec.write(frame, passage)
    out += codec.end(Usage(1, 2))
    heard = clean(hear(out))
    assert heard.reasons() == ["content_filter"]
    assert heard.text() == "好毒换个话题。"
    assert out.endswith(DONE)


def test_held_words_and_a_failure_end_an_answer_that_broke_off() -> None:
    codec = ChatStream(question(), "up")
    (frame,) = codec.feed(PLAIN[1])
    out = codec.write(frame, verbatim(frame))
    out += codec.write(Frame(b""), Passage([], tail=[Delta(CONTENT, "还有")]))
    out += codec.fail("upstream_broke", "The upstream up died.", id="R1")
    heard = hear(out)
    assert heard.text() == "你好，还有"
    assert heard.errors == [
        {"message": "The upstream up died.", "type": "server_error", "param": None, "code": "upstream_broke"}
    ]
    assert (heard.done, heard.after) == (1, 0)
    assert b'"request_id":"R1"' in out


def test_nothing_follows_the_terminal() -> None:
    codec = ChatStream(question(usage=True), "up")
    found = codec.feed(b"".join(PLAIN) + PLAIN[1] + b": ping\n\n" + DONE) + codec.feed(PLAIN[1]) + codec.finish()
    assert [frame.last for frame in found].count(True) == 1
    assert found[-1].last
    out = b"".join(codec.write(frame, verbatim(frame)) for frame in found)
    assert out == b"".join(PLAIN)
    assert codec.end(Usage()) == b""
    assert codec.fail("x", "y", id="R") == b""


def test_the_end_is_written_once() -> None:
    codec = ChatStream(question(), "up")
    assert codec.end(Usage()) == DONE
    assert codec.end(Usage()) == b""


@pytest.mark.parametrize("end", [b"", b"\n", b"data: [DONE]", b"data: [DONE]\r\n"])
def test_a_finished_answer_without_its_terminal_gets_one(end: bytes) -> None:
    out = relay([*chat_sse(["你好"], done=False), end])
    assert clean(hear(out)).text() == "你好"


def test_an_answer_without_a_finish_reason_but_with_a_terminal_is_as_it_came() -> None:
    stream = chat_sse(["你好"], finish=None)
    assert relay(stream) == b"".join(stream)


def test_an_error_beside_choices_ends_them_as_the_upstream_said() -> None:
    sent = chunk(choice({"content": ""}, finish="error"), error={"code": 502, "message": "x"})
    (frame,) = frames(sent)
    assert frame.ends == {0: "error"}
    assert frame.raw == sent


def test_a_missing_index_is_the_place_in_the_array() -> None:
    stream = [chunk({"delta": {"content": "一"}}, {"delta": {"content": "二"}, "index": None}), *chat_sse([], n=2)]
    (frame,) = frames(stream[0])
    assert [delta.channel for delta in frame.deltas] == [CONTENT, SECOND]
    heard = clean(hear(relay(stream, once(lambda _, passage: passage.texts.__setitem__(1, "贰"), says("二")))))
    assert (heard.text(0), heard.text(1)) == ("一", "贰")


# --- Whole answers ----------------------------------------------------------------------------------


def whole(raw: bytes, decide: Decide = verbatim) -> bytes:
    codec = ChatWhole(question(stream=False), "up")
    assert codec.feed(raw[:7]) == []
    assert codec.feed(raw[7:]) == []
    (frame,) = codec.finish()
    assert frame.last
    assert not frame.bare
    return codec.write(frame, decide(frame)) + codec.end(Usage())


ANSWER = chat_json("你好 world", n=2, reasoning="想", tool_calls=[("f", '{"q":"毒"}')])


@pytest.mark.parametrize(
    "raw",
    [
        ANSWER,
        chat_json(None),
        chat_json("x", finish=None),
        b' {"choices" : [ ] , "x": 1.10}\n',
        chat_json("x", usage=None),
    ],
)
def test_a_whole_answer_in_which_nothing_changes_leaves_as_the_bytes_it_came_in(raw: bytes) -> None:
    assert whole(raw) == raw


def test_changed_words_of_a_whole_answer_leave_changed_and_all_else_stays() -> None:
    def mask(frame: Frame) -> Passage:
        return Passage([delta.text.replace("毒", "*").replace("world", "世界") for delta in frame.deltas])

    written = completion(whole(ANSWER, mask))
    expected = json.loads(ANSWER.replace("毒".encode(), b"*").replace(b"world", "世界".encode()))
    assert json.loads(written.model_dump_json(exclude_unset=True)) == expected


@pytest.mark.parametrize("changed", [0, 1])
def test_log_probabilities_of_a_whole_answer_go_with_changed_words(changed: int) -> None:
    body = json.loads(chat_json("毒", n=2))
    for item in body["choices"]:
        item["logprobs"] = {"content": [], "refusal": None, "x": "毒"}

    def mask(frame: Frame) -> Passage:
        return Passage(["*" if delta.channel.choice == changed else delta.text for delta in frame.deltas])

    written = json.loads(whole(orjson.dumps(body), mask))
    assert written["choices"][changed]["logprobs"] is None
    assert written["choices"][1 - changed]["logprobs"]["x"] == "毒"


def test_a_stopped_choice_of_a_whole_answer_holds_our_words_and_nothing_of_its_own() -> None:
    body = json.loads(ANSWER)
    body["choices"][1] |= {"text": SECRET, "stop_reason": SECRET}

    def stop(frame: Frame) -> Passage:
        passage = verbatim(frame)
        passage.stops[1] = "content_filter"
        passage.tail.append(Delta(SECOND, "换个话题。"))
        passage.fields["aigc"] = {"Label": "1"}
        return passage

    written = json.loads(whole(orjson.dumps(body), stop))
    assert completion(orjson.dumps(written)).choices[1].finish_reason == "content_filter"
    assert written["choices"][0] == body["choices"][0]
    assert written["choices"][1] == {
        "index": 1,
        "message": {"role": "assistant", "content": "换个话题。"},
        "logprobs": None,
        "finish_reason": "content_filter",
    }
    assert written["aigc"] == {"Label": "1"}
    assert written["usage"] == body["usage"]


@pytest.mark.parametrize(
    ("message", "tail", "expected"),
    [
        ({"content": "你好"}, Delta(CONTENT, "（标识）"), {"content": "你好（标识）"}),
        ({"content": ""}, Delta(CONTENT, "x"), {"content": "x"}),
        ({"content": None}, Delta(CONTENT, "x"), {"content": "x"}),
        ({}, Delta(CONTENT, "x"), {"content": "x"}),
        ({"reasoning": "想"}, Delta(Channel(0, "reasoning", 1), "完"), {"reasoning": "想完"}),
        ({}, Delta(Channel(0, "reasoning"), "想"), {"reasoning_content": "想"}),
        (
            {"content": [{"type": "text", "text": "一"}]},
            Delta(CONTENT, "尾"),
            {"content": [{"type": "text", "text": "一尾"}]},
        ),
        (
            {"content": [{"type": "image_url"}]},
            Delta(CONTENT, "尾"),
            {"content": [{"type": "image_url"}, {"type": "text", "text": "尾"}]},
        ),
        (
            {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{"}}]},
            Delta(TOOL, "}"),
            {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]},
        ),
        (
            {"function_call": {"name": "f", "arguments": "{"}},
            Delta(Channel(0, "arguments", -1), "}"),
            {"function_call": {"name": "f", "arguments": "{}"}},
        ),
    ],
)
def test_our_words_follow_those_of_a_whole_answer(
    message: dict[str, Any], tail: Delta, expected: dict[str, Any]
) -> None:
    raw = orjson.dumps({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def add(frame: Frame) -> Passage:
        passage = verbatim(frame)
        passage.tail.append(tail)
        return passage

    assert json.loads(whole(raw, add))["choices"][0]["message"] == expected


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not JSON"),
        (SECRET.encode(), "not JSON"),
        (f'{{"choices": "{SECRET}'.encode(), "not JSON"),
        (f'"{SECRET}"'.encode(), "not a JSON object"),
        (b"data: {}\n\n", "not JSON"),
        (f'{{"error": {{"message": "{SECRET}"}}}}'.encode(), "holds no choices with messages"),
        (b"{}", "holds no choices with messages"),
        (b'{"choices": null}', "holds no choices with messages"),
        (f'{{"choices": {{"0": "{SECRET}"}}}}'.encode(), "holds no choices with messages"),
        (f'{{"choices": ["{SECRET}"]}}'.encode(), "holds no choices with messages"),
        (f'{{"choices": [{{"text": "{SECRET}"}}]}}'.encode(), "holds no choices with messages"),
        (f'{{"choices": [{{"message": "{SECRET}"}}]}}'.encode(), "holds no choices with messages"),
        (b'{"choices": [{"index": "1", "message": {}}]}', "index is not a number"),
        (b'{"choices": [{"message": {"content": {}}}]}', "content that is neither"),
        (b'{"choices": [{"message": {"tool_calls": [null]}}]}', "a tool call that is not an object"),
        (b'{"choices": [{"message": {"tool_calls": ["x"]}}]}', "a tool call that is not an object"),
        (b'{"choices": [{"message": {}, "finish_reason": 1}]}', "finish reason that is not a string"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_broken_whole_answer_broke_and_the_message_holds_none_of_it(raw: bytes, says: str, stream: bool) -> None:
    codec = ChatStream(question(), "up", whole=True) if stream else ChatWhole(question(), "up")
    codec.feed(raw)
    with pytest.raises(UpstreamBroke) as caught:
        codec.finish()
    assert says in str(caught.value)
    assert str(caught.value).startswith("The upstream up ")
    assert "贩" not in str(caught.value)


@pytest.mark.parametrize(
    "raw", [ANSWER, chat_json("你好", n=3, usage=None), chat_json(None, tool_calls=[("f", "{}"), ("查", '{"a":1}')])]
)
def test_a_whole_answer_becomes_a_stream_for_a_client_that_asked_for_one(raw: bytes) -> None:
    heard = clean(hear(relay([raw[:9], raw[9:]], whole=True)))
    body = json.loads(raw)
    for item in body["choices"]:
        number, message = item["index"], item["message"]
        assert heard.text(number) == (message["content"] or "")
        assert heard.reasons(number) == [item["finish_reason"]]
        for at, call in enumerate(message.get("tool_calls", ())):
            assert heard.arguments(number, at) == call["function"]["arguments"]
    assert [one["usage"] for one in heard.raw if "usage" in one] == ([body["usage"]] if "usage" in body else [])
    assert {(one["object"], one["id"], one["model"]) for one in heard.raw} == {
        ("chat.completion.chunk", "chatcmpl-1", "m")
    }


def test_choices_without_an_index_become_streams_of_their_own() -> None:
    raw = orjson.dumps({"choices": [{"message": {"content": "一"}}, {"message": {"content": "二"}, "index": None}]})
    heard_all = [json.loads(line[6:]) for line in relay([raw], whole=True).splitlines() if line.startswith(b"data: {")]
    assert [(item["index"], item["delta"], item["finish_reason"]) for one in heard_all for item in one["choices"]] == [
        (0, {"content": "一"}, None),
        (0, {}, "stop"),
        (1, {"content": "二"}, None),
        (1, {}, "stop"),
    ]


# --- Answers of our own -----------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["content_filter", "stop"])
@pytest.mark.parametrize("text", ["换个话题吧。", 'Let us "talk"\nof 别的'])
def test_a_reply_is_an_ordinary_answer(text: str, reason: str) -> None:
    made = {"id": "R1", "created": 1_700_000_001}
    fields = {"aigc": {"Label": "1"}}
    answer = completion(ChatWhole(question(stream=False), "").reply(text, reason, fields, **made))  # type: ignore[arg-type]
    assert (answer.id, answer.created, answer.model) == ("chatcmpl-R1", 1_700_000_001, "asked-model")
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == (text, reason)
    assert answer.model_dump()["aigc"] == {"Label": "1"}
    for usage in (False, True):
        heard = clean(hear(ChatStream(question(usage=usage), "").reply(text, reason, fields, **made)))  # type: ignore[arg-type]
        assert heard.text() == text
        assert heard.reasons() == [reason]
        assert {(one.id, one.created, one.model) for one in heard.chunks} == {
            ("chatcmpl-R1", 1_700_000_001, "asked-model")
        }
        assert [one.get("aigc") for one in heard.raw].count({"Label": "1"}) == 1
        assert ("usage" in heard.raw[-1]) is usage


def test_a_whole_answer_that_failed_is_an_error() -> None:
    assert json.loads(ChatWhole(question(), "up").fail("upstream_broke", "why", id="R1")) == {
        "error": {"message": "why", "type": "server_error", "param": None, "code": "upstream_broke"},
        "sluice": {"request_id": "R1"},
    }


@pytest.mark.parametrize("depth", [100, 240, 260, 500, 900])
def test_an_event_nested_too_deep_to_be_changed_leaves_as_it_came_or_broke(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    raw = sse(b'{"id": "x", "deep": ' + deep + b', "choices": [{"delta": {"content": "\xe6\xaf\x92"}}]}')
    (frame,) = frames(raw)
    assert ChatStream(question(), "up").write(frame, verbatim(frame)) == raw
    try:
        left = ChatStream(question(), "up").write(frame, Passage(["*"]))
    except UpstreamBroke as broken:
        left = str(broken).encode()
        assert depth > 250
    assert "毒".encode() not in left


@pytest.mark.parametrize("value", [{"a": "毒"}, ["毒"], True])
def test_our_own_frames_take_only_plain_values_from_the_upstream(value: Any) -> None:
    codec = ChatStream(question(), "up")
    codec.feed(chunk(choice({"role": "assistant"}), id="x", model=value, system_fingerprint=None))
    said = hear(codec.write(Frame(b""), Passage([], [Delta(CONTENT, "话")])))
    assert said.raw[0]["model"] == "asked-model"
    assert said.raw[0]["id"] == "x"


# --- Anything at all --------------------------------------------------------------------------------

KEYS = st.sampled_from(
    [
        "choices",
        "index",
        "delta",
        "message",
        "content",
        "reasoning",
        "reasoning_content",
        "refusal",
        "tool_calls",
        "function",
        "function_call",
        "name",
        "arguments",
        "id",
        "type",
        "text",
        "thinking",
        "custom",
        "role",
        "finish_reason",
        "logprobs",
        "usage",
        "prompt_tokens",
        "error",
        "键",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-2, 3)
    | st.just(2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "毒", "stop", "assistant", '{"'])
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=20
)
CALL = st.fixed_dictionaries(
    {},
    optional={
        "index": LEAVES,
        "id": st.just("c"),
        "function": st.none()
        | st.fixed_dictionaries({}, optional={"name": st.just("f"), "arguments": st.sampled_from(["", "毒", None])}),
    },
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["assistant", None]),
        "content": st.sampled_from(["", "你", "毒", None]) | st.lists(JSON, max_size=2),
        "reasoning": st.sampled_from(["想", None]),
        "tool_calls": st.none() | st.lists(CALL, max_size=2),
        "function_call": st.none() | st.fixed_dictionaries({}, optional={"arguments": st.just("毒")}),
        "x": JSON,
    },
)


def choices(key: str) -> st.SearchStrategy[Any]:
    item = st.fixed_dictionaries(
        {key: MESSAGE | JSON},
        optional={"index": st.sampled_from([0, 1, None, 2**40]), "finish_reason": st.sampled_from(["stop", None, ""])},
    )
    return st.fixed_dictionaries(
        {"choices": st.lists(item | JSON, max_size=3)}, optional={"usage": JSON, "error": JSON}
    )


PASSAGES = st.fixed_dictionaries(
    {
        "text": st.sampled_from([None, "", "*"]),
        "tail": st.lists(
            st.sampled_from([CONTENT, SECOND, TOOL, Channel(0, "reasoning", 1), Channel(0, "arguments", -1)]),
            max_size=2,
        ),
        "stops": st.sets(st.integers(0, 1), max_size=2),
        "mute": st.sets(st.integers(0, 1), max_size=2),
        "fields": st.booleans(),
    }
)


def passage_for(frame: Frame, wanted: dict[str, Any]) -> Passage:
    return Passage(
        [delta.text if wanted["text"] is None else wanted["text"] for delta in frame.deltas],
        [Delta(channel, "尾") for channel in wanted["tail"]],
        dict.fromkeys(wanted["stops"] - wanted["mute"], "content_filter"),
        frozenset(wanted["mute"]),
        {"aigc": 1} if wanted["fields"] else {},
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(choices("delta") | JSON, PASSAGES), max_size=4))
def test_any_events_are_frames_or_a_broken_upstream_and_what_leaves_is_json(events: list[tuple[Any, Any]]) -> None:
    codec = ChatStream(question(usage=True), "up")
    out = b""
    error = ""
    try:
        for data, wanted in events:
            for frame in codec.feed(sse(orjson.dumps(data))):
                out += codec.write(frame, passage_for(frame, wanted))
        for frame in codec.finish():
            out += codec.write(frame, verbatim(frame))
    except UpstreamBroke as broken:
        error = str(broken)
        out += codec.fail("upstream_broke", error, id="R")
    assert "毒" not in error
    lines = [line for line in out.splitlines() if line]
    assert lines.pop() == b"data: [DONE]"
    assert all(isinstance(json.loads(line.removeprefix(b"data: ")), dict) for line in lines)


@settings(max_examples=150, deadline=None)
@given(choices("message") | JSON, PASSAGES, st.booleans())
def test_any_whole_answer_is_a_frame_or_a_broken_upstream(data: Any, wanted: dict[str, Any], streamed: bool) -> None:
    codec = ChatStream(question(), "up", whole=True) if streamed else ChatWhole(question(), "up")
    codec.feed(orjson.dumps(data))
    try:
        found = codec.finish()
    except UpstreamBroke:
        return
    out = b"".join(codec.write(frame, passage_for(frame, wanted)) for frame in found)
    if not streamed:
        assert isinstance(json.loads(out), dict)


@settings(max_examples=150, deadline=None)
@given(choices("delta"))
def test_a_stopped_or_mute_choice_never_leaves_a_word_of_its_own(data: Any) -> None:
    for item in data["choices"]:
        if isinstance(item, dict):
            item["index"] = 0
    codec = ChatStream(question(), "up")
    try:
        (frame,) = codec.feed(sse(orjson.dumps(data)))
    except UpstreamBroke:
        return
    nothing = ["" for _ in frame.deltas]
    raw = {item["index"]: item for item in frame.data["choices"]}
    out = codec.write(frame, Passage(nothing, stops={0: "content_filter"}))
    reduced = {key: value for key, value in frame.data.items() if key != "choices"}
    said = json.loads(orjson.dumps(reduced))
    for line in out.splitlines():
        if line.startswith(b"data: {"):
            left = json.loads(line[6:])
            assert {key: left[key] for key in left if key != "choices"}.items() <= said.items()
            assert "毒" not in json.dumps(left["choices"], ensure_ascii=False), raw
