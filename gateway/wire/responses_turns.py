"""What ``previous_response_id`` brings back: earlier turns, kept by us, so that they are judged like all others.

The upstream is asked to keep nothing. What is kept is what the client said and got, with its own values in it;
where it lies (and whether sealed) is the store's business.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import orjson

from gateway.errors import RequestError, VaultError
from gateway.exchange import Caller, Question
from gateway.ports import AnswerCodec, Counters, Turns
from gateway.telemetry import names
from gateway.wire.body import edit, parse
from gateway.wire.responses import EARLIER
from gateway.wire.responses_answer import ResponsesStream
from gateway.wire.responses_whole import ResponsesWhole

_NAMED: Final = b'"previous_response_id"'
_UNSAID: Final = ("logprobs",)


class ResponsesMemory:
    """Brings earlier turns into a request that names them, and keeps each answer for the next.

    Args:
        turns: Where they are kept.
        counters: Counts answers that could not be kept.
        most_bytes: Bytes that a request may have together with its earlier turns.
    """

    def __init__(self, turns: Turns, counters: Counters, *, most_bytes: int) -> None:
        self._turns, self._counters, self._most_bytes = turns, counters, most_bytes

    async def recall(self, raw: bytes, caller: Caller) -> bytes:
        """Return a request with the turns before it in its input; raises ``RequestError`` if they are not kept."""
        if _NAMED not in raw:
            return raw
        body = parse(raw)
        earlier, said = body.get(EARLIER), body.get("input")
        if not isinstance(earlier, str) or not isinstance(said, str | list):
            return raw  # the dialect says what is wrong with it
        try:
            found = await self._turns.get(caller.tenant, earlier)
        except VaultError:
            text = "Earlier answers cannot be fetched at present; ask again."
            raise RequestError(text, status=503, code="responses_unavailable", param=EARLIER) from None
        if found is None:
            text = "No such answer is kept, or not any more: send its turns in input instead."
            raise RequestError(text, code="previous_response_not_found", param=EARLIER)
        kept = orjson.loads(found)
        before = [*kept["input"], *_as_input(kept["response"]["output"])]
        whole = edit(raw, lambda body: body.update(input=[*before, *_items(body["input"])]))
        if len(whole) > self._most_bytes:
            text = f"With its earlier turns the request has more than {self._most_bytes} bytes: begin anew."
            raise RequestError(text, status=413, code="body_too_large", param=EARLIER)
        return whole

    def name(self, question: Question, id: str) -> Question:
        """Give the answer an id of ours, if it will be kept under it: an upstream's may not be the only one."""
        return question if question.body.get("store") is False else replace(question, answer_id=f"resp_{id}")

    async def keep(self, caller: Caller, question: Question, codec: AnswerCodec) -> None:
        """Keep an answer as the client has it; without it a later request is told that it is not there."""
        if not question.answer_id or not isinstance(codec, ResponsesStream | ResponsesWhole) or codec.answer is None:
            return
        kept = {"input": _items(question.body["input"]), "response": codec.answer}
        try:
            await self._turns.put(caller.tenant, question.answer_id, orjson.dumps(kept))
        except (VaultError, orjson.JSONEncodeError):
            self._counters.add(names.RESPONSES_NOT_KEPT)


def _items(said: Any) -> list[Any]:
    return [{"type": "message", "role": "user", "content": said}] if isinstance(said, str) else said


def _as_input(output: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of an answer as the input of the next request.

    Thoughts that the vendor did not seal are of no use to it: its own servers refuse them where nothing is stored.
    """
    items = []
    for item in output:
        if item["type"] == "reasoning" and not item.get("encrypted_content"):
            continue
        if isinstance(item.get("content"), list):
            item["content"] = [{k: v for k, v in part.items() if k not in _UNSAID} for part in item["content"]]
        items.append(item)
    return items
