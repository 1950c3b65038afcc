import json

import pytest
from click.testing import CliRunner

from benchmarks.real_input import Outcome, collect, leaked, main, shown


@pytest.fixture
def data(tmp_path):
    """Two of the data sets, made up."""
    (tmp_path / "banking77").mkdir()
    rows = "".join(f"Where is card number {n}?,lost\n" for n in range(8))
    (tmp_path / "banking77" / "banking_data__test.csv").write_text("text,category\n" + rows)
    (tmp_path / "halluqa").mkdir()
    asked = [{"Question": f"第{n}个问题，我的电话是13812345678，请回电"} for n in range(6)]
    (tmp_path / "halluqa" / "HalluQA.json").write_text(json.dumps(asked))
    return tmp_path


def test_texts_are_sent_whole_and_streamed_in_turns(data):
    sendings = collect(data, 6, 1, both=False)
    assert [one.stream for one in sendings] == [False, True] * 6


def test_with_both_every_text_is_sent_either_way(data):
    sendings = collect(data, 100, 1, both=True)
    assert len(sendings) == 28
    assert {(one.text, one.stream) for one in sendings} == {
        (one.text, way) for one in sendings for way in (False, True)
    }


def test_every_request_through_a_real_gateway_leaves_a_record(data):
    done = CliRunner().invoke(main, ["--data", str(data), "--least", "14"])
    assert done.exit_code == 0, done.output
    assert "14 texts, 14 requests, 0 errors." in done.output
    assert "Records written: 14 of 14 ✔" in done.output
    asked = next(line for line in done.output.splitlines() if "HalluQA" in line)
    assert [cell.strip() for cell in asked.split("│")[2:6]] == ["6", "·", "·", "6"]  # all six are masked
    assert "第" not in asked
    assert "13812345678" not in done.output


def test_too_few_texts_are_an_error_that_names_the_options(data):
    done = CliRunner().invoke(main, ["--data", str(data)])
    assert done.exit_code == 1
    assert "14 texts were found" in done.output
    assert "--least" in done.output


@pytest.mark.parametrize(
    ("texts", "log", "found"),
    [
        (["这句话足够长，在日志里出现绝不会是偶然的事情"], "ERROR 这句话足够长，在日志里出现绝不会是偶然的事情", 1),
        (["a sentence that is long enough"], "warning: a sentence that is long", 1),
        (["a sentence that is long enough"], "warning: exchange 7 failed", 0),
        (["短"], "短", 0),
    ],
    ids=["Chinese", "its beginning", "nothing", "too short to tell"],
)
def test_texts_in_a_log_are_counted(texts, log, found):
    assert leaked(texts, [log]) == found


def test_the_table_counts_actions_and_errors_of_each_data_set():
    outcomes = [
        Outcome("甲", "mask", "1", 0.001, 0.002),
        Outcome("甲", "refuse", "2", None, 0.004),
        Outcome("B", "", "3", None, 0.006, fault="HTTP 500, internal_error"),
    ]
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in shown(outcomes).splitlines() if "│" in line]
    table = {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines[1:]}
    assert (table["甲"]["mask"], table["甲"]["refuse"], table["甲"]["errors"]) == ("1", "1", "·")
    assert (table["B"]["requests"], table["B"]["errors"]) == ("1", "1")
    assert (table["all"]["requests"], table["all"]["total p95"]) == ("3", "6.0")
