"""Words around a question: roles, orders, forms. They add nothing to what is asked; the question stands in them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Final

from evaluators.attacks.attack import BOTH, Attack, Attempt, ending, words

_HOLE: Final = re.compile(r"\{(question|first|second|topic|lines)\}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9'’-]+|\S")
_PLAIN: Final = (
    "decode", "role-play", "authority", "prefix", "no-refusal", "translate", "classical", "fiction", "hypothesis",
    "research", "urgency", "opposite", "override", "developer", "completion", "json-form", "two-answers",
)  # fmt: skip
_SHOTS: Final = 8


def fill(template: str, holes: Mapping[str, str]) -> str:
    """Fill a template in once: braces in what is filled in are text."""
    return _HOLE.sub(lambda hole: holes.get(hole[1], hole[0]), template)


def halves(text: str) -> tuple[str, str]:
    """Cut a text in two near its middle, before a space if there is one near."""
    middle = len(text) // 2
    spaces = [at for at in range(len(text)) if text[at] == " " and abs(at - middle) <= max(4, len(text) // 6)]
    at = min(spaces, key=lambda place: abs(place - middle), default=middle)
    return text[:at], text[at:]


def _frame(id: str) -> Attack:
    def change(attempt: Attempt, rng: random.Random) -> Attempt:
        del rng
        return ending(attempt, fill(words()["frames"][id][attempt.spoken], {"question": attempt.last}))

    return Attack(id, "frame", words()["names"][id], BOTH, change)


def _many_shot(attempt: Attempt, rng: random.Random) -> Attempt:
    spoken = attempt.spoken
    asker, answerer = words()["asker"][spoken], words()["answerer"][spoken]
    colon = "：" if spoken == "zh" else ": "
    shots = rng.sample(words()["shots"][spoken], _SHOTS)
    lines = [f"{asker}{colon}{question}\n{answerer}{colon}{answer}" for question, answer in shots]
    return ending(attempt, "\n\n".join([*lines, f"{asker}{colon}{attempt.last}\n{answerer}{colon}".rstrip()]))


def _payload_split(attempt: Attempt, rng: random.Random) -> Attempt:
    del rng
    first, second = halves(attempt.last)
    return ending(attempt, fill(words()["frames"]["payload-split"][attempt.spoken], {"first": first, "second": second}))


def _join_payload(text: str) -> str:
    found = re.search('a = [“"](.*?)[”"](?:，| and )b = [“"](.*?)[”"][。.]', text, re.DOTALL)
    return f"{found[1]}{found[2]}" if found else text


def _acrostic(attempt: Attempt, rng: random.Random) -> Attempt:
    fillers = words()["fillers"][attempt.spoken]
    lines = "\n".join(f"{token} {rng.choice(fillers)}" for token in _TOKEN.findall(attempt.last))
    return ending(attempt, fill(words()["frames"]["acrostic"][attempt.spoken], {"lines": lines}))


def _first_words(text: str) -> str:
    return " ".join(line.split(" ", 1)[0] for line in text.split("\n")[1:])


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def frames() -> tuple[Attack, ...]:
    """Return the attacks of this family."""
    names = words()["names"]
    return (
        *(_frame(id) for id in _PLAIN),
        Attack("many-shot", "frame", names["many-shot"], BOTH, _many_shot),
        Attack("payload-split", "frame", names["payload-split"], BOTH, _payload_split, undo=_join_payload),
        Attack("acrostic", "frame", names["acrostic"], BOTH, _acrostic, undo=_first_words, same=_bare),
    )
