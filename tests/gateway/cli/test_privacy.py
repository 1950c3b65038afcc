"""``sluice privacy assess``: a file in, a level out, for people and for programs."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from gateway.cli.main import main, sluice

ID = "11010519491231002X"


def run(*args: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(sluice, ["privacy", "assess", *map(str, args)])
    return result.exit_code, result.output


def csv(folder: Path, text: str) -> Path:
    file = folder / "客户.csv"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("姓名,性别\n张三,男\n", 1, 1),
        (f"备注\n证件{ID}已核\n无\n", 1, 1),
        (f"c\n{ID}\n", 1, 1),
        ("性别\n男\n女\n", 1, 2),
        ("性别\n" + "男\n女\n" * 30, 0, 3),
        ("订单号,销量\n20250901123456,3\n20250901123457,4\n", 0, 4),
    ],
)
def test_a_table_gets_its_level_and_an_exit_code(tmp_path: Path, text: str, code: int, level: int) -> None:
    file = csv(tmp_path, text)
    exit_code, output = run(file, "--format", "json")
    assert (exit_code, orjson.loads(output)["level"]) == (code, level)
    human_code, human = run(file)
    assert (human_code, human[:4]) == (code, f"{level} 级：")


def test_texts_are_graded_by_analogy(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_text(f'{{"text": "我的身份证号是{ID}"}}\n{{"text": "hello"}}\n', "utf-8")
    code, output = run(file, "--format", "json")
    said = orjson.loads(output)
    assert (code, said["level"], said["by_analogy"]) == (1, 1, True)
    assert said["identifiers"][0]["kind"] == "identity_number"
    assert "类推" in run(file)[1]


def test_a_person_can_say_what_a_column_is(tmp_path: Path) -> None:
    file = csv(tmp_path, "姓名,分店,备注\n" + "某甲,东,好\n某甲,西,坏\n" * 30)
    code, output = run(file, "--ignore", "姓名", "--quasi", "分店", "--sensitive", "备注", "--format", "json")
    said = orjson.loads(output)
    assert (code, said["level"], said["classes"]["k"], said["diversity"]["备注"]["l"]) == (0, 3, 30, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--quasi", "年龄"], "there is no column '年龄'; there are: 姓名, 性别"),
        (["--quasi", "姓名", "--direct", "姓名"], "column '姓名' is named twice"),
        (["--sharing", "friends"], "'friends' is not one of"),
        (["--attempt", "2"], "2.0 is not in the range"),
    ],
)
def test_bad_options_are_told(tmp_path: Path, options: list[str], said: str) -> None:
    code, output = run(csv(tmp_path, "姓名,性别\n张三,男\n"), *options)
    assert code == 2
    assert said in output


def test_a_bad_file_is_told_with_its_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["sluice", "privacy", "assess", str(csv(tmp_path, "a,b\n1,2,3\n"))])
    with pytest.raises(SystemExit) as error:
        main()
    assert error.value.code == 3
    assert "客户.csv:2: the row has 3 cells instead of 2" in capsys.readouterr().err


def test_the_report_is_written_where_it_was_asked_for(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    _, output = run(csv(tmp_path, "姓名\n张三\n"), "--html", report)
    assert str(report) in output
    assert "客户.csv" in report.read_text("utf-8")


def test_the_advice_names_columns_and_what_remains(tmp_path: Path) -> None:
    rows = "".join(f"张三,{20 + n % 60},感冒\n" for n in range(600))
    _, output = run(csv(tmp_path, "姓名,年龄,诊断\n" + rows))
    assert "remove or pseudonymise: 姓名" in output
    assert "年龄: band-" in output or "年龄: suppress" in output
    assert "overall risk then: 0.0" in output
