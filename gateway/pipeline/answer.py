"""One answer on its way out: frames in, bytes that may leave out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from gateway.exchange import Channel, Delta, Exchange, Reply, Usage
from gateway.pipeline.declare import Declare
from gateway.pipeline.guard import Guard, Piece
from gateway.pipeline.screen import make_reply
from gateway.policy.plan import Plan, Rule, Words
from gateway.ports import AnswerCodec, Frame, Passage


class AnswerFlow:
    """Takes the frames of an answer through guard and declare, and writes what may leave.

    Args:
        handed: Hands a question over to a person, for rules that do so in mid-answer.

    Attributes:
        guard: Judges it.
        done: All that may leave has left; the upstream need not be read any further.
        stopped: A choice was stopped by a rule.
        reply: The reply that took the place of (the rest of) the answer, if any.
        usage: Tokens as the upstream counted them.
    """

    def __init__(
        self,
        codec: AnswerCodec,
        guard: Guard,
        declare: Declare,
        plan: Plan,
        exchange: Exchange,
        *,
        handed: Callable[[Reply], Awaitable[Reply]] | None = None,
    ) -> None:
        self.guard = guard
        self._handed = handed
        self._codec, self._declare = codec, declare
        self._plan, self._exchange = plan, exchange
        self._open: set[int] = set()
        self._stopped: set[int] = set()
        self._said: set[int] = set()
        self._spoken = False
        self._broken = False
        self._quiet = b""
        self._length = 0
        self.done = False
        self.stopped = False
        self.reply: Reply | None = None
        self.usage: Usage | None = None

    async def look(self, frames: Sequence[Frame]) -> None:
        """Judge frames that came together, and are taken next, in one go; no text ends before the last of them."""
        deltas = [delta for frame in frames for delta in frame.deltas if delta.channel.choice not in self._stopped]
        await self.guard.look(deltas)

    async def take(self, frame: Frame) -> bytes:
        """Take a frame, return the bytes that may leave in its place."""
        if frame.data is None and not frame.last:
            return frame.raw if self._spoken else b""  # a heartbeat may not be the first to speak
        if frame.usage:
            self.usage = frame.usage
        passage = Passage([], mute=frozenset(self._stopped))
        refused = self.guard.unread(frame.unread) if frame.unread else False
        for delta in frame.deltas:
            choice = delta.channel.choice
            self._open.add(choice)
            if choice in self._stopped:
                passage.texts.append("")
                continue
            piece = await self.guard.push(delta)
            passage.texts.append(self._out(piece))
            await self._heed(piece, passage)
        for choice in sorted(self._unfinished(frame) - self._stopped) if refused else ():
            await self._heed(Piece(Channel(choice, "content"), "", failed=True), passage)
        for channel in frame.closes:
            if channel.choice not in self._stopped:
                await self._close(channel, frame, passage)
        for choice in sorted(self._open) if frame.last else frame.ends:
            if choice not in self._stopped:
                await self._end(choice, frame, passage)
            self._open.discard(choice)
        passage.relabelled = bool(frame.media) and await self._relabel(frame)
        if frame.begins or frame.ends or frame.last or passage.stops:
            passage.fields = self._declare.fields()
        self.done = len(self._stopped) >= self._exchange.question.choices
        written = self._codec.write(frame, passage)
        if self._spoken:
            return written
        written = self._quiet + written
        speaks = any(passage.texts) or passage.tail or passage.stops or frame.unread or frame.last
        if self._plan.block == "error" and not speaks:
            self._quiet = written  # a frame without a word may not be why a refusal can be no error any more
            return b""
        self._spoken = bool(written)
        return written

    @property
    def label(self) -> str:
        """What is done to say that AI made it, for the client."""
        return self._declare.header

    @property
    def wordless(self) -> bool:
        """Whether no reply can take the answer's place: a refusal is an error."""
        return self._exchange.question.wordless

    async def interrupt(self) -> bytes:
        """The upstream broke off: return what was held back, judged as far as it goes."""
        passage, self._broken = Passage([]), True
        for choice in sorted(self._open - self._stopped):
            await self._end(choice, Frame(b""), passage)
        passage.stops.clear()
        return self._codec.write(Frame(b""), passage)

    def counted(self) -> Usage:
        """Return the tokens: the upstream's count, or a guess from the characters that we saw."""
        if self.usage is not None:
            return self.usage
        asked = sum(guessed_tokens(slot.text) for slot in self._exchange.question.slots)
        return Usage(asked, self._length, estimated=True)

    def _unfinished(self, frame: Frame) -> set[int]:
        """Return every choice that this frame may say something of; also one that has said no word."""
        return self._open.union(frame.ends, range(self._exchange.question.choices))

    def _out(self, piece: Piece) -> str:
        """Note text that leaves; return it with the label where that goes first."""
        if piece.text:
            self._length += guessed_tokens(piece.text)
            if piece.channel.kind == "content":
                self._said.add(piece.channel.choice)
        return self._declare.saw(piece.channel, piece.text)

    async def _relabel(self, frame: Frame) -> bool:
        """Label the pictures and sounds that leave with a frame; return whether there was anything to do."""
        leaving = [medium for medium in frame.media if medium.choice not in self._stopped]
        return await self._declare.media.label(leaving)

    async def _close(self, channel: Channel, frame: Frame, passage: Passage) -> None:
        """A channel ends before its choice: let out what was held of it, unless all of the choice waits."""
        piece = await self.guard.end(channel)
        if piece is None:
            return
        text = self._out(piece)
        if channel.kind == "content" and not (piece.stop or piece.failed):
            text += self._declare.settle(channel.choice)
        if text:
            _append(Delta(channel, text), frame, passage)
        await self._heed(piece, passage)
        passage.closed.add(channel)

    async def _end(self, choice: int, frame: Frame, passage: Passage) -> None:
        """A choice ends: let out what was held of it, then what follows its words."""
        for piece in await self.guard.close(choice):
            text = self._out(piece)
            if piece.channel.kind == "content" and piece.channel.call and not (piece.stop or piece.failed):
                text += self._declare.settle(choice)  # of several texts each keeps its place
            if text:
                _append(Delta(piece.channel, text), frame, passage)
            await self._heed(piece, passage)
            if choice in self._stopped:
                return
        if not self._broken:  # who has half an answer does not wait for what a judge makes of it
            await self._declare.weigh(choice)
        if last := self._declare.end(choice, self._notices()):
            passage.tail.append(Delta(Channel(choice, "content"), last))

    async def _heed(self, piece: Piece, passage: Passage) -> None:
        """Stop the choice if the piece says so: the policy's reply takes its place."""
        if not (piece.stop or piece.failed):
            return
        choice = piece.channel.choice
        reply = await self._person(make_reply(self._plan, piece.stop, self._exchange.question))
        self._stopped.add(choice)
        self.stopped = True
        self.reply = self.reply or reply
        passage.stops[choice] = "content_filter" if reply.kind == "safe" else "stop"
        if reply.kind != "safe" or self._plan.block == "safe_reply":
            content = Channel(choice, "content")
            # For a caller who waits the reply takes the place of all that was said.
            gap = "\n\n" if choice in self._said and not self.guard.whole else ""
            words = self._declare.reply(choice, gap + reply.text, self._notices())
            passage.tail.append(Delta(content, words))

    async def _person(self, reply: Reply) -> Reply:
        """Return a reply with its ticket, where it hands over to a person; one for all choices."""
        if reply.kind != "handoff" or self._handed is None:
            return reply
        if self.reply is not None and self.reply.ticket:
            return self.reply
        handed = await self._handed(reply)
        self._declare.ticket = handed.ticket
        return handed

    def _notices(self) -> list[Words]:
        """Return the words of every rule with action ``label`` that fired, on either side."""
        plan = self._plan
        fired = [
            *_words(self._exchange.notices, plan.request.rules),
            *_words(self.guard.notices, plan.response.rules),
        ]
        return list(dict.fromkeys(fired))


def _append(delta: Delta, frame: Frame, passage: Passage) -> None:
    """Put text that was held back where it stood: into the frame's own deltas from the last on, else behind them."""
    text = delta.text
    places = [at for at, own in enumerate(frame.deltas) if own.channel == delta.channel]
    if not places:
        passage.tail.append(delta)
    for at in reversed(places):
        size = len(text) if at == places[0] or passage.texts[at] else min(len(text), len(frame.deltas[at].text))
        cut = len(text) - size
        passage.texts[at] += text[cut:]
        text = text[:cut]


def _words(ids: Sequence[str], rules: Iterable[Rule]) -> list[Words]:
    return [rule.notice for rule in rules if rule.notice and rule.id in ids] if ids else []


def guessed_tokens(text: str) -> int:
    """Guess the tokens of a text: about three bytes of UTF-8 each."""
    return -(-len(text.encode("utf-8", "replace")) // 3)
