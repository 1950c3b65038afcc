"""Starts the gateway of this checkout as it is deployed, asks it the cases, and ends by what they showed."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from benchmarks.conformance.started import ask_started, free_port

CONFIG = Path(__file__).with_name("sluice.yaml")


def main() -> int:
    """Run ``sluice conformance`` against ``sluice serve``; further arguments go to the former."""
    port = free_port()
    serve = [sys.executable, "-m", "gateway", "serve", "--config", str(CONFIG), "--port", str(port)]
    keys = {"SLUICE_PRIVACY_KEY": secrets.token_hex(32)}
    return ask_started(serve, f"http://127.0.0.1:{port}", "/readyz", sys.argv[1:], keys)


if __name__ == "__main__":
    sys.exit(main())
