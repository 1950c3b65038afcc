"""One question and its answer: the frozen things that travel along the path.

Stages take an exchange and return a changed copy. Wire formats end at ``Question.body``; from
there on everything is a slot (text in a request) or a delta (text of an answer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from gateway.verdict import PASS, Finding, Verdict

Role = Literal["system", "user", "assistant", "tool"]
"""Who speaks. Dialects fold their own words into these (``developer`` is ``system``)."""

Kind = Literal["content", "reasoning", "refusal", "arguments", "definition", "name"]
"""What the text is: what is said, thought, said to refuse, handed to a tool, declared about a tool, a name."""

Path = tuple[str | int, ...]
"""Where a text stands in a parsed body: keys and indexes from the root."""


_LONGEST_NAME: Final = 40


def dotted(path: Path) -> str:
    """Write a path as a person would: ``messages[3].content``."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{shown(part)}" if out else shown(part)
    return out


def shown(key: str) -> str:
    """Return a key as it may stand in a path that people see: what is no plain name might be text."""
    return key if len(key) <= _LONGEST_NAME and key.isascii() and key.isidentifier() else "?"


class Slot(NamedTuple):
    """One place in a request that holds text. A long conversation has many: they are cheap to make.

    Attributes:
        path: Where it stands in the body.
        role: Who speaks.
        kind: What the text is.
        text: The characters, as they came.
        current: Whether it belongs to the turn that is to be answered now; False for history.
        joined: Whether the model reads it without a gap after the slot before it (content parts
            of one message): the two are judged as one text.
        quoted: Whether it is JSON inside a string (tool-call arguments): judged through its
            escapes, and still JSON after rewriting.
    """

    path: Path
    role: Role
    kind: Kind
    text: str
    current: bool = True
    joined: bool = False
    quoted: bool = False

    @property
    def place(self) -> str:
        """Where it stands, for records and people. Keys in definitions are the client's own words: not shown."""
        return dotted(self.path[:2] if self.kind == "definition" else self.path)


class Channel(NamedTuple):
    """One stream of text within an answer: choice × kind × number of the tool call."""

    choice: int
    kind: Kind
    call: int = 0


