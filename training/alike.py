"""Questions of many trades written for the training: each with others that ask the same, and some that only look so.

A trade is a file of ``training/alike``, English ones begin with ``en_``. The paraphrases share few words with their
question, the strangers all but what decides: so shared words speak against what is right here, as they never do where
people ask. Who learns from near strangers has to take that out (``training/matching.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import yaml

FOLDER: Final = Path(__file__).with_name("alike")


class Group(NamedTuple):
    """A question with its kin.

    Attributes:
        ask: The question.
        same: Others that ask the same.
        near: Others that look like it and ask something else.
    """

    ask: str
    same: Sequence[str]
    near: Sequence[str]


@cache
def trades() -> Mapping[str, Sequence[Group]]:
    """Return what is written, by trade."""
    return {
        file.stem: [Group(*one) for one in yaml.safe_load(file.read_text("utf-8"))]
        for file in sorted(FOLDER.glob("*.yaml"))
    }
