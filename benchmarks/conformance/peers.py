"""Starts other gateways as ``adapters`` configures them, and asks them the cases of the dialects they speak."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path

from benchmarks.conformance.started import ask_started, free_port

ADAPTERS = Path(__file__).with_name("adapters")
DIALECTS = ["--dialect", "chat", "--dialect", "messages"]


def main() -> int:
    """Ask each peer that is installed; say which are not. Exits 0 whatever they pass: they are not ours to fail."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--litellm", default=shutil.which("litellm"), help="the program litellm")
    parser.add_argument("--portkey", type=Path, help="the folder in which Portkey's gateway is installed")
    given = parser.parse_args()
    asked = [
        _told("LiteLLM's proxy", given.litellm and _litellm(given.litellm)),
        _told("Portkey's gateway", given.portkey and _portkey(given.portkey)),
    ]
    return 0 if any(asked) else 3


def _told(name: str, code: int | str | None) -> bool:
    if code in (0, 1):
        print(f"{name}: asked (above)\n")
        return True
    print(f"{name}: SKIPPED, {'it did not start' if code else 'it is not installed'}\n")
    return False


def _litellm(program: str) -> int:
    port = free_port()
    serve = [program, "--config", str(ADAPTERS / "litellm" / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    arguments = ["--key", "sk-conformance", "--seconds", "10", *DIALECTS]
    variables = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    return ask_started(serve, f"http://127.0.0.1:{port}", "/health/liveliness", arguments, variables, seconds=180)


def _portkey(folder: Path) -> int | None:
    """Ask the gateway that ``adapters/portkey/package.json`` installs; None if there is none.

    It pins two packages beside it: with those that npm chooses today, every stream of 1.15.2 is an HTTP 500, because
    @hono/node-server hands out the headers of an upstream's answer, which may not be changed.
    """
    program, node = folder / "node_modules/@portkey-ai/gateway/build/start-server.js", shutil.which("node")
    if node is None or not program.is_file():
        return None
    config = json.loads((ADAPTERS / "portkey" / "config.json").read_text("utf-8"))
    codes = []
    for dialect, provider in (("chat", "openai"), ("messages", "anthropic")):  # it translates neither into the other
        port = free_port()
        serve = [node, str(program), f"--port={port}", "--headless"]
        header = f"x-portkey-config: {json.dumps({**config, 'provider': provider})}"  # headers are ASCII
        arguments = ["--header", header, "--seconds", "10", "--dialect", dialect]
        codes.append(ask_started(serve, f"http://127.0.0.1:{port}", "/", arguments, {}, seconds=180))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
