"""A judge model that follows a script: it reads Ragas' prompts and answers as a good or a bad judge would."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from kit.endpoint import Said

Verdicts = Callable[[list[str]], list[int]]


def asked_for(prompt: str) -> tuple[str, dict[str, Any]]:
    """Return which shape a prompt of Ragas asks for, and the input that it is about."""
    shape = next(
        name
        for name in ("StatementGeneratorOutput", "NLIStatementOutput", "AnswerRelevanceOutput")
        if f'"title": "{name}"' in prompt
    )
    written = prompt.rpartition("input: ")[2].rpartition("Output:")[0]
    return shape, json.loads(written)


class Judge:
    """Splits answers at 。 and full stops, finds everything supported, and repeats the question.

    Args:
        verdicts: Verdicts for a list of statements, instead of all ones.
        dress: What is put around the JSON.
        question: The question that it generates.
        noncommittal: Whether it finds an answer evasive.
    """

    def __init__(
        self,
        verdicts: Verdicts = lambda statements: [1] * len(statements),
        dress: Callable[[str], str] = str,
        question: str = "能退货吗？",
        noncommittal: int = 0,
    ) -> None:
        self.verdicts, self.dress, self.question, self.noncommittal = verdicts, dress, question, noncommittal
        self.shapes: list[str] = []

    def __call__(self, path: str, body: dict[str, Any]) -> Said:
        if path == "/embeddings":
            return {"data": [{"embedding": embed(body["input"])}]}
        shape, given = asked_for(body["messages"][-1]["content"])
        self.shapes.append(shape)
        return self.dress(json.dumps(self._answer(shape, given), ensure_ascii=False))

    def _answer(self, shape: str, given: dict[str, Any]) -> dict[str, Any]:
        if shape == "StatementGeneratorOutput":
            parts = given["answer"].replace(". ", "。").rstrip("。.").split("。")
            return {"statements": [part for part in parts if part]}
        if shape == "NLIStatementOutput":
            statements = given["statements"]
            judged = zip(statements, self.verdicts(statements), strict=False)
            return {"statements": [{"statement": s, "reason": "", "verdict": verdict} for s, verdict in judged]}
        return {"question": self.question, "noncommittal": self.noncommittal}


def embed(text: str) -> list[float]:
    """A vector of character counts: equal texts are equal, texts without a common character orthogonal."""
    vector = [0.0] * 64
    for character in text:
        vector[ord(character) % 64] += 1.0
    return vector
