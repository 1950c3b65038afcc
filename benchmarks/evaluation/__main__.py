"""Evaluates the demonstration model directly and through the gateway: ``make eval``.

    python -m benchmarks.evaluation
    python -m benchmarks.evaluation --only risk/starter --only privacy/starter
    python -m benchmarks.evaluation --gate

Writes var/eval/index.html, with a page for every run. Nobody outside of this machine is asked.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from benchmarks.conformance.started import free_port
from benchmarks.evaluation.model import MODEL
from benchmarks.evaluation.page import index
from benchmarks.evaluation.plan import PLAN, SMALL, Entry
from benchmarks.evaluation.runs import Result, run_suite
from benchmarks.evaluation.servers import ROOT, NotStarted, Server, python, running
from benchmarks.evaluation.table import Reached, exit_code, reached, table

NOT_STARTED = 3
_SETTINGS = f"""# The model stands here. Without a region it stands abroad, where the shield sends nothing sensitive.
models:
  {MODEL}: {{{{provider: openai_compatible, base_url: "{{}}", region: cn}}}}
"""


def main() -> int:
    """Run the plan; return 0 if every question was answered and judged, see ``--help`` for the rest."""
    arguments = _arguments()
    plan = [entry for entry in PLAN if not arguments.only or entry.suite in arguments.only]
    folder: Path = arguments.out.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, _leave)
    begun = time.monotonic()
    seen = folder / "seen.jsonl"
    seen.unlink(missing_ok=True)
    model = Server("model", python("benchmarks.evaluation.model", "--port", str(port := free_port())), port, {})
    servers = {"direct": model, **_gateways(plan, model, seen)}
    try:
        with running(list(servers.values()), folder / "servers"):
            results = _ask(plan, servers, folder, arguments.limit or (SMALL if arguments.small else None))
    except NotStarted as error:
        print(f"error: {error}", file=sys.stderr)
        return NOT_STARTED
    except KeyboardInterrupt:
        print("interrupted; the runs so far are in " + str(folder / "runs"), file=sys.stderr)
        return 130
    trip = next((one for one in results if one.entry.policy == "shielded" and one.way == "gateway"), None)
    leaked = reached(seen, ROOT / "benchmarks" / trip.entry.suite / "data.jsonl", trip.limit) if trip else Reached(0, 0)
    (folder / "index.html").write_text(index(results, leaked, folder), "utf-8")
    print(table(results, leaked))
    print(f"用时 / took: {time.monotonic() - begun:.0f} s · 报告 / report: {folder / 'index.html'}")
    return exit_code(results, gates=arguments.gate)


def _ask(plan: list[Entry], servers: dict[str, Server], folder: Path, limit: int | None) -> list[Result]:
    results: list[Result] = []
    todo = [(entry, way) for entry in plan for way in ("direct", "gateway", *(("recorded",) if entry.recorded else ()))]
    with tqdm(todo, unit="run", delay=2, disable=None, file=sys.stderr) as bar:
        for entry, way in bar:
            bar.set_postfix_str(f"{entry.suite} {way}")
            server = servers[f"gateway-{entry.policy}" if way == "gateway" else "direct"]
            results.append(run_suite(entry, way, server.url, folder, limit or entry.limit))
    return results


def _gateways(plan: list[Entry], model: Server, seen: Path) -> dict[str, Server]:
    """Return a gateway for each policy; the one that shields has a model of its own, which keeps what it was asked."""
    made: dict[str, Server] = {}
    policies = {"base": "base", "shielded": str(ROOT / "policies" / "examples" / "shielded.yaml")}
    for name in sorted({entry.policy for entry in plan}):
        behind = model
        if name == "shielded":
            command = python("benchmarks.evaluation.model", "--port", str(port := free_port()), "--seen", str(seen))
            behind = made["model-shielded"] = Server("model-shielded", command, port, {})
        port = free_port()
        serve = python("gateway", "serve", "--policy", policies[name], "--port", str(port))
        variables = {"SLUICE_PRIVACY_KEY": secrets.token_hex(32)}
        made[f"gateway-{name}"] = Server(f"gateway-{name}", serve, port, variables, _SETTINGS.format(behind.url))
    return made


def _leave(number: int, frame: FrameType | None) -> None:
    """Turn a request to stop into an end that stops the servers first."""
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Ends with 0 if every question was answered and judged, 4 if not; with --gate by the gates of the runs "
        "through the gateway (1 failed, 3 too few rows). 3: a server did not start. 130: interrupted.",
    )
    parser.add_argument("--out", type=Path, default=Path("var/eval"), help="folder of the report (var/eval)")
    parser.add_argument("--only", action="append", choices=[entry.suite for entry in PLAN], help="only this suite")
    parser.add_argument("--limit", type=int, help="only the first rows of each suite")
    parser.add_argument("--small", action="store_true", help=f"only {SMALL} rows of each suite")
    parser.add_argument("--gate", action="store_true", help="let the gates decide the exit code")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
