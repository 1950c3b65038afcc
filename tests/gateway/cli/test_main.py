"""The command ``sluice``: help, commands of other packages, unknown names, exit codes."""

from __future__ import annotations

import codecs
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.main import COMMANDS, shown


def test_help_begins_with_three_commands_to_try_and_lists_all(sluice: Any) -> None:
    for flag in ("--help", "-h"):
        ran = sluice(flag)
        assert ran.code == 0
        tried = [line.strip() for line in ran.out.splitlines() if line.startswith("    sluice ")]
        assert len(tried) == 3
        assert ran.out.index(tried[0]) < ran.out.index("Options:") < ran.out.index("Commands:")
        for name in ("serve", "check", "policy", "version"):
            assert f"\n  {name} " in ran.out


def test_what_help_says_to_try_can_be_called(sluice: Any) -> None:
    tried = [line.strip() for line in sluice("--help").out.splitlines() if line.startswith("    sluice ")]
    for line in tried:
        assert sluice(*shlex.split(line)[1:], "--help").code == 0, line


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("chek", "did you mean 'check'?"),
        ("polcy", "did you mean 'policy'?"),
        ("zzz", f"there are: {', '.join(COMMANDS)}"),
    ],
)
def test_an_unknown_command_is_told_with_what_is_meant(sluice: Any, word: str, says: str) -> None:
    ran = sluice(word)
    assert ran.code == 2
    assert f"No such command '{word}'" in ran.err
    assert says in ran.err


def test_an_unknown_option_is_told(sluice: Any) -> None:
    ran = sluice("--chek")
    assert ran.code == 2
    assert "--chek" in ran.err


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of somebody else that brings commands."""
    (tmp_path / "guest_sluice.py").write_text(
        "import click\n\n\n@click.command()\n@click.argument('name')\ndef greet(name: str) -> None:\n"
        "    '''Greet somebody.'''\n    click.echo(f'hello {name}')\n\n\n"
        "def impostor() -> None:\n    raise AssertionError\n",
        encoding="utf-8",
    )
    info = tmp_path / "guest_sluice-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guest-sluice\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(
        "[sluice.commands]\ngreet = guest_sluice:greet\ncheck = guest_sluice:impostor\nodd = guest_sluice:impostor\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("distribution")
def test_a_command_of_another_package_is_found_listed_and_called(sluice: Any) -> None:
    assert sluice("greet", "you").out == "hello you\n"
    assert re.search(r"^  greet +Greet somebody\.$", sluice("--help").out, re.MULTILINE)
    assert "did you mean 'greet'?" in sluice("gret").err


@pytest.mark.usefixtures("distribution")
def test_it_cannot_take_the_place_of_one_of_ours_nor_be_anything_but_a_command(sluice: Any) -> None:
    listed = sluice("--help").out
    assert listed.count("\n  check ") == 1
    assert "Judge TEXT" in sluice("check", "--help").out
    assert sluice("odd").code == 2


def test_a_command_of_ours_is_called_without_importing_the_others() -> None:
    program = (
        "import sys; sys.argv = ['sluice', 'version']\n"
        "from gateway.cli.main import main\n"
        "main.__globals__['sluice'](prog_name='sluice', standalone_mode=False)\n"
        "print([m for m in ('gateway.cli.serve', 'gateway.cli.check', 'gateway.wiring', 'evaluators', 'tqdm') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines()[1] == "[]"


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "version"], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.startswith("sluice ")


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("✓ 词表", "gbk", "√ 词表"),
        ("✗ a", "gbk", "× a"),
        ("✓✗", "cp1252", r"\u2713×"),
        ("a — b", "ascii", "a - b"),
        ("说😀", "gbk", r"说\U0001f600"),
        ("词 list", "latin-1", r"\u8bcd list"),
        ("✓ 词 list", "utf-8", "✓ 词 list"),
    ],
)
def test_a_terminal_shows_what_its_encoding_has(text: str, encoding: str, said: str) -> None:
    codecs.register_error("shown-in-tests", shown)
    assert text.encode(encoding, "shown-in-tests").decode(encoding) == said


LIST = "term,risk,weight,source,date\n杀猪盘,fraud,0.5,客服部,2026-11-25\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["explain", "打13812345678找我✓"], 0, "看到了什么".encode("gbk")),
        (["check", "号码13812345678😀"], 0, "mobile_number".encode("gbk")),
        (["lexicon", "lint", "words.csv"], 0, "√ words.csv".encode("gbk")),
        (["lexicon", "lint", "none😀.csv"], 3, rb"none\U0001f600.csv"),
        (["lexicon", "import", "words.csv"], 0, LIST.encode()),
        (["lexicon", "expand", "words.csv", "--way", "separators", "--most", "1"], 0, "杀".encode()),
        (["check", "你好", "--format", "json"], 0, b'"action":"pass"'),
    ],
)
def test_no_terminal_breaks_a_command_and_lists_are_utf_8_on_all(
    tmp_path: Path, arguments: list[str], code: int, says: bytes
) -> None:
    (tmp_path / "words.csv").write_text(LIST, encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "gbk", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "gateway", *arguments]
    done = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
