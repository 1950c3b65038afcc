"""What a chat says, for whoever translates it: its words, thoughts and calls, and its stream piece by piece."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from gateway.errors import RequestError
from gateway.wire.chat_frame import broke, parse
from gateway.wire.incoming import EventFlow
from gateway.wire.messages_frame import is_count
from gateway.wire.sse import Event

CHAT: Final = "/chat/completions"
_THOUGHTS: Final = ("reasoning_content", "reasoning")


def impossible(param: str, what: str) -> RequestError:
    """Say what a chat cannot express, and where it stands."""
    message = f"{param}: this model speaks OpenAI's chat format, which has no {what}; leave it out, or ask another."
    return RequestError(message, code="not_supported_by_model", param=param)


class Said(NamedTuple):
    """A whole chat answer.

    Attributes:
        data: All of it.
        message: What its first choice says,
        reason: and why that ended.
    """

    data: dict[str, Any]
    message: dict[str, Any]
    reason: object


def first_choice(raw: bytes, upstream: str) -> Said:
    """Return the first choice of a whole answer; raises ``UpstreamBroke`` if there is none."""
    data = parse(raw, "an answer", upstream)
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise broke(upstream, "sent an answer that holds no choices with messages")
    return Said(data, message, choice.get("finish_reason") or "stop")


def words(value: object, upstream: str) -> str:
    """Return the text of a field: a string, or the texts among its parts; raises ``UpstreamBroke``."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        texts = [part.get("text") or part.get("refusal") or "" if isinstance(part, dict) else part for part in value]
        if all(isinstance(text, str) for text in texts):
            return "".join(texts)
    raise broke(upstream, "sent content that is neither a string nor an array of parts")


def thoughts(message: Mapping[str, Any], upstream: str) -> str:
    """Return what a message thinks, under whichever name; raises ``UpstreamBroke``."""
    return next((said for key in _THOUGHTS if (said := words(message.get(key), upstream))), "")


class Thought(NamedTuple):
    """A thought that a vendor has sealed: it takes it back only as it was, under the same seal.

    Attributes:
        text: What it says; empty for one that the vendor hides.
        seal: The vendor's seal, or what it hides.
        hidden: Whether it is hidden.
    """

    text: str
    seal: str
    hidden: bool = False


def sealed_thoughts(message: Mapping[str, Any]) -> Iterator[Thought]:
    """Yield the sealed thoughts of a message (``thinking_blocks``); in a stream, those whose seal has come."""
    blocks = message.get("thinking_blocks")
    for block in blocks if isinstance(blocks, list) else ():
        if not isinstance(block, dict):
            continue
        text, seal, hidden = block.get("thinking"), block.get("signature"), block.get("data")
        if isinstance(hidden, str) and hidden:
            yield Thought("", hidden, hidden=True)
        elif isinstance(seal, str) and seal:
            yield Thought(text if isinstance(text, str) else "", seal)


class ToolCall(NamedTuple):
    """A call of a tool, or a piece of one.

    Attributes:
        number: Which call of its message.
        id: What the model calls it; empty if nobody said.
        name: The tool; empty if nobody said.
        arguments: What it is given, as JSON text.
    """

    number: int
    id: str
    name: str
    arguments: str

    def checked(self, upstream: str) -> ToolCall:
        """Return it; raises ``UpstreamBroke`` if it names no tool."""
        if not self.name:
            raise broke(upstream, "called a tool without a name")
        return self


def tool_calls(message: Mapping[str, Any], upstream: str) -> Iterator[ToolCall]:
    """Yield the calls that a message makes; raises ``UpstreamBroke`` for what is none."""
    calls = message.get("tool_calls")
    if not isinstance(calls, list | None):
        raise broke(upstream, "sent tool calls that are not an array")
    for at, call in enumerate(calls or ()):
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("arguments", ""), str | None):
            raise broke(upstream, "sent a tool call that is none")
        id, name, number = call.get("id"), function.get("name"), call.get("index")
        yield ToolCall(
            number if is_count(number) else at,
            id if isinstance(id, str) else "",
            name if isinstance(name, str) else "",
            function.get("arguments") or "",
        )


