"""Say that an answer was made by AI: the last stage before the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.exchange import Channel, Exchange
from gateway.labels.metadata import aigc
from gateway.labels.visible import Prose
from gateway.policy.plan import Plan, Words


class Declare:
    """Labels the choices of one answer, each once.

    The label is a delta of its own: the words of the answer are never touched.

    Args:
        plan: Says where the label goes and what it says.
        exchange: Whose answer it is; its id is the label's ``ProduceID``.
        producer: Who the metadata names; None for no metadata.
    """

    def __init__(self, plan: Plan, exchange: Exchange, producer: str | None) -> None:
        self._plan, self._exchange = plan, exchange
        self._producer = producer if plan.label.metadata else None
        self._visible = exchange.question.plain and plan.label.words is not None
        self._prose: dict[int, Prose] = {}
        self._tools: set[int] = set()
        self._waiting: dict[int, str] = {}

    @property
    def header(self) -> str:
        """What is done, for the client: ``text-end+metadata``, ``metadata``, ``none``."""
        position = self._plan.label.position
        visible = f"text-{position}" if self._visible and position in ("start", "end") else ""
        visible = "interface" if position == "interface" else visible
        return "+".join(filter(None, [visible, "metadata" if self._producer else ""])) or "none"

    def fields(self) -> dict[str, Any]:
        """Return the fields that join the answer's body."""
        if self._producer is None:
            return {}
        return {"aigc": aigc(self._producer, self._exchange.id)}

    def saw(self, channel: Channel, text: str) -> str:
        """Take text on its way out; return what leaves now, the label before it where it goes there."""
        if channel.kind == "arguments":
            self._tools.add(channel.choice)
        if channel.kind != "content" or not text:
            return text
        prose = self._prose.get(channel.choice)
        if prose is None:
            prose = self._prose[channel.choice] = Prose()
            if self._visible and self._plan.label.position == "start":
                self._waiting[channel.choice] = ""
        prose.push(text)
        if channel.choice not in self._waiting:
            return text
        # Whether it is prose shows in its first characters; until then it waits, however it was cut.
        self._waiting[channel.choice] += text
        if not prose.begun:
            return ""
        waited = self._waiting.pop(channel.choice)
        return self._words(self._exchange.question.asked) + "\n\n" + waited if prose.plain else waited

    def end(self, choice: int, notices: Sequence[Words] = ()) -> str:
        """The choice ends: return what still waits, then the notices and the label that follow its words."""
        waited = self._waiting.pop(choice, "")
        prose = self._prose.get(choice)
        if prose is None or choice in self._tools or not self._exchange.question.plain or not prose.labelable():
            return waited
        asked = self._exchange.question.asked
        said = [waited, *("\n\n" + notice.matching(asked) for notice in notices)]
        labelled = self._plan.label.position == "start" and prose.begun and prose.plain
        if self._visible and self._plan.label.position in ("start", "end") and not labelled:
            words = self._words(prose.tail)
            if not prose.carries(words):
                said.append("\n\n" + words)
        return "".join(said)

    def whole(self, text: str) -> str:
        """Return a whole answer of our own, labelled."""
        return self.saw(Channel(0, "content"), text) + self.end(0)

    def _words(self, text: str) -> str:
        words = self._plan.label.words
        return words.matching(text) if words else ""
