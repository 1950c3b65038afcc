"""Say that an answer was made by AI: the last stage before the wire."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.exchange import Channel, Exchange, Unlabelled
from gateway.labels.metadata import AigcLabel
from gateway.labels.visible import Prose
from gateway.pipeline.declare_media import DeclareMedia
from gateway.pipeline.ground import Sourced
from gateway.pipeline.making import Making
from gateway.policy.plan import Plan, Words
from gateway.ports import Fetch
from gateway.text import is_chinese
from gateway.textmark import Marker, mark
from gateway.wording import Language, Recogniser, language_of


class Declare:
    """Labels the choices of one answer, each once.

    The label is a delta of its own: the words of the answer are never touched.

    Attributes:
        media: Labels its pictures, sounds and files.
        ticket: Under which a person finds the question; empty if nobody takes over.

    Args:
        plan: Says where the label goes and what it says.
        exchange: Whose answer it is; its id is the label's ``ProduceID``.
        producer: Who the metadata names; None for no metadata.
        mark_key: Keys the mark that nobody sees.
        fetch: Fetches pictures that stand behind a URL; None where nothing is fetched.
    """

    def __init__(
        self,
        plan: Plan,
        exchange: Exchange,
        producer: str | None,
        mark_key: bytes = b"",
        fetch: Fetch | None = None,
    ) -> None:
        label = plan.label
        self._exchange, self._label = exchange, label
        self._producer = producer if label.metadata else None
        self._waived = exchange.caller.unlabelled
        self._visible = exchange.question.plain and label.words is not None and self._waived is None
        self._first = self._visible and label.position in ("start", "both")
        self._last = self._visible and label.position in ("start", "end", "both")
        self._prose: dict[int, Prose] = {}
        self._tools: set[int] = set()
        self._waiting: dict[int, str] = {}
        self._opened: set[int] = set()
        self._ended: set[int] = set()
        self._asking: Language | None = None
        self._digests: dict[int, Any] = {}
        self._mark = mark(exchange.id, mark_key) if label.text_mark and exchange.question.plain else ""
        self._markers: dict[int, Marker] = {}
        self._sourced = Sourced(plan.ground, exchange) if plan.ground else None
        self.ticket = ""
        self.media = DeclareMedia(
            label, partial(_making, exchange, self._producer, mark_key, self._waived is not None), fetch
        )

    @property
    def header(self) -> str:
        """What is done, for the client: ``text-end+metadata``, ``metadata``, ``none``."""
        position = self._label.position
        visible = f"text-{position}" if self._last else ""
        visible = "interface" if position == "interface" else visible
        visible = "unlabelled" if self._waived else visible
        parts = [visible, *self.media.marks, "metadata" if self._producer else "", "mark" if self._mark else ""]
        return "+".join(dict.fromkeys(filter(None, parts))) or "none"

    @property
    def label(self) -> AigcLabel | None:
        """The metadata label of the answer; None where the policy wants none, or nobody says who produces."""
        return AigcLabel.of(self._producer, self._exchange.id) if self._producer is not None else None

    def fields(self) -> dict[str, Any]:
        """Return the fields that join the answer's body."""
        fields: dict[str, Any] = {}
        if self.label is not None:
            fields["aigc"] = self.label.elements()
        if self._label.position == "interface" and self._label.words is not None and self._waived is None:
            # Which words are to stand beside the answer, for a client that shows the label itself (5.6).
            prose = next(iter(self._prose.values()), None)
            language = prose.language(self._asked) if prose else self._asked
            fields["aigc_hint"] = {"show": "interface", "text": self._label.words.named(language)}
        if self.ticket:
            fields["handoff"] = {"ticket": self.ticket, "status": f"/v1/handoff/{self.ticket}"}
        return fields | self._sourced.fields() if self._sourced else fields

    def grounding(self) -> dict[str, float | int | None]:
        """Return how the answer stood against its passages, for the record; empty if it was given none."""
        return self._sourced.scores() if self._sourced else {}

    def errors(self) -> tuple[str, ...]:
        """Return why a judge could not say whether the answer is borne out, for the verdict."""
        return tuple(dict.fromkeys(self._sourced.errors)) if self._sourced else ()

    def saw(self, channel: Channel, text: str) -> str:
        """Take text on its way out; return what leaves now, the label before it where it goes there."""
        if channel.kind == "arguments":
            self._tools.add(channel.choice)
        if channel.kind != "content" or not text:
            return text
        choice = channel.choice
        prose = self._prose.get(choice)
        if prose is None:
            prose = self._prose[choice] = Prose()
            if self._first:
                self._waiting[choice] = ""
        prose.push(text)
        if self._sourced is not None:
            self._sourced.saw(choice, text)
        if self._mark:
            text = self._marked(choice, text, prose)
        if self._waived is not None:
            self._note(choice, text)
        if choice not in self._waiting:
            return text
        # Whether it is prose, labelled already, in which language, shows in its first characters: till then it waits.
        waited = self._waiting[choice] = self._waiting[choice] + text
        if not prose.begun:
            return ""
        if prose.plain:
            opening = self._opening(waited, ended=False)
            if opening is None:
                return ""
            self._opened.add(choice)
            waited = opening
        del self._waiting[choice]
        return waited

    def settle(self, choice: int) -> str:
        """A text of the choice ends: return what still waits of it, the label before it where it goes there."""
        waited = self._waiting.pop(choice, "")
        prose = self._prose.get(choice)
        if waited and prose is not None and prose.begun and prose.plain:
            waited = self._opening(waited, ended=True) or waited
            self._opened.add(choice)
        return waited

    async def weigh(self, choice: int) -> None:
        """The choice is about to end: have a judge look at what its passages may not bear out, if there is one."""
        prose = self._prose.get(choice)
        if self._sourced is None or prose is None or choice in self._ended or choice in self._tools:
            return
        if self._exchange.question.plain and prose.labelable():
            await self._sourced.weigh(choice)

    def end(self, choice: int, notices: Sequence[Words] = ()) -> str:
        """The choice ends: return what still waits, then the notices and the label that follow its words."""
        waited = self._waiting.pop(choice, "")
        prose = self._prose.get(choice)
        if choice in self._ended or prose is None or choice in self._tools:
            return waited
        self._ended.add(choice)
        if not self._exchange.question.plain or not prose.labelable():
            return waited
        if waited and prose.begun and prose.plain:
            waited = self._opening(waited, ended=True) or waited
            self._opened.add(choice)
        told = ["\n\n" + notice.matching(self._exchange.question.asked) for notice in notices]
        if self._sourced is not None:
            told += self._sourced.end(choice)
        if choice in self._markers:
            told.insert(0, self._markers[choice].end())
        if self._waived is not None:
            self._note(choice, "".join(told))
        said = [waited, *told]
        both = self._label.position == "both"
        wanted = self._last and (both or choice not in self._opened)
        if wanted and not prose.carries(self._recogniser, anywhere=not both):
            said.append("\n\n" + self._words(prose.language(self._asked)))
        return "".join(said)

    def unlabelled(self) -> Unlabelled | None:
        """Return what left without a visible label under an agreement, for the record; None if there is none."""
        if self._waived is None:
            return None
        texts = tuple(self._digests[choice].hexdigest() for choice in sorted(self._digests))
        return Unlabelled(self._waived, (*texts, *self.media.digests))

    def _marked(self, choice: int, text: str, prose: Prose) -> str:
        """Return text with the marks that are due in it; none where the answer begins like code or JSON."""
        marker = self._markers.get(choice)
        if marker is None:
            marker = self._markers[choice] = Marker(self._mark)
        marked = marker.push(text)
        return marked if prose.plain else text

    def _note(self, choice: int, text: str) -> None:
        if choice not in self._digests:
            self._digests[choice] = hashlib.sha256()
        self._digests[choice].update(text.encode("utf-8", "replace"))

    def reply(self, choice: int, text: str, notices: Sequence[Words] = ()) -> str:
        """Return a reply of our own as the rest of a choice, labelled: it is prose, whatever it takes the place of."""
        self._tools.discard(choice)
        return self.saw(Channel(choice, "content"), text) + self.end(choice, notices)

    def _opening(self, waited: str, *, ended: bool) -> str | None:
        """Return the beginning of an answer with the label before it, if it does not carry one already.

        None while what follows may still show that it does, or in which language the label is to be.
        """
        carries = self._recogniser.opens(waited, ended=ended)
        if carries:
            return waited
        language = language_of(waited, asked=self._asked, ended=ended)
        if carries is None or language is None:
            return None
        return self._words(language) + "\n\n" + waited

    @property
    def _asked(self) -> Language:
        """The language of the question, looked at when it is needed."""
        if self._asking is None:
            self._asking = _language(self._exchange)
        return self._asking

    @property
    def _recogniser(self) -> Recogniser:
        """Knows the label in each language: another gateway may have chosen the other one."""
        words = self._label.words
        return Recogniser((words.zh, words.en) if words else ())

    def _words(self, language: Language) -> str:
        return self._label.words.named(language) if self._label.words else ""


def _making(exchange: Exchange, producer: str | None, key: bytes, waived: bool) -> Making:
    """Return for whom pictures and sounds are labelled."""
    # No method: what labels media would hold what holds it, and an exchange would stay until the collector looks.
    label = AigcLabel.of(producer, exchange.id) if producer is not None else None
    return Making(label, _language(exchange), key, waived)


def _language(exchange: Exchange) -> Language:
    """Return the language of the question."""
    return "zh" if is_chinese(exchange.question.asked) else "en"
