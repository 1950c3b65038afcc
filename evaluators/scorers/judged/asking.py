"""Asks a judge one thing at a time: bounded, once more where the answer is no judgement, never twice for what is known.

An answer is kept under the digest of the whole request (model, parameters, words and texts), so that another judge or
another text never gets it. What is kept has passed all checks.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from evaluators.endpoint import Endpoint, EndpointError
from evaluators.scorers.judge import JudgeError, content, read_json
from evaluators.scorers.judged.words import JudgeWords, Spoken, fill
from evaluators.scorers.kept import Kept

Model = TypeVar("Model", bound=BaseModel)
One = TypeVar("One")
Misfit = Callable[[Any], str]
"""Says what about a judgement of the right shape is wrong, as a code; empty if nothing is."""

AT_ONCE: Final = 64
"""Questions to one judge that are under way at once, however many rows are."""


class Asking:
    """One judge model, ready to be asked with our words.

    Args:
        endpoint: Where it is.
        model: Its name there.
        parameters: Further fields of the request, over temperature 0.
        words: What it is asked with.
        kept: Answers that are known already; None to ask every time.
        at_once: How many questions may be under way.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        parameters: Mapping[str, Any],
        words: JudgeWords,
        *,
        kept: Kept | None = None,
        at_once: int = AT_ONCE,
    ) -> None:
        self._endpoint, self._words, self._kept = endpoint, words, kept
        self._head = {"temperature": 0, **parameters, "model": model, "stream": False}
        self._turn = asyncio.Semaphore(at_once)

    def word(self, name: str, spoken: Spoken) -> str:
        """Return one of the texts that go into a question."""
        return self._words.get(name, spoken)

    async def ask(
        self,
        name: str,
        spoken: Spoken,
        holes: Mapping[str, str],
        shape: type[Model],
        misfit: Misfit = lambda judgement: "",
    ) -> Model:
        """Return a judgement of the right shape in which nothing is wrong; where it is none, asks once more.

        Args:
            name: Which of the words.
            spoken: In which language.
            holes: What is filled in.
            shape: The shape of the judgement.
            misfit: What else has to hold.

        Raises:
            JudgeError: No answer, or twice none that is a judgement.
        """
        prompt = fill(self._words.get(name, spoken), holes)
        key = self._key(prompt)
        known = self._kept.get(key) if self._kept else None
        if known is not None:
            try:
                return _read(known, shape, misfit)
            except JudgeError:
                pass  # kept for another shape or count: ask
        try:
            return await self._once(prompt, key, shape, misfit)
        except JudgeError as error:
            fault = self._words.said.get(f"faults/{error.code}")
            if fault is None:
                raise
            again = fill(self._words.get("again", spoken), {"fault": fault[spoken]})
        return await self._once(prompt + again, key, shape, misfit)

    async def _once(self, prompt: str, key: str, shape: type[Model], misfit: Misfit) -> Model:
        body = {**self._head, "messages": [{"role": "user", "content": prompt}]}
        try:
            async with self._turn:
                reply = await self._endpoint.post("/chat/completions", body)
        except EndpointError as error:
            raise JudgeError(f"judge_{error.code}") from None
        said = content(reply.body)
        judgement = _read(said, shape, misfit)
        if self._kept:
            self._kept.put(key, said)
        return judgement

    def _key(self, prompt: str) -> str:
        asked = json.dumps([self._endpoint.url, self._head, prompt], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(asked.encode()).hexdigest()


def _read(said: str, shape: type[Model], misfit: Misfit) -> Model:
    judgement = read_json(said, shape)
    wrong = misfit(judgement)
    if wrong:
        raise JudgeError(wrong)
    return judgement


async def together(asked: Sequence[Coroutine[Any, Any, One]]) -> list[One]:
    """Await several questions at once; the first that fails ends the others, and is raised as itself."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
