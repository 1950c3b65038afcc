"""The whole contract between the path and the adapters: detectors, dialects, providers, stores.

Read this file to know what to implement for a new detector, dialect, provider or store. Nothing
here does any work.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from gateway.exchange import (
    Attempt,
    Caller,
    Channel,
    Delta,
    Grant,
    Path,
    Question,
    Quota,
    Record,
    Slot,
    Source,
    Usage,
)
from gateway.text import TextView
from gateway.verdict import Finding, OnError, Verdict

# --- Detectors ---------------------------------------------------------------------------------


class Scan(NamedTuple):
    """What a detector saw, and from where on it may still change its mind.

    Attributes:
        findings: What it saw, at or after ``view.start``; offsets into ``view.text``.
        open: Offset from which later text may still change the findings. ``len(view.text)`` if
            all is settled. Text before the smallest ``open`` of all detectors may leave.
    """

    findings: tuple[Finding, ...]
    open: int


Detector = Callable[[TextView], Scan]
"""Pure: no I/O, no clock, no log, no state. The same view gives the same scan."""

Judge = Callable[[TextView], Awaitable[Scan]]
"""The only detectors with I/O. Asked about a stretch of text that has ended: ``view.final`` is True, what
``view.before`` and ``view.text[:view.start]`` show is context. Raises ``DetectorError`` if it cannot judge:
an answer that is no verdict is never a pass."""


class Evidence(NamedTuple):
    """One reason for a finding, for people.

    Attributes:
        start: Where it stands: offsets into ``view.text``,
        end: exclusive.
        weight: How much it spoke for the risk; below 0 if it spoke against it.
        what: What it is, in the detector's own words: a term, a feature, a check. It may quote the text.
    """

    start: int
    end: int
    weight: float
    what: str


Explain = Callable[[TextView, Finding], Sequence[Evidence]]
"""Says why a detector reported a finding, the strongest reason first. Pure, and only called for people
(``sluice explain``): it may take its time."""


class Piece(NamedTuple):
    """What a part of a text says when it is read another way.

    Attributes:
        start: Where the part stands: offsets into ``view.text``,
        end: exclusive.
        text: What it says.
        how: In which way it was read, such as ``base64``.
        coded: Whether it can only be meant so, as Base64 can. What is merely the likeliest spelling of a text
            says nothing by itself, and nothing about persons: names are spelled as they are.
    """

    start: int
    end: int
    text: str
    how: str
    coded: bool = True


class Derived(NamedTuple):
    """What a text says besides what it shows.

    Attributes:
        pieces: The parts that say something, at or after ``view.start``.
        open: Offset from which later text may still change them.
    """

    pieces: tuple[Piece, ...]
    open: int


Derive = Callable[[TextView], Derived]
"""Reads parts of a text another way, for the other detectors of a policy to judge. Pure, like a detector."""

Scope = Literal["span", "sentence", "whole"]
"""How much text a detector needs before its findings hold: a few characters, a clause (up to the
next ，。；！？ or line end), or all of it."""


@dataclass(frozen=True, slots=True)
class DetectorSpec:
    """What the registry knows about a kind of detector before one is built.

    Attributes:
        name: The word that policies use (``use: lexicon``).
        summary: One line for people, shown by ``sluice policy lint`` and in the schema.
        risks: Risk ids that it can find; empty if that depends on its options (a lexicon's
            lists, a pattern's ``risk``): then ``build`` says so through ``BuiltDetector.risks``.
        scope: How much text it needs.
        build: Makes the detector from its options; raises ``ConfigError`` for bad ones. Does
            the expensive work (compiling, loading), once a plan.
        options: JSON Schema of the options, for the policy schema; ``{}`` for none.
    """

    name: str
    summary: str
    risks: frozenset[str]
    scope: Scope
    build: Callable[[Mapping[str, Any], Loader], BuiltDetector]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BuiltDetector:
    """A detector (or a judge) ready to scan.

    Attributes:
        risks: Every risk id that it can report.
        version: A digest or version that changes when its behaviour changes; part of the plan's
            digest.
        scan: The detector; None for a judge.
        judge: The judge; None for a detector.
        derive: Reads other texts out of a text, for the policy's other detectors; None for both of these.
        behind: How many folded characters of an answer that have left it wants to see
            (``view.before``), because it judges with what was said.
        explain: Says why it reported a finding; None if it has no more to say than the finding does.
        prepare: Does what the first text would otherwise wait for; None if there is nothing. It is called on a thread
            of its own, once, while texts are judged already.
    """

    risks: frozenset[str]
    version: str
    scan: Detector | None = None
    judge: Judge | None = None
    derive: Derive | None = None
    behind: int = 0
    explain: Explain | None = None
    prepare: Callable[[], None] | None = None


class Loader(Protocol):
    """Reads files that a policy names, relative to the policy that names them."""

    def __call__(self, name: str) -> bytes:
        """Return the bytes of ``name``; raise ``PolicyError`` if it cannot be read."""
        ...


class Outside(Protocol):
    """What judges may reach of the world, handed in by ``wiring``."""

    @property
    def asks(self) -> bool:
        """Whether judges may be asked at all; False where policies are only checked, and nothing is looked up."""
        ...

    @property
    def counters(self) -> Counters:
        """Counts calls, hits of the cache and changes of breakers."""
        ...

    @property
    def clock(self) -> Clock:
        """Seconds since the epoch, for signatures."""
        ...

    @property
    def ticker(self) -> Ticker:
        """A monotonic clock, for budgets and pauses."""
        ...

    @property
    def ids(self) -> Ids:
        """New unique ids, for calls and signatures."""
        ...

    def model(self, name: str) -> Route:
        """Return where a model of ``models:`` leads; raises ``ConfigError`` for an unknown one."""
        ...

    def server(self, base_url: str, key: str | None) -> Provider:
        """Return a provider for a server of its own, kept and closed by whoever gave it; raises ``ConfigError``."""
        ...

    def secret(self, variable: str) -> str:
        """Return what an environment variable holds; raises ``ConfigError`` if it is not set."""
        ...

    def watch(self, judge: str, resting: Callable[[], bool]) -> None:
        """Show whether a judge rests (its breaker is open) to whoever looks at the metrics."""
        ...


# --- Standard answers ---------------------------------------------------------------------------


class Standing(NamedTuple):
    """What the answer banks of a policy say to a question.

    Attributes:
        decision: Answer, ask back, or pass on.
        name: The entry with its version, such as ``refund@3``; empty if there is none.
        score: How likely the entry is the right one, 0 to 1.
        text: Its answer, in the language of the question.
        near: Questions to ask back with, the likeliest first.
        desk: Who takes over instead of an answer; empty to answer.
        fault: Why the model of the settings could not say what the question means, so that the table that ships
            did: the kind of error; empty if it could, or nobody asked.
    """

    decision: Literal["answer", "ask", "pass"]
    name: str = ""
    score: float = 0.0
    text: str = ""
    near: tuple[str, ...] = ()
    desk: str = ""
    fault: str = ""


Standards = Callable[[str, Sequence[str], str, str], Awaitable[Standing]]
"""``standards(question, before, tenant, day)``; ``before`` is what the user said before, the oldest first. Pure, but
for a model that may be asked what a question means."""


@dataclass(frozen=True, slots=True)
class BuiltStandards:
    """Answer banks, ready to be asked.

    Attributes:
        find: Finds what a question would be answered with.
        version: Changes when an answer may change; part of the plan's digest.
    """

    find: Standards
    version: str


BuildStandards = Callable[[Sequence[str], Loader], BuiltStandards]
"""Builds answer banks from their files' names; raises ``PolicyError`` with all that is wrong with them."""


# --- Answers with sources -----------------------------------------------------------------------


class Grounds(NamedTuple):
    """What a judge of citations is shown.

    Attributes:
        question: What was asked.
        passages: What the answer was given, in the order of their numbers.
        answer: All of it.
        claims: The sentences of it that are to be judged.
    """

    question: str
    passages: tuple[str, ...]
    answer: str
    claims: tuple[str, ...]


class Weighed(NamedTuple):
    """What a judge says to the three questions of Self-RAG (Asai and others 2023), each in [0, 1].

    Attributes:
        relevant: Whether the passages are about the question.
        supported: For each claim whether a passage says it.
        answered: Whether the answer answers the question.
    """

    relevant: float
    supported: tuple[float, ...]
    answered: float


Weigh = Callable[[Grounds], Awaitable[Weighed]]
"""Raises ``DetectorError`` if it cannot judge: an answer that is no verdict is never one."""

BuildWeigh = Callable[[Mapping[str, Any]], Weigh]
"""Builds a judge of citations from a policy's options; raises ``ConfigError`` for bad ones."""


# --- Handing over to people ---------------------------------------------------------------------


Form = Literal["masked", "raw", "withheld"]
"""How a question goes to a person: without personal data, as it came (sealed where it is kept), or not at all."""

HandoffState = Literal["waiting", "sent", "undelivered", "answered"]
"""How far a ticket has come: to be told to the people's system, told, not told after so many tries, answered."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A question that a person is to answer. Times are seconds since the epoch.

    Attributes:
        id: Names it, to the client, to the people's system, and as the key that makes telling twice harmless.
        exchange: Its record.
        created: When.
        tenant: Whose caller asked,
        key: and with which key (never the secret).
        policy: The policy's name,
        plan: and its digest.
        rule: Which rule hands over.
        entry: The entry of an answer bank that does, with its version; empty for a rule.
        desk: Who takes over; empty where nobody is named.
        language: In which the question was asked.
        form: How the question stands here.
        question: What was asked; None where it is withheld or was erased.
    """

    id: str
    exchange: str
    created: float
    tenant: str
    key: str
    policy: str
    plan: str
    rule: str
    entry: str
    desk: str
    language: Literal["zh", "en"]
    form: Form
    question: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Handed:
    """A ticket and what has become of it.

    Attributes:
        ticket: The ticket.
        state: How far it has come.
        attempts: How often the people's system was told.
        fault: Why the last time failed, as a code; empty if it did not.
        due: When it is told next; None for never.
        delivered: When it was told.
        answered: When it was answered,
        answerer: by whom,
        answer: and what.
    """

    ticket: Ticket
    state: HandoffState
    attempts: int = 0
    fault: str = ""
    due: float | None = None
    delivered: float | None = None
    answered: float | None = None
    answerer: str | None = None
    answer: str | None = field(default=None, repr=False)


class Handoffs(Protocol):
    """Keeps what is handed over to people, and tells their system of it."""

    async def open(self, ticket: Ticket) -> None:
        """Keep a ticket; when this returns it is on disk. Raises ``RecordError``."""
        ...

    async def find(self, id: str) -> Handed | None:
        """Return what has become of a ticket, or None for an unknown one; raises ``RecordError``."""
        ...

    async def answer(self, id: str, text: str, by: str) -> bool:
        """Keep a person's answer; False if there is another one already. Raises ``RecordError``."""
        ...


# --- De-identification -------------------------------------------------------------------------


class About(NamedTuple):
    """What a technique knows of the value that it replaces.

    Attributes:
        risk: What it is, such as ``pii.person_name``.
        key: The key of the tenant's conversation, 32 bytes.
        attempt: 0, or how often what was made before could not be used.
    """

    risk: str
    key: bytes
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Technique:
    """A way to put something else in the place of a value (GB/T 37964-2019, Annex A).

    Attributes:
        name: The word that policies use.
        undone: Whether an answer gets the value back; then it makes something else of other values.
        keyed: Whether what it makes depends on the key.
        apply: Makes what stands in the value's place; the same for the same value, key and attempt.
    """

    name: str
    undone: bool
    keyed: bool
    apply: Callable[[str, About], str]


@dataclass(frozen=True, slots=True)
class TechniqueSpec:
    """What is known of a technique before its options are.

    Attributes:
        name: The word that policies use (``how: {use: surrogate}``).
        summary: One line for people.
        family: Its place in GB/T 37964-2019 Annex A, such as ``A.4``.
        build: Makes it from checked options.
        options: JSON Schema of the options.
    """

    name: str
    summary: str
    family: str
    build: Callable[[Mapping[str, Any]], Technique]
    options: Mapping[str, Any] = field(default_factory=dict)


Keys = Callable[[str, str, float], tuple[bytes, ...]]
"""``keys(tenant, conversation, now)``: the keys of a conversation, 32 bytes each; the first makes
surrogates, the others are rotated out and only restore what they made, until their time is up."""


class Vault(Protocol):
    """Keeps for a while what stands for what in an exchange, each tenant apart."""

    async def put(self, tenant: str, exchange: str, live: Mapping[str, str]) -> None:
        """Keep for each replacement the value that it stands for; raises ``VaultError``."""
        ...

    async def get(self, tenant: str, exchange: str) -> Mapping[str, str] | None:
        """Return them, or None if nothing is kept (any more); raises ``VaultError``."""
        ...


class Shelf(Protocol):
    """Keeps sealed bytes under a name until a time. Knows neither tenants nor keys."""

    async def put(self, name: str, sealed: bytes, until: float) -> None:
        """Keep bytes until ``until``, seconds since the epoch; raises ``VaultError``."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Return them, or None if there are none (any more); raises ``VaultError``."""
        ...

    async def aclose(self) -> None:
        """Let go of whatever it holds."""
        ...


Knowledge = Callable[[str, str, int, frozenset[str]], Awaitable[tuple[Source, ...]]]
"""``find(tenant, question, count, labels)``: the passages that say most about a question, the best first, of what
is for everybody or for one of the labels; raises ``KnowledgeError``."""


SubjectDigest = Callable[[str, str], str]
"""``digest(tenant, identifier)``: the keyed digest under which a person's records are found."""


# --- Dialects ----------------------------------------------------------------------------------


class Medium(NamedTuple):
    """A picture, a sound or a file that an answer brings, to be labelled before it leaves.

    Attributes:
        kind: What it is: what the model made, or a ``file`` that a tool returned, of whatever format.
        place: The object or array in ``Frame.data`` that holds it,
        key: and under which key.
        form: How it stands there: base64 text, a URL (``data:`` or one to fetch), bytes, or ``samples``: base64 of
            bare 16-bit samples, 24,000 a second, which come in pieces.
        choice: Whose it is.
        name: The file's name, where there is one: text formats are known by it.
    """

    kind: Literal["picture", "sound", "file"]
    place: dict[Any, Any] | list[Any]
    key: Any
    form: Literal["base64", "url", "bytes", "samples"]
    choice: int = 0
    name: str = ""


@dataclass(slots=True)
class Frame:
    """One unit of an answer on the wire: an SSE event, or a whole JSON body.

    Attributes:
        raw: The bytes as they came, delimiters included.
        data: The parsed JSON, or None (a comment, ``[DONE]``).
        deltas: The texts that it brings.
        places: For each delta where its text stands: an object in ``data`` and a key.
        closes: Channels whose text ends with it, although their choice may go on.
        ends: Choices that it finishes, with the upstream's finish reason.
        begins: Whether the answer begins with it.
        bare: Whether it carries nothing but its deltas: with empty texts it can be left out.
        usage: Token counts, if it brings any.
        unread: Paths of parts that may hold words but that the dialect cannot show to detectors.
        last: Whether the answer ends with it.
        media: The pictures, sounds and files that it brings.
    """

    raw: bytes
    data: Any = None
    deltas: tuple[Delta, ...] = ()
    places: tuple[tuple[dict[str, Any], str], ...] = ()
    ends: Mapping[int, str] = field(default_factory=dict)
    bare: bool = False
    usage: Usage | None = None
    unread: tuple[str, ...] = ()
    last: bool = False
    closes: tuple[Channel, ...] = ()
    begins: bool = False
    media: tuple[Medium, ...] = ()


@dataclass(slots=True)
class Passage:
    """What may leave in place of a frame.

    Attributes:
        texts: The settled text for each of the frame's deltas, in order; may be empty strings.
        tail: Text to say after the frame's own and before any of its choices ends: what was held
            back, replies, notices, labels.
        stops: Choices that end here by our decision, with the finish reason to give.
        mute: Choices that ended before by our decision: nothing of them leaves any more.
        fields: Top-level fields to add (``aigc``).
        closed: Channels that the frame closes and of which all has left that may; the others wait for the
            end of their choice, because nothing of it may leave before all of it was judged.
        relabelled: Whether a picture or a sound in the frame's data is another one now, with its label: the
            frame's own bytes do not stand any more.
    """

    texts: list[str]
    tail: list[Delta] = field(default_factory=list)
    stops: dict[int, str] = field(default_factory=dict)
    mute: frozenset[int] = frozenset()
    fields: dict[str, Any] = field(default_factory=dict)
    closed: set[Channel] = field(default_factory=set)
    relabelled: bool = False


class AnswerCodec(Protocol):
    """Reads and writes one answer. Sans-I/O, one per exchange.

    Whole answers and streams have the same methods: a whole answer is a stream of one frame.

    Attributes:
        content_type: Of what is written; empty for the upstream's own.
    """

    content_type: str

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take bytes, return the frames that are complete; raises ``UpstreamBroke``."""
        ...

    def finish(self) -> list[Frame]:
        """The upstream closed: return what is left; raises ``UpstreamBroke`` if it broke off."""
        ...

    def write(self, frame: Frame, passage: Passage) -> bytes:
        """Write what may leave; the frame's own bytes where nothing changed."""
        ...

    def end(self, usage: Usage) -> bytes:
        """Write the end of a stream that we stopped: usage if asked for, and the terminal."""
        ...

    def reply(self, text: str, reason: str, fields: Mapping[str, Any], *, id: str, created: int) -> bytes:
        """Write a whole answer of our own as each choice that was asked for; ``reason`` is its finish reason."""
        ...

    def fail(self, code: str, message: str, *, id: str) -> bytes:
        """Write the end of an answer that broke off in the middle, with what happened."""
        ...


class Reads(Protocol):
    """One wire format of requests. Finds their texts, and writes errors."""

    name: str

    def read(self, raw: bytes) -> Question:
        """Parse and check a request; raises ``RequestError`` with what and where."""
        ...

    def error(self, status: int, code: str, message: str, *, param: str | None, extra: Mapping[str, Any]) -> bytes:
        """Write an error in this dialect's envelope."""
        ...


class Moderates(Reads, Protocol):
    """The wire format of requests that ask for a verdict, and for nothing else."""

    def inputs(self, question: Question) -> Sequence[tuple[Sequence[Slot], Sequence[str]]]:
        """Return for each input its texts, and the paths of what nobody can read."""
        ...

    def answer(self, verdicts: Sequence[Verdict], question: Question, *, id: str) -> bytes:
        """Write the verdicts, one for each input."""
        ...


class Dialect(Reads, Protocol):
    """One wire format. Finds the texts in a request, writes changed ones back, codes answers."""

    def write(self, question: Question, changes: Mapping[Path, str], *, model: str) -> bytes:
        """Return the body for the upstream: as it came, but for changed slots and model name."""
        ...

    def codec(self, question: Question, *, stream: bool, upstream: str) -> AnswerCodec:
        """Return the codec for the answer; ``stream`` says what the upstream sends, ``upstream`` its name."""
        ...


class Memory(Protocol):
    """Brings earlier turns into a request that names them, and keeps each answer for the next."""

    async def recall(self, raw: bytes, caller: Caller) -> bytes:
        """Return the request with all its turns; raises ``RequestError`` if they are not there."""
        ...

    def name(self, question: Question, id: str) -> Question:
        """Return the question with the id that its answer gets, if it will be kept."""
        ...

    async def keep(self, caller: Caller, question: Question, codec: AnswerCodec) -> None:
        """Keep the answer as the client has it; raises nothing."""
        ...


class Turns(Protocol):
    """Keeps answers for a while, each tenant apart."""

    async def put(self, tenant: str, id: str, kept: bytes) -> None:
        """Keep bytes under an id; raises ``VaultError``."""
        ...

    async def get(self, tenant: str, id: str) -> bytes | None:
        """Return them, or None if nothing is kept (any more); raises ``VaultError``."""
        ...

    async def drop(self, tenant: str, id: str) -> None:
        """Forget them; raises ``VaultError``."""
        ...


# --- Providers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One call to a model.

    Attributes:
        id: The exchange's id, for the provider's own log.
        path: Below the upstream's base URL, such as ``/chat/completions``.
        model: The upstream's own name of the model.
        body: The request in the dialect's wire format, UTF-8 JSON.
        stream: Whether pieces are asked for.
        headers: Further headers of this one call, such as a signature, in lower case. Ours, or of the few
            that the dialect hands on, such as ``anthropic-version``; never one that tells who asks.
        method: Other than POST only for what is handed on unguarded.
        written: Writes the body for an upstream that has another name for the model; None where nobody can.
        attempts: Whoever has several upstreams to ask notes here whom it asked.
    """

    id: str
    path: str
    model: str
    body: bytes
    stream: bool
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"
    written: Callable[[str], bytes] | None = None
    attempts: list[Attempt] = field(default_factory=list)


class Upstream(Protocol):
    """An answer that has begun: HTTP status 200, bytes to follow in OpenAI's wire format."""

    content_type: str

    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes as they come, cut anywhere; raises ``UpstreamError``."""
        ...

    async def aclose(self) -> None:
        """Let go of the connection; safe to call twice, and in mid-answer."""
        ...


class Provider(Protocol):
    """A way to reach models. Speaks OpenAI's wire format towards us, whatever lies behind."""

    name: str

    async def open(self, call: Call) -> Upstream:
        """Begin an answer; raises ``UpstreamError`` when there is none."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Price(NamedTuple):
    """What a model costs: money for a million tokens, in the currency of the settings."""

    input: float
    output: float

    def micros(self, tokens: Usage) -> int:
        """Return what so many tokens cost, in millionths of the currency, rounded up."""
        exact = tokens.input * self.input + tokens.output * self.output
        return math.ceil(round(exact, 3))


@dataclass(frozen=True, slots=True)
class Route:
    """Where a model name leads.

    Attributes:
        name: The name that clients use.
        provider: Reaches the model.
        model: The upstream's own name of it.
        region: In which region that is; empty: nobody said.
        wire: What the provider speaks towards us.
        prices: What the model costs, for each upstream that may answer, by its name; one that is not there
            has no known price.
        upstreams: Names of all of them; empty for one that has the model's name.
        regions: In which region each of them is, where they differ.
        openai: Reaches the same in OpenAI's format; None if ``provider`` does.
    """

    name: str
    provider: Provider
    model: str
    region: str = ""
    wire: Literal["openai", "anthropic"] = "openai"
    prices: Mapping[str, Price] = field(default_factory=dict)
    upstreams: tuple[str, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)
    openai: Provider | None = None

    def price_of(self, upstream: str) -> Price | None:
        """Return what the model costs at this upstream, or None if nobody said."""
        return self.prices.get(upstream)

    def highest(self) -> Price | None:
        """Return what it may cost at most, whoever answers; None if that of one of them is not known."""
        names = self.upstreams or tuple(self.prices)
        known = [self.prices[name] for name in names if name in self.prices]
        if not known or len(known) < len(names):
            return None
        return Price(max(price.input for price in known), max(price.output for price in known))


# --- Keys, quotas, conduct ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key as it is kept: what it may do, and digests of its secret. Times are seconds since the epoch.

    Attributes:
        id: Names it; the part of the key that is no secret.
        name: What people call it.
        tenant: Whose it is.
        digest: SHA-256 of the whole key.
        grant: What it may do.
        created: Since when it is there.
        until: When it expires, or None.
        revoked: When it was revoked, or None.
        previous: SHA-256 of the key before the last rotation, or None.
        previous_until: Until when that one is still taken.
    """

    id: str
    name: str
    tenant: str
    digest: bytes = field(repr=False)
    grant: Grant
    created: float
    until: float | None = None
    revoked: float | None = None
    previous: bytes | None = field(default=None, repr=False)
    previous_until: float | None = None


class KeyBook(Protocol):
    """Knows the keys that were made for clients."""

    @property
    def asks(self) -> bool:
        """Whether any key was ever made: from then on nobody asks without one."""
        ...

    def caller(self, shown: bytes) -> Caller | None:
        """Return whose key this is, or None for one that is unknown, revoked or expired."""
        ...


class Spend(NamedTuple):
    """What an exchange takes of a quota, besides being a request.

    Attributes:
        tokens: Asked and answered.
        micros: Millionths of the currency.
    """

    tokens: int = 0
    micros: int = 0


LimitName = Literal["requests", "tokens", "day_tokens", "day_money"]


class Balance(NamedTuple):
    """How a key stands with one of its limits.

    Attributes:
        name: Which limit.
        limit: What it allows.
        left: What is left of it.
        reset: Seconds until all of it is there again, if nobody asks any more.
    """

    name: LimitName
    limit: int
    left: int
    reset: float


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside for an exchange before it, or which limit does not allow it.

    Attributes:
        key: Whose quota.
        quota: What it is.
        at: When, seconds since the epoch by the counters' own clock.
        taken: Tokens of the minute, tokens of the day and millionths of the day that were set aside.
        standing: How the key stands now.
        spent: The limit that does not allow it; None if all do.
        wait: Seconds until it would allow it.
        never: Whether it asks for more than the limit ever allows.
    """

    key: str
    quota: Quota
    at: float
    taken: tuple[int, int, int] = (0, 0, 0)
    standing: tuple[Balance, ...] = ()
    spent: LimitName | None = None
    wait: float = 0.0
    never: bool = False


class Quotas(Protocol):
    """Counts what keys use, exactly: what is set aside is never more than the quota.

    Attributes:
        on_lost: What it means that the counters cannot be reached.
        assumed: Tokens that an answer is taken to have where the request states no most.
    """

    on_lost: OnError
    assumed: int

    async def reserve(self, key: str, quota: Quota, least: Spend, likely: Spend) -> Reservation:
        """Set aside what an exchange will use; raises ``QuotaError``.

        Args:
            key: Names whose quota it is.
            quota: What it is.
            least: What it uses in any case: more than a limit allows at all is refused.
            likely: What it probably uses; of that a limit sets aside as much as it allows at all.
        """
        ...

    async def settle(self, reservation: Reservation, used: Spend) -> None:
        """Count what was really used in the place of what was set aside; raises ``QuotaError``."""
        ...


class Conducted(NamedTuple):
    """What came of counting a question of a user.

    Attributes:
        consecutive: How many illegal ones in a row, this one included.
        today: How many today.
        suspended: Whether the user is suspended from now on.
        shared: Whether all replicas count together; False while the shared counters cannot be reached.
    """

    consecutive: int = 0
    today: int = 0
    suspended: bool = False
    shared: bool = True


@dataclass(frozen=True, slots=True)
class Suspension:
    """A user who is not served for a while. Times are seconds since the epoch.

    Attributes:
        tenant: Whose user.
        digest: Stands for the user's id.
        since: From when on.
        until: Until when; None until an operator releases them.
        policy: The policy that says so.
        consecutive: Illegal questions in a row, when it came to this,
        daily: and on that day.
    """

    tenant: str
    digest: str
    since: float
    until: float | None
    policy: str
    consecutive: int
    daily: int


class Conduct(Protocol):
    """Counts the illegal questions of users and suspends who asks too many (TC260-003 §7)."""

    def suspended(self, tenant: str, user: str) -> bool:
        """Whether this user is suspended now."""
        ...

    async def note(self, tenant: str, user: str, *, illegal: bool, terms: Terms, policy: str) -> Conducted:
        """Count a question; never raises."""
        ...


class Terms(NamedTuple):
    """After how many illegal questions a user is suspended, and for how long.

    Attributes:
        consecutive: So many in a row,
        daily: or so many in a day.
        seconds: For so long; None until an operator releases them.
    """

    consecutive: int
    daily: int
    seconds: float | None


# --- Stores, time, counters --------------------------------------------------------------------


class Records(Protocol):
    """Keeps records. ``admit`` makes room first, so that ``append`` never has to refuse."""

    def admit(self, *, anyway: bool = False) -> bool:
        """Reserve room for one record; False if there is none, or the store is failing.

        With ``anyway`` there is room also while the store is failing, as long as the queue has any:
        for exchanges that would pass without a record too.
        """
        ...

    def offer(self, record: Record) -> bool:
        """Hand over one record at once; its room was reserved. False if that takes waiting: then ``append`` it."""
        ...

    async def append(self, record: Record) -> None:
        """Hand over one record; its room was reserved. Returns before it is on disk."""
        ...


class Counters(Protocol):
    """Counts and measures. Names are pinned in ``telemetry.names``; no text in attributes."""

    def add(self, name: str, amount: int = 1, **attributes: str) -> None:
        """Add to a counter."""
        ...

    def observe(self, name: str, value: float, **attributes: str) -> None:
        """Note a value in a histogram."""
        ...


Seal = Callable[[str, str], str]
"""Seal a text for the record: ``seal(text, exchange_id)``."""

Clock = Callable[[], float]
"""Seconds since the epoch."""

Ticker = Callable[[], float]
"""Seconds of a monotonic clock, for durations."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Fetch what stands behind a URL, for its label; raises ``LabelError`` for what may not or cannot be fetched."""

Ids = Callable[[], str]
"""A new unique id: 26 characters, digits and capital letters (a label's ``ProduceID``)."""

Resolve = Callable[[str], Route]
"""Find the route of a model name; raises ``RequestError`` 404 for an unknown one."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything outside that the path may touch, handed in by ``wiring``."""

    resolve: Resolve
    records: Records
    counters: Counters
    clock: Clock
    ticker: Ticker
    ids: Ids
    seal: Seal | None = None
    seen: Seen | None = None
    producer: str | None = None
    mark_key: bytes = b""
    keys: Keys | None = None
    subject: SubjectDigest | None = None
    vault: Vault | None = None
    fetch: Fetch | None = None
    knowledge: Knowledge | None = None
    quotas: Quotas | None = None
    conduct: Conduct | None = None
    handoffs: Handoffs | None = None
    currency: str = "CNY"


class Seen(Protocol):
    """Remembers scans of texts that were judged before, by digest of plan and text."""

    def get(self, key: bytes) -> tuple[Finding, ...] | None:
        """Return the findings of a text seen before, or None."""
        ...

    def put(self, key: bytes, findings: tuple[Finding, ...]) -> None:
        """Remember them; the oldest may be forgotten."""
        ...


__all__ = [
    "About",
    "AnswerCodec",
    "Balance",
    "BuiltDetector",
    "Call",
    "Channel",
    "ClientKey",
    "Clock",
    "Conduct",
    "Conducted",
    "Counters",
    "Delta",
    "Derive",
    "Derived",
    "Detector",
    "DetectorSpec",
    "Dialect",
    "Evidence",
    "Explain",
    "Fetch",
    "Form",
    "Frame",
    "Handed",
    "HandoffState",
    "Handoffs",
    "Ids",
    "Judge",
    "KeyBook",
    "Keys",
    "LimitName",
    "Loader",
    "Medium",
    "Memory",
    "Moderates",
    "Outside",
    "Passage",
    "Piece",
    "Ports",
    "Price",
    "Provider",
    "Quotas",
    "Reads",
    "Records",
    "Reservation",
    "Resolve",
    "Route",
    "Scan",
    "Scope",
    "Seal",
    "Seen",
    "Shelf",
    "Spend",
    "Standing",
    "SubjectDigest",
    "Suspension",
    "Technique",
    "TechniqueSpec",
    "Terms",
    "Ticker",
    "Ticket",
    "Turns",
    "Upstream",
    "Vault",
]