class Delta(NamedTuple):
    """A piece of an answer on its way out."""

    channel: Channel
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A request as its dialect read it.

    Attributes:
        dialect: Which dialect read it, such as ``chat``.
        raw: The bytes as they came; they go upstream as they are where nothing changes.
        body: The parsed body. Nobody changes it: the dialect writes changed copies.
        model: The model that the client asked for.
        stream: Whether the client wants the answer in pieces.
        slots: Every place that holds text, in the order of the body.
        unread: Paths of parts that hold no text and that no detector can read.
        plain: Whether the answer is prose for a person. False for JSON mode and structured
            output: no label and no notice may enter such text.
        choices: How many answers the client asked for.
        usage: Whether the client asked for a usage frame at the end of a stream.
        user: The end user's id as the client names it, or None.
        wordless: Whether the answer is a picture or a sound, in which no reply can be said: a refusal is an error.
        lasting: Whether what stands for a value is to be the same in every request of the tenant: an index and the
            questions to it. Only where the client names no conversation.
        content_type: Of the body, where it is no JSON.
        answer_id: The id that the answer gets, because it is kept under it; empty for the upstream's own.
    """

    dialect: str
    raw: bytes
    body: Mapping[str, Any]
    model: str
    stream: bool
    slots: tuple[Slot, ...]
    unread: tuple[str, ...] = ()
    plain: bool = True
    choices: int = 1
    usage: bool = False
    user: str | None = None
    wordless: bool = False
    answer_id: str = ""
    content_type: str = ""
    lasting: bool = False

    @property
    def opening(self) -> str:
        """What the user said first: a conversation that sends its history begins the same in every turn."""
        return next((slot.text for slot in self.slots if slot.role == "user" and slot.kind == "content"), "")

    @property
    def asked(self) -> str:
        """What the user last said, as one text: the language of replies follows it."""
        texts: list[str] = []
        other = ""
        for slot in reversed(self.slots):  # a long conversation is not walked to its beginning
            if slot.role != "user":
                continue
            if slot.kind == "content" and slot.current:
                texts.append(slot.text)
                continue
            other = other or slot.text
            if not slot.current:
                break
        return "\n".join(reversed(texts)) or other


ReplyKind = Literal["standard", "safe", "handoff"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is given without the model.

    Attributes:
        kind: An approved standard answer, a safe reply, or a hand-over to a person.
        text: The words, from the policy, in the language of the question.
        rule: The rule that called for it.
        name: The name of the reply in the policy.
        desk: For a hand-over, who takes over; empty where nobody is named.
        ticket: For a hand-over, under which a person finds it; empty where none is kept.
    """

    kind: ReplyKind
    text: str
    rule: str
    name: str
    desk: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement that lets a caller have answers without a visible label (Measures art. 9).

    Attributes:
        id: Which agreement, as the operator names it.
        since: Since when, as a date (``2026-10-01``).
    """

    id: str
    since: str


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """What left without a visible label, under which agreement; the record says to whom and when.

    Attributes:
        agreement: Under which agreement.
        contents: For each choice the SHA-256 of its text, UTF-8, in hex digits.
    """

    agreement: Agreement
    contents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Quota:
    """How much may be asked for with a key; None for as much as one likes.

    Attributes:
        requests: Requests in any 60 seconds.
        tokens: Tokens, asked and answered, in any 60 seconds.
        day_tokens: Tokens in a day.
        day_micros: Money in a day, in millionths of the currency of the settings.
    """

    requests: int | None = None
    tokens: int | None = None
    day_tokens: int | None = None
    day_micros: int | None = None


UNLIMITED: Final = Quota()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key may do.

    Attributes:
        policy: Name of the policy that judges its exchanges; empty for the one that judges all others.
        models: Names of the models that it may ask; empty for all.
        quota: How much it may ask for.
        service: The last five characters of the producer code in its labels (TC260-PG-20252A, positions
            23-27); empty for the code as it is configured.
        agreement: The agreement that lets it have answers without a visible label, if there is one.
        access: What of the knowledge base it may see besides what is for everybody (``sluice kb add --access``).
    """

    policy: str = ""
    models: tuple[str, ...] = ()
    quota: Quota = UNLIMITED
    service: str = ""
    agreement: Agreement | None = None
    access: tuple[str, ...] = ()


EVERYTHING: Final = Grant()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        tenant: Whose the key is.
        key: Names the key (never the secret).
        conversation: The conversation as the client names it, or empty: surrogates stay the same within one.
        unlabelled: The agreement under which it asks for an answer without a visible label, if it does.
        labels: What of the knowledge base it may see besides what is for everybody.
        passing: Headers of the request that its dialect hands on to the upstream, in lower case.
        grant: What the key may do.
        user: The end user as a header names them, or empty: then the request may.
        stricter: Name of the stricter policy that it asks for, or empty.
        dry_run: Whether it asks for the verdict on its question only; no model is asked.
    """

    tenant: str = "default"
    key: str = ""
    conversation: str = ""
    unlabelled: Agreement | None = None
    passing: tuple[tuple[str, str], ...] = ()
    labels: frozenset[str] = frozenset()
    grant: Grant = EVERYTHING
    user: str = ""
    stricter: str = ""
    dry_run: bool = False


ANYONE: Final = Caller()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the upstream counted them; ``estimated`` says that we had to guess."""

    input: int = 0
    output: int = 0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A passage of the knowledge base that the model is given to answer from; its number is its place, from 1.

    Attributes:
        id: The passage's id, for the record.
        title: The document's title, for people.
        link: Where people find it; empty for nowhere.
        place: Where it stands in the document, for people.
        text: What it says; never recorded.
        confidence: How likely it is about the question, in [0, 1].
    """

    id: str
    title: str
    link: str
    place: str
    text: str = field(repr=False)
    confidence: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What an exchange cost.

    Attributes:
        micros: Millionths of the currency.
        currency: Which, such as ``CNY``.
    """

    micros: int
    currency: str

    def __str__(self) -> str:
        return f"{self.micros // 1_000_000}.{self.micros % 1_000_000:06d} {self.currency}"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to get an answer from one upstream.

    Attributes:
        upstream: Its configured name.
        outcome: ``answered``, or why there was no answer: ``unreachable``, ``timeout``, ``broke``, an HTTP
            status, or ``busy``.
        milliseconds: How long it took.
    """

    upstream: str
    outcome: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and its answer, as far as it has come.

    Attributes:
        id: Unique id; also the client's ``x-sluice-request-id`` and the label's ``ProduceID``.
        received: When it came, seconds since the epoch.
        plan: Digest of the plan that judges it, from start to end (law 7).
        policy: Name of that policy.
        caller: Who asks.
        question: What is asked.
        region: Where the model stands that will answer; empty if nobody said.
        request: Verdict on the question.
        response: Verdict on the answer, as far as it was judged.
        reply: The reply given without the model, if any.
        rewritten: What to put into which slot before it goes upstream.
        findings: What was found in which slot; the record masks it.
        notices: Names of rules with action ``label`` that fired; their words join the answer.
        live: For each replacement that went upstream the value that it stands for; never recorded.
        sources: What the model was given to answer from, by number.
        unsourced: Passages were looked for, and none was good enough.
    """

    id: str
    received: float
    plan: str
    policy: str
    caller: Caller
    question: Question
    region: str = ""
    request: Verdict = PASS
    response: Verdict = PASS
    reply: Reply | None = None
    rewritten: Mapping[Path, str] = field(default_factory=dict)
    findings: Mapping[Path, tuple[Finding, ...]] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    live: Mapping[str, str] = field(default_factory=dict, repr=False)
    sources: tuple[Source, ...] = ()
    unsourced: bool = False


