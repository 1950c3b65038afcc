"""A compiled policy: frozen, complete, named by its digest.

A plan is what the path needs and no more; everything that can be wrong with a policy was found
before one exists. Reloading makes a new plan; exchanges under way keep theirs (law 7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from gateway.exchange import Role
from gateway.ports import Detector, Explain, Form, Judge, Scope, Standards, Technique, Terms, Weigh
from gateway.text import is_chinese
from gateway.verdict import Action, Finding, OnError, silences
from gateway.wording import Language

Release = Literal["hold", "follow", "buffer"]
"""How an answer leaves under a rule: held back until its findings are certain, judged while it
flows and retracted if need be (said in the record), or only once it is whole."""

NEVER: Final = 2.0
"""A score that no finding has."""

BlockStyle = Literal["safe_reply", "error"]


@dataclass(frozen=True, slots=True)
class Words:
    """Words for people, in both languages; which one is shown follows the question."""

    zh: str
    en: str

    def matching(self, text: str) -> str:
        """Return the words in the language of ``text``."""
        return self.named("zh" if is_chinese(text) else "en")

    def named(self, language: Language) -> str:
        """Return the words in this language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Band:
    """When a judge is asked: where cheaper detectors are not sure.

    Attributes:
        risks: What they report of it; exact ids.
        low: The judge is asked from this score on,
        high: and below this one: from there on the cheaper detectors' word counts.
        detectors: Ids of the detectors whose word counts.
    """

    risks: frozenset[str]
    low: float
    high: float
    detectors: frozenset[str]


