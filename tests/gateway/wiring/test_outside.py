"""Judges reach models of the settings and servers that policies name; what is missing is told with what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import SettingsError
from gateway.ports import Route
from gateway.providers.echo import Echo
from gateway.providers.openai_compatible import OpenAICompatible
from gateway.providers.pool import Arm, Pool, Tries
from gateway.providers.routing import Routing
from gateway.telemetry.metrics import Metrics
from gateway.wiring.outside import World, checking

pytestmark = pytest.mark.anyio


class Closing(Echo):
    """Remembers that it was closed."""

    closed = 0

    async def aclose(self) -> None:
        self.closed += 1


def world(environment: dict[str, str] | None = None, owned: tuple[Any, ...] = ()) -> World:
    route = Route("judge", Echo("judge", clock=lambda: 0.0), "judge")
    return World(
        Routing({"judge": route}).resolve,
        environment or {},
        Metrics(),
        clock=lambda: 1.0,
        ids=lambda: "ID",
        owned=owned,
    )


def test_a_model_of_the_settings_is_found_and_an_unknown_one_is_told_with_those_there_are() -> None:
    assert world().model("judge").name == "judge"
    with pytest.raises(SettingsError, match=r"models: in sluice.yaml has no 'juge' — known: judge; or write base_url"):
        world().model("juge")


class Loading(Echo):
    """Has something to load before its first call."""

    loaded = 0

    def prepare(self) -> None:
        self.loaded += 1


def test_what_asking_a_judge_takes_is_loaded_before_it_is_asked() -> None:
    alone, first, second = (Loading(name, clock=lambda: 0.0) for name in ("alone", "first", "second"))
    light = Arm("light", Echo("light", clock=lambda: 0.0), "m")
    pool = Pool(
        "pool",
        [[Arm("first", first, "m"), light], [Arm("second", second, "m")]],
        Tries(),
        random=lambda: 0.5,
        ticker=lambda: 0.0,
    )
    routes = {
        "alone": Route("alone", alone, "m"),
        "pool": Route("pool", pool, "m"),
        "other": Route("other", first, "m"),
    }
    made = World(Routing(routes).resolve, {}, Metrics(), clock=lambda: 1.0, ids=lambda: "ID")
    made.model("alone")
    assert (alone.loaded, first.loaded, second.loaded) == (1, 0, 0)
    made.model("pool")
    assert (alone.loaded, first.loaded, second.loaded) == (1, 1, 1)


LOADS = """
import sys
from gateway.wiring.outside import checking
world = checking({"KEY": "k"})
print("litellm" in sys.modules)
world.model("claude")
print("litellm" in sys.modules)
"""


def test_the_translation_to_anthropics_format_is_loaded_with_the_judge(tmp_path: Path) -> None:
    # The seconds that this takes would use up the time of the first verdicts.
    (tmp_path / "sluice.yaml").write_text(
        "models:\n  claude: {provider: openai_compatible, wire: anthropic, base_url: 'http://up/v1', key_env: KEY}\n",
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-c", LOADS], check=False, capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.stdout.split() == ["False", "True"], done.stderr


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}])
def test_a_key_that_is_not_set_is_told_by_its_variable(environment: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="the environment variable KEY is not set — it holds the judge's key"):
        world(environment).secret("KEY")
    assert world({"KEY": "sk-1"}).secret("KEY") == "sk-1"


async def test_a_server_is_opened_once_for_each_address_and_key_and_closed_at_the_end() -> None:
    owned = Closing("own", clock=lambda: 0.0)
    made = world(owned=(owned,))
    first = made.server("http://127.0.0.1:9/v1", "a")
    assert isinstance(first, OpenAICompatible)
    assert made.server("http://127.0.0.1:9/v1", "a") is first
    assert made.server("http://127.0.0.1:9/v1", "b") is not first
    assert made.server("http://127.0.0.1:9/v1", None) is not first
    await made.aclose()
    assert owned.closed == 1
    assert made.server("http://127.0.0.1:9/v1", "a") is not first
    await made.aclose()


def test_judges_that_rest_are_counted_as_they_are_now() -> None:
    made, resting = world(), {"a": True, "b": False}
    assert made.resting() == 0
    made.watch("a", lambda: resting["a"])
    made.watch("b", lambda: resting["b"])
    assert made.resting() == 1
    resting["b"] = True
    assert made.resting() == 2
    made.watch("a", lambda: False)  # another of the same kind and model, which does not rest
    assert made.resting() == 2


def test_a_reload_counts_the_judges_of_the_new_plan_and_not_those_of_the_old() -> None:
    made = world()

    def loaded(place: str, digest: str, *rest: bool) -> None:
        apart = made.apart()
        for rests in rest:
            apart.watch("json_judge:m", lambda rests=rests: rests)  # type: ignore[misc]
        made.keep(place, digest, apart)

    loaded("base", "d1", True, False, True)
    loaded("other", "d1", True)
    assert made.resting() == 3
    loaded("base", "d1", False)  # the same plan again: the first stays in force
    assert made.resting() == 3
    loaded("base", "d2", False, True)
    assert made.resting() == 2
    loaded("other", "d2")
    assert made.resting() == 1


async def test_plans_that_were_built_apart_share_servers_and_metrics() -> None:
    made = world()
    one, two = made.apart(), made.apart()
    server = one.server("http://127.0.0.1:9/v1", None)
    assert two.server("http://127.0.0.1:9/v1", None) is server
    assert one.counters is made.counters
    await made.aclose()
    assert one.server("http://127.0.0.1:9/v1", None) is not server
    await made.aclose()


SETTINGS = """\
models:
  judge: {provider: echo, aliases: [判官]}
  away: {provider: openai_compatible, base_url: "http://up/v1", key_env: NO_SUCH_KEY}
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sluice.yaml").write_text(SETTINGS, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["judge", "判官"])
def test_without_a_server_only_the_model_that_a_judge_names_is_built(here: Path, name: str) -> None:
    assert isinstance(checking({}).model(name).provider, Echo)  # the key of the other one is not missed


def test_without_a_server_what_is_missing_is_told_too(here: Path) -> None:
    with pytest.raises(SettingsError, match="NO_SUCH_KEY is not set"):
        checking({}).model("away")
    with pytest.raises(SettingsError, match=r"has no 'jugde' — did you mean 'judge'\?"):
        checking({}).model("jugde")
    with pytest.raises(SettingsError, match=r"has no 'x' — there are judge, 判官, away; or write base_url"):
        checking({}).model("x")


def test_settings_are_not_read_unless_a_judge_names_a_model_of_theirs(here: Path) -> None:
    (here / "sluice.yaml").write_text("models: [broken", "utf-8")
    made = checking({"KEY": "k"})
    assert made.secret("KEY") == "k"
    assert len(made.ids()) == 26
    with pytest.raises(Exception, match=r"sluice\.yaml:1"):
        made.model("judge")
