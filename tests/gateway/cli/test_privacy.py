"""``sluice privacy assess``: a file in, a level out, for people and for programs."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from kit.records import plain

from gateway.cli.main import main, sluice
from gateway.exchange import Subject
from gateway.privacy.keys import read_keyring, subject_digests
from gateway.stores.sql import SqlStore

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


# --- What is kept about people -------------------------------------------------------------------

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SqlStore:
    """A store with two records of one phone number, and the environment that names it."""
    url = f"sqlite:///{tmp_path}/records.db"
    monkeypatch.setenv("SLUICE_DATABASE_URL", url)
    monkeypatch.setenv("SLUICE_PRIVACY_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    ring = read_keyring({"SLUICE_PRIVACY_KEY": KEY})
    assert ring is not None
    digest = subject_digests(ring, "default", "138-1234-5678")[0]
    store = SqlStore(url, time.time)
    store.open()
    subjects = (Subject(digest, "pii.mobile_number", True),)
    store.write([replace(plain(n, request_text="user: x"), subjects=subjects, region="us") for n in (1, 2)])
    return store


def call(*args: str, said: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(sluice, ["privacy", *args], input=said)
    return result.exit_code, result.stdout, result.stderr


def test_a_person_gets_a_copy_and_is_erased_with_proof(kept: SqlStore) -> None:
    code, out, err = call("export", "-", said="13812345678\n")
    assert (code, len(out.splitlines())) == (0, 2)
    assert "2 条记录" in err
    code, out, _ = call("erase", "13812345678", "--reason", "request 17", "--operator", "li.na")
    proof = orjson.loads(out)
    assert (code, proof["reason"], proof["operator"], proof["exchanges"]) == (0, "request 17", "li.na", 2)
    assert call("export", "13812345678")[0] == 1
    assert call("erase", "13812345678", "--reason", "r", "--operator", "o")[0] == 1
    assert all(one.request_text is None for one in kept.latest(9))


def test_people_are_counted_by_region_and_year(kept: SqlStore) -> None:
    del kept
    assert call("persons", "--year", "2027", "--format", "json")[1] == (
        '{"year":2027,"region":"us","persons":1,"sensitive":0}\n'
    )
    assert "没有个人信息原样离开" in call("persons", "--year", "2020")[1]


def test_what_was_kept_long_enough_is_purged(kept: SqlStore, tmp_path: Path) -> None:
    settings = tmp_path / "sluice.yaml"
    settings.write_text(f"database: {kept.name}\nretention: {{text_days: 1}}\n")
    shutil.copy(tmp_path / "records.db", tmp_path / "copy.db")
    assert call("purge", "--config", str(settings))[:2] == (
        0,
        "0 条记录的文本、0 条记录已清除 · texts and records purged\n",
    )
    settings.write_text(f"database: {kept.name}\nretention: {{classes: {{pipl82: 1}}}}\n")
    result = CliRunner().invoke(sluice, ["privacy", "purge", "--config", str(settings)])
    assert "unknown class 'pipl82'" in str(result.exception)


def test_without_the_key_nobody_can_be_found(kept: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    del kept
    monkeypatch.delenv("SLUICE_PRIVACY_KEY")
    result = CliRunner().invoke(sluice, ["privacy", "export", "13812345678"])
    assert "SLUICE_PRIVACY_KEY is not set" in str(result.exception)
