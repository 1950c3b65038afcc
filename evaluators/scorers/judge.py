"""Asks a judge model for JSON and an embedding model for vectors, and takes nothing on trust."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from evaluators.endpoint import Endpoint, EndpointError

Model = TypeVar("Model", bound=BaseModel)

_THOUGHT: Final = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL | re.IGNORECASE)


class JudgeError(Exception):
    """The judge gave no usable judgement; ``code`` is a stable word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def read_json(text: str, model: type[Model]) -> Model:
    """Read the JSON object of a judge's answer: bare, in a code fence, after thoughts, among words.

    Raises:
        JudgeError: ``judge_no_json`` or ``judge_wrong_shape``.
    """
    text = _THOUGHT.sub("", text)
    _, closing, after = text.rpartition("</think>")
    text = after if closing else text
    decoder = json.JSONDecoder()
    shaped = False
    for match in re.finditer(r"\{", text):
        try:
            value, _ = decoder.raw_decode(text, match.start())
        except ValueError:
            continue
        try:
            return model.model_validate(value)
        except ValidationError:
            shaped = True
    raise JudgeError("judge_wrong_shape" if shaped else "judge_no_json")


class JudgeModel:
    """A chat model that is asked to judge, at temperature 0."""

    def __init__(self, endpoint: Endpoint, model: str, parameters: Mapping[str, Any]) -> None:
        self._endpoint, self._model, self._parameters = endpoint, model, parameters

    async def ask(self, prompt: str, shape: type[Model]) -> Model:
        """Return the judgement; asks once more where the answer has not the shape.

        Raises:
            JudgeError: No answer, or twice none of that shape.
        """
        body = {"temperature": 0, **self._parameters, "model": self._model, "stream": False}
        body["messages"] = [{"role": "user", "content": prompt}]
        for last in (False, True):
            try:
                return read_json(_content((await self._endpoint.post("/chat/completions", body)).body), shape)
            except JudgeError:
                if last:
                    raise
            except EndpointError as error:
                raise JudgeError(f"judge_{error.code}") from None
        raise AssertionError("unreachable")


class EmbeddingModel:
    """A model that turns text into vectors."""

    def __init__(self, endpoint: Endpoint, model: str) -> None:
        self._endpoint, self._model = endpoint, model

    async def embed(self, text: str) -> list[float]:
        """Return the vector of a text.

        Raises:
            JudgeError: No answer, or not a vector of finite numbers with a length.
        """
        try:
            reply = await self._endpoint.post("/embeddings", {"model": self._model, "input": text})
            vector = [float(number) for number in reply.body["data"][0]["embedding"]]
        except EndpointError as error:
            raise JudgeError(f"embedding_{error.code}") from None
        except (KeyError, IndexError, TypeError, ValueError):
            raise JudgeError("embedding_malformed") from None
        if not any(vector) or not all(math.isfinite(number) for number in vector):
            raise JudgeError("embedding_malformed")
        return vector


def _content(body: Mapping[str, Any]) -> str:
    try:
        content = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise JudgeError("judge_malformed") from None
    if not isinstance(content, str):
        raise JudgeError("judge_malformed")
    return content
