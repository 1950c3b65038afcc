"""What a label keeps for few is for others as if it were not there: over a real port, with real keys.

Mutants killed: labels of a key that nobody reads; a passage that is searched and then left out; words of hidden
passages that count in the weights of all others.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kit.asking import post
from kit.gateway import parts, serving
from kit.plans import LABEL, plan
from kit.upstream import ScriptedUpstream, chat_json, whole

from gateway.exchange import Grant
from gateway.knowledge.document import Document, Section
from gateway.knowledge.finder import Finder
from gateway.knowledge.library import Library
from gateway.knowledge.store import KnowledgeStore
from gateway.limits.keys import Book, make_key
from gateway.policy.plan import GroundPlan, LabelPlan, Words
from gateway.providers.openai_compatible import OpenAICompatible

GROUND = GroundPlan(
    Words("资料：\n{passages}\n\n问题：{question}", "Sources:\n{passages}\n\nQuestion: {question}"),
    heading=Words("来源：", "Sources:"),
    notice=Words("（没有资料）", "(no sources)"),
    confidence=0.0,
)
PLAN = replace(plan(label=LabelPlan("end", LABEL)), ground=GROUND)
OPEN = {"手册.md": ("退货在七天内申请。", "退货的运费由买家承担。", "Returns take five days.")}
HIDDEN = {"薪酬.md": ("经理月薪两万元。", "The manager's pay is twenty thousand.", "退货专员月薪八千元。")}
GRANTS = {"nobody": Grant(), "hr": Grant(access=("hr",)), "other": Grant(access=("sales", "HR"))}


def embed(texts: Any) -> Any:
    """A vector that knows its text by length only, so that the weights of words decide."""
    rows = np.asarray([[len(text) % 7 + 1.0, 1.0] for text in texts], np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def library(path: Path, *sets: tuple[Mapping[str, tuple[str, ...]], str]) -> Library:
    made = Library(KnowledgeStore(f"sqlite:///{path}", lambda: 1.0), embed)
    for documents, label in sets:
        for name, texts in documents.items():
            sections = tuple(Section(text, (str(at),)) for at, text in enumerate(texts))
            made.add("acme", Document(name, name, sections, ""), [label] if label else ())
    return made


async def answers(made: Library, question: str, *who: str) -> list[tuple[str, dict[str, Any], list[str]]]:
    """What each caller's question becomes, what comes back, and the passages that are on record."""
    keys = {name: make_key(secrets.token_bytes, 0.0, name=name, tenant="acme", grant=GRANTS[name]) for name in GRANTS}
    book = Book(lambda: [key for key, _ in keys.values()], lambda: 1.0)
    out = []
    async with ScriptedUpstream(whole(chat_json("月薪两万元[1]。"))) as upstream:
        ready = parts(PLAN, {"up": OpenAICompatible("up", upstream.url, "sk")}, producer=None)
        ports = replace(ready.ports, knowledge=Finder(made, embed))
        async with serving(replace(ready, ports=ports, book=book)) as gate:
            for name in who:
                body = {"model": "up", "messages": [{"role": "user", "content": question}]}
                seen = await post(gate.url, body, authorization=f"Bearer {keys[name][1]}")
                assert seen.status == 200
                sent = str(upstream.requests[-1].json["messages"][-1]["content"])
                await gate.recorded(len(out) + 1)
                out.append((sent, seen.json, list(gate.records.records[-1].sources)))
    return out


@pytest.mark.parametrize("question", ["经理的月薪是多少？", "What is the manager's pay?", "退货专员 pay 多少"])
async def test_a_passage_is_for_who_has_its_label_and_nobody_else_hears_of_it(question: str, tmp_path: Path) -> None:
    made = library(tmp_path / "k.db", (OPEN, ""), (HIDDEN, "hr"))
    nobody, hr, other = await answers(made, question, "nobody", "hr", "other")
    made.close()
    assert any("薪酬.md" in source for source in hr[2])
    assert "薪" in hr[0].partition("问题：")[0] + hr[0].partition("Question:")[0]
    for sent, answered, sources in (nobody, other):
        given = sent.replace(question, "")
        assert "薪" not in given
        assert "manager" not in given
        assert not any("薪酬" in source for source in sources)
        assert "薪酬" not in str(answered.get("sources"))


PIECE = st.text(alphabet="退货月薪经理运费七天 payretuns", min_size=1, max_size=12)


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(question=PIECE, hidden=st.lists(PIECE, min_size=1, max_size=4))
def test_what_others_find_is_the_same_as_if_it_were_not_there(
    question: str, hidden: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("k")
    secret = {"薪酬.md": tuple(f"{text}。" for text in hidden)}
    alone, beside = library(folder / "a.db", (OPEN, "")), library(folder / "b.db", (OPEN, ""), (secret, "hr"))
    for labels in (frozenset[str](), frozenset({"sales"})):
        assert _told(beside, question, labels) == _told(alone, question, labels)
    alone.close()
    beside.close()


def _told(made: Library, question: str, labels: frozenset[str]) -> list[tuple[str, float, float, float]]:
    found = made.find("acme", question, 5, labels)
    return [(one.passage.id, one.score, one.covered, one.near) for one in found]


def test_words_of_what_is_hidden_do_not_weigh_on_what_is_not(tmp_path: Path) -> None:
    hidden = {"薪酬.md": tuple(f"运费运费第{number}条。" for number in range(30))}
    alone, beside = library(tmp_path / "a.db", (OPEN, "")), library(tmp_path / "b.db", (OPEN, ""), (hidden, "hr"))
    told = [_told(made, "退货运费七天", frozenset()) for made in (alone, beside)]
    assert told[0] == told[1]
    assert _told(beside, "退货运费七天", frozenset({"hr"})) != told[0]
    alone.close()
    beside.close()
