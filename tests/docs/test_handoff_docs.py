"""What the page on handing over shows works as it stands, and both languages show the same."""

from __future__ import annotations

import asyncio
import re
import shlex
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.gateway import parts, serving
from kit.people import ENCODED, SECRET, people
from kit.plans import plan

from gateway.cli.main import sluice
from gateway.handoff.signature import signed
from gateway.ports import Ticket
from gateway.settings import load_settings
from gateway.stores.handoffs import KeptHandoffs
from gateway.stores.sql import SqlStore
from gateway.wiring import check_handoff, load_plan

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+) ?(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TICKET = Ticket("01KBX", "E1", time.time(), "default", "", "kit", "d", "r", "", "", "zh", "masked", "抬头怎么改")


def blocks(name: str = "handoff.md") -> list[tuple[str, str, str]]:
    return [(found[1], found[2], found[3]) for found in BLOCK.finditer((DOCS / name).read_text("utf-8"))]


def block(name: str) -> str:
    (body,) = [body for _, kind, body in blocks() if kind == name]
    return body


def defined() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(block("receiver") + block("answer"), names)
    return names


def test_both_languages_show_the_same() -> None:
    assert blocks("handoff.md") == blocks("handoff.zh.md")


def test_settings_and_policy_go_together(tmp_path: Path) -> None:
    (tmp_path / "sluice.yaml").write_text(block("settings"), "utf-8")
    (tmp_path / "x.yaml").write_text(f"sluice: 1\nname: x\nextends: base\n{block('policy')}", "utf-8")
    settings, made = load_settings(tmp_path / "sluice.yaml", {}), load_plan(str(tmp_path / "x.yaml"))
    check_handoff(settings, made, {})
    assert made.handoff.question == "masked"
    assert settings.handoff is not None
    said = f"seconds: {settings.handoff.seconds:g}, tries: {settings.handoff.tries}, base: {settings.handoff.base:g}, "
    assert f"{said}longest: {settings.handoff.longest:g}:" in block("settings")


def test_the_receiver_believes_what_we_sign_and_nothing_else() -> None:
    believed = defined()["believed"]
    body, now = b'{"ticket": "T"}', int(time.time())
    assert believed(ENCODED, signed(SECRET, "T", now, body), body)
    assert not believed(ENCODED, signed(SECRET, "T", now, body), body + b" ")
    assert not believed(ENCODED, signed(SECRET, "T", now - 400, body), body)
    assert not believed(ENCODED, signed(b"x" * 32, "T", now, body), body)


@pytest.mark.anyio
async def test_the_answer_is_taken(tmp_path: Path) -> None:
    async with people(tmp_path, run=False) as desk:
        made = parts(plan(), handoffs=desk.outbox, handoff_secret=SECRET)
        async with serving(made) as gate:
            await desk.outbox.open(TICKET)
            await asyncio.to_thread(defined()["answer"], gate.url, ENCODED, "01KBX", "三个工作日", "王芳")
            found = await desk.outbox.find("01KBX")
    assert found is not None
    assert (found.answer, found.answerer) == ("三个工作日", "王芳")


def test_every_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLUICE_DATABASE_URL", f"sqlite:///{tmp_path}/s.db")
    kept = KeptHandoffs(SqlStore(f"sqlite:///{tmp_path}/s.db", time.time), time.time)
    kept.add(TICKET)
    kept.failed("01KBX", "timeout", None)
    (tmp_path / "answer.txt").write_text("在订单页改。", "utf-8")
    inline = re.findall(r"`(sluice handoff answer [^`]+)`", (DOCS / "handoff.md").read_text("utf-8"))
    shown = [line for kind, _, body in blocks() if kind == "sh" for line in body.splitlines()]
    commands = [*shown[:2], *inline, *shown[2:]]
    assert len(commands) == 5
    for command in commands:
        words = shlex.split(command.replace("01KB…", "01KBX").replace("01kb…", "01kbx"))
        ran = CliRunner().invoke(sluice, words[1:])
        assert ran.exit_code == 0, (command, ran.output, ran.exception)
    assert "state: approved" in (tmp_path / "faq.yaml").read_text("utf-8")
