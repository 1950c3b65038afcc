from __future__ import annotations

import asyncio

import orjson
import pytest
from kit.chat import DONE, chunk_texts, read, stream_chunks
from openai.types.chat import ChatCompletion

from gateway.errors import ConfigError, UpstreamBroke, UpstreamError, UpstreamRefused, UpstreamTimeout
from gateway.ports import Call
from gateway.providers import replay
from gateway.providers.replay import Replay, read_script

pytestmark = pytest.mark.anyio

SCRIPT = """\
- match: 你好
  answer: 你好！有什么可以帮您？
- match: weather
  answer:
    reasoning: The tool knows. 工具知道。
    tool_calls: [{name: weather, arguments: '{"city": "巴黎"}'}]
  pieces: chars
- match: two ways
  choices: [{content: One way}, {content: Another, finish_reason: length}]
  pieces: 3
- match: cut by hand
  answer: 一二三four
  pieces: [一, "", 二三f, our]
  usage: [3, 40]
"""


def call(text: str, **fields: object) -> Call:
    body = orjson.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **fields})
    return Call("01J", "/chat/completions", "m", body, bool(fields.get("stream")))


def replaying(script: str, file: str = "script.yaml") -> Replay:
    return Replay("tape", read_script(script.encode(), file), clock=lambda: 1_700_000_000)


TAPE = replaying(SCRIPT)


async def whole(text: str, **fields: object) -> ChatCompletion:
    (body,) = await read(TAPE, call(text, **fields))
    return ChatCompletion.model_validate_json(body, strict=True)


async def test_the_first_row_that_matches_answers() -> None:
    answer = await whole("那么，你好吗？ two ways")
    assert answer.choices[0].message.content == "你好！有什么可以帮您？"


async def test_an_answer_may_reason_and_call_tools() -> None:
    choice = (await whole("weather in 巴黎")).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.model_extra == {"reasoning_content": "The tool knows. 工具知道。"}
    assert choice.message.tool_calls is not None
    assert choice.message.tool_calls[0].to_dict()["function"] == {"name": "weather", "arguments": '{"city": "巴黎"}'}


async def test_a_stream_brings_reasoning_and_tool_calls_in_pieces() -> None:
    chunks = stream_chunks(await read(TAPE, call("weather", stream=True)))
    deltas = [chunk.choices[0].delta for chunk in chunks]
    thought = [(delta.model_extra or {}).get("reasoning_content") for delta in deltas]
    assert "".join(piece for piece in thought if piece) == "The tool knows. 工具知道。"
    calls = [tool for delta in deltas for tool in delta.tool_calls or ()]
    assert [(tool.id, tool.function and tool.function.name) for tool in calls[:2]] == [
        ("call_0", "weather"),
        (None, None),
    ]
    said = [tool.function.arguments or "" for tool in calls if tool.function]
    assert ("".join(said), max(map(len, said))) == ('{"city": "巴黎"}', 1)
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


async def test_choices_are_as_written() -> None:
    choices = (await whole("two ways", n=1)).choices
    assert [(one.message.content, one.finish_reason) for one in choices] == [("One way", "stop"), ("Another", "length")]
    assert chunk_texts(await read(TAPE, call("two ways", stream=True))) == {0: "One way", 1: "Another"}


async def test_one_answer_is_repeated_for_n() -> None:
    assert len((await whole("你好", n=3)).choices) == 3


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("你好", ["你好！有什么可以帮您？"]),
        ("two ways", ["One", " wa", "y"]),
        ("cut by hand", ["一", "", "二三f", "our"]),
    ],
)
async def test_a_stream_is_cut_as_the_row_says(text: str, pieces: list[str]) -> None:
    chunks = stream_chunks(await read(TAPE, call(text, stream=True)))
    mine = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].index == 0]
    assert mine == ["", *pieces, None]


@pytest.mark.parametrize(("text", "counts"), [("cut by hand", (3, 40)), ("你好", (2, 11))])
async def test_usage_is_as_written_or_counted(text: str, counts: tuple[int, int]) -> None:
    answer = await whole(text)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == counts


async def test_a_question_without_a_row_is_refused_without_being_quoted() -> None:
    with pytest.raises(UpstreamRefused) as caught:
        await TAPE.open(call("秘密 secret"))
    assert caught.value.status == 404
    assert "'tape'" in str(caught.value)
    assert "秘密" not in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_other_paths_are_refused() -> None:
    with pytest.raises(UpstreamRefused, match="does not serve /embeddings; ask another model"):
        await TAPE.open(Call("1", "/embeddings", "m", b"{}", False))


# --- Failures ------------------------------------------------------------------------------------

