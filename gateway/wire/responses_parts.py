"""What OpenAI's responses are made of: items, their parts, and what the client has of each.

Each part is a channel of its own, numbered from 1 on; number 0 is for our words.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from gateway.exchange import Channel, Kind
from gateway.ports import Frame

OWN: Final = Channel(0, "content")
"""Where our own words stand: labels, notices, replies."""


class Form(NamedTuple):
    """What is known of a kind of part.

    Attributes:
        section: Under which key of its item it stands.
        kind: What its text is.
        key: Under which key of the part the text stands; of the item, where the section is the text.
        event: What its events are called, without ``.delta`` and ``.done``.
        number: The key of its number within the section; empty where the section is the text itself.
    """

    section: str
    kind: Kind
    key: str
    event: str
    number: str = ""


TEXT: Final = Form("content", "content", "text", "response.output_text", "content_index")
PARTS: Final[Mapping[tuple[str, str], Form]] = {
    ("content", "output_text"): TEXT,
    ("content", "refusal"): Form("content", "refusal", "refusal", "response.refusal", "content_index"),
    ("content", "reasoning_text"): Form("content", "reasoning", "text", "response.reasoning_text", "content_index"),
    ("summary", "summary_text"): Form(
        "summary", "reasoning", "text", "response.reasoning_summary_text", "summary_index"
    ),
}
"""Parts by section and type."""

SINGLE: Final[Mapping[str, Form]] = {
    "function_call": Form("arguments", "arguments", "arguments", "response.function_call_arguments"),
    "custom_tool_call": Form("input", "name", "input", "response.custom_tool_call_input"),
    "mcp_call": Form("arguments", "arguments", "arguments", "response.mcp_call_arguments"),
    "code_interpreter_call": Form("code", "name", "code", "response.code_interpreter_call_code"),
}
"""The text of items that have one of their own, by the item's type."""

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {"message": ("content",), "reasoning": ("summary", "content")}
ADDED: Final = {"content": "response.content_part.added", "summary": "response.reasoning_summary_part.added"}
ENDED: Final = {"content": "response.content_part.done", "summary": "response.reasoning_summary_part.done"}


@dataclass(slots=True)
class Step(Frame):
    """A frame that knows what it does.

    Attributes:
        does: Begins the response, an item or a part; says a piece of a text; ends a text, a part, an item, or the
            response; or anything else.
        item: The item that it is about,
        part: and the part.
    """

    does: Literal["begin", "item", "part", "piece", "text-end", "part-end", "item-end", "end", "other"] = "other"
    item: Item | None = None
    part: Part | None = None


class Opening(NamedTuple):
    """The event that begins an item or a part, while it waits for the first word of it.

    Attributes:
        raw: As it came; empty, if it leaves otherwise.
        data: What it says.
    """

    raw: bytes
    data: dict[str, Any]


@dataclass(slots=True, eq=False)
class Part:
    """A text of an answer, and what the client has of it.

    Attributes:
        of: Whose it is. Weak, for the item has its parts, and what holds itself in a circle outlives its exchange
            until the collector comes by.
        form: What it is.
        type: What the format calls it.
        index: Its number within its section.
        channel: Where its text is judged.
        heard: What the upstream has said of it.
        ended: Whether the upstream has said all of its text,
        closed: and ended the part.
        starts: The event that begins it, until the client has it.
        sent: What the client has of it.
        told: Whether the client was told that its text has ended.
        written: The part as the client has it, once it has ended.
    """

    of: weakref.ref[Item]
    form: Form
    type: str
    index: int
    channel: Channel
    heard: list[str] = field(default_factory=list)
    ended: bool = False
    closed: bool = False
    starts: Opening | None = None
    sent: list[str] = field(default_factory=list)
    told: bool = False
    written: dict[str, Any] | None = None

    @property
    def item(self) -> Item:
        """Whose it is; whoever has a part at hand holds its item as well."""
        item = self.of()
        if item is None:
            raise ReferenceError("a part outlived its item")
        return item

    @property
    def text(self) -> str:
        """What the client has of it."""
        return "".join(self.sent)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Item:
    """One item of an answer's output.

    Attributes:
        type: What it is.
        index: Its number, as we count.
        data: As it began.
        parts: Its texts by section and number.
        done: Whether the upstream has ended it.
        starts: The event that begins it, until the client has it.
        number: Its number for the client, once the client has its beginning.
    """

    type: str
    index: int
    data: dict[str, Any]
    parts: dict[tuple[str, int], Part] = field(default_factory=dict)
    done: bool = False
    starts: Opening | None = None
    number: int | None = None

    @property
    def id(self) -> str:
        """Its id; servers that give none get one."""
        return str(self.data.get("id") or f"item_{self.index}")

    def section(self, name: str) -> list[Part]:
        """Return the parts of a section, in order."""
        return [part for (section, _), part in self.parts.items() if section == name]
