"""``sluice handoff``: tickets are listed without words, answered under the policy, and become drafts, never more."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from gateway.answers.read import read_bank
from gateway.ports import Ticket
from gateway.stores.handoffs import KeptHandoffs
from gateway.stores.sql import SqlStore

from .conftest import Sluice

ONE = Ticket(
    "01KBTICKET1", "E1", time.time() - 9, "acme", "k1", "tiny", "d" * 64, "answers", "complaint@1", "complaints", "zh",
    "masked", "发票抬头写错了怎么改",
)  # fmt: skip
TWO = replace(ONE, id="01KBTICKET2", created=time.time(), tenant="other", entry="", rule="call-person", desk="")
POLICY = """\
sluice: 1
name: tiny
detectors: [{id: inside, use: pattern, options: {risk: inside, pattern: '内部'}}]
response:
  rules: [{id: keep-inside, when: {risk: inside}, then: refuse, on_error: refuse}]
replies: {safe: {zh: 抱歉。, en: Sorry.}}
withheld: {zh: （略）, en: (omitted)}
"""


@pytest.fixture
def kept(tmp_path: Path) -> KeptHandoffs:
    made = KeptHandoffs(SqlStore(f"sqlite:///{tmp_path}/s.db", time.time), time.time)
    for one in (ONE, TWO):
        made.add(one)
    made.failed(TWO.id, "http_500", None)
    return made


@pytest.fixture
def config(tmp_path: Path, kept: KeptHandoffs) -> Path:
    (tmp_path / "tiny.yaml").write_text(POLICY, "utf-8")
    file = tmp_path / "sluice.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\npolicy: tiny.yaml\n", "utf-8")
    assert kept.find(ONE.id)
    return file


def test_tickets_are_listed_and_never_what_was_asked(sluice: Sluice, config: Path) -> None:
    said = sluice("handoff", "list", "--config", config)
    assert (said.code, len(said.out.splitlines())) == (0, 2)
    assert "01KBTICKET2" in said.out.splitlines()[0]
    assert "未送达 undelivered  call-person" in said.out
    assert "http_500" in said.out
    assert "complaint@1  complaints" in said.out
    rows = sluice("handoff", "list", "--state", "undelivered", "--format", "json", "--config", config).out
    assert [(row["ticket"], row["fault"]) for row in orjson.loads(rows)] == [("01KBTICKET2", "http_500")]
    assert "发票" not in said.out + rows
    assert "01KBTICKET2" not in sluice("handoff", "list", "--tenant", "acme", "--config", config).out
    none = sluice("handoff", "list", "--state", "answered", "--config", config)
    assert (none.code, none.out) == (0, "")
    assert "no tickets" in none.err


def test_one_is_shown_with_its_words(sluice: Sluice, config: Path) -> None:
    row = orjson.loads(sluice("handoff", "show", ONE.id, "--config", config).out)
    assert (row["question"], row["answer"], row["state"]) == ("发票抬头写错了怎么改", None, "waiting")
    missing = sluice("handoff", "show", "NOSUCH", "--config", config)
    assert missing.code == 3
    assert "there is no ticket 'NOSUCH'" in missing.err


def test_what_was_set_aside_is_tried_again(sluice: Sluice, config: Path, kept: KeptHandoffs) -> None:
    assert sluice("handoff", "retry", TWO.id, "--config", config).code == 0
    assert [one.ticket.id for one in kept.take(9, 1)] == [ONE.id, TWO.id]
    again = sluice("handoff", "retry", TWO.id, "--config", config)
    assert again.code == 1
    assert "is not undelivered" in again.err


def test_an_answer_is_kept_once_and_only_if_the_policy_lets_it_out(
    sluice: Sluice, config: Path, tmp_path: Path, kept: KeptHandoffs
) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("这是内部口径", "utf-8")
    refused = sluice("handoff", "answer", ONE.id, "--file", file, "--by", "王芳", "--config", config)
    assert refused.code == 3
    assert "rule 'keep-inside'" in refused.err
    file.write_text("\ufeff在订单页点“改抬头”。\n", "utf-8")
    assert sluice("handoff", "answer", ONE.id, "--file", file, "--by", "王芳", "--config", config).code == 0
    found = kept.find(ONE.id)
    assert found is not None
    assert (found.answer, found.answerer) == ("在订单页点“改抬头”。", "王芳")
    file.write_text("另一个", "utf-8")
    again = sluice("handoff", "answer", ONE.id, "--file", file, "--by", "李强", "--config", config)
    assert (again.code, "has another answer already" in again.err) == (3, True)


@pytest.mark.parametrize(
    ("content", "what"), [(b"", "characters"), (b"\xb0\xa1\xff", "not UTF-8"), (None, "cannot read")]
)
def test_an_answer_that_is_none_is_told(
    sluice: Sluice, config: Path, tmp_path: Path, content: bytes | None, what: str
) -> None:
    file = tmp_path / "answer.txt"
    if content is not None:
        file.write_bytes(content)
    said = sluice("handoff", "answer", ONE.id, "--file", file, "--by", "王芳", "--config", config)
    assert said.code == 3
    assert f"{file}: " in said.err
    assert what in said.err


def test_an_answer_becomes_a_draft_that_answers_nobody(
    sluice: Sluice, config: Path, tmp_path: Path, kept: KeptHandoffs
) -> None:
    bank = tmp_path / "faq.yaml"
    early = sluice("handoff", "draft", ONE.id, "--bank", bank, "--config", config)
    assert (early.code, "has no answer" in early.err, bank.exists()) == (3, True, False)
    kept.answer(ONE.id, "在订单页点“改抬头”。", "王芳")
    said = sluice("handoff", "draft", ONE.id, "--bank", bank, "--config", config)
    assert said.code == 0
    (entry,) = read_bank(bank.read_bytes(), "faq.yaml").entries
    assert (entry.id, entry.state, entry.author, entry.approver) == ("handoff-01kbticket1", "draft", "王芳", "")
    assert (entry.questions, entry.zh) == (("发票抬头写错了怎么改",), "在订单页点“改抬头”。")
    assert not entry.speaks("2026-11-26")
    twice = sluice("handoff", "draft", ONE.id, "--bank", bank, "--config", config)
    assert (twice.code, "already" in twice.err) == (3, True)
    assert sluice("answers", "approve", entry.id, "--bank", bank, "--by", "王芳").code == 3  # not its author
    assert sluice("answers", "approve", entry.id, "--bank", bank, "--by", "李强").code == 0
    (entry,) = read_bank(bank.read_bytes(), "faq.yaml").entries
    assert entry.speaks("2026-11-26")


@pytest.mark.parametrize("form", ["raw", "withheld"])
def test_words_that_are_not_masked_stand_in_no_bank(
    sluice: Sluice, config: Path, tmp_path: Path, kept: KeptHandoffs, form: str
) -> None:
    sealed = "sealed:v1:x:y" if form == "raw" else None
    kept.add(replace(ONE, id="01KBTICKET3", form=form, question=sealed))  # type: ignore[arg-type]
    kept.answer("01KBTICKET3", "好的", "王芳")
    bank = tmp_path / "faq.yaml"
    said = sluice("handoff", "draft", "01KBTICKET3", "--bank", bank, "--config", config)
    assert (said.code, "--question" in said.err, bank.exists()) == (3, True, False)
    asked = ["--question", "抬头怎么改", "--id", "title"]
    assert sluice("handoff", "draft", "01KBTICKET3", "--bank", bank, *asked, "--config", config).code == 0
    (entry,) = read_bank(bank.read_bytes(), "faq.yaml").entries
    assert (entry.id, entry.questions) == ("title", ("抬头怎么改",))


def test_a_draft_stands_in_yaml_only(sluice: Sluice, config: Path, tmp_path: Path) -> None:
    said = sluice("handoff", "draft", ONE.id, "--bank", tmp_path / "faq.csv", "--config", config)
    assert said.code == 2
