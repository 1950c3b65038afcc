"""Rules by which an entry is found whatever else is said: its keywords and its patterns, each kind in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import re2
from ahocorasick_rs import AhoCorasick

from gateway.answers.entry import Entry
from gateway.text import CANONICAL, fold


class Words:
    """The keywords of all entries, found in one pass."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        groups: dict[str, list[tuple[int, str]]] = {}
        self._needs: dict[int, tuple[frozenset[str], frozenset[str]]] = {}
        for number, entry in enumerate(entries):
            all_of, any_of, none_of = (
                frozenset(word for one in words if (word := fold(one, CANONICAL).strip()))
                for words in (entry.keywords.all, entry.keywords.any, entry.keywords.none)
            )
            if all_of or any_of:
                self._needs[number] = all_of, any_of
            for role, words in (("all", all_of), ("any", any_of), ("none", none_of)):
                for word in words:
                    groups.setdefault(word, []).append((number, role))
        self._terms = sorted(groups)
        self._groups: Mapping[str, list[tuple[int, str]]] = groups
        self._find = AhoCorasick(self._terms) if self._terms else None

    def _found(self, text: str) -> set[str]:
        if self._find is None:
            return set()
        return {self._terms[number] for number, _, _ in self._find.find_matches_as_indexes(text, overlapping=True)}

    def vetoed(self, text: str) -> frozenset[int]:
        """Return the entries of which a forbidden word is there."""
        found = self._found(text)
        return frozenset(number for word in found for number, role in self._groups[word] if role == "none")

    def holding(self, text: str) -> list[int]:
        """Return the entries of which all words are there, and one of the others."""
        found = self._found(text)
        held: dict[int, None] = {}
        for word in sorted(found):
            for number, role in self._groups[word]:
                if role != "none":
                    held[number] = None
        return [
            number
            for number in sorted(held)
            if self._needs[number][0] <= found and (not self._needs[number][1] or self._needs[number][1] & found)
        ]


class Patterns:
    """The patterns of all entries, tried in one pass."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._owners: list[int] = []
        options = re2.Options()
        options.log_errors = False
        several = re2.Set.SearchSet(options)
        for number, entry in enumerate(entries):
            for pattern in entry.patterns:
                several.Add(pattern)
                self._owners.append(number)
        self._set = several if self._owners else None
        if self._set is not None:
            self._set.Compile()

    def fitting(self, text: str) -> list[int]:
        """Return the entries of which a pattern fits."""
        if self._set is None:
            return []
        return sorted({self._owners[at] for at in self._set.Match(text) or ()})
