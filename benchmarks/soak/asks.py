"""What each client asks, turn by turn, and whether it stays for the answer: the same for the same seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final, Literal

from benchmarks.soak.scripts import HANGS, PLAIN, SCRIPTS, SHARES
from benchmarks.speed.texts import question, words

Dialect = Literal["chat", "completions", "responses", "messages"]

DIALECTS: Final[tuple[Dialect, ...]] = ("chat", "completions", "responses", "messages")
FORBIDDEN: Final = "违禁测试词"
"""What the policy refuses."""
PRIVATE: Final = "soakprivate"
"""Part of every e-mail address that a client sends: it must never reach the model."""

_REFUSED: Final = 0.08
_PERSONAL: Final = 0.2
_STREAMED: Final = 0.85
_LEAVING: Final = 0.15
_ABRUPT: Final = 0.3
_GOING_ON: Final = 0.5
_FILLING_TURNS: Final = 250


@dataclass(frozen=True, slots=True)
class Asked:
    """One exchange, as it is meant to go.

    Attributes:
        user: Whom the client names; nobody else is named so, and the record has it.
        dialect: How it asks.
        stream: Whether the answer is streamed.
        model: Which script the model follows.
        text: The question.
        private: The e-mail address in it; empty for none.
        forbidden: Whether the policy refuses it.
        leaves: Seconds after which the client leaves; None if it stays.
        patient: Whether these are counted from the first of the answer, not from when the question is sent.
        abrupt: Whether it leaves without a word (a reset connection), once something of the answer is there.
        goes_on: Whether it goes on from an earlier answer, where the dialect can.
        history: The turns before it.
    """

    user: str
    dialect: Dialect
    stream: bool
    model: str
    text: str
    private: str = ""
    forbidden: bool = False
    leaves: float | None = None
    patient: bool = False
    abrupt: bool = False
    goes_on: bool = False
    history: tuple[tuple[str, str], ...] = ()

    @property
    def path(self) -> str:
        """The URL's path."""
        ends = {"chat": "chat/completions", "completions": "completions", "responses": "responses"}
        return f"/v1/{ends.get(self.dialect, self.dialect)}"

    def body(self, earlier: str | None = None) -> dict[str, Any]:
        """Return the request.

        Args:
            earlier: The id of the answer to go on from, in the dialect that knows such.
        """
        body: dict[str, Any] = {"model": self.model}
        if self.stream:
            body["stream"] = True
        said = [{"role": role, "content": text} for role, text in self.history]
        if self.dialect == "chat":
            body |= {"messages": [*said, {"role": "user", "content": self.text}], "user": self.user}
            body |= {"stream_options": {"include_usage": True}} if self.stream else {}
        elif self.dialect == "completions":
            body |= {"prompt": self.text, "user": self.user}
        elif self.dialect == "responses":
            turn = {"role": "user", "content": self.text}
            body |= {"input": [*said, turn] if said else self.text, "user": self.user}
            body |= {"previous_response_id": earlier} if earlier and self.goes_on else {}
        else:
            body |= {
                "messages": [{"role": "user", "content": self.text}],
                "max_tokens": 1000,
                "metadata": {"user_id": self.user},
            }
        return body


def ask(seed: int, client: int, turn: int, *, lasts: float) -> Asked:
    """Return what a client asks in one of its turns.

    Args:
        seed: The run's.
        client: Its number.
        turn: Its how manieth question this is.
        lasts: Seconds that a whole stream takes; who leaves does so within that time.
    """
    draw = Random(f"{seed}:{client}:{turn}")
    model = draw.choices(SCRIPTS_BY_NAME, SHARES)[0]
    kind = draw.random()
    forbidden, personal = kind < _REFUSED, _REFUSED <= kind < _REFUSED + _PERSONAL
    # What is personal is told back by the model, so that it is seen to come back.
    model = "echo" if personal and model == PLAIN else model
    private = f"{PRIVATE}{client}x{turn}@example.com" if personal else ""
    number = f"，手机1{draw.choice('3578')}{draw.randrange(10**9):09d}" if personal else ""
    ours = words(draw.randrange(16**6))
    if personal:
        text = _notice(ours, private, number)
    else:
        text = question().format(ours) + (f"再说说{FORBIDDEN}。" if forbidden else "")
    leaving = draw.random() < _LEAVING or model == HANGS
    stream = draw.random() < _STREAMED
    return Asked(
        user=f"soak-{seed}-{client}-{turn}",
        dialect=draw.choice(DIALECTS),
        stream=stream,
        model=model,
        text=text,
        private=private,
        forbidden=forbidden,
        leaves=draw.uniform(0.0, lasts) if leaving else None,
        patient=model == HANGS and stream,
        abrupt=draw.random() < _ABRUPT,
        goes_on=draw.random() < _GOING_ON,
    )


def filling(seed: int, number: int) -> Asked:
    """Return a request with many turns before it: what is remembered of texts and kept of answers is soon full.

    Half of its turns hold what the questions after it hold: were they all harmless, what is remembered would change
    its shape for as long as it takes to forget them, and memory with it.
    """
    at = number * _FILLING_TURNS
    turns = [_filling_turn(seed, at + turn) for turn in range(_FILLING_TURNS)]
    user = f"soak-{seed}-filling-{number}"
    return Asked(user, "responses", stream=False, model=PLAIN, text=f"然后呢{words(at)}？", history=tuple(turns))


def _filling_turn(seed: int, turn: int) -> tuple[str, str]:
    if turn % 2:
        return "assistant", f"第{words(turn)}周" * 2
    return "user", _notice(words(turn), f"{PRIVATE}{seed}f{turn}@example.com", f"，手机139{turn:08d}")


def _notice(garden: str, address: str, number: str) -> str:
    return f"请把{garden}号菜园的通知发到{address}{number}，谢谢。"


SCRIPTS_BY_NAME: Final = tuple(SCRIPTS)
