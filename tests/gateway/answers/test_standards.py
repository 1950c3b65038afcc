"""The banks of a policy: several are one, and what is wrong with one is told by file and row."""

from __future__ import annotations

import pytest

from gateway.answers.standards import standards
from gateway.errors import PolicyErrors

FILES = {
    "a.csv": "id,question,answer\nrefund,怎么申请退款,a\n",
    "b.csv": "id,question,answer,answer_en\npin,how do i change my pin,,b\n",
    "twice.csv": "id,question,answer\nrefund,别的问题,c\n",
    "bad.csv": "id,question,answer\n,q,c\n",
    "conflict.csv": "id,question,answer\nx,怎么退货,c\ny,如何退货,d\n",
}


def load(name: str) -> bytes:
    return FILES[name].encode()


def test_the_best_of_all_banks_is_found() -> None:
    built = standards(["a.csv", "b.csv"], load)
    assert built.find("如何申请退款", (), "", "2026-11-26")[:2] == ("answer", "refund@1")
    found = built.find("How do I change my PIN?", (), "", "2026-11-26")
    assert (found.name, found.text, found.near[0]) == ("pin@1", "b", "how do i change my pin")


def test_the_version_is_that_of_what_may_be_said() -> None:
    assert standards(["a.csv"], load).version == standards(["a.csv"], load).version
    assert standards(["a.csv"], load).version != standards(["a.csv", "b.csv"], load).version


@pytest.mark.parametrize(
    ("banks", "what"),
    [
        (["a.csv", "twice.csv"], "'refund' is in 2 banks"),
        (["a.csv", "bad.csv"], "bad.csv:2:1: column id"),
        (["conflict.csv"], "conflict.csv:3: entry 'y' has a question of 'x'"),
    ],
)
def test_what_is_wrong_is_told(banks: list[str], what: str) -> None:
    with pytest.raises(PolicyErrors) as caught:
        standards(banks, load)
    assert what in str(caught.value)
