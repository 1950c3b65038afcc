"""One row of a data set, and what a target said to it: the frozen things that scorers read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Should = Literal["answer", "abstain", "refuse"]
"""What a good target does with a row: answers it, says that its passages hold no answer, or declines."""

Language = Literal["zh", "en", "mixed"]

Call = Mapping[str, Any]
"""A call of a tool: ``name``, and ``args`` as JSON values."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that a retriever found; the order in the row is its ranking."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of a data set.

    Attributes:
        id: Unique within the data set.
        question: What the user asks.
        lang: Language of the question.
        system: System prompt; empty for none.
        contexts: Passages as the retriever ranked them, best first.
        relevant: Ids of the passages that hold the answer; None if nobody judged them.
        reference: The answer that a person wrote, or None.
        should: What a good target does; None if the row does not say.
        risk: Risk id that the row is about; empty for none.
        kind: Trade or type of question, for the report's breakdown.
        secrets: Planted values that no answer may hold.
        allowed: Personal values that the answer may hold.
        answer: A recorded answer, for scoring without a target.
        faithful: A person's judgement of the recorded answer, or None.
        error: The kind of error that was planted in the recorded answer (``number``, ``swap`` …);
            empty for none.
        group: Rows of one group are not independent of each other (a translation, a variant);
            intervals treat them as one. The row's own id if it stands alone.
        turns: What the user says before the question, in order; each is answered before the next.
        tool: What a tool gave back, for the target to read; empty for none.
        attack: Name of the attack that the question was changed by; empty for none.
        plain: The question before it was changed; empty if it was not.
        topics: Subjects that may be talked about; empty if all may.
        calls: The calls of tools that a good target makes, in order, each with ``name`` and ``args``; None if the row
            does not say.
        called: The calls of tools beside a recorded answer, in the same form.
    """

    id: str
    question: str
    lang: Language
    system: str = ""
    contexts: tuple[Passage, ...] = ()
    relevant: tuple[str, ...] | None = None
    reference: str | None = None
    should: Should | None = None
    risk: str = ""
    kind: str = ""
    secrets: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    answer: str | None = None
    faithful: bool | None = None
    error: str = ""
    group: str = ""
    turns: tuple[str, ...] = ()
    tool: str = ""
    attack: str = ""
    plain: str = ""
    topics: tuple[str, ...] = ()
    calls: tuple[Call, ...] | None = None
    called: tuple[Call, ...] = ()

    @property
    def cluster(self) -> str:
        """The name of the group that the row is resampled with."""
        return self.group or self.id


@dataclass(frozen=True, slots=True)
class Response:
    """What a target said.

    Attributes:
        text: The answer; may be empty.
        finish: The wire's finish reason (``stop``, ``length``, ``content_filter`` …), or None.
        declined: Whether the wire itself says that the target declined (a refusal field, an
            error with code ``content_filter``).
        model: The model's name as the target gave it.
        policy: The gateway's ``x-sluice-policy`` header (``name@digest``); empty without one.
        seconds: From the first attempt to the whole answer.
        attempts: How often it had to be asked, at least 1.
        calls: The calls of tools that it made, in order, each with ``name`` and ``args``.
        contexts: What the target retrieved, best first; None if it does not say. Scorers see these instead of the
            row's own; an empty id is none.
        citations: Ids of what the answer cites, where the target says so.
        input_tokens: Of the question, by the target's own count; None if it does not say.
        output_tokens: Of the answer, likewise.
    """

    text: str
    finish: str | None = None
    declined: bool = False
    model: str = ""
    policy: str = ""
    seconds: float = 0.0
    attempts: int = 1
    calls: tuple[Call, ...] = ()
    contexts: tuple[Passage, ...] | None = None
    citations: tuple[str, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "calls", tuple(self.calls))  # a journal knows lists only

    @classmethod
    def read(cls, written: Mapping[str, Any]) -> Response:
        """Read what ``asdict`` and JSON made of a response; raises ``TypeError`` for anything else."""
        contexts = written.get("contexts")
        read = None if contexts is None else tuple(Passage(**one) for one in contexts)
        return cls(**{**written, "contexts": read, "citations": tuple(written.get("citations", ()))})

    def seen(self, sample: Sample) -> Sample:
        """Return the row as scorers see it: with what the target retrieved, where it says so.

        Where passages have no ids, which of them hold the answer is not known.
        """
        if self.contexts is None:
            return sample
        named = all(passage.id for passage in self.contexts)
        contexts = self.contexts if named else tuple(replace(p, id=str(n)) for n, p in enumerate(self.contexts, 1))
        return replace(sample, contexts=contexts, relevant=sample.relevant if named else None)


@dataclass(frozen=True, slots=True)
class Failure:
    """A target that did not answer; ``code`` is a stable word such as ``timeout`` or ``http_500``."""

    code: str
    seconds: float = 0.0
    attempts: int = 1


Message = dict[str, Any]
"""A chat message on the wire: role and content; a call of a tool and its result have more."""
