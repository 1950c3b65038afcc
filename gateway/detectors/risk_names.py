"""What the risk model tells of, and which stretches of a text it looks at."""

from __future__ import annotations

from typing import Final

from gateway.text import CANONICAL

VIEW: Final = CANONICAL
"""The view that it reads."""
WINDOW: Final = 512
"""So many characters it reads at once."""
STEP: Final = 256
"""Windows begin at every so many characters."""

BITS: Final = 18
"""Log of the number of places that n-grams are hashed to, for risks."""
ITEM_BITS: Final = 17
"""The same for the items of a risk."""
DAMPING: Final = 15
"""So many n-grams that say nothing are thought to every text: a few words are no proof."""

LANGUAGES: Final = ("zh", "en")

HARM: Final = "harm"
"""What should be refused, whatever it is about."""
ANSWER: Final = "answer.harm"
HEADS: Final = (
    HARM,
    "attack",
    "abuse",
    "hate",
    "sexual",
    "violence",
    "self_harm",
    "fraud",
    "dangerous",
    ANSWER,
)
"""What has weights of its own: nine risks of a text, and whether an answer should not have been given."""
GROUPS: Final = {"a1": "abcdefgh", "a2": "abcdefghi", "a3": "abcde", "a4": "abcdefg", "a5": "ab"}
"""GB/T 45654, Annex A: five groups and their items."""
ITEMS: Final = tuple(f"{group}.{item}" for group, items in GROUPS.items() for item in items)
"""What kind of harm it is, if it is one."""
RISKS: Final = frozenset({*HEADS, *ITEMS, *GROUPS} - {ANSWER})
"""Everything that can be reported."""
TOLD: Final = (HARM, *ITEMS, *GROUPS, *HEADS[1:-1])
"""The same in the order in which it is reported: what kind of harm it is stands behind the harm."""
