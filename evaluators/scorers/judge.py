"""Asks a judge model for JSON and an embedding model for vectors, and takes nothing on trust."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from evaluators.endpoint import Endpoint, EndpointError

Model = TypeVar("Model", bound=BaseModel)

MOST_TRIED: Final = 200
"""Opening braces at which a JSON object is looked for: a judge that writes nothing but braces costs no more."""

_THOUGHT: Final = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)


class JudgeError(Exception):
    """The judge gave no usable judgement; ``code`` is a stable word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def without_thoughts(text: str) -> str:
    """Return what a judge says besides its thoughts.

    What stands before a closing tag without an opening one is thought; so is all after an opening tag that is never
    closed: an answer that was cut off while its writer thought holds drafts, and no judgement.
    """
    said, start, depth = [], 0, 0
    for tag in _THOUGHT.finditer(text):
        if not tag[1]:
            said += [text[start : tag.start()]] if not depth else []
            depth += 1
        else:
            if not depth:
                said.clear()
            depth = max(0, depth - 1)
        start = tag.end()
    return "".join(said) if depth else "".join([*said, text[start:]])


def read_json(text: str, model: type[Model]) -> Model:
    """Read the JSON object of a judge's answer: bare, in a code fence, after thoughts, among words.

    Raises:
        JudgeError: ``judge_no_json`` or ``judge_wrong_shape``.
    """
    text = without_thoughts(text)
    decoder = json.JSONDecoder()
    shaped = False
    for match in islice(re.finditer(r"\{", text), MOST_TRIED):
        try:
            value, _ = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
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
                return read_json(content((await self._endpoint.post("/chat/completions", body)).body), shape)
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


def content(body: Mapping[str, Any]) -> str:
    """Return what a chat completion says.

    Raises:
        JudgeError: ``judge_malformed``: it is none, or says nothing.
    """
    try:
        said = body["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise JudgeError("judge_malformed") from None
    if not isinstance(said, str):
        raise JudgeError("judge_malformed")
    return said
