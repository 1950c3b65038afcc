"""Sounds and pictures that come as forms, with OpenAI's own SDK: prompts screened, what is written down judged.

Mutants killed: a prompt that is not judged; single words that spell out what was masked; a caption whose times are
read as numbers; a transcript with a label; a stream without its end; a file that is not told to be unread.
"""

from __future__ import annotations

from typing import Any

import openai
import orjson
import pytest
from kit.plans import LABEL, SAFE, pattern, plan, rule, side
from kit.responses import before_openai
from kit.upstream import Answer, Received, cut, events, sse, whole
from openai.types.audio import TranscriptionDiarized

from gateway.policy.plan import LabelPlan
from gateway.wire import forms

SIDE = side(
    {"drug": pattern("drug", "毒品|drug deal"), "number": pattern("number", "[0-9]{6,11}")},
    [rule("drug", "refuse"), rule("number", "mask", keep=(2, 2))],
)
PLAN = plan(SIDE, SIDE, label=LabelPlan("end", LABEL, metadata=True))
BUFFERED = plan(SIDE, side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse", release="buffer")]))
SOUND = ("a.wav", b"RIFF....", "audio/wav")
TEXT = "今天的号码是13812345678，谢谢大家的聆听。"
MASKED = "今天的号码是13*******78，谢谢大家的聆听。"
SRT = "1\n00:00:00,000 --> 00:00:04,000\n{}\n\n2\n00:00:04,000 --> 00:00:09,123\n好的\n\n"
VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:04.000\n{}\n\n"


def heard(request: Received) -> Answer:
    """A server that writes the same down in every format."""
    form = forms.parse(request.body)
    texts = form.texts()
    kind = texts.get("response_format", "json")
    if texts.get("stream") == "true":
        said = [{"type": "transcript.text.delta", "delta": piece} for piece in TEXT]
        said.append({"type": "transcript.text.done", "text": TEXT, "usage": {"input_tokens": 3, "output_tokens": 4}})
        return events([sse(orjson.dumps(one)) for one in said])
    if kind in ("text", "srt", "vtt"):
        body = {"text": "{}\n", "srt": SRT, "vtt": VTT}[kind].format(TEXT)
        return whole(body.encode(), content_type="text/plain; charset=utf-8")
    segments = [{"id": 0, "start": 0.0, "end": 1.0, "text": TEXT, "tokens": [1, 2]}]
    more = {"segments": segments, "words": [{"word": TEXT, "start": 0, "end": 1}]} if kind == "verbose_json" else {}
    return whole(orjson.dumps({"text": TEXT, "language": "zh", "duration": 1.0, **more}))


FORMATS = [
    ("json", lambda made: made.text),
    ("verbose_json", lambda made: made.text),
    ("text", lambda made: made.removesuffix("\n")),
    ("srt", lambda made: made),
    ("vtt", lambda made: made),
]


@pytest.mark.parametrize(("kind", "read"), FORMATS, ids=[kind for kind, _ in FORMATS])
async def test_what_is_written_down_is_judged_in_every_format(kind: Any, read: Any) -> None:
    async with before_openai(PLAN, heard, producer="p") as here:
        create = here.client.audio.transcriptions.create
        made = await create(model="up", file=SOUND, prompt="关于13812345678", response_format=kind)
        await here.gate.recorded(1)
        record = here.gate.records.records[0]
    wanted = {"srt": SRT, "vtt": VTT}.get(kind, "{}").format(MASKED)
    assert read(made) == wanted
    sent = forms.parse(here.upstream.requests[0].body)
    assert sent.texts()["prompt"] == "关于13*******78"
    assert (record.dialect, record.request.unjudged, record.label) == ("transcriptions", ("file",), "none")
    if kind == "verbose_json":
        assert made.segments[0].text == MASKED
        assert made.words == []
        assert "aigc" not in made.model_dump()


@pytest.mark.parametrize("policy", [PLAN, BUFFERED], ids=["as it comes", "buffered"])
async def test_a_stream_is_judged_and_its_end_says_the_same(policy: Any) -> None:
    async with before_openai(policy, heard) as here:
        stream = await here.client.audio.transcriptions.create(model="up", file=SOUND, stream=True)
        said = [event async for event in stream]
    text = "".join(event.delta for event in said if event.type == "transcript.text.delta")
    assert said[-1].type == "transcript.text.done"
    assert text == said[-1].text == (MASKED if policy is PLAN else TEXT)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_prompt_that_is_refused_gets_the_reply_and_nobody_listens(stream: bool) -> None:
    async with before_openai(PLAN, heard) as here:
        create = here.client.audio.transcriptions.create
        made = await create(model="up", file=SOUND, prompt="毒品", stream=stream)  # type: ignore[call-overload]
        text = [event async for event in made][-1].text if stream else made.text
        with pytest.raises(openai.BadRequestError):
            await create(model="", file=SOUND)
        assert here.upstream.requests == []
    assert text == SAFE.zh


@pytest.mark.parametrize(
    ("kind", "body"), [("json", b'{"text": "\xe6\xaf\x92\xe5\x93\x81"}'), ("srt", SRT.format("毒品").encode())]
)
async def test_what_is_heard_and_refused_is_replaced(kind: Any, body: bytes) -> None:
    kinds = {"json": "application/json", "srt": "text/plain"}
    async with before_openai(PLAN, whole(body, content_type=kinds[kind])) as here:
        made = await here.client.audio.transcriptions.create(model="up", file=SOUND, response_format=kind)
    assert SAFE.zh in (made.text if kind == "json" else made) or SAFE.en in (made.text if kind == "json" else made)
    assert "毒品" not in str(made)


BROKEN = [
    [sse(b'{"type": "transcript.text.delta", "delta": "a"}')],
    [sse(b'{"type": "transcript.text.delta", "delta": 7}')],
    [sse(b"nonsense")],
    [sse(b'{"type": "error", "error": {"message": "x"}}')],
]


@pytest.mark.parametrize("pieces", BROKEN)
async def test_a_stream_that_breaks_off_is_an_error(pieces: list[bytes]) -> None:
    async with before_openai(PLAN, events(pieces)) as here:
        here.client.max_retries = 0
        with pytest.raises(openai.APIError):
            async for _ in await here.client.audio.transcriptions.create(model="up", file=SOUND, stream=True):
                pass


async def test_bytes_that_are_cut_anywhere_are_the_same() -> None:
    raw = b"".join(heard(Received("POST", "", {}, _form(stream="true"), 0)).pieces)  # type: ignore[arg-type]
    async with before_openai(PLAN, events(cut(raw, 1))) as here:
        stream = await here.client.audio.transcriptions.create(model="up", file=SOUND, stream=True)
        assert [event async for event in stream][-1].text == MASKED  # type: ignore[union-attr]


def _form(**texts: str) -> bytes:
    field = forms.Field("file", b"x", ".wav", "audio/wav", True)
    return forms.write(forms.Form((field, *(forms.Field(k, v.encode()) for k, v in texts.items())), "b0"), {})


# --- Who said what -------------------------------------------------------------------------------

TALK = [("李 13812345678", "号码是13812345678。"), ("A", "好的 thanks。"), ("李 13812345678", "再见。")]


def segments(*said: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "type": "transcript.text.segment",
            "id": f"seg_{at}",
            "start": at,
            "end": at + 0.5,
            "speaker": who,
            "text": text,
        }
        for at, (who, text) in enumerate(said)
    ]


