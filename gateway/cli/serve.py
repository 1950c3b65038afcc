"""``sluice serve``: start the gateway."""

from __future__ import annotations

import math
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.errors import SettingsError
from gateway.settings import Settings, load_settings


@click.command()
@click.option("--config", type=click.Path(path_type=Path), help="sluice.yaml (default: ./sluice.yaml if there is one).")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [default: 8080]")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes.  [default: 1]")
@click.option("--policy", help="Policy file, or the name of one that ships with Sluice.  [default: base]")
def serve(config: Path | None, host: str | None, port: int | None, workers: int | None, policy: str | None) -> None:
    """Start the gateway.

    \b
    Examples:
      sluice serve
      SLUICE_UPSTREAM=http://127.0.0.1:11434/v1 SLUICE_MODEL=qwen3 sluice serve
      sluice serve --config sluice.yaml --workers 4
    """
    # Texts are judged one at a time in each process. Threads that share a small product wait for one another: on a
    # busy machine that takes twenty times as long. Read when numpy is first imported; workers inherit it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    import uvicorn  # noqa: PLC0415

    from gateway import wiring  # noqa: PLC0415

    if config:
        os.environ["SLUICE_CONFIG"] = str(config)
    if policy:
        os.environ["SLUICE_POLICY"] = policy
    if workers:
        os.environ["SLUICE_WORKERS"] = str(workers)  # for the workers themselves: they have no command line
    settings = load_settings(config, os.environ)
    given = {"host": host, "port": port}
    listen = settings.listen.model_copy(update={key: value for key, value in given.items() if value is not None})
    settings = settings.model_copy(update={"listen": listen})
    app = wiring.application(settings, os.environ)  # whatever is wrong is said now, before the port opens
    wiring.check_counting(settings, os.environ)
    with _listening(settings) as sock:
        bound: int = sock.getsockname()[1]
        click.echo(_greeting(settings, os.environ, bound))
        uvicorn_config = uvicorn.Config(
            app if listen.workers == 1 else "gateway.wiring:from_environment",
            factory=listen.workers > 1,
            workers=listen.workers,
            loop=_loop(),
            http="gateway.server.protocol:PatientHttp",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
            limit_concurrency=settings.limits.connections,
            backlog=2048,
        )
        server = uvicorn.Server(uvicorn_config)
        if listen.workers == 1:
            server.run(sockets=[sock])
        else:
            from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

            Multiprocess(uvicorn_config, sockets=[sock]).run()
    if listen.workers == 1 and not server.started:
        raise SystemExit(1)


def _loop() -> str:
    """Name the event loop for uvicorn: ours, where uvloop is."""
    return "auto" if sys.platform == "win32" else "gateway.server.accepting:make_loop"


def _listening(settings: Settings) -> socket.socket:
    """Bind the port; a port that is taken is told as such."""
    host, port = settings.listen.host, settings.listen.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        message = f"cannot listen on {host}:{port}: {error.strerror or type(error).__name__}"
        raise SettingsError(message, hint="choose another with --port") from None
    sock.listen(2048)
    sock.set_inheritable(True)
    return sock


def _greeting(settings: Settings, environment: Mapping[str, str], port: int) -> str:
    """Say where the gateway is and how to try it."""
    host = settings.listen.host
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 — a comparison, not a bind
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    model = settings.default_model or next(iter(settings.models))
    key = ' -H "Authorization: Bearer $KEY"' if environment.get("SLUICE_CLIENT_KEYS") else ""
    body = f'{{"model": "{model}", "messages": [{{"role": "user", "content": "我的身份证号是 11010519491231002X"}}]}}'
    lines = [
        f"Sluice is listening on {url} · 水闸已启动  (policy {settings.policy}, models {', '.join(settings.models)})",
        "Try it · 试一试:",
        f"  curl -s {url}/v1/chat/completions{key} -H 'Content-Type: application/json' \\",
        f"    -d '{body}'",
    ]
    return "\n".join(lines)
