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
        self._ended: set[int] = set()

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
        # Whether it is prose, and labelled already, shows in its first characters: till then it waits.
        waited = self._waiting[channel.choice] = self._waiting[channel.choice] + text
        if not prose.begun or (prose.plain and self._may_carry(waited)):
            return ""
        del self._waiting[channel.choice]
        return self._opening(waited) if prose.plain else waited

    def end(self, choice: int, notices: Sequence[Words] = ()) -> str:
        """The choice ends: return what still waits, then the notices and the label that follow its words."""
        waited = self._waiting.pop(choice, "")
        prose = self._prose.get(choice)
        if choice in self._ended or prose is None or choice in self._tools:
            return waited
        self._ended.add(choice)
        if not self._exchange.question.plain or not prose.labelable():
            return waited
        position = self._plan.label.position
        opened = position == "start" and prose.begun and prose.plain
        asked = self._exchange.question.asked
        said = [self._opening(waited) if opened and waited else waited]
        said += ["\n\n" + notice.matching(asked) for notice in notices]
        if self._visible and position in ("start", "end") and not opened and not prose.carries(self._labels()):
            said.append("\n\n" + self._words(prose.tail))
        return "".join(said)

    def reply(self, choice: int, text: str, notices: Sequence[Words] = ()) -> str:
        """Return a reply of our own as the rest of a choice, labelled: it is prose, whatever it takes the place of."""
        self._tools.discard(choice)
        return self.saw(Channel(choice, "content"), text) + self.end(choice, notices)

    def _opening(self, waited: str) -> str:
        """Return the beginning of an answer with the label before it, if it does not carry it already."""
        if waited.lstrip().startswith(self._labels()):
            return waited
        return self._words(self._exchange.question.asked) + "\n\n" + waited

    def _may_carry(self, waited: str) -> bool:
        """Whether what follows may still show that an answer begins with the label."""
        head = waited.lstrip()
        return any(len(head) < len(label) and label.startswith(head) for label in self._labels())

    def _labels(self) -> tuple[str, ...]:
        """Return the label in each language: another gateway may have chosen the other one."""
        words = self._plan.label.words
        return (words.zh.strip(), words.en.strip()) if words else ()

    def _words(self, text: str) -> str:
        words = self._plan.label.words
        return words.matching(text) if words else ""
