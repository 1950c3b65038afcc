"""A chat request is refused with what and where, or every text in it becomes a slot that can be written back."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import RequestError
from gateway.exchange import Question, Slot, dotted
from gateway.wire.chat import Chat
from gateway.wire.chat_answer import ChatStream, ChatWhole

SECRET = "贩毒secret"
USER: dict[str, Any] = {"role": "user", "content": "你好"}


def body(*messages: Any, **fields: Any) -> bytes:
    return orjson.dumps({"model": "m", "messages": list(messages) or [USER], **fields})


def read(*messages: Any, **fields: Any) -> Question:
    return Chat().read(body(*messages, **fields))


def found(question: Question) -> list[tuple[str, str, str, str]]:
    return [(dotted(slot.path), slot.role, slot.kind, slot.text) for slot in question.slots]


def refused(raw: bytes) -> RequestError:
    with pytest.raises(RequestError) as caught:
        Chat().read(raw)
    assert caught.value.status == 400
    assert "贩" not in str(caught.value)
    assert "secret" not in str(caught.value)
    return caught.value


def without(name: str) -> bytes:
    whole = {"model": "m", "messages": [USER]}
    return orjson.dumps({key: value for key, value in whole.items() if key != name})


CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def calling(**changes: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": None, "tool_calls": [{**CALL, **changes}]}


@pytest.mark.parametrize(
    ("raw", "code", "param", "says"),
    [
        (b"{", "invalid_json", None, "not valid JSON"),
        (b"[]", "invalid_json", None, "must be a JSON object, not an array"),
        (without("model"), "invalid_type", "model", "model must be a non-empty string, got nothing"),
        (without("messages"), "invalid_type", "messages", "messages must be a non-empty array, got nothing"),
        (body(model=1), "invalid_type", "model", "got a number"),
        (body(model=""), "invalid_type", "model", "got an empty one"),
        (body(model=[SECRET]), "invalid_type", "model", "got an array"),
        (body(messages=[]), "invalid_type", "messages", "got an empty one"),
        (body(messages={"0": SECRET}), "invalid_type", "messages", "got an object"),
        (body(messages=SECRET), "invalid_type", "messages", "got a string"),
        (body(stream="true"), "invalid_type", "stream", "stream must be a boolean, got a string"),
        (body(stream=1), "invalid_type", "stream", "got a number"),
        (body(stream_options=True), "invalid_type", "stream_options", "must be an object, got a boolean"),
        (body(stream_options=[SECRET]), "invalid_type", "stream_options", "must be an object, got an array"),
        (
            body(stream_options={"include_usage": "false"}),
            "invalid_type",
            "stream_options.include_usage",
            "must be a boolean, got a string",
        ),
        (body(n=0), "out_of_range", "n", "n must be between 1 and 128"),
        (body(n=-1), "out_of_range", "n", "n must be between 1 and 128"),
        (body(n=129), "out_of_range", "n", "n must be between 1 and 128"),
        (body(n=2**63), "out_of_range", "n", "n must be between 1 and 128"),
        (body(n=True), "invalid_type", "n", "n must be an integer, got a boolean"),
        (body(n=1.0), "invalid_type", "n", "n must be an integer, got a number"),
        (body(n="2"), "invalid_type", "n", "n must be an integer, got a string"),
        (
            body().replace(b'"messages"', b'"n": ' + b"9" * 30 + b', "messages"'),
            "invalid_type",
            "n",
            "must be an integer",
        ),
        (body(max_tokens=0), "out_of_range", "max_tokens", "between 1 and 2147483647"),
        (body(max_tokens=-5), "out_of_range", "max_tokens", "between 1 and 2147483647"),
        (body(max_tokens=2**31), "out_of_range", "max_tokens", "between 1 and 2147483647"),
        (body(max_tokens="100"), "invalid_type", "max_tokens", "an integer, got a string"),
        (body(max_completion_tokens=2**40), "out_of_range", "max_completion_tokens", "between 1 and"),
        (body(max_completion_tokens=1.5), "invalid_type", "max_completion_tokens", "an integer, got a number"),
        (body(USER, SECRET), "invalid_type", "messages[1]", "messages[1] must be an object, got a string"),
        (body(USER, None), "invalid_type", "messages[1]", "must be an object, got nothing"),
        (body(USER, [USER]), "invalid_type", "messages[1]", "must be an object, got an array"),
        (body({"content": SECRET}), "invalid_type", "messages[0].role", "must be a string, got nothing"),
        (body({"role": 1, "content": SECRET}), "invalid_type", "messages[0].role", "a string, got a number"),
        (body(USER, {"role": SECRET, "content": "x"}), "unknown_role", "messages[1].role", "none of the known roles"),
        (body({"role": "User", "content": "x"}), "unknown_role", "messages[0].role", "system, developer, user"),
        (
            body({"role": "user", "content": 5}),
            "invalid_type",
            "messages[0].content",
            "a string or an array of parts, got a number",
        ),
        (body({"role": "user", "content": {"text": SECRET}}), "invalid_type", "messages[0].content", "got an object"),
        (body({"role": "user", "content": True}), "invalid_type", "messages[0].content", "got a boolean"),
        (
            body({"role": "user", "content": [3]}),
            "invalid_type",
            "messages[0].content[0]",
            "must be an object, got a number",
        ),
        (body({"role": "user", "content": [None]}), "invalid_type", "messages[0].content[0]", "got nothing"),
        (
            body({"role": "user", "content": [{"text": SECRET}]}),
            "invalid_type",
            "messages[0].content[0].type",
            "must be a string, got nothing",
        ),
        (
            body({"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "text"}]}),
            "invalid_type",
            "messages[0].content[1].text",
            "must be a string, got nothing",
        ),
        (
            body({"role": "user", "content": [{"type": "text", "text": [SECRET]}]}),
            "invalid_type",
            "messages[0].content[0].text",
            "must be a string, got an array",
        ),
        (body({**USER, "name": [SECRET]}), "invalid_type", "messages[0].name", "must be a string, got an array"),
        (
            body({"role": "assistant", "reasoning_content": {"x": SECRET}}),
            "invalid_type",
            "messages[0].reasoning_content",
            "must be a string, got an object",
        ),
        (body({"role": "assistant", "refusal": 1}), "invalid_type", "messages[0].refusal", "a string, got a number"),
        (
            body({"role": "assistant", "tool_calls": {"0": SECRET}}),
            "invalid_type",
            "messages[0].tool_calls",
            "must be an array, got an object",
        ),
        (
            body({"role": "assistant", "tool_calls": [SECRET]}),
            "invalid_type",
            "messages[0].tool_calls[0]",
            "must be an object, got a string",
        ),
        (
            body(calling(function=None)),
            "invalid_type",
            "messages[0].tool_calls[0].function",
            "must be an object, got nothing",
        ),
        (
            body(calling(function={"name": "f", "arguments": {"q": SECRET}})),
            "invalid_type",
            "messages[0].tool_calls[0].function.arguments",
            "must be a string, got an object",
        ),
        (
            body(calling(function={"name": [SECRET]})),
            "invalid_type",
            "messages[0].tool_calls[0].function.name",
            "must be a string, got an array",
        ),
        (
            body({"role": "assistant", "function_call": SECRET}),
            "invalid_type",
            "messages[0].function_call",
            "must be an object, got a string",
        ),
        (body(*[USER] * 5000), "too_many_messages", "messages", "holds 5000 messages; at most 4096 are taken"),
    ],
)
def test_a_bad_request_is_refused_with_what_and_where_and_none_of_its_text(
    raw: bytes, code: str, param: str | None, says: str
) -> None:
    error = refused(raw)
    assert (error.code, error.param) == (code, param)
    assert says in str(error)


def test_a_thousand_messages_are_taken_and_every_one_is_read() -> None:
    turns = [{"role": ("user", "assistant")[at % 2], "content": f"第{at}句 turn"} for at in range(999)]
    question = read({"role": "system", "content": "规则"}, *turns)
    assert len(question.slots) == 1000
    assert [slot.text for slot in question.slots if slot.current] == ["规则", "第998句 turn"]


@pytest.mark.parametrize(("most", "count", "taken"), [(3, 3, True), (3, 4, False)])
def test_the_limit_of_messages_is_the_operators(most: int, count: int, taken: bool) -> None:
    raw = body(*[USER] * count)
    if taken:
        assert len(Chat(most).read(raw).slots) == count
    else:
        with pytest.raises(RequestError, match="at most 3 are taken"):
            Chat(most).read(raw)


TOOL = {
    "type": "function",
    "function": {
        "name": "查天气",
        "description": "Looks up 天气",
        "parameters": {
            "type": "object",
            "properties": {"城市": {"type": "string", "enum": ["北京", "Paris"]}, "day": {"description": "哪天"}},
            "required": ["城市"],
        },
    },
}


@pytest.mark.parametrize(
    ("message", "slots"),
    [
        ({"role": "system", "content": "规则 rule"}, [("content", "system", "content", "规则 rule")]),
        ({"role": "developer", "content": "dev 规则"}, [("content", "system", "content", "dev 规则")]),
        ({"role": "user", "content": "问 question"}, [("content", "user", "content", "问 question")]),
        ({"role": "assistant", "content": "答 answer"}, [("content", "assistant", "content", "答 answer")]),
        ({"role": "tool", "tool_call_id": "c1", "content": "结果"}, [("content", "tool", "content", "结果")]),
        (
            {"role": "function", "name": "f", "content": "旧式"},
            [("name", "tool", "name", "f"), ("content", "tool", "content", "旧式")],
        ),
        (
            {"role": "user", "name": "张三", "content": "x"},
            [("name", "user", "name", "张三"), ("content", "user", "content", "x")],
        ),
        (
            {"role": "user", "content": [{"type": "text", "text": "一"}, {"type": "input_text", "text": "two"}, "三"]},
            [
                ("content[0].text", "user", "content", "一"),
                ("content[1].text", "user", "content", "two"),
                ("content[2]", "user", "content", "三"),
            ],
        ),
        (
            {
                "role": "assistant",
                "content": [{"type": "output_text", "text": "说"}, {"type": "refusal", "refusal": "不"}],
            },
            [("content[0].text", "assistant", "content", "说"), ("content[1].refusal", "assistant", "refusal", "不")],
        ),
        (
            {"role": "assistant", "reasoning_content": "想", "reasoning": "think", "content": "说", "refusal": "不"},
            [
                ("reasoning_content", "assistant", "reasoning", "想"),
                ("reasoning", "assistant", "reasoning", "think"),
                ("content", "assistant", "content", "说"),
                ("refusal", "assistant", "refusal", "不"),
            ],
        ),
        (
            calling(function={"name": "查", "arguments": '{"q": "毒"}'}),
            [
                ("tool_calls[0].function.arguments", "assistant", "arguments", '{"q": "毒"}'),
                ("tool_calls[0].function.name", "assistant", "name", "查"),
            ],
        ),
        (
            {"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}},
            [
                ("function_call.arguments", "assistant", "arguments", "{}"),
                ("function_call.name", "assistant", "name", "f"),
            ],
        ),
        (
            {
                "role": "assistant",
                "tool_calls": [{"id": "c", "type": "custom", "custom": {"name": "sql", "input": "查毒"}}],
            },
            [
                ("tool_calls[0].custom[1]", "assistant", "name", "input"),
                ("tool_calls[0].custom.name", "assistant", "definition", "sql"),
                ("tool_calls[0].custom.input", "assistant", "definition", "查毒"),
            ],
        ),
        (
            calling(custom={"text": "藏"}),
            [
                ("tool_calls[0].function.arguments", "assistant", "arguments", "{}"),
                ("tool_calls[0].function.name", "assistant", "name", "f"),
                ("tool_calls[0].custom.text", "assistant", "definition", "藏"),
            ],
        ),
        (
            {"role": "assistant", "content": "x", "annotations": [{"title": "标题"}]},
            [("content", "assistant", "content", "x"), ("annotations[0].title", "assistant", "definition", "标题")],
        ),
        ({"role": "assistant", "content": ""}, []),
        ({"role": "assistant", "content": None}, []),
        ({"role": "user"}, []),
        ({"role": "user", "content": []}, []),
        (calling(function={"name": "", "arguments": ""}), []),
    ],
)
def test_every_place_of_a_message_that_holds_text_is_a_slot(
    message: dict[str, Any], slots: list[tuple[str, str, str, str]]
) -> None:
    question = read(message)
    assert found(question) == [(f"messages[0].{path}", *rest) for path, *rest in slots]
    assert question.unread == ()


@pytest.mark.parametrize(
    ("fields", "slots"),
    [
        (
            {"tools": [TOOL]},
            [
                ("tools[0].function.name", "查天气"),
                ("tools[0].function.description", "Looks up 天气"),
                ("tools[0].function.parameters.type", "object"),
                ("tools[0].function.parameters.properties[0]", "城市"),
                ("tools[0].function.parameters.properties[1]", "day"),
                ("tools[0].function.parameters.properties.?.type", "string"),
                ("tools[0].function.parameters.properties.?.enum[0]", "北京"),
                ("tools[0].function.parameters.properties.?.enum[1]", "Paris"),
                ("tools[0].function.parameters.properties.day.description", "哪天"),
                ("tools[0].function.parameters.required[0]", "城市"),
                ("tools[0].type", "function"),
            ],
        ),
        (
            {"functions": [{"name": "f", "description": "旧 old"}]},
            [("functions[0].name", "f"), ("functions[0].description", "旧 old")],
        ),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"title": "题"}}}},
            [
                ("response_format.type", "json_schema"),
                ("response_format.json_schema.name", "n"),
                ("response_format.json_schema.schema.title", "题"),
            ],
        ),
        (
            {"prediction": {"type": "content", "content": [{"type": "text", "text": "预测"}]}},
            [
                ("prediction.type", "content"),
                ("prediction.content[0].type", "text"),
                ("prediction.content[0].text", "预测"),
            ],
        ),
        (
            {"documents": [{"title": "文档", "text": "doc"}], "chat_template": "模板"},
            [("documents[0].title", "文档"), ("documents[0].text", "doc"), ("chat_template", "模板")],
        ),
        (
            {
                "temperature": 1,
                "stop": ["停"],
                "metadata": {"k": "v"},
                "tool_choice": "auto",
                "seed": None,
                "user": "u",
            },
            [],
        ),
    ],
)
def test_definitions_and_fields_that_nobody_knows_are_slots(
    fields: dict[str, Any], slots: list[tuple[str, str]]
) -> None:
    question = read({"role": "user"}, **fields)
    assert sorted((path, text) for path, _, _, text in found(question)) == sorted(slots)
    assert {(slot.role, slot.current, slot.joined, slot.quoted) for slot in question.slots} <= {
        ("system", True, False, False)
    }


@pytest.mark.parametrize(
    ("content", "joined"),
    [
        ([{"type": "text", "text": "贩"}, {"type": "text", "text": "毒"}], [False, True]),
        ([{"type": "text", "text": "a"}, "b", {"type": "text", "text": "c"}], [False, True, True]),
        (
            [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "b"}],
            [False, False],
        ),
        ("whole", [False]),
    ],
)
def test_parts_that_follow_each_other_are_joined(content: Any, joined: list[bool]) -> None:
    question = read(USER, {"role": "user", "content": content})
    assert [slot.joined for slot in question.slots] == [False, *joined]


def test_only_arguments_are_quoted() -> None:
    question = read(USER, {**calling(), "content": "话"}, {"role": "tool", "content": "{}"}, tools=[TOOL])
    assert {slot.kind for slot in question.slots if slot.quoted} == {"arguments"}
    assert all(slot.quoted for slot in question.slots if slot.kind == "arguments")


S, U, A, T = "system", "user", "assistant", "tool"


@pytest.mark.parametrize(
    ("roles", "now"),
    [
        ([U], [0]),
        ([S, U], [0, 1]),
        ([S, U, A, U], [0, 3]),
        ([U, A, U, A, U], [4]),
        ([U, A, U, U], [2, 3]),
        ([U, U], [0, 1]),
        ([U, A], [0, 1]),
        ([U, A, U, A], [2, 3]),
        ([U, A, T], [2]),
        ([U, A, T, A, T], [4]),
        ([U, A, T, T, U], [2, 3, 4]),
        ([U, A, S, U], [2, 3]),
        ([U, S, A, U], [1, 3]),
        ([A, U], [1]),
        ([A], [0]),
        ([A, A], [0, 1]),
    ],
)
def test_the_turn_that_is_answered_now_begins_after_the_last_answer_and_system_is_always_now(
    roles: list[str], now: list[int]
) -> None:
    question = read(*({"role": role, "content": str(at)} for at, role in enumerate(roles)))
    assert [int(slot.text) for slot in question.slots if slot.current] == now


@pytest.mark.parametrize(
    ("message", "unread"),
    [
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}, "content[0]"),
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": ""}}]}, "content[0]"),
        ({"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}, "content[0]"),
        ({"role": "user", "content": [{"type": "Text", "text": SECRET}]}, "content[0]"),
        ({"role": "user", "content": [{"type": "text", "text": "x", "text2": SECRET}]}, "content[0].text2"),
        ({"role": "user", "content": [{"type": "text", "text": "x", "refusal": SECRET}]}, "content[0].refusal"),
        ({"role": "assistant", "content": "x", "audio": {"id": "a"}}, "audio"),
        ({"role": "user", "content": "x", "images": ["iVBOR"]}, "images"),
        ({"role": "user", "content": "x", "Content": SECRET}, "Content"),
        ({"role": "user", "content": "x", f"键{SECRET}": "y"}, "?"),
        ({"role": "tool", "content": "x", "tool_call_id": f"{SECRET} words"}, "tool_call_id"),
        ({"role": "tool", "content": "x", "tool_call_id": {"a": SECRET}}, "tool_call_id"),
        (calling(id="an id of words"), "tool_calls[0].id"),
        (calling(input=SECRET), "tool_calls[0].input"),
        (calling(function={"name": "f", "arguments": "{}", "note": SECRET}), "tool_calls[0].function.note"),
    ],
)
def test_what_no_detector_can_read_is_named_without_its_text(message: dict[str, Any], unread: str) -> None:
    assert read(message).unread == (f"messages[0].{unread}",)


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]},
        {"role": "assistant", "content": "x", "audio": None, "annotations": [], "images": [], "note": ""},
        {"role": "user", "content": "x", "weight": 1, "flag": True},
        {"role": "tool", "content": "x", "tool_call_id": "functions.f:0/+=_-"},
        {"role": "tool", "content": "x", "tool_call_id": 7},
        calling(index=0, type="function"),
        {"role": "assistant", "content": "x", "tool_calls": None, "function_call": None},
        {"role": "assistant", "content": "x", "tool_calls": []},
    ],
)
def test_empty_fields_ids_and_numbers_hide_nothing(message: dict[str, Any]) -> None:
    assert read(message).unread == ()


@pytest.mark.parametrize(
    ("fields", "plain"),
    [
        ({}, True),
        ({"response_format": None}, True),
        ({"response_format": {"type": "text"}}, True),
        ({"response_format": {"type": "json_object"}}, False),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, False),
        ({"response_format": {"type": "grammar"}}, False),
        ({"response_format": {}}, False),
        ({"response_format": "json"}, False),
        ({"guided_json": {"type": "object"}}, False),
        ({"structured_outputs": {"regex": "x"}}, False),
        ({"format": "json"}, False),
        ({"guided_json": None}, True),
    ],
)
def test_an_answer_is_prose_unless_a_format_is_asked_for(fields: dict[str, Any], plain: bool) -> None:
    assert read(**fields).plain is plain


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ({}, "stream", False),
        ({"stream": None}, "stream", False),
        ({"stream": True}, "stream", True),
        ({}, "usage", False),
        ({"stream_options": None}, "usage", False),
        ({"stream_options": {}}, "usage", False),
        ({"stream_options": {"include_usage": None}}, "usage", False),
        ({"stream_options": {"include_usage": True}}, "usage", True),
        ({}, "choices", 1),
        ({"n": None}, "choices", 1),
        ({"n": 3}, "choices", 3),
        ({"n": 128}, "choices", 128),
        ({"max_tokens": 1, "max_completion_tokens": None}, "choices", 1),
        ({}, "user", None),
        ({"user": "用户-1"}, "user", "用户-1"),
        ({"user": 7}, "user", None),
        ({}, "model", "m"),
        ({}, "dialect", "chat"),
    ],
)
def test_what_the_client_asked_for_is_in_the_question(fields: dict[str, Any], name: str, value: object) -> None:
    assert getattr(read(**fields), name) == value


AS_CAME = (
    b'{ "model":"m", "temperature": 1.10, "seed": 123456789012345678901234567890,\n "messages" : '
    b'[{"role":"user","content":"\\u4f60\\u597d"},{"role":"user","content":[{"type":"text","text":"a"}]}] }'
)


def test_a_request_in_which_nothing_changed_leaves_as_the_bytes_it_came_in() -> None:
    chat = Chat()
    question = chat.read(AS_CAME)
    assert chat.write(question, {}, model="m") is question.raw
    assert question.raw == AS_CAME


def test_an_alias_changes_the_model_and_nothing_else() -> None:
    chat = Chat()
    written = chat.write(chat.read(AS_CAME), {}, model="真名/real-7b")
    assert written.decode() == (
        '{"model":"真名/real-7b","temperature":1.10,"seed":123456789012345678901234567890,"messages":'
        '[{"role":"user","content":"你好"},{"role":"user","content":[{"type":"text","text":"a"}]}]}'
    )


def test_only_the_slots_named_are_changed() -> None:
    chat = Chat()
    question = chat.read(AS_CAME)
    written = chat.write(question, {question.slots[1].path: '**"\n'}, model="m")
    expected = json.loads(AS_CAME)
    expected["messages"][1]["content"][0]["text"] = '**"\n'
    assert json.loads(written) == expected
    assert question.body["messages"][1]["content"][0]["text"] == "a"


def test_a_masked_name_in_a_definition_is_renamed() -> None:
    chat = Chat()
    question = chat.read(body(tools=[TOOL]))
    (name,) = (slot for slot in question.slots if slot.text == "城市" and slot.kind == "name")
    written = json.loads(chat.write(question, {name.path: "**"}, model="m"))
    properties = written["tools"][0]["function"]["parameters"]["properties"]
    assert list(properties) == ["**", "day"]
    assert properties["**"] == {"type": "string", "enum": ["北京", "Paris"]}


def test_every_slot_can_be_written_back() -> None:
    chat = Chat()
    question = chat.read(
        body(
            {"role": "system", "name": "n", "content": ["一", {"type": "text", "text": "二"}]},
            {**calling(custom={"输入": "x"}), "reasoning": "想", "function_call": {"name": "g", "arguments": "{}"}},
            tools=[TOOL],
            documents={"键": ["值"]},
        )
    )
    changes = {slot.path: f"新{at}" for at, slot in enumerate(question.slots)}
    assert len(changes) == len(question.slots)
    again = chat.read(chat.write(question, changes, model="m"))
    assert sorted(slot.text for slot in again.slots) == sorted(changes.values())


@pytest.mark.parametrize(
    ("asked", "sent", "codec"), [(True, True, ChatStream), (True, False, ChatStream), (False, False, ChatWhole)]
)
def test_the_codec_is_the_one_that_the_client_can_read(asked: bool, sent: bool, codec: type) -> None:
    assert type(Chat().codec(read(stream=asked), stream=sent, upstream="up")) is codec


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (429, "rate_limit_error"),
        (502, "server_error"),
    ],
)
def test_an_error_has_the_envelope_that_sdks_parse(status: int, kind: str) -> None:
    raw = Chat().error(status, "some_code", "说明", param="messages[0]", extra={"sluice": {"request_id": "R"}})
    assert json.loads(raw) == {
        "error": {"message": "说明", "type": kind, "param": "messages[0]", "code": "some_code"},
        "sluice": {"request_id": "R"},
    }


# --- Any JSON is a question or refused -------------------------------------------------------------

WORDS = st.sampled_from(["", "user", "assistant", "tool", "system", "text", "image_url", "function", "毒", "a b", "m"])
FIELDS = st.sampled_from(
    [
        "model",
        "messages",
        "role",
        "content",
        "type",
        "text",
        "name",
        "tool_calls",
        "function",
        "function_call",
        "custom",
        "arguments",
        "id",
        "tool_call_id",
        "reasoning",
        "refusal",
        "annotations",
        "tools",
        "response_format",
        "n",
        "stream",
        "stream_options",
        "include_usage",
        "documents",
        "键",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=25,
)
MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "tool", "system"])},
    optional={
        "content": JSON,
        "tool_calls": st.lists(JSON, max_size=3),
        "function_call": JSON,
        "name": JSON,
        "x": JSON,
    },
)
REQUEST = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": st.lists(MESSAGE, min_size=1, max_size=4)},
    optional={"tools": JSON, "response_format": JSON, "stream_options": JSON, "n": JSON, "documents": JSON},
)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


@settings(max_examples=200, deadline=None)
@given(REQUEST | JSON)
def test_any_json_is_a_question_whose_slots_stand_where_they_say_or_refused(value: Any) -> None:
    chat = Chat()
    try:
        question = chat.read(orjson.dumps(value))
    except RequestError:
        return
    for slot in question.slots:
        assert _at(value, slot) == slot.text
    changes = {slot.path: slot.text + "。" for slot in question.slots}
    assert len(changes) == len(question.slots)
    assert len(strings(json.loads(chat.write(question, changes, model="m")))) == len(strings(value))


def _at(value: Any, slot: Slot) -> str:
    *path, last = slot.path
    for part in path:
        value = value[part]
    return list(value)[last] if isinstance(value, dict) and isinstance(last, int) else value[last]