Outcome = Literal["answered", "replied", "stopped", "rejected", "upstream_error", "client_gone", "cancelled", "error"]
"""How an exchange ended: the model's answer went out whole; a reply took its place; an answer was
stopped in mid-way; the request was not taken; the upstream failed; the client left; the process was
told to stop; a fault of ours."""


class Subject(NamedTuple):
    """An identifier of a person that stood in an exchange.

    Attributes:
        digest: Its keyed digest; the identifier itself is not kept.
        risk: What it is, such as ``pii.mobile_number``.
        left: Whether it went to the model as it stood, neither hidden nor replaced.
    """

    digest: str
    risk: str
    left: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The trace of one exchange: what the store keeps. Holds no text unless the policy says so.

    Times are seconds since the epoch, durations milliseconds. ``request_text`` and
    ``response_text`` are None, masked, or sealed (``sealed:v1:…``), as ``text_mode`` says. ``region`` is
    where the model stands, ``subjects`` are the people whose identifiers stood in it, as keyed digests,
    ``sources`` the passages that the model was given, and ``grounding`` how its answer stood against them.
    ``classes`` counts the findings of each class of personal data, in the turn and its answer; ``level`` is the
    highest of theirs, 1 to 4, 0 for none.
    ``cost`` is None where nobody said what the model costs: that is not free. ``limits`` says what quotas and
    the measure against misuse did, in codes such as ``quota.spent.requests``; ``attempts`` whom we asked;
    ``ticket`` under which it was handed over to a person (``sluice handoff show``), None if it was not.
    """

    id: str
    received: float
    finished: float
    dialect: str
    tenant: str
    key: str
    user: str | None
    model: str
    upstream: str | None
    stream: bool
    policy: str
    plan: str
    outcome: Outcome
    status: int
    request: Verdict
    response: Verdict
    reply: ReplyKind | None
    reply_name: str | None
    label: str
    usage: Usage | None
    stages: Mapping[str, float]
    overhead_ms: float
    error: str | None
    client_gone: bool
    text_mode: Literal["none", "masked", "encrypted"] = "none"
    request_text: str | None = None
    response_text: str | None = None
    unlabelled: Unlabelled | None = None
    region: str = ""
    subjects: tuple[Subject, ...] = ()
    sources: tuple[str, ...] = ()
    grounding: Mapping[str, float | int | None] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    level: int = 0
    cost: Cost | None = None
    limits: tuple[str, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    ticket: str | None = None
