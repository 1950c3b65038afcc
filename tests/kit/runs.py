"""Runs of a small suite against an endpoint that a test scripts."""

import asyncio
import json
import time
from contextlib import nullcontext
from dataclasses import replace

from evaluators.endpoint import metered, open_endpoint
from evaluators.execute import execute
from evaluators.pace import Limits, Meters
from evaluators.run import Manifest, create, digest_of, load_state
from evaluators.scorers.spec import Surroundings
from evaluators.suite import build_scorers, load_suite
from evaluators.targets import ChatTarget
from evaluators.targets.asked import Asked

SUITE = """\
name: small
summary: {zh: 小, en: small}
data: data.jsonl
scorers:
  - use: refusal
  - use: leak
"""


def suite_in(path, rows=12):
    path.mkdir(exist_ok=True)
    (path / "suite.yaml").write_text(SUITE)
    lines = [
        {"id": f"r{i}", "question": f"第{i}个问题？", "lang": "zh", "should": "answer" if i % 2 else "refuse"}
        for i in range(rows)
    ]
    (path / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return load_suite(path)


def new_run(tmp_path, url, rows=12, repetitions=1, limit=None):
    suite = suite_in(tmp_path / "suite", rows)
    asked = Asked(False, url, "m", "NO_KEY", {}, 10.0, 1)
    manifest = Manifest(
        "small-1", "small", "2026-01-01T00:00:00+00:00", asked, None, None, repetitions, 1, limit,
        suite.digest, digest_of(suite.data), {},
    )  # fmt: skip
    return create(tmp_path / "runs", suite, manifest)


def go(run, scorers=None, concurrency=3, ask=True, purse=None):
    state = load_state(run)
    scorers = build_scorers(run.suite, Surroundings()) if scorers is None else scorers
    done = []
    meters = Meters(replace(purse, spent=state.spent), time.monotonic) if purse else None

    async def work():
        with metered(meters.of(Limits(), None)) if meters else nullcontext():
            async with open_endpoint(run.manifest.asked.base_url, attempts=1) as endpoint:
                target = {"": ChatTarget(endpoint, "m", {}, lambda: 0.0)} if ask else None
                await execute(run, state, target, scorers, concurrency=concurrency, done=done.append, meters=meters)

    asyncio.run(work())
    return state, done


def answer(path, body):
    return f"回答：{body['messages'][-1]['content']}"
