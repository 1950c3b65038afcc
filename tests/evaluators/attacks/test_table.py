"""The table of attacks says of each what it is, for whom, and how it is read back."""

import pytest

from evaluators.attacks.attack import BOTH, CHINESE, Attack
from evaluators.attacks.registry import attacks
from evaluators.attacks.table import entries, table


def attack(undo=None, same=None, languages=BOTH):
    return Attack("x", "frame", {"zh": "甲", "en": "A"}, languages, lambda attempt, rng: attempt, undo, same)


@pytest.mark.parametrize(
    ("one", "back"),
    [(attack(str, str), "undone"), (attack(str), "undone"), (attack(None, str), "read"), (attack(), "quoted")],
)
def test_an_entry_says_how_the_question_is_read_back(one, back):
    assert entries([one])[0]["back"] == back


def test_a_row_is_markdown_in_both_languages():
    assert table([attack(str, languages=CHINESE), attack()]).splitlines()[2:] == [
        "| `x` | 甲 | A | frame | zh | undone |",
        "| `x` | 甲 | A | frame | zh, en | quoted |",
    ]


def test_every_attack_has_its_row():
    assert len(table(attacks().values()).splitlines()) == len(attacks()) + 2
