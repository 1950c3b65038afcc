"""Handing over is wired as the settings say, and nothing is lost when the process is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.asking import chat, post
from kit.people import ENCODED, SECRET, TAKEN, outbox
from kit.plans import plan, rule, side
from kit.upstream import ScriptedUpstream

from gateway.errors import ConfigError, SettingsError
from gateway.handoff.signature import fault_of
from gateway.policy.plan import AnswersPlan, HandoffPlan, Words
from gateway.ports import Ticket
from gateway.settings import HandoffPlace, Settings, load_settings
from gateway.stores.sealing import read_key, sealer
from gateway.telemetry.metrics import Metrics
from gateway.wiring import check_handoff, handoff_secret, outbox_of, question_of

pytestmark = pytest.mark.anyio

PLACE = HandoffPlace(url="https://desk.example.com/tickets", secret_env="DESK_SECRET")
HOLE = Words("工单 {ticket}", "ticket {ticket}")
KEY = "k" * 40


def test_without_a_place_nobody_is_told() -> None:
    assert outbox_of(Settings(), {}, Metrics()) is None
    assert handoff_secret(Settings(), {}) == b""


def test_the_secret_is_in_the_environment() -> None:
    settings = Settings(handoff=PLACE)
    assert handoff_secret(settings, {"DESK_SECRET": ENCODED}) == SECRET
    with pytest.raises(SettingsError, match=r"DESK_SECRET is not set — .*openssl"):
        outbox_of(settings, {}, Metrics())


@pytest.mark.parametrize(
    ("made", "settings", "environment", "fault"),
    [
        (plan(side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, "whom to tell"),
        (plan(None, side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, "whom"),
        (replace(plan(), answers=AnswersPlan(None, "refuse", waiting=HOLE)), Settings(), {}, "whom"),  # type: ignore[arg-type]
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(handoff=PLACE), {}, "SLUICE_SEAL_KEY is not set"),
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(handoff=PLACE), {"SLUICE_SEAL_KEY": KEY}, ""),
        (replace(plan(), handoff=HandoffPlan("raw")), Settings(), {}, ""),
        (plan(side({}, [rule("x", "handoff", reply="wait")]), replies={"wait": HOLE}), Settings(handoff=PLACE), {}, ""),
        (plan(side({}, [rule("x", "answer", reply="wait")]), replies={"wait": HOLE}), Settings(), {}, ""),
    ],
)
def test_a_promise_that_nobody_keeps_is_no_policy(
    made: Any, settings: Settings, environment: dict[str, str], fault: str
) -> None:
    if not fault:
        check_handoff(settings, made, environment)
        return
    with pytest.raises(SettingsError, match=fault):
        check_handoff(settings, made, environment)


def test_sealed_words_are_opened_for_people_only_with_the_key() -> None:
    ticket = Ticket("T", "E", 0, "", "", "p", "d", "r", "", "", "zh", "raw", None)
    sealed = sealer(read_key(KEY), os.urandom)("原话", "E")
    assert question_of({"SLUICE_SEAL_KEY": KEY}, replace(ticket, question=sealed)) == "原话"
    assert question_of({}, ticket) is None
    assert question_of({}, replace(ticket, form="masked", question="问")) == "问"
    with pytest.raises(Exception, match="not at hand"):
        question_of({}, replace(ticket, question=sealed))


@pytest.mark.parametrize(
    "said",
    [
        "handoff: {url: 'ftp://x', secret_env: S}",
        "handoff: {url: 'https://x'}",
        "handoff: {url: 'https://x', secret_env: S, tries: 0}",
        "handoff: {url: 'https://x', secret_env: S, secret: abc}",
    ],
)
def test_settings_that_cannot_be_are_told(tmp_path: Path, said: str) -> None:
    (tmp_path / "s.yaml").write_text(said, "utf-8")
    with pytest.raises(ConfigError, match=r"s\.yaml:1"):
        load_settings(tmp_path / "s.yaml", {})


POLICY = """\
sluice: 1
name: desk
detectors:
  - {id: person, use: pattern, options: {risk: person, pattern: 转人工}}
  - {id: phone, use: pattern, options: {risk: pii.mobile_number, pattern: '1[0-9]{10}'}}
request:
  rules:
    - {id: call, when: {risk: person}, then: handoff, reply: wait, on_error: refuse}
    - {id: hide, when: {risk: pii}, then: mask, on_error: refuse}
replies: {safe: {zh: 抱歉。, en: Sorry.}, wait: {zh: '请稍候，工单号{ticket}。', en: 'Ticket {ticket}.'}}
withheld: {zh: （略）, en: (omitted)}
"""


def _start(folder: Path, url: str) -> tuple[subprocess.Popen[str], str]:
    (folder / "desk.yaml").write_text(POLICY, "utf-8")
    (folder / "sluice.yaml").write_text(
        f"policy: desk.yaml\ndatabase: sqlite:///{folder}/s.db\nspool: {folder}/spool\nlisten: {{port: 0}}\n"
        f"handoff: {{url: '{url}/tickets', secret_env: DESK_SECRET, seconds: 0.5, base: 0.1}}\n",
        "utf-8",
    )
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DESK_SECRET": ENCODED, "SLUICE_CONFIG": "sluice.yaml"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve"],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert "listening on" in first, first + process.stdout.read()
    return process, first.split("listening on ")[1].split(" ")[0]


async def test_a_gateway_that_is_killed_before_it_could_tell_has_lost_nothing(tmp_path: Path) -> None:
    process, url = _start(tmp_path, "http://127.0.0.1:9")
    try:
        seen = await post(url, chat("我是13812345678，转人工", model="echo"))
        ticket = seen.headers["x-sluice-handoff"]
        assert seen.text().startswith(f"请稍候，工单号{ticket}。")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(20)
    with sqlite3.connect(tmp_path / "s.db") as database:
        assert database.execute("SELECT id, state FROM handoff").fetchall() == [(ticket, "waiting")]
    async with ScriptedUpstream(TAKEN) as upstream:
        # A minute later, so that whatever the dead one had taken is free again.
        again = outbox(f"sqlite:///{tmp_path}/s.db", f"{upstream.url}/tickets", clock=lambda: time.time() + 60)
        assert await again.outbox.deliver() == 1
        await again.outbox.aclose()
        (told,) = upstream.requests
    assert fault_of(SECRET, told.headers, told.body, time.time()) == ""
    assert (told.json["ticket"], told.json["question"]) == (ticket, "我是***********，转人工")
