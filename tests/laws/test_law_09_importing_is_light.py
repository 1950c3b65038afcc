"""Law 9: importing the gateway is light and touches no network; heavy packages come late.

Mutants killed: ``import litellm`` at the top of its adapter's users; a network call at import. The half
second is not asserted as wall time (a busy machine would decide): what is loaded is.
"""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ["litellm", "presidio_analyzer", "presidio_anonymizer", "ragas", "torch", "transformers", "openai", "pandas"]

PROBE = """
import json, sys
calls = []
def hook(event, args):
    if event in ("socket.getaddrinfo", "socket.connect"):
        calls.append(event)
sys.addaudithook(hook)
import resource
import {module}
used = resource.getrusage(resource.RUSAGE_SELF)
loaded = {{*sys.modules, *(name.split(".")[0] for name in sys.modules)}}
print(json.dumps({{"loaded": sorted(loaded), "calls": calls,
                  "cpu": used.ru_utime + used.ru_stime}}))
"""


def probe(module: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(module=module)], capture_output=True, text=True, check=True, timeout=60
    )
    return dict(json.loads(done.stdout))


def test_the_gateway_loads_nothing_heavy_and_calls_nobody() -> None:
    seen = probe("gateway.wiring, gateway.server.app, gateway.pipeline.run, gateway.cli.main")
    assert seen["calls"] == []
    assert not set(HEAVY) & set(seen["loaded"])  # type: ignore[call-overload]


def test_a_gateway_with_the_base_policy_loads_nothing_heavy_and_calls_nobody() -> None:
    seen = probe("os, gateway.wiring as w, gateway.settings as s; w.application(s.Settings(), {}); import os")
    assert seen["calls"] == []
    assert not set(HEAVY) & set(seen["loaded"])  # type: ignore[call-overload]


def test_a_start_with_the_base_policy_imports_no_more_than_it_uses() -> None:
    seen = probe("os, gateway.wiring as w, gateway.settings as s; w.application(s.Settings(), {}); import os")
    unused = {
        "sqlmodel",
        "cryptography",
        "PIL",
        "openpyxl",
        "pypdf",
        "gateway.labels.carriers",
        "gateway.server.openapi",
    }
    assert not unused & set(seen["loaded"])  # type: ignore[call-overload]


def test_checking_a_text_imports_no_server_and_no_store() -> None:
    seen = probe("gateway.cli.check, gateway.wiring as w; w.load_plan('base', w.checking({})); import os")
    more = {"starlette", "uvicorn", "sqlalchemy", "sqlmodel", "cryptography", "PIL"}
    assert not {*HEAVY, *more} & set(seen["loaded"])  # type: ignore[call-overload]


def test_the_command_line_loads_little_for_its_help() -> None:
    seen = probe("gateway.cli.main")
    assert not {*HEAVY, "sqlmodel", "sqlalchemy", "aiohttp", "starlette", "uvicorn"} & set(seen["loaded"])  # type: ignore[call-overload]


def test_the_evaluators_load_nothing_that_talks_or_calculates_before_they_are_asked_to() -> None:
    seen = probe("evaluators.suite, evaluators.run, evaluators.report.page, evaluators.scorers.by_row")
    assert seen["calls"] == []
    assert not {*HEAVY, "aiohttp", "sqlmodel", "sqlalchemy", "starlette", "instructor"} & set(seen["loaded"])  # type: ignore[call-overload]
    seen = probe("evaluators.suite, evaluators.run, evaluators.targets")
    assert "numpy" not in set(seen["loaded"])  # type: ignore[call-overload]