class ChatStreamReader:
    """Reads a chat's stream and has another format's written. Sans-I/O; one choice, part after part.

    Whoever knows that format says how an answer begins and ends, how a part of it (a text, thoughts, a call) begins
    and ends, and what each piece looks like.

    Attributes:
        usage: The tokens as the upstream counted them, once it has.
        refused: Whether the model has refused.

    Args:
        upstream: Who sends it, for errors.
    """

    alive = b": keep-alive\n\n"
    """Written where the upstream says that it still lives."""

    refuses_in = "refusal"
    """The part in which the other format refuses: one of its own, or ``text``."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.usage: object = None
        self.refused = False
        self._flow = EventFlow(upstream)
        self._part: tuple[str, int] | None = None
        self._called: set[int] = set()
        self._reason: str | None = None
        self._begun = self._over = False

    def feed(self, chunk: bytes) -> bytes:
        """Take bytes as they come, return the events that they make; raises ``UpstreamBroke``."""
        return b"".join(self._flow.feed(chunk, self._take))

    def finish(self) -> bytes:
        """The upstream closed: return what is left. An answer without an end gets none here."""
        made = b"".join(self._flow.rest(self._take))
        return made if self._flow.broken else made + b"".join(self._end())

    # --- What the other format says --------------------------------------------------------------

    def begins(self, data: Mapping[str, Any]) -> Iterator[bytes]:
        """Write the beginning of an answer; ``data`` is the first chunk."""
        raise NotImplementedError

    def starts(self, form: str, call: ToolCall | None) -> bytes:
        """Write the beginning of a part: ``thoughts``, ``text``, ``refusal``, or a ``call``."""
        raise NotImplementedError

    def says(self, form: str, text: str) -> bytes:
        """Write a piece of the part that is open."""
        raise NotImplementedError

    def seals(self, thought: Thought) -> Iterator[bytes]:
        """Write the seal of the thoughts that are open, where the other format has any."""
        return iter(())

    def stops(self, form: str) -> bytes:
        """Write the end of the part that is open."""
        raise NotImplementedError

    def ends(self, reason: str) -> Iterator[bytes]:
        """Write the end of the answer, which ended for this reason of a chat."""
        raise NotImplementedError

    # --- What the chat says ----------------------------------------------------------------------

    def _take(self, item: Event) -> Iterator[bytes]:
        if self._over:
            return
        if item.data is None:
            yield self.alive
            return
        if item.data.strip() == b"[DONE]":
            yield from self._end()
            return
        data = parse(item.data, "an event", self.upstream)
        choices = data.get("choices")
        if data.get("error") and not choices:
            raise broke(self.upstream, "reported an error in the middle of the answer")
        if data.get("usage"):
            self.usage = data["usage"]
        if not isinstance(choices, list | None):
            raise broke(self.upstream, "sent choices that are not an array")
        if not self._begun:
            self._begun = True
            yield from self.begins(data)
        for choice in choices or ():
            if not isinstance(choice, dict):
                raise broke(self.upstream, "sent a choice that is not an object")
            if choice.get("index") in (0, None):
                yield from self._choice(choice)

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[bytes]:
        delta = choice.get("delta")
        if not isinstance(delta, dict | None):
            raise broke(self.upstream, "sent a delta that is not an object")
        if delta:
            refusal = words(delta.get("refusal"), self.upstream)
            self.refused = self.refused or bool(refusal)
            for form, text in (
                ("thoughts", thoughts(delta, self.upstream)),
                ("text", words(delta.get("content"), self.upstream)),
                (self.refuses_in, refusal),
            ):
                if text:
                    yield from self._enter(form)
                    yield self.says(form, text)
                if form == "thoughts":
                    for thought in sealed_thoughts(delta):
                        yield from self.seals(thought)
            for call in tool_calls(delta, self.upstream):
                yield from self._call(call)
        if choice.get("finish_reason"):
            self._reason = str(choice["finish_reason"])

    def _call(self, call: ToolCall) -> Iterator[bytes]:
        if call.number not in self._called:
            self._called.add(call.number)
            yield from self._enter("call", call.checked(self.upstream))
        elif self._part != ("call", call.number):
            raise broke(self.upstream, "went on with a tool call after another one had begun")
        if call.arguments:
            yield self.says("call", call.arguments)

    def _enter(self, form: str, call: ToolCall | None = None) -> Iterator[bytes]:
        part = (form, call.number if call else 0)
        if self._part == part:
            return
        yield from self._leave()
        self._part = part
        yield self.starts(form, call)

    def _leave(self) -> Iterator[bytes]:
        if self._part is not None:
            yield self.stops(self._part[0])
        self._part = None

    def _end(self) -> Iterator[bytes]:
        """Write the end, if the model has said that it is one."""
        if self._over or self._reason is None:
            return
        self._over = True
        yield from self._leave()
        yield from self.ends(self._reason)
