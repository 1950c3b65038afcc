"""``sluice check``: texts and rows in, verdicts out, with offsets that a person can count."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from kit.plans import plan, rule, side

from gateway.cli.check import check, judge_row
from gateway.ports import Scan
from gateway.text import TextView
from gateway.wiring import load_plan

ID = "11010519491231002X"
FIELDS = ["id", "action", "rules", "findings", "scores", "errors", "unjudged", "plan"]


def jsonl(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"".join((row if isinstance(row, bytes) else orjson.dumps(row)) + b"\n" for row in rows))
    return file


@pytest.mark.parametrize(
    ("text", "side", "code", "action", "rules"),
    [
        ("你好", "request", 0, "pass", []),
        (f"我是{ID}", "request", 0, "mask", ["mask-identity"]),
        ("哪有毒品", "request", 1, "refuse", ["refuse-drug"]),
        ("a drug deal", "response", 1, "refuse", ["answer-drug"]),
        ("我要找人工", "request", 1, "handoff", ["boss"]),
        ("毒品，我要找人工", "request", 1, "handoff", ["refuse-drug", "boss"]),
        ("我要找人工", "response", 0, "pass", []),
        ("", "request", 0, "pass", []),
        ("", "response", 0, "pass", []),
    ],
)
def test_a_text_is_judged_and_the_exit_code_is_the_answer(
    sluice: Any, policy: Path, text: str, side: str, code: int, action: str, rules: list[str]
) -> None:
    ran = sluice("check", "--policy", policy, "--side", side, "--format", "json", text)
    assert (ran.code, ran.err) == (code, "")
    (row,) = ran.rows
    assert (row["id"], row["action"], row["rules"]) == (None, action, rules)


@pytest.mark.parametrize("side", ["request", "response"])
@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (f"号码{ID}，", 2, 20),
        ("号码１１０１０５１９４９１２３１００２Ｘ", 2, 20),
        ("号\u200b码1101\u200b0519491231002X。", 3, 22),
        (f"😀😀{ID}", 2, 20),
        (f"No. {ID} please", 4, 22),
    ],
)
def test_a_row_says_every_field_with_offsets_in_characters_of_the_original(
    sluice: Any, policy: Path, side: str, text: str, start: int, end: int
) -> None:
    ran = sluice("check", "--policy", policy, "--side", side, "--format", "json", text)
    (row,) = ran.rows
    assert list(row) == FIELDS
    rule = "mask-identity" if side == "request" else "answer-identity"
    assert row == {
        "id": None,
        "action": "mask",
        "rules": [rule],
        "findings": [
            {
                "start": start,
                "end": end,
                "risk": "pii.identity_number",
                "score": row["scores"]["pii.identity_number"],
                "detector": "identity",
                "classes": ["identity", "annex_b", "direct"],
                "level": 4,
            }
        ],
        "scores": {"pii.identity_number": row["findings"][0]["score"]},
        "errors": [],
        "unjudged": [],
        "plan": load_plan(str(policy)).digest,
    }
    assert 0.5 <= row["findings"][0]["score"] <= 1.0


def test_what_no_rule_heeds_is_seen_all_the_same(sluice: Any, policy: Path) -> None:
    (row,) = sluice("check", "--policy", policy, "--format", "json", "嗯").rows
    assert (row["action"], row["rules"], row["scores"]) == ("pass", [], {"shy": 0.3})
    assert [finding["risk"] for finding in row["findings"]] == ["shy"]


def test_a_person_is_told_of_each_risk_once_and_of_weak_ones_by_their_number(sluice: Any) -> None:
    told = sluice("check", "哪里可以买冰毒").out.splitlines()
    risks = [line.split("发现 ")[1].split("，")[0] for line in told if line.startswith("- 有发现但没有规则命中")]
    assert risks
    assert len(risks) == len(set(risks))
    assert all(float(line.split("得分 ")[1].split("，")[0]) >= 0.3 for line in told if "没有规则命中" in line)
    assert sum("低于 0.3" in line for line in told) == 1


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


ROWS = [
    {"id": 1, "text": "你好"},
    {"id": "b", "text": "毒品"},
    {"text": "no id"},
    {
        "id": None,
        "messages": [
            {"role": "user", "content": "毒品"},
            {"role": "assistant", "content": "不"},
            {"role": "user", "content": "好"},
        ],
    },
    {"id": 5, "messages": [{"role": "system", "content": "谈毒品"}, user("好")], "extra": [1]},
    {"id": 6, "messages": [user([{"type": "image_url", "image_url": {"url": "data:,"}}])]},
    {"id": {"any": ["thing"]}, "question": "问", "text": "毒品"},
]


def test_rows_are_judged_in_order_whatever_their_shape(sluice: Any, policy: Path, tmp_path: Path) -> None:
    ran = sluice("check", "--policy", policy, "--format", "json", "--jsonl", jsonl(tmp_path, *ROWS))
    assert (ran.code, ran.err) == (1, "")
    assert [(row["id"], row["action"]) for row in ran.rows] == [
        (1, "pass"),
        ("b", "refuse"),
        (None, "pass"),
        (None, "mask"),
        (5, "refuse"),
        (6, "pass"),
        ({"any": ["thing"]}, "refuse"),
    ]
    assert all(list(row) == FIELDS for row in ran.rows)
    drug = {"start": 0, "end": 2, "risk": "drug", "score": 1.0, "detector": "drug", "classes": [], "level": 0}
    assert ran.rows[3]["findings"] == [{**drug, "slot": "messages[0].content"}]
    assert ran.rows[5]["unjudged"] == ["messages[0].content[0]"]


@pytest.mark.parametrize("style", ["human", "json"])
@pytest.mark.parametrize(
    ("side", "bad", "says"),
    [
        ("request", b"{", "the line is not JSON (column 2): write one object a line"),
        ("request", b'{"text": "a"} {"text": "b"}', "the line is not JSON (column 15)"),
        ("request", b'{"text": "a"}, ', "the line is not JSON (column 14)"),
        ("request", "{'text': '你好'}".encode(), "the line is not JSON (column 2)"),
        ("request", b"\xef\xbb\xbf" + b'{"text": "a"}', "the line is not JSON (column 1)"),  # not the first line
        ("request", b"\xff\xfe", "the line is not UTF-8: save the file as UTF-8"),
        ("request", '{"text": "你好，世界"}'.encode("gbk"), "the line is not UTF-8: save the file as UTF-8"),
        ("request", '{"text": "hi"}'.encode("utf-16-le"), "the line is not UTF-8: save the file as UTF-8"),
        ("request", b'{"text": "\xe4\xbd"}', "the line is not UTF-8: save the file as UTF-8"),
        ("request", rb'{"text": "a \ud800 b"}', "half a surrogate pair"),
        ("response", rb'{"text": "a", "question": "\udfff"}', "half a surrogate pair"),
        ("request", b"[1]", "a row must be a JSON object"),
        ("request", b'"text"', "a row must be a JSON object"),
        ("request", b'{"id": 7}', 'needs either "text" or "messages"'),
        ("request", b'{"text": "a", "messages": []}', 'needs either "text" or "messages"'),
        ("request", b'{"text": 7}', '"text" must be a string'),
        ("request", b'{"text": "a", "question": 7}', '"question" must be a string'),
        ("request", b'{"messages": []}', "messages must be a non-empty array"),
        ("request", b'{"messages": "a"}', "messages must be a non-empty array"),
        ("request", b'{"messages": [{"role": "elf", "content": "a"}]}', "messages[0].role"),
        ("response", b'{"messages": [{"role": "user", "content": "a"}]}', 'an answer is judged as "text"'),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_the_others_are_judged(
    sluice: Any, policy: Path, tmp_path: Path, side: str, bad: bytes, says: str, style: str
) -> None:
    file = jsonl(tmp_path, {"id": "one", "text": "毒品"}, b"", bad, {"id": "four", "text": "你好"})
    ran = sluice("check", "--policy", policy, "--side", side, "--format", style, "--jsonl", file)
    assert ran.code == 2
    (told,) = ran.err.splitlines()
    assert told.startswith(f"{file}:3: ")
    assert says in told
    if style == "json":
        assert [(row["id"], row["action"]) for row in ran.rows if row["id"] in ("one", "four")] == [
            ("one", "refuse"),
            ("four", "pass"),
        ]
        wrong = ran.rows[1]
        assert list(wrong) == FIELDS
        assert (wrong["action"], wrong["unjudged"], wrong["findings"]) == (None, ["row"], [])
        assert says in wrong["errors"][0]
    else:
        assert ran.out.count("tiny@") == 2


@pytest.mark.parametrize("first", [{"id": 1, "text": "毒品"}, {"id": 1, "text": "a drug deal"}])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_marks_a_file_as_utf_8_is_no_part_of_its_first_row(
    sluice: Any, policy: Path, tmp_path: Path, mark: bytes, first: Any
) -> None:
    file = jsonl(tmp_path, mark + orjson.dumps(first), {"id": 2, "text": "你好"})
    ran = sluice("check", "--policy", policy, "--format", "json", "--jsonl", file)
    assert (ran.code, ran.err) == (1, "")
    assert [(row["id"], row["action"]) for row in ran.rows] == [(1, "refuse"), (2, "pass")]


@pytest.mark.parametrize("side", ["request", "response"])
@pytest.mark.parametrize("absent", [{}, {"question": None}, {"messages": None}, {"id": None}])
def test_null_is_the_same_as_absent(sluice: Any, policy: Path, tmp_path: Path, side: str, absent: Any) -> None:
    file = jsonl(tmp_path, {"text": "你好", **absent})
    ran = sluice("check", "--policy", policy, "--side", side, "--format", "json", "--jsonl", file)
    assert (ran.code, ran.err, [row["action"] for row in ran.rows]) == (0, "", ["pass"])


def test_a_bad_row_never_shows_its_words(sluice: Any, policy: Path, tmp_path: Path) -> None:
    file = jsonl(tmp_path, {"messages": [{"role": "金丝雀", "content": "金丝雀"}]}, "金丝雀".encode())
    ran = sluice("check", "--policy", policy, "--jsonl", file)
    assert ran.code == 2
    assert "金丝雀" not in ran.out + ran.err


def test_rows_come_from_stdin_too(sluice: Any, policy: Path) -> None:
    ran = sluice("check", "--policy", policy, "--jsonl", "-", "--format", "json", stdin=b'{"text":"hi"}\nno\n')
    assert ran.code == 2
    assert ran.err.startswith("<stdin>:2: ")
    assert [row["action"] for row in ran.rows] == ["pass", None]


def test_an_empty_file_is_nothing_to_refuse(sluice: Any, policy: Path, tmp_path: Path) -> None:
    ran = sluice("check", "--policy", policy, "--jsonl", jsonl(tmp_path), "--format", "json")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


async def test_an_answer_is_judged_with_its_question(tmp_path: Path) -> None:
    asked = []

    def looking(view: TextView) -> Scan:
        asked.append(view.question)
        return Scan((), len(view.text))

    judging = plan(response=side({"x": looking}, [rule("x", "refuse")]))
    row = await judge_row({"id": 1, "question": "问", "text": "答"}, judging, "response")
    assert (row.verdict.action, asked) == ("pass", ["问"])


def test_the_question_itself_is_not_judged_with_the_answer(sluice: Any, policy: Path, tmp_path: Path) -> None:
    rows = [{"id": 1, "question": "毒品", "text": "不"}, {"id": 2, "question": "你好", "text": f"是{ID}"}]
    file = jsonl(tmp_path, *rows)
    ran = sluice("check", "--policy", policy, "--side", "response", "--format", "json", "--jsonl", file)
    assert [(row["action"], len(row["findings"])) for row in ran.rows] == [("pass", 0), ("mask", 1)]
    assert "slot" not in ran.rows[1]["findings"][0]


@pytest.mark.parametrize(
    ("text", "said"),
    [("哪有毒品", "拒答：依据方案 tiny@"), ("a drug deal", "Refused by rule refuse-drug of policy tiny@")],
)
def test_a_person_reads_why_in_the_language_of_the_text(sluice: Any, policy: Path, text: str, said: str) -> None:
    ran = sluice("check", "--policy", policy, text)
    assert ran.out.startswith(said)
    assert "messages[0].content" in ran.out


def test_a_person_reads_the_id_of_each_row(sluice: Any, policy: Path, tmp_path: Path) -> None:
    ran = sluice("check", "--policy", policy, "--jsonl", jsonl(tmp_path, {"id": "a-1", "text": "hello"}))
    assert ran.out.startswith("[a-1] Passed: no rule")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, "Give either TEXT or --jsonl FILE"),
        (["hi", "--jsonl", "-"], 2, "Give either TEXT or --jsonl FILE"),
        (["--jsonl", "nowhere.jsonl"], 2, "nowhere.jsonl"),
        (["hi", "--side", "both"], 2, "both"),
        (["hi", "--policy", "nowhere.yaml"], 3, "nowhere.yaml"),
        (["hi", "--policy", "bass"], 3, "there are base"),
    ],
)
def test_what_cannot_be_done_is_told(sluice: Any, arguments: list[str], code: int, says: str) -> None:
    ran = sluice("check", *arguments)
    assert ran.code == code
    assert says in ran.err
    assert ran.out == ""


def test_a_policy_that_is_wrong_is_exit_code_3_with_its_line(sluice: Any, policy: Path) -> None:
    policy.write_text(policy.read_text("utf-8").replace("then: mask,", "then: maks,"), encoding="utf-8")
    ran = sluice("check", "--policy", policy, "hi")
    assert ran.code == 3
    assert f"{policy}:11" in ran.err
    assert "mask" in ran.err


def test_half_a_character_on_the_command_line_is_told_as_such(policy: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gateway", "check", "--policy", str(policy), b"\xe6\xaf"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 2, done.stderr
    assert b"half a surrogate pair" in done.stderr


def test_the_help_begins_with_examples_that_work(sluice: Any, tmp_path: Path) -> None:
    ran = sluice("check", "--help")
    assert ran.code == 0
    examples = [line.strip() for line in ran.out.splitlines() if line.strip().startswith("sluice check ")]
    assert len(examples) == 3
    assert ran.out.index(examples[0]) < ran.out.index("Options:")
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "text": "你好"}\n', encoding="utf-8")
    for example in examples:
        line = example.replace("questions.jsonl", str(tmp_path / "questions.jsonl")).partition(" > ")[0]
        ran = sluice(*shlex.split(line)[1:])
        assert (ran.code, ran.err) == (0, ""), example
        assert ran.out


def test_the_digest_in_a_row_names_the_policy_that_judged(sluice: Any, policy: Path) -> None:
    before = sluice("check", "--policy", policy, "--format", "json", "hi").rows[0]["plan"]
    policy.write_text(policy.read_text("utf-8").replace("score: 0.9}", "score: 0.8}"), encoding="utf-8")
    after = sluice("check", "--policy", policy, "--format", "json", "hi").rows[0]["plan"]
    assert before != after
    assert len(before) == len(hashlib.sha256().hexdigest())


def test_every_option_says_what_it_is_for() -> None:
    assert all(getattr(option, "help", "") for option in check.params if option.name not in ("text", "side", "style"))
