"""Puts something else in the place of personal data on its way to a model, and remembers what it stands for.

Nothing is kept between requests: what stands for a value follows from the tenant's key, the
conversation and the value, so every turn and every replica makes the same of it; values that come
back in the history are replaced alike. What was made lives as long as the exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.ports import About, Technique
from gateway.privacy.plain import plain

MOST: Final = 64
"""Tries for a replacement that stands for nothing else; then the value is suppressed."""

_TITLES: Final = "先生|女士|小姐|太太|老师|教授|医生|大夫|律师|经理|总监|主任|处长|局长|院长|校长|师傅|同学|总"


class Shield:
    """Replaces the values of one request.

    Args:
        keys: The tenant's keys of this conversation: what is made is made with the first; what the
            others would have made is restored too, as long as their time is not up.
        said: Everything that the request says: what a person typed stands for itself, and nothing
            that is made may look like it.
    """

    __slots__ = ("_keys", "_live", "_made", "_owners", "_parts", "_said")

    def __init__(self, keys: tuple[bytes, ...], said: Iterable[str]) -> None:
        self._keys = keys
        self._said = _Said(said)
        self._made: dict[tuple[str, str, str], str] = {}
        self._owners: dict[str, str] = {}
        self._live: dict[str, str] = {}
        self._parts: dict[str, str] = {}

    def replace(self, value: str, risk: str, technique: Technique) -> str:
        """Return what stands in the place of a value.

        The same value of the same kind gets the same. What is made differs from everything else in
        the request; where that cannot be had, the value is left out and cannot be restored.
        """
        if not technique.undone:
            return technique.apply(value, About(risk, self._keys[0]))
        key = (risk, technique.name, value)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(value, risk, technique, self._keys[0])
            for old in self._keys[1:]:
                self._make(value, risk, technique, old)
        return made

    def live(self) -> Mapping[str, str]:
        """Return for each replacement the value that it stands for, so far."""
        return {**self._parts, **self._live}

    def _make(self, value: str, risk: str, technique: Technique, key: bytes) -> str:
        same = plain(value)
        for attempt in range(MOST):
            made = technique.apply(value, About(risk, key, attempt))
            bare = plain(made)
            if not bare or bare in self._said or self._live.get(made, value) != value:
                continue
            if self._owners.get(bare, same) != same:
                continue
            parts = dict(_parts(made, value))
            # Two people may not share a surname that one of them does not have.
            if attempt < MOST // 2 and any(self._parts.get(part, stands) != stands for part, stands in parts.items()):
                continue
            self._owners[bare] = same
            self._live[made] = value
            for part, stands_for in parts.items():
                if plain(part) not in self._said and self._parts.get(part, stands_for) == stands_for:
                    self._parts[part] = stands_for
            return made
        return f"[{risk.rpartition('.')[2]}]"


class _Said:
    """Says whether something was said, in whatever writing; nearly always at once, and read only when it is asked."""

    __slots__ = ("_text", "_texts", "_windows")

    _SIZE: Final = 4

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = texts
        self._text: str | None = None
        self._windows: set[str] = set()

    def __contains__(self, bare: str) -> bool:
        if self._text is None:
            text = self._text = plain("\n".join(self._texts))
            self._windows = {text[at : at + self._SIZE] for at in range(len(text) - self._SIZE + 1)}
        if len(bare) < self._SIZE:
            return bare in self._text
        return bare[: self._SIZE] in self._windows and bare in self._text


def _parts(made: str, value: str) -> Iterable[tuple[str, str]]:
    """Yield the parts of a name that a model may use alone: a surname with a title, a first or a last name."""
    if "\u3400" <= made[0] <= "\u9fff" and "\u3400" <= value[0] <= "\u9fff":
        if len(made) <= 4 and len(value) <= 4 and len(made) == len(value):
            size = 2 if len(made) == 4 else 1
            for title in _TITLES.split("|"):
                yield made[:size] + title, value[:size] + title
        return
    ours, theirs = made.split(), value.split()
    if len(ours) == len(theirs) > 1 and all(part.isalpha() for part in (*ours, *theirs)):
        for ours_part, theirs_part in zip(ours, theirs, strict=True):
            if len(ours_part) > 2:
                yield ours_part, theirs_part
