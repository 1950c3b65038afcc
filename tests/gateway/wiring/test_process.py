"""Where ports meet adapters: what is built from which settings, how it starts, stops and reloads.

Mutants killed: a key that is missing taken for none; keys of commas only taken for an open door; a provider
that fails to close keeping records from being written; a broken edit that takes the plan away, or is not
told; workers that switch at different times; a watch that dies of what it did not expect.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.asgi import ask
from kit.asking import chat, post
from kit.gateway import parts as kit_parts
from kit.gateway import serving
from kit.people import ENCODED, SECRET, TAKEN, outbox
from kit.plans import plan
from kit.upstream import ScriptedUpstream

from gateway import wiring
from gateway.errors import ConfigError, RequestError
from gateway.handoff.signature import fault_of
from gateway.knowledge.document import Document, Section
from gateway.knowledge.kept import KeptPassage
from gateway.knowledge.store import KnowledgeStore
from gateway.policy.plan import BoundDetector
from gateway.ports import Call, Scan
from gateway.settings import Settings, load_settings
from gateway.settings.places import KnowledgePlace
from gateway.wiring import Parts

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


# --- Policies ------------------------------------------------------------------------------------


# --- Providers -----------------------------------------------------------------------------------


# --- Secrets and settings that do not go together --------------------------------------------------


# --- Start and stop ------------------------------------------------------------------------------


class Failing:
    """A provider that cannot be closed."""

    name = "failing"

    async def open(self, call: Call) -> Any:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise OSError("cannot close")


async def test_a_provider_that_fails_to_close_keeps_no_record_from_its_place(tmp_path: Path) -> None:
    settings = Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool"))
    made = wiring.parts(settings, {})
    made = replace(made, providers=(Failing(), *made.providers, Failing()))
    with pytest.raises(OSError, match="cannot close"):
        async with made.running(None):
            assert (
                await ask(wiring.assemble(made), b'{"model":"echo","messages":[{"role":"user","content":"hi"}]}')
            ).status == 200
    assert made.writer is not None
    assert made.writer.waiting == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "r.db")) as connection:
        assert connection.execute("select count(*) from exchange").fetchone() == (1,)


async def test_what_the_first_texts_would_wait_for_is_done_beside_them(tmp_path: Path) -> None:
    done: list[str] = []

    def cannot() -> None:
        done.append("tried")
        raise ConfigError("the file is broken")

    found = BoundDetector("a", "span", frozenset({"a"}), lambda view: Scan((), len(view.text)))
    several = (replace(found, prepare=cannot), found, replace(found, prepare=lambda: done.append("done")))
    request = replace(plan().request, detectors=several)
    made = wiring.parts(Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool")), {})
    made = replace(made, plan=lambda: replace(plan(), request=request))
    async with made.running(None):
        await until(lambda: "done" in done)
    assert done == ["tried", "done"]


def resident() -> int:
    """Megabytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1_000_000


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to give memory back")
async def test_what_only_the_start_needed_is_given_back_to_the_system(tmp_path: Path) -> None:
    made = wiring.parts(Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool")), {})
    used = [bytearray(600) for _ in range(100_000)]
    last = used.pop()  # what is freed below it stays with the process, unless it is told
    used.clear()
    before = resident()
    async with made.running(None):
        await until(lambda: resident() < before - 30)
    assert last == bytes(600)


async def test_it_is_ready_once_very_many_documents_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.knowledge.current.AT_ONCE", 0)
    place = KnowledgePlace(database=f"sqlite:///{tmp_path}/k.db")
    settings = Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool"), knowledge=place)
    wiring.library_of(settings, {}).add("default", Document("a.md", "手册", (Section("退货在七天内申请。", ()),)))
    may, original = threading.Event(), KnowledgeStore.passages

    def passages(store: KnowledgeStore, tenant: str) -> Iterator[KeptPassage]:
        assert may.wait(20)
        yield from original(store, tenant)

    monkeypatch.setattr(KnowledgeStore, "passages", passages)
    made = wiring.parts(settings, {})
    app = wiring.assemble(made)
    async with made.running(None):
        seen = await ask(app, method="GET", path="/readyz")
        assert (seen.status, list(seen.json["faults"])) == (503, ["knowledge"])
        may.set()
        await until(lambda: not made.health())
        assert (await ask(app, method="GET", path="/readyz")).status == 200


async def test_a_store_that_cannot_be_opened_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made = wiring.parts(Settings(database=f"sqlite:///{tmp_path}/file/r.db", spool=str(tmp_path / "spool")), {})
    with pytest.raises(ConfigError):
        async with made.running(None):
            pass


# --- Reload --------------------------------------------------------------------------------------

POLICY = """\
sluice: 1
name: mine
extends: empty
detectors:
  - {id: d, use: lexicon, options: {lists: [words.csv]}}
request:
  rules:
    - {id: r, when: {risk: word}, then: refuse, on_error: refuse}
replies:
  safe: {zh: 不, en: 'no'}
"""
LISTED = "term,risk,weight,source,date\n{},word,1,test,2026-01-01\n"


def write(file: Path, text: str) -> None:
    """Replace a file as editors and config maps do: at once, and never with the same stamp."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.rename(file)


@pytest.fixture
def workers(tmp_path: Path) -> list[Parts]:
    """Two workers over one policy file, each with what a process of its own would have."""
    write(tmp_path / "words.csv", LISTED.format("甲"))
    write(tmp_path / "policy.yaml", POLICY)
    write(
        tmp_path / "sluice.yaml", f"policy: ./policy.yaml\nreload_seconds: 0.02\ndatabase: sqlite:///{tmp_path}/r.db\n"
    )
    settings = load_settings(tmp_path / "sluice.yaml", {})
    return [replace(wiring.parts(settings, {}), writer=None, ports=kit_parts(plan()).ports) for _ in range(2)]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def test_an_edit_is_in_force_in_all_workers_at_once_and_a_broken_one_in_none(
    workers: list[Parts], tmp_path: Path
) -> None:
    one, two = workers
    async with serving(one) as first, serving(two) as second:

        async def verdicts(text: str) -> list[tuple[str, str]]:
            seen = await asyncio.gather(*(post(gate.url, chat(text)) for gate in (first, second)))
            return [(item.headers["x-sluice-verdict"], item.headers["x-sluice-policy"]) for item in seen]

        async def ready() -> list[tuple[int, str]]:
            apps = [wiring.assemble(made) for made in workers]
            seen = [await ask(app, method="GET", path="/readyz") for app in apps]
            return [(item.status, item.json["warnings"].get("policy", "")) for item in seen]

        old = one.plan().digest
        assert two.plan().digest == old
        assert {verdict for verdict, _ in await verdicts("甲")} == {"refuse"}
        assert {verdict for verdict, _ in await verdicts("乙")} == {"pass"}

        write(tmp_path / "words.csv", LISTED.format("乙"))  # a list, not the policy itself
        seen: set[tuple[str, str]] = set()
        while one.plan().digest == old:
            other = two.plan().digest  # looked at first: whoever is the first to switch must not be ahead of the other
            seen.add((one.plan().digest, other))
            await asyncio.sleep(0.001)
        assert {pair for pair in seen if pair[0] == old} == {(old, old)}
        await until(lambda: two.plan().digest != old)
        new = one.plan().digest
        assert two.plan().digest == new
        assert {verdict for verdict, _ in await verdicts("乙")} == {"refuse"}
        assert {named for _, named in await verdicts("甲")} == {f"mine@{new[:12]}"}

        write(tmp_path / "policy.yaml", POLICY.replace("then: refuse", "then: refuze"))
        await until(lambda: bool(one.warnings() and two.warnings()))
        for status, fault in await ready():
            assert status == 200
            assert "policy.yaml:8" in fault
            assert "refuse" in fault
        assert {verdict for verdict, _ in await verdicts("乙")} == {"refuse"}  # the old plan judges on
        assert one.plan().digest == two.plan().digest == new

        write(tmp_path / "policy.yaml", POLICY.replace("words.csv", "more.csv"))
        await until(lambda: "more.csv" in str(one.warnings()) and "more.csv" in str(two.warnings()))
        write(tmp_path / "more.csv", LISTED.format("丙"))  # what was missing comes; the policy is not touched again
        await until(lambda: one.plan().digest != new and two.plan().digest != new)
        assert one.plan().digest == two.plan().digest
        assert [status for status, _ in await ready()] == [200, 200]
        assert {verdict for verdict, _ in await verdicts("丙")} == {"refuse"}


@pytest.mark.parametrize("damage", ["gone", "binary", "folder", "half", "unreadable list"])
async def test_whatever_becomes_of_the_file_the_watch_goes_on(
    damage: str, workers: list[Parts], tmp_path: Path
) -> None:
    made, file = workers[0], tmp_path / "policy.yaml"
    old = made.plan().digest
    async with made.running(None):
        if damage == "binary":
            file.write_bytes(b"\xff\xfe\x00\x01")
        elif damage == "half":
            write(file, POLICY[:80])
        elif damage == "unreadable list":
            (tmp_path / "words.csv").unlink()
            (tmp_path / "words.csv").mkdir()
        else:
            file.unlink()
            if damage == "folder":
                file.mkdir()
        await until(lambda: "policy" in made.warnings())
        assert made.plan().digest == old
        for place in (file, tmp_path / "words.csv"):
            if place.is_dir():
                place.rmdir()
        write(tmp_path / "words.csv", LISTED.format("丁"))
        write(file, POLICY)
        await until(lambda: made.plan().digest != old)
        assert made.warnings() == {}


async def test_a_watch_survives_what_nobody_expected(workers: list[Parts], caplog: pytest.LogCaptureFixture) -> None:
    made = workers[0]
    assert made.watch is not None
    looks = 0

    def poll() -> None:
        nonlocal looks
        looks += 1
        raise MemoryError("with text: 身份证 11010519491231002X")

    made.watch.poll = poll  # type: ignore[method-assign]
    async with made.running(None):
        await until(lambda: looks > 2)
    assert "MemoryError" in caplog.text
    assert "11010519491231002X" not in caplog.text


def test_an_unknown_model_is_told_without_saying_it(tmp_path: Path) -> None:
    made = wiring.parts(Settings(), {})
    with pytest.raises(RequestError) as caught:
        made.ports.resolve("11010519491231002X")
    assert caught.value.status == 404
    assert "11010519491231002X" not in str(caught.value)


DESK = """\
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


def started(folder: Path, url: str) -> tuple[subprocess.Popen[str], str]:
    (folder / "desk.yaml").write_text(DESK, "utf-8")
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
    process, url = started(tmp_path, "http://127.0.0.1:9")
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