FAILING = '- {{match: "*", answer: abcd, pieces: chars, fail: {{{fail}}}}}'


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fail", "status", "code"),
    [
        ("how: unreachable", 502, "upstream_unreachable"),
        ("how: timeout", 504, "upstream_timeout"),
        ("how: status", 503, "upstream_refused"),
        ("how: status, status: 429, body: '{}', retry_after: '5'", 429, "upstream_refused"),
    ],
)
async def test_some_failures_come_before_the_answer(stream: bool, fail: str, status: int, code: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        await replaying(FAILING.format(fail=fail)).open(call("x", stream=stream))
    assert (caught.value.status, caught.value.code, caught.value.upstream) == (status, code, "tape")
    if isinstance(caught.value, UpstreamRefused) and status == 429:
        assert (caught.value.body, caught.value.retry_after) == (b"{}", "5")


@pytest.mark.parametrize(
    ("fail", "kind", "said"),
    [
        ("how: close", UpstreamBroke, None),
        ("how: close, after: 1", UpstreamBroke, "a"),
        ("how: close, after: 3", UpstreamBroke, "abc"),
        ("how: close, after: 99", UpstreamBroke, "abcd"),
        ("how: timeout, after: 2", UpstreamTimeout, "ab"),
    ],
)
async def test_a_stream_fails_after_so_many_pieces(fail: str, kind: type[UpstreamError], said: str | None) -> None:
    answer = await replaying(FAILING.format(fail=fail)).open(call("x", stream=True))
    chunks = answer.chunks()
    got: list[bytes] = []

    async def drain() -> None:
        while True:
            got.append(await anext(chunks))

    with pytest.raises(kind):
        await drain()
    assert chunk_texts([*got, DONE]) == ({} if said is None else {0: said})
    assert DONE not in got


async def test_a_stream_may_end_properly_without_its_rest() -> None:
    got = await read(replaying(FAILING.format(fail="how: end, after: 2")), call("x", stream=True))
    chunks = stream_chunks([*got, DONE])
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "a", "b"]
    assert {chunk.choices[0].finish_reason for chunk in chunks} == {None}


async def test_a_stream_may_hold_garbage_and_go_on() -> None:
    got = await read(replaying(FAILING.format(fail="how: garbage, after: 2")), call("x", stream=True))
    assert [at for at, event in enumerate(got) if not event.endswith((b"}\n\n", DONE))] == [3]
    assert chunk_texts([*got[:3], *got[4:]]) == {0: "abcd"}


async def test_a_stalled_answer_waits_until_it_is_cancelled() -> None:
    got: list[bytes] = []
    answer = await replaying(FAILING.format(fail="how: stall, after: 1")).open(call("x", stream=True))

    async def drain() -> None:
        async for piece in answer.chunks():
            got.append(piece)  # noqa: PERF401

    task = asyncio.create_task(drain())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    assert len(got) == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(("after", "halves"), [(0, 0), (1, 1), (9, 1)])
async def test_a_whole_answer_breaks_off_in_the_middle(after: int, halves: int) -> None:
    answer = await replaying(FAILING.format(fail=f"how: close, after: {after}")).open(call("x"))
    chunks = answer.chunks()
    got = [await anext(chunks) for _ in range(halves)]
    with pytest.raises(UpstreamBroke):
        await anext(chunks)
    assert all(piece.startswith(b'{"id"') and not piece.endswith(b"}") for piece in got)


# --- Reading scripts -----------------------------------------------------------------------------


def test_a_script_may_have_a_row_a_line() -> None:
    rows = read_script('{"match":"你好","answer":"好"}\n\n{"match":"*","answer":{"content":"?"}}\n'.encode(), "s.jsonl")
    assert [row.match for row in rows] == ["你好", "*"]


@pytest.mark.parametrize(
    ("script", "where", "says"),
    [
        ("- match: a\n  answer: b\n- match: c\n  anwser: d\n", "s.yaml:4", "answer"),
        ("- match: a\n", "s.yaml:1", "either an answer or choices"),
        ("- match: a\n  answer: b\n  choices: [{content: c}]\n", "s.yaml:1", "remove one"),
        ("- match: ''\n  answer: b\n", "s.yaml:1", "match"),
        ("- match: a\n  answer: 你好\n  pieces: [你]\n", "s.yaml:1", "do not join"),
        ("- match: a\n  answer: 你好\n  pieces: 0\n", "s.yaml:1", "1 or more"),
        ("- match: a\n  answer: b\n  fail:\n    how: clse\n", "s.yaml:4", "close"),
        ("- match: a\n  answer: b\n  fail: {how: close, after: -1}\n", "s.yaml:3", "after"),
        ("match: a\n", "s.yaml:1", "list"),
        ("- match: [\n", "s.yaml:2", ""),
    ],
)
def test_a_wrong_script_is_refused_with_its_line(script: str, where: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_script(script.encode(), "s.yaml")
    assert str(caught.value).startswith(where)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ('{"match":"a","answer":"b"}\n\n{"match":"a",}\n', "s.jsonl:3:13"),
        ('{"match":"a","answer":"b"}\n\n{"match":"a","x":1,"answer":"b"}\n', "s.jsonl:3"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(script: str, where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_script(script.encode(), "s.jsonl")
    assert str(caught.value).startswith(where)


def test_the_script_in_the_documentation_is_a_script() -> None:
    _, _, rest = (replay.__doc__ or "").partition("::\n\n")
    example = rest.partition("\n``answer``")[0]
    rows = read_script("\n".join(line[4:] for line in example.splitlines()).encode(), "docs.yaml")
    assert len(rows) == 4