def diarized(*said: tuple[str, str], stream: bool = True) -> Any:
    """A server that says who said what; without ``stream`` it knows whole answers only."""
    text = "".join(words for _, words in said)

    def answer(request: Received) -> Answer:
        if stream and forms.parse(request.body).texts().get("stream") == "true":
            out: list[dict[str, Any]] = []
            for one in segments(*said):
                pieces = [{"type": "transcript.text.delta", "delta": piece} for piece in one["text"]]
                out += [{**piece, "segment_id": one["id"]} for piece in pieces]
                out.append(one)
            out.append({"type": "transcript.text.done", "text": text})
            return events([sse(orjson.dumps(one)) for one in out])
        return whole(orjson.dumps({"task": "transcribe", "duration": 3.5, "text": text, "segments": segments(*said)}))

    return answer


async def test_who_said_what_is_judged_word_for_word_and_name_for_name() -> None:
    async with before_openai(PLAN, diarized(*TALK), producer="p") as here:
        made = await here.client.audio.transcriptions.create(
            model="up",
            file=SOUND,
            response_format="diarized_json",
            chunking_strategy="auto",
            known_speaker_names=["李 13812345678"],
        )
        await here.gate.recorded(1)
        (record,) = here.gate.records.records
    assert isinstance(made, TranscriptionDiarized)
    assert [(one.speaker, one.text) for one in made.segments] == [
        ("李 13*******78", "号码是13*******78。"), ("A", "好的 thanks。"), ("李 13*******78", "再见。"),
    ]  # fmt: skip
    assert [(one.id, one.start, one.end) for one in made.segments] == [(f"seg_{at}", at, at + 0.5) for at in range(3)]
    assert made.text == "号码是13*******78。好的 thanks。再见。"
    assert (made.duration, made.task) == (3.5, "transcribe")
    assert b"13812345678" not in here.upstream.requests[0].body
    assert record.response.unjudged == ()


