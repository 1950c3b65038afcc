"""A judge that knows: it takes texts apart at sentence ends and rules by the texts alone, so that two routes agree.

It stands in for a judge behind our own words, and behind Ragas' prompts when these say nothing but their input.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from kit.judge import embed


def split(text: str) -> list[str]:
    """Return the sentences of a text, without their ends."""
    return [part.strip() for part in re.split(r"[。.\n]", text) if part.strip()]


class Oracle:
    """Rules by a hash of what it is asked about.

    Args:
        seed: Another seed rules otherwise.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def yes(self, *about: str) -> int:
        """Return 1 or 0, the same for the same texts."""
        return self._number(*about) % 2

    def rating(self, *about: str) -> int:
        """Return 0, 1 or 2."""
        return self._number(*about) % 3

    def heads(self, ours: Sequence[str], gold: Sequence[str]) -> dict[str, Any]:
        """Sort statements."""
        right = [self.yes("tp", one) for one in ours]
        return {
            "TP": [{"statement": s, "reason": ""} for s, ok in zip(ours, right, strict=True) if ok],
            "FP": [{"statement": s, "reason": ""} for s, ok in zip(ours, right, strict=True) if not ok],
            "FN": [{"statement": s, "reason": ""} for s in gold if self.yes("fn", s)],
        }

    def verdicts(self, statements: Sequence[str], context: str) -> dict[str, Any]:
        """Rule on statements."""
        return {"statements": [{"statement": s, "reason": "", "verdict": self.yes(s, context)} for s in statements]}

    def question(self, answer: str, number: int) -> dict[str, Any]:
        """Write the question of an answer."""
        return {"question": f"{answer[:12]}？{number}", "noncommittal": self.yes("evades", answer, str(number))}

    def _number(self, *about: str) -> int:
        return zlib.crc32("\x00".join([str(self.seed), *about]).encode()) >> 7


class OracleVectors:
    """Vectors of character counts."""

    async def embed(self, text: str) -> list[float]:
        """Return the vector of a text."""
        return embed(text)


class OracleAsking:
    """Stands where ``Asking`` stands: gets what would be filled in, and no words."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle

    def word(self, name: str, spoken: str) -> str:
        """Return the name of a word."""
        return name + (" {questions}" if name == "earlier" else "")

    async def ask(
        self, name: str, spoken: str, holes: Mapping[str, str], shape: Any, misfit: Any = lambda judged: ""
    ) -> Any:
        """Rule, and let the answer go through shape and checks."""
        judged = shape.model_validate(self._answer(name, holes))
        assert misfit(judged) == ""
        return judged

    def _answer(self, name: str, holes: Mapping[str, str]) -> dict[str, Any]:
        oracle, listed = self.oracle, _listed(holes.get("statements", ""))
        if name == "statements":
            return {"statements": split(holes["answer"])}
        if name == "claims":
            return {"claims": split(holes["text"])}
        if name == "verdicts":
            return oracle.verdicts(listed, holes["context"])
        if name == "question":
            return oracle.question(holes["answer"], holes["earlier"].count("- "))
        if name == "useful":
            return {"verdict": oracle.yes(holes["question"], holes["context"], holes["answer"])}
        if name == "attributed":
            ruled = [{"statement": s, "attributed": oracle.yes(s.rstrip("。."), holes["context"])} for s in listed]
            return {"classifications": ruled}
        if name == "entities":
            return {"entities": split(holes["text"])}
        if name == "correctness":
            return oracle.heads(listed, _listed(holes["reference"]))
        if name == "topics":
            return {"topics": split(holes["conversation"].partition("\n")[0].partition(": ")[2])}
        if name == "refused":
            return {"refused_to_answer": bool(oracle.yes("refused", holes["topic"]))}
        if name == "within":
            return {"classifications": [bool(oracle.yes("within", one)) for one in listed]}
        view, (what, _) = ("1" if name.endswith("first") else "2"), name.split("_")
        about = holes["question"] if what == "relevance" else holes["answer"]
        return {"rating": oracle.rating(view, about, holes["context"])}


def _listed(written: str) -> list[str]:
    return [line.partition(". ")[2] for line in written.splitlines()]


TAGGED = re.compile(r"<([^/<>]+)>\n(.*?)\n</\1>", re.DOTALL)


def our_judge(oracle: Oracle, prompt: str) -> str:
    """Answer one of our own prompts, as a judge on the wire does: reads the tags and the shape that is asked for."""
    held = {"问题": "question", "回答": "answer", "资料": "context", "陈述": "statements", "passages": "context"}
    tags = {held.get(name, name): text for name, text in TAGGED.findall(prompt)}
    listed = _listed(tags.get("statements", ""))
    if '"verdict": 1' in prompt and listed:
        judged = oracle.verdicts(listed, tags["context"])
        for number, one in enumerate(judged["statements"], 1):
            one["id"] = number
        return json.dumps(judged, ensure_ascii=False)
    if '{"statements"' in prompt:
        return json.dumps({"statements": split(tags["answer"])}, ensure_ascii=False)
    if '"noncommittal"' in prompt:
        return json.dumps(oracle.question(tags["answer"], prompt.count("\n- ")), ensure_ascii=False)
    if '{"rating"' in prompt:
        return json.dumps({"rating": oracle.rating(prompt)})
    raise AssertionError("a prompt that this judge does not know")
