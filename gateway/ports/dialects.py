"""What reads and writes a wire format: requests, answers, earlier turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from gateway.exchange import Caller, Channel, Delta, Path, Question, Slot, Usage
from gateway.verdict import Verdict


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