@pytest.mark.parametrize("streams", [True, False], ids=["streams", "answers whole"])
async def test_who_said_what_is_judged_in_a_stream_too(streams: bool) -> None:
    async with before_openai(PLAN, diarized(*TALK, stream=streams)) as here:
        stream = await here.client.audio.transcriptions.create(
            model="up", file=SOUND, response_format="diarized_json", stream=True
        )
        said = [event async for event in stream]
    told = [(one.speaker, one.text) for one in said if one.type == "transcript.text.segment"]
    assert told == [("李 13*******78", "号码是13*******78。"), ("A", "好的 thanks。"), ("李 13*******78", "再见。")]
    assert said[-1].type == "transcript.text.done"
    assert said[-1].text == "号码是13*******78。好的 thanks。再见。"
    assert "13812345678" not in str(said)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("talk", [[("A", "你好。"), ("B", "买毒品吗")], [("毒品 dealer", "你好。"), ("B", "好")]])
async def test_what_one_of_them_may_not_say_or_be_called_is_not_written_down(
    talk: list[tuple[str, str]], stream: bool
) -> None:
    async with before_openai(PLAN, diarized(*talk)) as here:
        made: Any = await here.client.audio.transcriptions.create(  # type: ignore[call-overload]
            model="up", file=SOUND, response_format="diarized_json", stream=stream
        )
        said = [event async for event in made] if stream else made
    assert "毒品" not in str(said)
    assert SAFE.zh in str(said) or SAFE.en in str(said)
    if not stream:
        assert (made.segments, made.task, made.duration) == ([], "transcribe", 0.0)


@pytest.mark.parametrize(
    "segment",
    [{"speaker": 7, "text": "x"}, {"speaker": "A", "text": 7}, {"speaker": {"name": "毒品"}, "text": "x"}, "毒品"],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_segment_that_is_none_broke(segment: Any, stream: bool) -> None:
    if stream:
        event = {"type": "transcript.text.segment", **segment} if isinstance(segment, dict) else {"type": segment}
        answer = events([sse(orjson.dumps(event))])
    else:
        answer = whole(orjson.dumps({"text": "x", "segments": [segment]}))
    async with before_openai(PLAN, answer) as here:
        here.client.max_retries = 0
        with pytest.raises(openai.APIError):
            await _listened(here, stream)


async def _listened(here: Any, stream: bool) -> None:
    create = here.client.audio.transcriptions.create
    made = await create(model="up", file=SOUND, response_format="diarized_json", stream=stream)
    assert [event async for event in made] if stream else made


async def test_what_a_segment_says_beside_its_text_is_told_to_be_unread() -> None:
    odd = {**segments(("A", "好"))[0], "mood": "毒品"}
    out = [odd, {"type": "transcript.text.done", "text": "好"}]
    async with before_openai(PLAN, events([sse(orjson.dumps(one)) for one in out])) as here:
        stream = await here.client.audio.transcriptions.create(model="up", file=SOUND, stream=True)
        assert [event async for event in stream]
        await here.gate.recorded(1)
        (record,) = here.gate.records.records
    assert record.response.unjudged == ("mood",)