@dataclass(frozen=True, slots=True)
class BoundDetector:
    """A detector under the id that a policy gave it. Exactly one of ``scan``, ``judge`` is set.

    Attributes:
        behind: How many characters of an answer that have left it wants to see.
        explain: Says why it reported a finding, if it can.
        ask: For a judge, when it is asked; None for always.
        roles: In whose words its findings can matter; None for all. In others it is not asked.
        prepare: Does what the first text would otherwise wait for; None if there is nothing.
    """

    id: str
    scope: Scope
    risks: frozenset[str]
    scan: Detector | None = None
    judge: Judge | None = None
    behind: int = 0
    explain: Explain | None = None
    ask: Band | None = None
    roles: frozenset[Role] | None = None
    prepare: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One policy line.

    Attributes:
        id: Unique within the policy; in headers, records and explanations.
        risks: Exact risk ids that it fires on (groups are resolved when compiling).
        score: Fires at this score or above, in (0, 1].
        then: What to do.
        on_error: What a failure of one of its detectors means.
        detectors: Ids of the detectors that can report one of its risks.
        roles: Fires only in the words of these; None for all.
        reply: Name of the reply for ``refuse``, ``answer`` and ``handoff``; else empty.
        notice: Words that join the answer, for ``label``; else None.
        release: How an answer leaves under this rule (response side only).
        keep: How many characters a mask leaves readable at the head and at the tail.
        outside: Fires only if the model stands in none of these regions; None for any model.
        how: What a mask puts there instead of asterisks; None for asterisks.
    """

    id: str
    risks: frozenset[str]
    score: float
    then: Action
    on_error: OnError
    detectors: frozenset[str]
    roles: frozenset[Role] | None = None
    reply: str = ""
    notice: Words | None = None
    release: Release = "hold"
    keep: tuple[int, int] = (0, 0)
    how: Technique | None = None
    outside: frozenset[str] | None = None

    def heeds(self, role: Role) -> bool:
        """Whether it can fire in the words of this role."""
        return self.roles is None or role in self.roles


@dataclass(frozen=True, slots=True)
class SidePlan:
    """The rules of one side and the detectors that they need.

    Attributes:
        detectors: Every detector that runs on this side, pure ones first.
        rules: In the order of the policy.
        unjudged: What to do about parts that no detector can read.
        by_risk: For each risk the rules that it can fire, in the order of the policy.
        at_home: For each region that a rule names, this side without the rules that hold outside of it only.
        lowest: For each risk and detector the score from which on some rule fires; made of ``by_risk``.
    """

    detectors: tuple[BoundDetector, ...] = ()
    rules: tuple[Rule, ...] = ()
    unjudged: OnError = "pass"
    by_risk: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    at_home: Mapping[str, SidePlan] = field(default_factory=dict)
    lowest: Mapping[tuple[str, str], float] = field(init=False, repr=False, compare=False)
    _forbidding: Mapping[Role, tuple[BoundDetector, ...]] = field(init=False, repr=False, compare=False)
    _pointing: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out once what every exchange asks for."""
        lowest: dict[tuple[str, str], float] = {}
        for risk, rules in self.by_risk.items():
            for rule in rules:
                for id in rule.detectors:
                    lowest[risk, id] = min(rule.score, lowest.get((risk, id), rule.score))
        masking = {id for rule in self.rules if rule.then == "mask" for id in rule.detectors}
        pointing = masking | {detector.id for detector in self.detectors if detector.scope == "span"}
        object.__setattr__(self, "lowest", lowest)
        object.__setattr__(self, "_forbidding", {role: self._whose_word_forbids(role) for role in get_args(Role)})
        object.__setattr__(self, "_pointing", frozenset(pointing))

    def within(self, region: str) -> SidePlan:
        """Return the rules that hold for a model in this region; for an unknown one all of them."""
        return self.at_home.get(region, self)

    def heeds(self, findings: Iterable[Finding]) -> bool:
        """Whether a rule may fire on one of these; if not, none does, whoever speaks."""
        get = self.lowest.get
        for _, _, risk, score, detector in findings:  # noqa: SIM110 - a generator takes twice as long
            if score >= get((risk, detector), NEVER):
                return True
        return False

    def forbidding(self, role: Role) -> tuple[BoundDetector, ...]:
        """Return those detectors whose word can forbid what is said in this role."""
        return self._forbidding[role]

    def _whose_word_forbids(self, role: Role) -> tuple[BoundDetector, ...]:
        heeded = {id for rule in self.rules if silences(rule.then) and rule.heeds(role) for id in rule.detectors}
        bands = [detector.ask for detector in self.detectors if detector.ask and detector.id in heeded]
        heeded.update(*[band.detectors for band in bands])
        return tuple([detector for detector in self.detectors if detector.id in heeded])

    def pointed(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the findings that point at words, which a record does not show.

        What is said of a whole clause or text points at none of its words, unless a rule masks it.
        """
        return [finding for finding in findings if finding.detector in self._pointing]


Corner = Literal["bottom-right", "bottom", "bottom-left", "top-right", "top", "top-left"]
"""Where a label goes on a picture: GB 45438-2025 5.2 wants an edge or a corner."""

Ends = Literal["start", "end", "both"]

FileLabels = Literal["none", "visible", "metadata", "both"]


@dataclass(frozen=True, slots=True)
class PicturePlan:
    """How pictures are labelled (GB 45438-2025 5.2).

    Attributes:
        corner: Where the words go.
        watermark: Whether the content's id is also written into the pixels, where nobody sees it.
    """

    corner: Corner = "bottom-right"
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """How sounds are labelled (GB 45438-2025 5.3).

    Attributes:
        form: A rhythm, Morse for A I, or the words of the label, spoken.
        ends: Where it is heard.
        clip: A WAV file with the spoken words; None to have them spoken by the machine.
    """

    form: Literal["rhythm", "spoken"] = "rhythm"
    ends: Ends = "start"
    clip: bytes | None = None


@dataclass(frozen=True, slots=True)
class VideoPlan:
    """How videos are labelled (GB 45438-2025 5.4).

    Attributes:
        corner: Where the words go.
        seconds: How long they stand, from the first frame on; at least 2.
    """

    corner: Corner = "bottom-right"
    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """The explicit label and the metadata of AI-made answers (GB 45438-2025 §5.1, Annex E).

    Attributes:
        position: Where the visible text goes: before the answer, after it, ``both``; ``interface``: only
            the hint in header and field, the application shows it; ``none``: no visible label.
        words: The label; holds both elements, AI and generated.
        metadata: Whether answers carry the ``aigc`` field, and files that the gateway labels their own.
        text_mark: Whether answers of 200 tokens or more carry a mark that nobody sees.
        pictures: How pictures are labelled; None for not visibly. Likewise sounds and videos.
        files: What is written into files that tools return.
    """

    position: Literal["start", "end", "both", "interface", "none"] = "none"
    words: Words | None = None
    metadata: bool = False
    text_mark: bool = False
    pictures: PicturePlan | None = None
    sounds: SoundPlan | None = None
    videos: VideoPlan | None = None
    files: FileLabels = "none"


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What is kept of an exchange, and what happens when it cannot be kept."""

    text: Literal["none", "masked", "encrypted"] = "none"
    on_failure: OnError = "refuse"


Unsourced = Literal["pass", "notice", "reply"]


Doubted = Literal["words", "unsupported"]
"""What a sentence counts as that its judge could not judge: as its words say, or as said by no passage."""


@dataclass(frozen=True, slots=True)
class GroundJudge:
    """A model that judges sentences of which the words alone do not tell whether a passage says them.

    Attributes:
        weigh: Asks it.
        low: It is asked of sentences of which at least this share stands in a passage,
        high: and less than this.
        on_error: What such a sentence counts as if it could not be judged.
    """

    weigh: Weigh
    low: float
    high: float
    on_error: Doubted


@dataclass(frozen=True, slots=True)
class GroundPlan:
    """How answers are grounded in the knowledge base.

    Attributes:
        template: What the model is asked, with ``{passages}`` and ``{question}``.
        passages: How many passages it is given at most.
        confidence: A passage below this, in [0, 1], is not used.
        unsourced: What happens where no passage is good enough.
        reply: Name of the reply for ``unsourced="reply"``; else empty.
        notice: Words that join an answer without sources, for ``unsourced="notice"``; else None.
        unsupported: Words that join an answer of which no passage says a part; None for none.
        heading: What stands above the sources in the text; None to name them in the field ``sources`` only.
        judge: Judges sentences that are uncertain; None where words alone decide.
    """

    template: Words
    passages: int = 4
    confidence: float = 0.3
    unsourced: Unsourced = "pass"
    reply: str = ""
    notice: Words | None = None
    unsupported: Words | None = None
    heading: Words | None = None
    judge: GroundJudge | None = None


@dataclass(frozen=True, slots=True)
class AnswersPlan:
    """Which questions have a standard answer.

    Attributes:
        find: Finds it.
        on_error: What it means that it cannot be looked for.
        ask: Words that ask back, with ``{questions}``; None to let the model answer where it is not sure.
        waiting: Words for whoever waits for a person, for entries that hand over; None: the reply ``safe``.
    """

    find: Standards
    on_error: OnError
    ask: Words | None = None
    waiting: Words | None = None


@dataclass(frozen=True, slots=True)
class HandoffPlan:
    """What people are told of a question that is handed over to them.

    Attributes:
        question: How they see it.
        unavailable: Words where no ticket could be kept, so that nobody would come; None: the reply ``safe``.
    """

    question: Form = "withheld"
    unavailable: Words | None = None


@dataclass(frozen=True, slots=True)
class MisusePlan:
    """When a user is suspended who keeps asking what is not allowed (TC260-003 §7).

    Attributes:
        rules: Ids of the rules whose refusals count.
        terms: How many are too many, and what follows.
        reply: Name of the reply that a suspended user gets.
    """

    rules: frozenset[str]
    terms: Terms
    reply: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled policy.

    Attributes:
        name: The policy's name.
        digest: ``sha256`` (64 hex digits) of everything that can change a verdict: the policy, the files it
            names, the versions of its detectors.
        block: Whether a refusal is an ordinary answer with a safe reply, or an HTTP 400.
        replies: Words by name; ``safe`` is always there.
        withheld: What stands in place of an earlier turn that may not reach the model.
        ground: How answers are grounded in the knowledge base; None where they are not.
        files: Every file that it was made of, for the reload watcher.
        answers: Which questions have a standard answer; None where none has.
        misuse: When a user is suspended; None for never.
        handoff: What people are told of a question that is handed over to them.
    """

    name: str
    digest: str
    request: SidePlan
    response: SidePlan
    block: BlockStyle
    replies: Mapping[str, Words]
    withheld: Words
    label: LabelPlan
    record: RecordPlan
    files: tuple[str, ...] = ()
    ground: GroundPlan | None = None
    answers: AnswersPlan | None = None
    misuse: MisusePlan | None = None
    handoff: HandoffPlan = HandoffPlan()
