"""Law 1: detectors are pure and see the original text; the prompt is never normalised for the model.

Mutants killed: the folded text goes upstream; findings rewritten one after the other (offsets shift).
"""

from __future__ import annotations

import ast
import inspect
import json
from pathlib import Path

import pytest
from kit.asking import chat, post
from kit.gateway import parts, serving
from kit.plans import pattern, plan, rule, side
from kit.upstream import ScriptedUpstream, chat_json, whole

import gateway
from gateway.providers.openai_compatible import OpenAICompatible

IMPURE = {"time", "random", "socket", "asyncio", "logging", "os", "requests", "aiohttp", "threading"}
NUMBER = pattern("number", r"(?<![0-9])[0-9]{6,18}(?![0-9])")
DRUG = pattern("drug", "贩毒|毒品")
SIDE = side({"number": NUMBER, "drug": DRUG}, [rule("number", "mask", keep=(2, 2)), rule("drug", "mask")])


@pytest.mark.parametrize("text", ["ＡＢＣ，全角。", "a\u200bb\u00adc", "Ｈello，繁體", '{"x": 1.50}', "plain"])
async def test_an_unchanged_prompt_reaches_the_model_byte_for_byte(text: str) -> None:
    # Odd spacing, odd numbers, odd keys, escapes where none are needed: all of it is the client's business.
    content = json.dumps(text).encode()
    raw = b'{ "messages":[{"content": ' + content + b', "role":"user"}],  "model":"up", "temperature":1.0,'
    raw += b' "seed": 12345678901234567890, "x_own":[1e5]}'
    async with ScriptedUpstream(whole(chat_json("ok"))) as upstream:
        provider = OpenAICompatible("up", upstream.url, "k")
        async with serving(parts(plan(SIDE, SIDE), {"up": provider})) as gate:
            seen = await post(gate.url, raw)
            assert seen.status == 200, seen.body
        assert upstream.requests[0].body == raw


async def test_only_the_masked_characters_of_a_prompt_change() -> None:
    body = chat("ＡＢ，号码１２３４５６７８ 和 98765432。", model="up", temperature=0.10)
    async with ScriptedUpstream(whole(chat_json("ok"))) as upstream:
        async with serving(parts(plan(SIDE, SIDE), {"up": OpenAICompatible("up", upstream.url, "k")})) as gate:
            await post(gate.url, body)
        assert upstream.requests[0].json["messages"][0]["content"] == "ＡＢ，号码１２****７８ 和 98****32。"


def test_detectors_import_nothing_with_a_clock_or_a_wire() -> None:
    folder = Path(inspect.getfile(gateway)).parent / "detectors"
    # Judges are the only detectors with I/O.
    files = sorted(file for file in folder.rglob("*.py") if "judges" not in file.relative_to(folder).parts)
    assert len(files) > 5
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            place = f"{file.name}:{getattr(node, 'lineno', 0)}"
            assert not {name.split(".")[0] for name in names} & IMPURE, place
            assert not (isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")), place
