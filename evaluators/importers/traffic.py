"""Recorded traffic of the gateway, as ``sluice traffic`` prints it: masked questions, and the answers to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from evaluators.importers.layout import Layout
from evaluators.importers.records import Record

_TURN: Final = re.compile(r"^(system|developer|user|assistant|tool): ", re.MULTILINE)


def _spoken(record: Record) -> Iterator[Record]:
    """Yield the record with its last question and its system prompt; turns before are left out."""
    text = record.get("request_text")
    parts = _TURN.split(text) if isinstance(text, str) else []
    turns = list(zip(parts[1::2], parts[2::2], strict=False))
    said = {role: part.rstrip("\n") for role, part in turns}
    yield {**record, "asked": said.get("user"), "system": said.get("system") or said.get("developer")}


TRAFFIC: Final = Layout(
    "traffic",
    "recorded traffic of the gateway, masked: sluice traffic > traffic.jsonl",
    {"id": ("id",), "question": ("asked",), "answer": ("response_text",), "system": ("system",), "kind": ("policy",)},
    ("question", "answer"),
    apart=_spoken,
)
