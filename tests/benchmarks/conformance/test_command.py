"""The command tells people and programs what passed, and says what is wrong with how it was called."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.conformance.command import HELP, conformance

CASES = """\
dialect: chat
cases:
  - id: says-so
    trap: {zh: 说, en: says}
    stream: [false]
    asks:
      - body: {messages: [{role: user, content: 你好}]}
        says: {text: 好。}
        expect: {text: WANTED}
"""


@pytest.fixture
def forwarder(unused_tcp_ports: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """A gateway that hands every byte on and guards nothing."""
    front, back = unused_tcp_ports
    loop, started = asyncio.new_event_loop(), threading.Event()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", back)
        await asyncio.gather(pipe(reader, ours), pipe(theirs, writer), return_exceptions=True)

    async def serve() -> None:
        server = await asyncio.start_server(accept, "127.0.0.1", front)
        started.set()
        async with server:
            await server.serve_forever()

    def work() -> None:
        asyncio.set_event_loop(loop)
        task = loop.create_task(serve())
        tasks.append(task)
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)

    tasks: list[asyncio.Task[None]] = []
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert started.wait(10)
    yield f"http://127.0.0.1:{front}", str(back)
    loop.call_soon_threadsafe(tasks[0].cancel)
    thread.join(10)


@pytest.fixture
def unused_tcp_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


def called(*arguments: str):
    return CliRunner().invoke(conformance, [*arguments])


@pytest.mark.parametrize(("wanted", "code"), [("好。", 0), ("坏。", 1)])
def test_the_exit_code_and_both_shapes_say_what_passed(forwarder, tmp_path: Path, wanted: str, code: int) -> None:
    url, port = forwarder
    (tmp_path / "c.yaml").write_text(CASES.replace("WANTED", wanted), encoding="utf-8")
    common = (url, "--cases", str(tmp_path / "c.yaml"), "--upstream-port", port, "--header", "x-a: b")
    people, program = called(*common), called(*common, "--format", "json")
    assert (people.exit_code, program.exit_code) == (code, code)
    assert f"{1 - code} / 1" in people.output.replace("  ", " ").replace("  ", " ")
    assert ("✗ chat/says-so/whole" in people.output) == bool(code)
    report = json.loads(program.output)
    assert (report["passed"], report["failed"]) == (1 - code, code)
    assert report["cases"][0]["trap"] == {"zh": "说", "en": "says"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("http://127.0.0.1:1", "--case", "no-such-case"), 2, "no case is left"),
        (("http://127.0.0.1:1", "--header", "nonsense"), 2, "name: value"),
        (("http://127.0.0.1:1", "--cases", "/nowhere.yaml"), 2, "cannot read the cases"),
        (("http://127.0.0.1:1", "--case", "chat/plain-answer", "--upstream-port", "0"), 3, "is the gateway running"),
    ],
)
def test_a_wrong_call_says_what_to_do(arguments, code: int, message: str) -> None:
    result = called(*arguments)
    assert result.exit_code == code
    assert message in result.output
    assert "Traceback" not in result.output


def test_help_starts_with_calls_that_work() -> None:
    assert "sluice conformance http://127.0.0.1:8080" in HELP
    assert called("--help").exit_code == 0
