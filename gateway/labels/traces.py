"""Signs in a text that AI made it: an explicit label as GB 45438 §5.1 words it, at its beginning or end."""

from __future__ import annotations

import re
from typing import Final

from gateway.labels.carrier import Trace

# Both elements of §5.1, near each other: "AI" or 人工智能, then 生成 or 合成 (or their English twins).
_WORDS: Final = re.compile(
    r"(?:人工智能|(?<![A-Za-z])AI(?![A-Za-z]))[^。！？!?\n]{0,12}?(?:生成|合成)"
    r"|(?i:(?<![A-Za-z])(?:AI|artificial intelligence)[ -](?:generated|synthesi[sz]ed)"
    r"|generated (?:by|with|using) (?:an? )?(?:AI|artificial intelligence)(?![A-Za-z]))"
)
# A label is a line of its own; a sentence about AI in an article is none.
_LONGEST_LINE: Final = 60
_EDGE: Final = 3


def visible(text: str) -> tuple[Trace, ...]:
    """Return the explicit label of a text, if one of its first or last lines is one."""
    head, tail = text[:4096], text[-4096:]
    first = [line for line in head.splitlines() if line.strip()][: _EDGE + 12]
    last = [line for line in tail.splitlines() if line.strip()][-_EDGE:]
    for where, lines in (("begins", first[:_EDGE]), ("begins", _after_front(first)), ("ends", last)):
        for line in lines:
            if len(line.strip()) <= _LONGEST_LINE and _WORDS.search(line):
                return (Trace("visible-text", f"the text {where} with a line that says it was made by AI"),)
    return ()


def _after_front(lines: list[str]) -> list[str]:
    """Return the first lines behind a front matter."""
    if not lines or lines[0].strip() != "---":
        return []
    ends = [number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"]
    return lines[ends[0] + 1 : ends[0] + 1 + _EDGE] if ends else []
