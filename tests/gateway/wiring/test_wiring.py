"""Where ports meet adapters: what is built from which settings, how it starts, stops and reloads.

Mutants killed: a key that is missing taken for none; keys of commas only taken for an open door; a provider
that fails to close keeping records from being written; a broken edit that takes the plan away, or is not
told; workers that switch at different times; a watch that dies of what it did not expect.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import platform
import sqlite3
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
from kit.messages import body, message_json
from kit.plans import plan
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway import wiring
from gateway.errors import ConfigError, RequestError, SettingsError
from gateway.knowledge.document import Document, Section
from gateway.knowledge.kept import KeptPassage
from gateway.knowledge.store import KnowledgeStore
from gateway.policy.plan import BoundDetector, LabelPlan, PicturePlan, RecordPlan, SoundPlan, VideoPlan, Words
from gateway.ports import Call, Scan
from gateway.providers.echo import Echo
from gateway.providers.litellm import LiteLLM
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.replay import Replay
from gateway.settings import KnowledgePlace, Model, Settings, load_settings
from gateway.stores.sealing import read_key, unsealer
from gateway.wiring import Parts, client_keys, load_plan, policy_file, provider_of, routes_of, seal, shipped_policies

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


# --- Policies ------------------------------------------------------------------------------------


def test_every_policy_that_ships_is_known_by_its_name() -> None:
    assert {"base", "empty", "strict"} <= shipped_policies().keys()
    assert not any(name.endswith("_test") for name in shipped_policies())
    assert policy_file("base") == shipped_policies()["base"]


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "./base", "策略/p.yaml"])
def test_a_path_is_taken_as_it_is(name: str) -> None:
    assert policy_file(name) == Path(name)


def test_a_policy_that_does_not_ship_is_told_with_those_that_do() -> None:
    with pytest.raises(SettingsError, match="no policy 'bass' ships with Sluice — there are base, "):
        policy_file("bass")


# --- Providers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Model(provider="echo"), Echo),
        (Model(provider="openai_compatible", base_url="http://up/v1", key_env="UP_KEY"), OpenAICompatible),
        (Model(provider="openai_compatible", base_url="http://up/v1"), OpenAICompatible),
        (Model(provider="litellm", model="anthropic/claude", key_env="UP_KEY"), LiteLLM),
    ],
)
def test_each_kind_of_provider_is_built_without_a_connection(model: Model, kind: type) -> None:
    provider = provider_of("m", model, {"UP_KEY": "sk-secret"})
    assert isinstance(provider, kind)
    assert provider.name == "m"


@pytest.mark.parametrize("environment", [{}, {"UP_KEY": ""}])
@pytest.mark.parametrize("kind", ["openai_compatible", "litellm", "echo"])
def test_a_key_that_is_not_set_is_told_by_its_name(kind: Any, environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="model 'm': the environment variable UP_KEY is not set"):
        provider_of("m", Model(provider=kind, base_url="http://up/v1", key_env="UP_KEY"), environment)


async def test_a_script_is_read_when_the_provider_is_built(tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    model = Model(provider="replay", script=str(file))
    with pytest.raises(SettingsError, match=r"cannot read .*script.yaml: No such file"):
        provider_of("m", model, {})
    file.write_text("- match: 你好\n  anser: 你好！\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"script.yaml:2.*did you mean 'answer'"):
        provider_of("m", model, {})
    file.write_text("- match: 你好\n  answer: 你好！\n", encoding="utf-8")
    provider = provider_of("m", model, {})
    assert isinstance(provider, Replay)
    said = await provider.open(
        Call(
            "1",
            "/chat/completions",
            "m",
            b'{"model":"m","messages":[{"role":"user","content":"\xe4\xbd\xa0\xe5\xa5\xbd"}]}',
            False,
        )
    )
    assert "你好！".encode() in b"".join([chunk async for chunk in said.chunks()])


async def test_the_models_own_name_goes_upstream_and_the_key_with_it(tmp_path: Path) -> None:
    async with ScriptedUpstream(whole(chat_json("好"))) as upstream:
        model = Model(provider="openai_compatible", base_url=upstream.url, key_env="UP_KEY", model="qwen-max")
        settings = Settings(models={"通义": model}, database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "s"))
        made = wiring.parts(settings, {"UP_KEY": "sk-secret"})
        async with serving(made) as gate:
            seen = await post(gate.url, chat("问", model="通义"))
        assert seen.text().startswith("好")
        assert upstream.requests[0].json["model"] == "qwen-max"
        assert upstream.requests[0].headers["authorization"] == "Bearer sk-secret"
    with contextlib.closing(sqlite3.connect(tmp_path / "r.db")) as connection:
        assert connection.execute("select model, upstream, outcome from exchange").fetchall() == [
            ("通义", "通义", "answered")
        ]


async def test_an_anthropic_server_gets_its_key_and_version_in_its_own_headers(tmp_path: Path) -> None:
    async with ScriptedUpstream(whole(message_json("好"))) as upstream:
        model = Model(provider="openai_compatible", wire="anthropic", base_url=upstream.url, key_env="UP_KEY")
        settings = Settings(models={"claude": model}, database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "s"))
        async with serving(wiring.parts(settings, {"UP_KEY": "sk-secret"})) as gate:
            seen = await post(gate.url, body("问", model="claude"), path="/v1/messages")
    assert seen.json["content"][0]["text"].startswith("好")
    (request,) = upstream.requests
    assert (request.path, request.headers["x-api-key"]) == ("/v1/messages", "sk-secret")
    assert request.headers["anthropic-version"] == wiring.ANTHROPIC_VERSION
    assert "authorization" not in request.headers


def test_routes_lead_where_the_settings_say() -> None:
    routes = routes_of(Settings(models={"a": Model(provider="echo", model="b"), "*": Model(provider="echo")}), {})
    assert {name: route.model for name, route in routes.items()} == {"a": "b", "*": "*"}


# --- Secrets and settings that do not go together --------------------------------------------------


@pytest.mark.parametrize(
    ("said", "keys"),
    [(None, ()), ("", ()), ("k", ("k",)), ("k1,k2", ("k1", "k2")), (" k1 , k2 ,", ("k1", "k2")), ("钥匙", ("钥匙",))],
)
def test_client_keys_are_separated_by_commas(said: str | None, keys: tuple[str, ...]) -> None:
    assert client_keys({} if said is None else {"SLUICE_CLIENT_KEYS": said}) == keys


@pytest.mark.parametrize("said", [",", " ", " , ,", "\n"])
def test_keys_that_are_none_do_not_open_the_door(said: str) -> None:
    with pytest.raises(SettingsError, match="holds no key"):
        client_keys({"SLUICE_CLIENT_KEYS": said})


def test_text_is_sealed_if_there_is_a_key() -> None:
    assert seal({}) is None
    sealing = seal({"SLUICE_SEAL_KEY": KEY})
    assert sealing is not None
    sealed = sealing("秘密", "ID")
    assert "秘密" not in sealed
    assert unsealer([read_key(KEY)])(sealed, "ID") == "秘密"
    with pytest.raises(ConfigError):
        seal({"SLUICE_SEAL_KEY": "short"})


@pytest.mark.parametrize(
    ("settings", "policy", "environment", "words"),
    [
        (Settings(), plan(record=RecordPlan(text="encrypted")), {}, "SLUICE_SEAL_KEY is not set"),
        (Settings(producer="某 公司"), plan(), {}, "the producer"),
        (Settings(producer=""), plan(), {}, "the producer"),
    ],
)
def test_what_does_not_go_together_is_told(settings: Settings, policy: Any, environment: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        wiring.check(settings, policy, environment)
    wiring.check(Settings(producer="acme"), plan(record=RecordPlan(text="encrypted")), {"SLUICE_SEAL_KEY": KEY})


# --- Start and stop ------------------------------------------------------------------------------


class Failing:
    """A provider that cannot be closed."""

    name = "failing"

    async def open(self, call: Call) -> Any:
        raise NotImplementedError

    async def aclose(self) -> None:
        raise OSError("cannot close")


WORDS = Words("人工智能生成", "AI-generated · AI生成")


@pytest.mark.parametrize(
    ("label", "told"),
    [
        (LabelPlan("none", Words("AI生成\U0010fffd", "AI"), pictures=PicturePlan()), "no font has the characters"),
        (LabelPlan("none", WORDS, sounds=SoundPlan("spoken", clip=b"ID3")), "no WAV file"),
        (LabelPlan("none", WORDS, sounds=SoundPlan("spoken")), "espeak-ng is not installed — install espeak-ng, name"),
        (LabelPlan("none", WORDS, videos=VideoPlan()), "ffmpeg is not installed — install ffmpeg"),
        (LabelPlan("none", WORDS, pictures=PicturePlan(), sounds=SoundPlan("rhythm")), ""),
        (LabelPlan("end", WORDS), ""),
    ],
)
def test_labels_that_this_machine_cannot_make_are_told(
    label: LabelPlan, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    if not told:
        wiring.check(Settings(), plan(label=label), {})
        return
    with pytest.raises(SettingsError, match=f"policy 'kit'.*{told}"):
        wiring.check(Settings(), plan(label=label), {})


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


def test_building_opens_nothing(tmp_path: Path) -> None:
    wiring.application(Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool")), {})
    assert list(tmp_path.iterdir()) == []


def test_an_id_is_unique_sorts_by_time_and_tells_nothing() -> None:
    made = wiring.parts(Settings(), {})
    ids = [made.ports.ids() for _ in range(2_000)]
    time.sleep(0.002)
    later = made.ports.ids()
    assert len(set(ids)) == 2_000
    assert all(len(one) == 26 and one.isascii() and one.isalnum() and one == one.upper() for one in ids)
    assert all(not set("ILOU") & set(one) for one in ids)
    assert later[:10] > ids[0][:10]
    assert len({one[10:] for one in ids}) == 2_000


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
WORDS = "term,risk,weight,source,date\n{},word,1,test,2026-01-01\n"


def write(file: Path, text: str) -> None:
    """Replace a file as editors and config maps do: at once, and never with the same stamp."""
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.rename(file)


@pytest.fixture
def workers(tmp_path: Path) -> list[Parts]:
    """Two workers over one policy file, each with what a process of its own would have."""
    write(tmp_path / "words.csv", WORDS.format("甲"))
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

        write(tmp_path / "words.csv", WORDS.format("乙"))  # a list, not the policy itself
        seen: set[tuple[str, str]] = set()
        while one.plan().digest == old:
            seen.add((one.plan().digest, two.plan().digest))
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
        write(tmp_path / "more.csv", WORDS.format("丙"))  # what was missing comes; the policy is not touched again
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
        write(tmp_path / "words.csv", WORDS.format("丁"))
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


def test_a_stamp_tells_a_file_that_changed_from_one_that_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("1")
    first = wiring.stamp([str(file)])
    assert wiring.stamp([str(file)]) == first
    file.write_text("2")
    os.utime(file, (1, 1))
    assert wiring.stamp([str(file)]) != first  # also with an old date, as archives write it
    file.unlink()
    assert wiring.stamp([str(file)]) == ((str(file), 0.0, -1),)


def test_an_unknown_model_is_told_without_saying_it(tmp_path: Path) -> None:
    made = wiring.parts(Settings(), {})
    with pytest.raises(RequestError) as caught:
        made.ports.resolve("11010519491231002X")
    assert caught.value.status == 404
    assert "11010519491231002X" not in str(caught.value)


def test_the_base_policy_loads() -> None:
    assert load_plan("base").name == "base"


def test_an_agreement_of_a_key_that_no_client_can_show_is_told() -> None:
    digest = hashlib.sha256(b"sk-one").hexdigest()[:16]
    entry = {"key": digest, "agreement": "A-1", "date": "2026-10-01"}
    settings = Settings.model_validate({"unlabelled": [entry]})
    wiring.check_waivers(settings, ("sk-two", "sk-one"))
    with pytest.raises(SettingsError, match=f"no client key has the digest {digest} .A-1. — write the first 16"):
        wiring.check_waivers(settings, ("sk-two",))
