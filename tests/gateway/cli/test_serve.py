"""``sluice serve``: arguments before settings, and a greeting that can be tried as it stands."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from kit.asking import chat, post

from gateway.cli.serve import _greeting, _listening
from gateway.errors import SettingsError
from gateway.settings import Settings, load_settings
from gateway.settings.schema import Listen

MISUSE = "{sluice: 1, name: m, extends: base, misuse: {rules: [refuse-harm], reply: safe}}"


@contextlib.contextmanager
def served(tmp_path: Path, *arguments: str, **variables: str) -> Iterator[tuple[str, list[str]]]:
    """Run ``sluice serve``; yield its URL and its greeting."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", **variables}
    command = [sys.executable, "-m", "gateway", "serve", *arguments]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        try:
            greeting = [process.stdout.readline().rstrip("\n")]
            assert "listening on" in greeting[0], greeting[0] + process.stdout.read()
            greeting += [process.stdout.readline().rstrip("\n") for _ in range(3)]
            yield greeting[0].split("listening on ")[1].split(" ")[0], greeting
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
    assert process.returncode in (0, -signal.SIGTERM), process.returncode


async def test_a_free_port_is_taken_and_what_the_greeting_says_to_try_works(tmp_path: Path, policy: Path) -> None:
    with served(tmp_path, "--port", "0", "--policy", str(policy)) as (url, greeting):
        assert f"policy {policy}" in greeting[0]
        command = shlex.split(" ".join(line.removesuffix("\\") for line in greeting[2:4]))
        assert command[:3] == ["curl", "-s", f"{url}/v1/chat/completions"]
        assert command[3:6] == ["-H", "Content-Type: application/json", "-d"]
        seen = await post(url, command[6].encode())
    assert seen.text() == "我的身份证号是 110105********002X"
    assert seen.headers["x-sluice-policy"].startswith("tiny@")


async def test_two_workers_serve_the_policy_of_the_command_line(tmp_path: Path, policy: Path) -> None:
    with served(tmp_path, "--port", "0", "--workers", "2", "--policy", str(policy)) as (url, _):
        for _ in range(200):
            with contextlib.suppress(aiohttp.ClientError):
                seen = await post(url, chat("哪有毒品"))
                break
        assert seen.text() == "抱歉。"


async def test_arguments_win_over_the_file(tmp_path: Path, policy: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = tmp_path / "mine.yaml"
    config.write_text(f"listen: {{port: {port}}}\npolicy: empty\n", encoding="utf-8")
    with served(tmp_path, "--config", str(config), "--port", "0", "--policy", str(policy)) as (url, _):
        assert not url.endswith(f":{port}")
        assert (await post(url, chat("哪有毒品"))).text() == "抱歉。"


@pytest.mark.parametrize(("given", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "4"}, "4")])
def test_one_thread_judges_unless_the_operator_says_otherwise(given: dict[str, str], threads: str) -> None:
    code = (
        "import os, sys, click.testing, gateway.cli.serve as it; early = 'numpy' in sys.modules; "
        "click.testing.CliRunner().invoke(it.serve, ['--policy', 'nowhere']); "
        "print(early, os.environ.get('OPENBLAS_NUM_THREADS'))"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OPENBLAS", "SLUICE"))}
    command, variables = [sys.executable, "-c", code], {**environment, **given}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", threads], done.stderr


@pytest.mark.parametrize("said", ["many", "0", "257", "-1", "²", "1.5"])
def test_workers_know_how_many_they_are_and_a_number_that_is_none_is_told(said: str) -> None:
    assert load_settings(None, {"SLUICE_WORKERS": "3"}).listen.workers == 3
    with pytest.raises(SettingsError, match="SLUICE_WORKERS must be a number from 1 to 256"):
        load_settings(None, {"SLUICE_WORKERS": said})


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--port", "65536"], 2, "--port"),
        (["--port", "x"], 2, "--port"),
        (["--workers", "0"], 2, "--workers"),
        (["--config", "nowhere.yaml"], 3, "nowhere.yaml"),
        (["--policy", "bass", "--port", "0"], 3, "there are base"),
        (["--workers", "2", "--policy", "misuse.yaml", "--port", "0"], 3, "each of several workers would count alone"),
        (["--host", "no.such.host.invalid", "--port", "0"], 3, "cannot listen on no.such.host.invalid:0"),
    ],
)
def test_what_cannot_be_served_is_told_before_the_port_opens(
    sluice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "misuse.yaml").write_text(MISUSE, encoding="utf-8")
    for name in ("SLUICE_CONFIG", "SLUICE_POLICY", "SLUICE_WORKERS"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    ran = sluice("serve", *arguments)
    assert ran.code == code
    assert says in ran.err
    assert "listening" not in ran.out


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"cannot listen on 127.0.0.1:{port}: .+ — choose another with --port"):
            _listening(Settings(listen=Listen(port=port)))


def test_a_port_can_be_taken_again_at_once_and_hands_on_to_workers() -> None:
    with _listening(Settings(listen=Listen(port=0))) as sock:
        assert sock.get_inheritable()
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 1


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::1", "http://[::1]:8080"),
        ("::", "http://[::1]:8080"),
        ("gateway.local", "http://gateway.local:8080"),
    ],
)
def test_the_greeting_names_an_address_that_can_be_called(host: str, url: str) -> None:
    greeting = _greeting(Settings(listen=Listen(host=host)), {}, 8080)
    assert greeting.count(url) == 2
    assert "Authorization" not in greeting


def test_where_keys_are_needed_the_greeting_takes_one_from_the_shell() -> None:
    greeting = _greeting(Settings(), {"SLUICE_CLIENT_KEYS": "secret"}, 8080)
    assert '-H "Authorization: Bearer $KEY"' in greeting
    assert "secret" not in greeting
