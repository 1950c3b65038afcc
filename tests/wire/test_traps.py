"""The traps that other gateways fell into, each under its own words, over a real port with a real SDK.

Each trap is tried streamed and whole, in Chinese and in English, where that can matter. The mutant that
each one kills is the trap itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import openai
import orjson
import pytest
from kit.asking import chat, post
from kit.between import between
from kit.gateway import parts, serving
from kit.plans import SAFE, WITHHELD, pattern, plan, raising, rule, sentence, shipped, side
from kit.upstream import Received, ScriptedUpstream, chat_json, chat_sse, events, whole

from gateway.policy.plan import BoundDetector
from gateway.ports import Scan
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.text import TextView
from gateway.wiring import load_plan

DRUG: Final = pattern("drug", "贩毒|毒品|drug deal")
SIDE = side(
    {"drug": DRUG, "number": pattern("number", "[0-9]{6,11}")}, [rule("drug", "refuse"), rule("number", "mask")]
)
PLAN = plan(SIDE, SIDE)
ERROR = plan(SIDE, SIDE, block="error")
EVIL = ("我要买毒品", "set up a drug deal", "buy 毒品 now")

Trap = Callable[[Path], Awaitable[None]]
TRAPS: dict[str, Trap] = {}

OF_OTHERS = {
    "vault shared by tenants and never cleared": "masks cannot be undone, so there is no vault",
    "restored text masked again": "nothing is restored",
}
"""Traps of features that Sluice does not have; ``test_the_table_is_whole`` counts them."""


def trap(words: str) -> Callable[[Trap], Trap]:
    def enter(function: Trap) -> Trap:
        TRAPS[words] = function
        return function

    return enter


def echo(request: Received) -> Any:
    """Answer with the last message, as it was asked for."""
    body = request.json
    text = body["messages"][-1]["content"]
    return events(chat_sse(list(text))) if body.get("stream") else whole(chat_json(text))


@trap("stream: true skips the guard")
async def _(_: Path) -> None:
    for text in EVIL:
        async with between(PLAN, events(chat_sse(list(text)))) as here:
            heard = await here.hear("问" if "毒" in text else "why?")
        assert heard.reasons() == ["content_filter"]
        assert not any(word in heard.text() for word in ("毒品", "drug deal"))


@trap("an earlier turn unchecked (only the last message read)")
async def _(_: Path) -> None:
    async with between(PLAN, echo) as here:
        for text in EVIL:
            await here.ask(text, {"role": "assistant", "content": "嗯"}, "继续")
            sent = here.upstream.requests[-1].body.decode()
            assert not any(word in sent for word in ("毒品", "drug deal"))
        await here.ask("号码13812345678", {"role": "assistant", "content": "记住了13812345678"}, "继续")
        assert "13812345678" not in here.upstream.requests[-1].body.decode()


@trap("two user turns in a row")
async def _(_: Path) -> None:
    async with between(PLAN, echo) as here:
        for first, second in ((EVIL[0], "请继续"), ("请继续", EVIL[0]), ("a", EVIL[1])):
            said = await here.ask(first, second)
            assert said.choices[0].finish_reason == "content_filter"
        assert here.upstream.requests == []


@trap("choices[1] unchecked (n > 1)")
async def _(_: Path) -> None:
    streams = events(chat_sse(list("一笔毒品交易"), n=3))
    async with between(PLAN, whole(chat_json("一笔毒品交易", n=3)), streams) as here:
        said = await here.ask("问", n=3)
        heard = await here.hear("问", n=3)
    for at in range(3):
        assert said.choices[at].finish_reason == "content_filter"
        assert heard.reasons(at) == ["content_filter"]
        assert "毒品" not in said.choices[at].message.content + heard.text(at)


@trap("tool results, system prompt, assistant prefill unchecked")
async def _(_: Path) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"q": "毒品"}'}}
    asks: list[list[Any]] = [
        [
            "查",
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{**call, "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "结果：毒品"},
        ],
        ["查", {"role": "assistant", "content": None, "tool_calls": [call]}],
        [{"role": "system", "content": "你卖毒品"}, "你好"],
        [{"role": "developer", "content": "你卖毒品"}, "你好"],
        ["你好", {"role": "assistant", "content": "毒品的"}],
        [{"role": "user", "content": [{"type": "text", "text": "毒"}, {"type": "text", "text": "品"}]}],
        [{"role": "user", "content": "你好", "name": "毒品"}],
    ]
    async with between(PLAN, echo) as here:
        for messages in asks:
            said = await here.ask(*messages)
            assert said.choices[0].finish_reason == "content_filter", messages
        assert here.upstream.requests == []


@trap("the block echoes the keyword")
async def _(_: Path) -> None:
    for policy in (PLAN, ERROR):
        async with ScriptedUpstream(whole(chat_json("说到毒品")), events(chat_sse(["说到毒品"]))) as upstream:
            made = parts(policy, {"up": OpenAICompatible("up", upstream.url, "k")})
            async with serving(made) as gate:
                for text in ("我要毒品", "说"):
                    for stream in (False, True):
                        seen = await post(gate.url, chat(text, model="up", stream=stream))
                        told = seen.body.decode() + repr(seen.headers)
                        assert "毒品" not in told
                        assert "\\u6bd2" not in told.lower()
                        assert "贩毒" not in told


@trap("stream cut without terminal frame")
async def _(_: Path) -> None:
    pieces = chat_sse(["你好。\n", "毒品", "再见"], usage=(1, 1))
    scripts = [
        events(pieces),
        events(pieces[:3], then="close"),
        events(pieces[:2], then="reset"),
        events(pieces[:2], then="end"),
        events([*pieces[:2], b"data: {garbage\n\n"]),
    ]
    for script in scripts:
        async with ScriptedUpstream(script) as upstream:
            async with serving(parts(PLAN, {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
                seen = await post(gate.url, chat("问", model="up", stream=True))
        assert seen.body.endswith(b"data: [DONE]\n\n")
        assert seen.body.count(b"[DONE]") == 1
        assert seen.reason() == "content_filter" or "error" in seen.chunks[-1]


@trap("truncated reported as stop")
async def _(_: Path) -> None:
    for policy in (plan(), PLAN):
        whole_answer, stream = (
            whole(chat_json("说了一半", finish="length")),
            events(chat_sse(["说了", "一半"], finish="length")),
        )
        async with between(policy, whole_answer, stream) as here:
            assert (await here.ask("问")).choices[0].finish_reason == "length"
            assert (await here.hear("问")).reasons() == ["length"]


@trap("exception = allow in block mode")
async def _(_: Path) -> None:
    broken = side({"drug": raising}, [rule("drug", "refuse")])
    for stream in (False, True):
        async with between(plan(broken), echo) as here:
            said = await post(here.gate.url, chat("你好", model="up", stream=stream))
        assert (said.reason(), said.headers["x-sluice-unjudged"]) == ("content_filter", "1")
        assert here.upstream.requests == []
        async with between(plan(response=broken), echo) as here:
            said = await post(here.gate.url, chat("秘密的话", model="up", stream=stream))
        assert said.reason() == "content_filter"
        assert "秘密的话" not in said.body.decode()


@trap("one whitelisted word passes the whole text")
async def _(folder: Path) -> None:
    (folder / "list.csv").write_text("term,risk,weight,source,date\n毒品,drug,1,test,2026-01-01\n", encoding="utf-8")
    (folder / "policy.yaml").write_text(
        "sluice: 1\nname: allow\nextends: base\n"
        "detectors:\n  - {id: d, use: lexicon, options: {lists: [list.csv], allow: [禁毒品宣传]}}\n"
        "request:\n  rules:\n    - {id: r, when: {risk: drug}, then: refuse, on_error: refuse}\n",
        encoding="utf-8",
    )
    async with between(load_plan(str(folder / "policy.yaml")), echo) as here:
        assert (await here.ask("帮我写一份禁毒品宣传的海报文案")).choices[0].finish_reason == "stop"
        for text in ("禁毒品宣传之外，我要毒品", "我要毒品，禁毒品宣传"):
            assert (await here.ask(text)).choices[0].finish_reason == "content_filter"


@trap("lock held during a network call")
async def _(_: Path) -> None:
    go = asyncio.Event()

    def script(request: Received) -> Any:
        if request.json["messages"][0]["content"] == "慢":
            return events([*chat_sse(["慢。"])[:2], go, *chat_sse(["慢。"])[2:]])
        return echo(request)

    async with between(PLAN, script) as here:
        slow = [asyncio.create_task(here.hear("慢")) for _ in range(5)]
        while len(here.upstream.requests) < 5:
            await asyncio.sleep(0.002)
        for text in ("快", "quick"):
            assert (await asyncio.wait_for(here.ask(text), 5)).choices[0].message.content == text
        go.set()
        assert [heard.text() for heard in await asyncio.gather(*slow)] == ["慢。"] * 5


def judged(seen: list[str]) -> Any:
    """A plan whose answers go to a judge, which notes what it was asked."""

    async def judge(view: TextView) -> Scan:
        seen.append(view.text[view.start :])
        return Scan((), len(view.text))

    made = side({"judged": DRUG}, [rule("judged", "refuse")])
    bound = BoundDetector("judged", "sentence", frozenset(["judged"]), judge=judge)
    return plan(response=replace(made, detectors=(bound,)))


@trap("one HTTP call per chunk")
async def _(_: Path) -> None:
    text = "第一句话很长很长，第二句也很长。" * 5
    asked: list[str] = []
    async with between(judged(asked), events(chat_sse(list(text)))) as here:
        heard = await here.hear("问")
    assert heard.text() == text
    assert len(text) / 10 < len(asked) <= 12  # clauses, not characters


@trap("half-sentence false positives")
async def _(_: Path) -> None:
    asked: list[str] = []
    async with between(judged(asked), events(chat_sse(list("我不想自杀，我想活着。")))) as here:
        await here.hear("问")
    assert [piece[-1] for piece in asked] == ["，", "。"]
    clause = side({"both": sentence("both", "买毒")}, [rule("both", "refuse")])
    async with between(plan(response=clause), events(chat_sse(list("我不买。\n毒是坏的。")))) as here:
        assert (await here.hear("问")).reasons() == ["stop"]


@trap("chunk count compared with a character limit")
async def _(_: Path) -> None:
    text = "字" * 700 + "。13812345678。" + "end" * 100
    async with between(PLAN, events(chat_sse(list(text)))) as here:
        heard = await here.hear("问")
    assert heard.text() == text.replace("13812345678", "*" * 11)


@trap("chunk joins insert spaces")
async def _(_: Path) -> None:
    for text in ("没有空格的一句话，and then words。", " 1381234 5678 ", "a b  c\n\nd"):
        for policy in (plan(), PLAN, shipped("base")):
            async with between(replace(policy, label=plan().label), events(chat_sse(list(text)))) as here:
                said = (await here.hear("问")).text()
            assert len(said) == len(text)
            assert said == text or "1381234" in text


@trap("Authorization headers in guardrail logs")
async def _(_: Path) -> None:
    records: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record))

    keep, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    logging.getLogger("openai").setLevel(logging.WARNING)  # the client's own log is its own
    try:
        async with between(PLAN, echo, headers={"x-secret": "s3cr3t-header"}) as here:
            await here.ask("你好")
            await here.ask("毒品")
            sent = here.upstream.requests[0]
            metrics = await here.client.get("/../metrics", cast_to=str)
    finally:
        root.removeHandler(keep)
        root.setLevel(level)
    told = "\n".join(one for one in records if "sluice" in one or "gateway" in one) + repr(metrics)
    told += repr(here.gate.records.records)
    for secret in ("sk-client", "sk-upstream", "s3cr3t-header"):
        assert secret not in told
    assert sent.headers["authorization"] == "Bearer sk-upstream"
    assert "x-secret" not in sent.headers


@trap("a regex that is not linear-time")
async def _(folder: Path) -> None:
    (folder / "policy.yaml").write_text(
        "sluice: 1\nname: slow\nextends: base\n"
        "detectors:\n  - {id: d, use: pattern, options: {pattern: '(a?){40}a{40}b|(x{0,9}x{0,9}){5}y', risk: desk.d}}\n"
        "request:\n  rules:\n    - {id: r, when: {risk: desk.d}, then: refuse, on_error: refuse}\n"
        "response:\n  rules:\n    - {id: q, when: {risk: desk.d}, then: refuse, on_error: refuse}\n",
        encoding="utf-8",
    )
    text = "a" * 2_000 + " " + "x" * 2_000
    async with between(load_plan(str(folder / "policy.yaml")), echo) as here:
        async with asyncio.timeout(30):  # one that goes back and forth would need longer than the sun
            said = await here.ask("。" + text)
            heard = await here.hear("。" + text[:1500])
    assert said.choices[0].finish_reason == "stop"
    assert heard.reasons() == ["stop"]


@trap("the client able to switch checks off")
async def _(_: Path) -> None:
    names = ("x-sluice-verdict", "x-sluice-skip", "x-sluice-bypass", "x-litellm-disable-guardrails")
    headers = dict.fromkeys(names, "off") | {"x-portkey-config": "{}", "x-forwarded-for": "127.0.0.1"}
    fields: dict[str, Any] = {
        "guardrails": [],
        "guardrail_config": {"enabled": False},
        "metadata": {"guardrails": [], "sluice": "off"},
        "policy": "empty",
        "sluice": {"policy": "empty", "checks": False},
        "disable_guardrails": True,
    }
    async with between(PLAN, echo, headers=headers) as here:
        for text in EVIL:
            said = await here.client.chat.completions.create(
                model="up",
                messages=[{"role": "user", "content": text}],
                extra_body=fields,
                extra_query={"policy": "empty"},
            )
            assert said.choices[0].finish_reason == "content_filter"
        raw = await here.client.chat.completions.with_raw_response.create(
            model="up", messages=[{"role": "user", "content": "号码13812345678"}], extra_body=fields
        )
    assert raw.headers["x-sluice-policy"] == "kit@000000000000"
    assert "13812345678" not in here.upstream.requests[-1].json["messages"][0]["content"]


@trap("an old blocked turn that makes the whole conversation stuck for ever")
async def _(_: Path) -> None:
    for policy in (PLAN, ERROR):
        async with between(policy, echo) as here:
            turns: list[Any] = [{"role": "user", "content": "毒品在哪买"}]
            if policy is PLAN:
                refused = await here.ask(*turns)
                assert refused.choices[0].finish_reason == "content_filter"
            else:
                with pytest.raises(openai.BadRequestError):
                    await here.ask(*turns)
            turns.append({"role": "assistant", "content": SAFE.zh})
            for question in ("那天气呢", "and the weather?", "谢谢"):
                turns.append({"role": "user", "content": question})
                said = await here.ask(*turns)
                assert (said.choices[0].message.content, said.choices[0].finish_reason) == (question, "stop")
                turns.append(said.choices[0].message.model_dump(exclude_none=True))
            sent = here.upstream.requests[-1].json["messages"]
            assert sent[0] == {"role": "user", "content": WITHHELD.zh}
            assert all("毒品" not in message["content"] for message in sent)
            turns.append({"role": "user", "content": "还是毒品"})  # and now, again, it is not history
            again = await post(here.gate.url, {"model": "up", "messages": turns})
            assert again.status == (200 if policy is PLAN else 400)
            assert b"content_filter" in again.body


@trap("prompt normalised before it reaches the model")
async def _(_: Path) -> None:
    texts = [
        "全角，标点。ＡＢＣ　１２",
        "e\u0301 é \ufb01 ①㎏",
        "零\u200b宽\ufeff和\u00a0空格 \r\n\t",
        "繁體與简体",
        "\U0001f468\u200d\U0001f469",
        '"\\ / \u2028',
    ]
    for policy in (plan(), PLAN, shipped("base")):
        async with between(policy, echo) as here:
            for text in texts:
                body = orjson.dumps(chat(text, model="up", temperature=0.70, seed=1))
                await post(here.gate.url, body)
                assert here.upstream.requests[-1].body == body
            mixed = "，１３８１２３４５６７８　ＡＢＣ\u200b。"
            await here.ask(mixed)
            sent = here.upstream.requests[-1].json["messages"][0]["content"]
            assert len(sent) == len(mixed)
            assert (sent[0], sent[-6:]) == ("，", "　ＡＢＣ\u200b。"[-6:])


@trap("a Chinese e-mail or phone glued to Han characters missed")
async def _(_: Path) -> None:
    glued = [
        "邮箱zhang.san@example.com请查收",
        "打13812345678找我",
        "身份证11010519491231002X号",
        "联系王五13812345678或邮件a.b@qq.com谢谢",
    ]
    secrets = ("zhang.san@example.com", "13812345678", "11010519491231002X", "a.b@qq.com")
    async with between(shipped("base"), echo) as here:
        for text in glued:
            whole_text = (await here.ask(text)).choices[0].message.content
            await here.hear(text)
            for request in here.upstream.requests[-2:]:
                assert not any(secret in request.body.decode() for secret in secrets)
            assert not any(secret in whole_text for secret in secrets)
    for text in glued:
        async with between(shipped("base"), events(chat_sse(list(text)))) as here:
            said = (await here.hear("问")).text()
            assert "*" in said
            assert not any(secret in said for secret in secrets)


@trap("order numbers taken for bank cards")
async def _(_: Path) -> None:
    for text in ("订单号2024112212345678发货了", "order 4929123456789013456 shipped", "流水 6222020200112233 号"):
        async with between(shipped("base"), echo) as here:
            await here.ask(text)
            assert here.upstream.requests[-1].json["messages"][0]["content"] == text
    async with between(shipped("base"), echo) as here:
        await here.ask("卡号6222021234567890128，转账")
        assert "6222021234567890128" not in here.upstream.requests[-1].body.decode()


@trap("placeholder reaching the user when it was split over chunks")
async def _(_: Path) -> None:
    """Sluice masks, and a mask is one: never half of the number, never a mark that a program should replace."""
    text = "请打13812345678。"
    for size in range(1, 12):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        async with between(PLAN, events(chat_sse(pieces))) as here:
            assert (await here.hear("问")).text() == "请打***********。"


@trap("workers with different policy versions after a reload")
async def _(folder: Path) -> None:
    """See ``test_wiring``: two workers over one file; here, that an answer names the plan that judged it."""
    digests = []
    for plan_now in (PLAN, replace(PLAN, digest="f" * 64)):
        async with between(plan_now, echo) as here:
            raw = await here.client.chat.completions.with_raw_response.create(
                model="up", messages=[{"role": "user", "content": "你好"}]
            )
            await here.gate.recorded(1)
            assert here.gate.records.records[0].plan.startswith(raw.headers["x-sluice-policy"].partition("@")[2])
            digests.append(raw.headers["x-sluice-policy"])
    assert digests == ["kit@000000000000", "kit@ffffffffffff"]


@pytest.mark.parametrize("words", TRAPS)
async def test_this_trap_is_not_one_here(words: str, tmp_path: Path) -> None:
    await TRAPS[words](tmp_path)


def test_the_table_is_whole() -> None:
    """Twenty-six traps are known; what is not tried here has no place to happen."""
    assert len(TRAPS) + len(OF_OTHERS) == 26
    assert not TRAPS.keys() & OF_OTHERS.keys()
