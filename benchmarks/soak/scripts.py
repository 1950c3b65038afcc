"""What the model behind the gateway says, by the name under which it is asked: mostly well, sometimes badly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.conformance.case import Break, Say, Tool
from benchmarks.speed.texts import answer

PLAIN: Final = "plain"
HANGS: Final = "hangs"
"""Begins an answer (a whole one not even that) and never ends it: who asks it leaves."""
PIECE: Final = 8
"""Characters in a piece of a streamed answer."""

_ANSWER: Final = answer()


def _says(**more: object) -> Say:
    return Say.model_validate({"text": _ANSWER, "pieces": PIECE, **more})


_TURNED_ON: Final = Tool(name="water", arguments='{"garden": "三号", "minutes": 15, "note": "清晨浇透，傍晚只看不浇"}')

SCRIPTS: Final[Mapping[str, Say]] = {
    PLAIN: _says(),
    "echo": _says(text=None, echo=True),
    "tools": _says(text=_ANSWER[:80], tools=(_TURNED_ON,)),
    "thinks": _says(reasoning=_ANSWER[:60]),
    "forbidden": _says(text=f"{_ANSWER[:150]}违禁测试词{_ANSWER[150:]}"),
    "fails": _says(status=500),
    "busy": _says(status=429, retry_after="1"),
    "closes": _says(breaks=Break(how="close", after=12)),
    "resets": _says(breaks=Break(how="reset", after=9)),
    "stops": _says(breaks=Break(how="end", after=15)),
    "garbles": _says(breaks=Break(how="garbage", after=7)),
    "breaks": _says(breaks=Break(how="error", after=20)),
    HANGS: _says(breaks=Break(how="end", after=20)),
}
SHARES: Final = (56, 5, 4, 4, 4, 3, 2, 4, 4, 3, 3, 4, 4)
"""How often each is asked, in parts of 100."""
