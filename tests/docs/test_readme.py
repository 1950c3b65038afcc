"""The README's blocks run as they stand, and its Chinese twin has the same headings and blocks.

Fenced blocks: ``console`` runs what follows ``$`` and compares the output (``…`` matches anything);
``yaml file=NAME`` is a file that later blocks use; ``python run`` is run; ``sh`` is checked for
syntax only, because it needs a model of yours.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
READMES = ["README.md", "README.zh.md"]


@dataclass(frozen=True, slots=True)
class Block:
    kind: str
    word: str
    body: str


def blocks(name: str) -> list[Block]:
    found = []
    for match in FENCE.finditer((ROOT / name).read_text(encoding="utf-8")):
        kind, _, word = match["info"].partition(" ")
        found.append(Block(kind, word, match["body"]))
    return found


def headings(name: str) -> list[int]:
    text = FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    return [len(line.split(" ")[0]) for line in text.splitlines() if re.match(r"#+ ", line)]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Shell:
    """Runs a README in an empty folder beside the project's own files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.second = folder, free_port(), free_port()
        self.servers: list[subprocess.Popen[str]] = []
        for name in ("benchmarks", "policies"):
            (folder / name).symlink_to(ROOT / name)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        keys = {"DASHSCOPE_API_KEY": "x", "ANTHROPIC_API_KEY": "x"}
        self.environment = {**os.environ, **keys, "PATH": path, "PYTHONUNBUFFERED": "1"}

    def here(self, text: str) -> str:
        """The README's ports are taken on somebody's machine: use free ones."""
        return text.replace("8080", str(self.port)).replace("8081", str(self.second))

    def run(self, command: str) -> str:
        if command == "make run":
            return self.serve()
        if command.startswith("sluice serve"):
            return self.start(shlex.split(command), self.folder, self.environment, self.second)
        done = subprocess.run(
            ["bash", "-c", self.here(command)],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return (done.stdout + done.stderr).replace("\r", "")

    def serve(self) -> str:
        """`make run` from the project's folder, with its records here."""
        database = {"SLUICE_DATABASE_URL": f"sqlite:///{self.folder}/sluice.db"}
        make = ["make", "--no-print-directory", "run"]
        make += [f"PORT={self.port}", f"VENV={Path(sys.executable).parent.parent}"]
        return self.start(make, ROOT, {**self.environment, **database}, self.port)

    def start(self, command: list[str], folder: Path, environment: dict[str, str], port: int) -> str:
        """Start a server; return its greeting once it listens."""
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.servers.append(process)
        assert process.stdout is not None
        line = next((line for line in process.stdout if "listening" in line), "")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as sock:
                if sock.connect_ex(("127.0.0.1", port)) == 0:
                    return line
            time.sleep(0.05)
        raise AssertionError(f"{command} did not come up")

    def close(self) -> None:
        for process in self.servers:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    running = Shell(tmp_path)
    yield running
    running.close()


def transcript(body: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block and the output that follows it."""
    parts = re.split(r"^\$ ", body, flags=re.MULTILINE)
    for part in parts[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def as_pattern(expected: str) -> str:
    return ".*?".join(re.escape(part) for part in expected.strip().split("…"))


def test_every_block_of_the_readme_runs_and_shows_what_it_says(shell: Shell) -> None:
    ran = 0
    for block in blocks(READMES[0]):  # the other has the same, see below
        if block.kind == "yaml":
            file = block.word.removeprefix("file=")
            assert file != block.word, "a yaml block names its file"
            (shell.folder / file).write_text(shell.here(block.body), encoding="utf-8")
        elif block.kind == "console":
            for command, expected in transcript(block.body):
                output = shell.run(command)
                pattern = as_pattern(shell.here(expected))
                assert re.search(pattern, output, re.DOTALL), f"$ {command}\n{output}"
                ran += 1
        elif block.kind == "python":
            done = subprocess.run(
                [sys.executable, "-c", shell.here(block.body)], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, done.stderr
            ran += 1
        elif block.kind == "sh":
            assert subprocess.run(["bash", "-n", "-c", block.body], check=False).returncode == 0
        else:
            assert block.kind == "text", f"an unknown kind of block: {block.kind}"
    assert ran >= 8


def test_the_settings_that_the_readme_shows_are_taken(tmp_path: Path) -> None:
    from gateway.settings import load_settings

    body = next(block.body for block in blocks("README.md") if block.word == "file=sluice.yaml")
    file = tmp_path / "sluice.yaml"
    file.write_text(body, encoding="utf-8")
    settings = load_settings(file, {})
    assert set(settings.models) == {"demo", "qwen-plus", "claude"}
    assert settings.producer == "your-company"


def test_both_readmes_have_the_same_headings_and_the_same_blocks() -> None:
    english, chinese = READMES
    assert headings(english) == headings(chinese)
    assert [(b.kind, b.word) for b in blocks(english)] == [(b.kind, b.word) for b in blocks(chinese)]
    assert [b.body for b in blocks(english) if b.kind != "text"] == [
        b.body for b in blocks(chinese) if b.kind != "text"
    ]
