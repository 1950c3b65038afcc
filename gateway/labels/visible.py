"""The words that tell a reader that an answer was made by AI (GB 45438-2025 §5.1).

They never enter text that a program reads: JSON, tool calls, an answer that is code only.
"""

from __future__ import annotations

from typing import Final

import orjson

from gateway.wording import Language, Recogniser, count_han, language_by_count

_FENCE: Final = "```"
_ENDS: Final = 256
"""Characters of either end that are remembered; a label is shorter."""


class Prose:
    """Follows one answer and says in the end whether a visible label may join it, and in which language.

    Most answers are prose from the first characters on; only an answer that begins like code or
    like JSON is remembered whole, to look at it when it is complete.

    Attributes:
        head: The first 256 characters.
        tail: The last 256 characters.
        size: How many characters there are.
        begun: Whether its first characters show what it is.
        plain: Whether they show prose.
    """

    __slots__ = ("_all", "_han", "_head", "begun", "head", "plain", "size", "tail")

    def __init__(self) -> None:
        self._all: list[str] = []
        self._head = ""
        self._han = 0
        self.head = self.tail = ""
        self.size = 0
        self.begun = False
        self.plain = False

    def push(self, text: str) -> None:
        """Take the next piece of the answer as it leaves."""
        if self.size < _ENDS:
            self.head += text[: _ENDS - self.size]
        self.size += len(text)
        self._han += count_han(text)
        self.tail = (self.tail + text)[-_ENDS:]
        if self.plain:
            return
        self._all.append(text)
        if self.begun:
            return
        self._head = (self._head + text).lstrip()[:3]
        if not self._head or (len(self._head) < 3 and _FENCE.startswith(self._head)):
            return
        self.begun = True
        if self._head[0] not in "{[" and self._head != _FENCE:
            self.plain = True
            self._all.clear()

    def carries(self, labels: Recogniser, *, anywhere: bool) -> bool:
        """Whether the answer carries a label already: the model or an upstream has written it.

        Args:
            labels: Knows what a label looks like.
            anywhere: Whether a label at its beginning counts too, or only one at its end.
        """
        if labels.closes(self.tail):
            return True
        return anywhere and labels.opens(self.head, ended=self.size <= _ENDS) is True

    def language(self, asked: Language) -> Language:
        """Return the language of all that was said; ``asked`` where it shows none."""
        return language_by_count(self._han, self.size - self._han, asked=asked)

    def labelable(self) -> bool:
        """Whether the answer is for a person to read; asked once, when it is complete."""
        if self.plain:
            return True
        text = "".join(self._all).strip()
        return bool(text) and not (_only_code(text) or _is_json(text))


def _only_code(text: str) -> bool:
    """Whether nothing but fenced code blocks stands in ``text``."""
    if not text.startswith(_FENCE):
        return False
    inside = False
    for line in text.splitlines():
        if line.lstrip().startswith(_FENCE):
            inside = not inside
        elif not inside and line.strip():
            return False
    return True


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
