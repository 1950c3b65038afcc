"""The application answers at every URL that is served, and building it opens nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from kit.asgi import ask
from kit.asking import chat
from kit.gateway import parts
from kit.plans import pattern, plan, rule, side

from gateway import wiring
from gateway.errors import ConfigError
from gateway.settings import Settings
from gateway.wire.served import MODERATIONS, SERVED


def test_building_opens_nothing(tmp_path: Path) -> None:
    wiring.application(Settings(database=f"sqlite:///{tmp_path}/r.db", spool=str(tmp_path / "spool")), {})
    assert list(tmp_path.iterdir()) == []


SIDE = side({"drug": pattern("drug", "毒品")}, [rule("drug", "refuse")])
APP = wiring.assemble(parts(plan(SIDE, SIDE)))


@pytest.mark.parametrize("path", [MODERATIONS, *(served.url for served in SERVED)])
async def test_every_url_that_is_served_has_an_endpoint_that_tells_a_wrong_request(path: str) -> None:
    seen = await ask(APP, b"{", path=path)
    assert (seen.status, "x-sluice-request-id" in seen.headers) == (400, True)
    assert seen.json["error"]["message"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/responses/resp_1", "/v1/sluice/restore", "/v1/handoff/T/answer"])
async def test_what_nobody_serves_here_is_not_found(path: str) -> None:
    assert (await ask(APP, b"{}", path=path)).status in (404, 405)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", chat("毒品")),
        ("/v1/messages", {"model": "echo", "max_tokens": 9, "messages": [{"role": "user", "content": "毒品"}]}),
        ("/v1/responses", {"model": "echo", "input": "毒品"}),
        ("/v1/completions", {"model": "echo", "prompt": "毒品"}),
        ("/v1/images/generations", {"model": "echo", "prompt": "毒品"}),
        ("/v1/embeddings", {"model": "echo", "input": "毒品"}),
    ],
)
async def test_every_dialect_is_judged_by_the_same_plan(path: str, body: dict[str, Any]) -> None:
    seen = await ask(APP, orjson.dumps(body), path=path)
    assert seen.headers["x-sluice-verdict"] == "refuse"


async def test_a_text_that_is_only_to_be_judged_is_judged_by_it_too() -> None:
    seen = await ask(APP, orjson.dumps({"input": ["毒品", "你好"]}), path=MODERATIONS)
    assert [one["flagged"] for one in seen.json["results"]] == [True, False]


async def test_a_client_may_ask_for_the_policies_that_are_listed_and_no_others() -> None:
    seen = await ask(APP, orjson.dumps(chat("你好")), headers={"x-sluice-policy": "other"})
    assert (seen.status, seen.json["error"]["code"]) == (400, "unknown_policy")


def test_a_worker_is_made_of_the_environment_that_its_parent_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SLUICE_")]:
        monkeypatch.delenv(name)
    file = tmp_path / "mine.yaml"
    file.write_text("policy: empty\n", "utf-8")
    monkeypatch.setenv("SLUICE_CONFIG", str(file))
    assert callable(wiring.from_environment())
    file.write_text("polcy: empty\n", "utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml:1:1: unknown key 'polcy' — did you mean 'policy'"):
        wiring.from_environment()
