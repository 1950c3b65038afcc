"""Every command ends with a message instead of a trace, and a file is written whole or not at all."""

import click
import pytest

from evaluators.cli.ending import EVENTS, USAGE, emit_events, telling, write_whole
from gateway.errors import ConfigError


def test_an_error_of_the_user_is_one_message_and_the_exit_code_for_usage(capsys):
    with pytest.raises(click.exceptions.Exit) as ended, telling():
        raise ConfigError("坏了 broken", hint="mend it")
    assert ended.value.exit_code == USAGE
    assert capsys.readouterr().err == "error: 坏了 broken — mend it\n"


def test_an_error_of_ours_is_no_usage():
    with pytest.raises(ZeroDivisionError), telling():
        _ = 1 / 0


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path):
    file = tmp_path / "report.json"
    write_whole(file, "old")
    write_whole(file, "新 new \ud800")
    assert file.read_text("utf-8") == "新 new \\ud800"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    file = tmp_path / "report.json"
    write_whole(file, "old")

    def full(self, *arguments):
        raise OSError("no space left")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(file, "new")
    assert file.read_bytes() == b"old"


def test_how_finely_events_are_told_is_one_of_a_few_words(monkeypatch):
    monkeypatch.setenv(EVENTS, "everything")
    with pytest.raises(ConfigError, match=r"is 'everything' — write one of: "):
        emit_events(None, None)
