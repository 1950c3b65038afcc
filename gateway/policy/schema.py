"""The shape of a policy file, as people write it.

A file that extends another may leave out what it does not change; what the whole must have is
checked when it is compiled. ``json_schema`` gives editors the same shape, with the detectors
that a registry knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.exchange import Role
from gateway.policy.plan import BlockStyle, Corner, Doubted, Ends, FileLabels, Release, Unsourced
from gateway.ports import DetectorSpec, TechniqueSpec
from gateway.verdict import Action, OnError

RISK_PATTERN: Final = r"^[a-z0-9_]+(\.[a-z0-9_]+)*$"

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", description="small letters, digits, hyphens")]
Risk = Annotated[str, Field(pattern=RISK_PATTERN, description="a risk such as pii.email, or a group such as pii")]
Share = Annotated[float, Field(ge=0, le=1, description="0 to 1")]
Region = Annotated[str, Field(pattern=r"^[a-z0-9-]+$", description="a region as models have it, such as cn")]
Count = Annotated[int, Field(ge=0, le=64, description="0 to 64 characters")]

ON_ERROR: Final = "say what a failure of its detector means: on_error: refuse, or on_error: pass"
ACTIONS: Final[Mapping[str, str]] = {
    "pass": "Let it through; the record says that the rule fired.",
    "label": "Let it through with a notice in the answer.",
    "mask": "Hide what was found, character by character.",
    "refuse": "Do not let it through: a safe reply takes its place (or an error, with block: error).",
    "answer": "Give an approved standard answer instead of asking the model.",
    "handoff": "Hand over to a person: the reply says how.",
}
RELEASES: Final[Mapping[str, str]] = {
    "hold": "Text leaves once its findings are certain.",
    "follow": "Text leaves at once and the answer stops when the rule fires: what has left has left.",
    "buffer": "The answer leaves only when it is whole.",
}


def _several(value: Any) -> Any:
    """One risk may be written without a list."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


class Entry(BaseModel):
    """A part of a policy: knows its keys and refuses all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WordsEntry(Entry):
    """Words for people, in both languages."""

    zh: str = Field(min_length=1, description="the words in Chinese")
    en: str = Field(min_length=1, description="the words in English")


class BandEntry(Entry):
    """The uncertain band of cheaper detectors."""

    risk: Annotated[tuple[Risk, ...], Field(min_length=1), BeforeValidator(_several)] = Field(
        description="a risk, a group of risks such as a1, or a list of them, as cheaper detectors report it"
    )
    between: tuple[Share, Share] = Field(
        description="the judge is asked from the first score on, and below the second, such as [0.3, 0.8]"
    )
    detectors: tuple[Id, ...] | None = Field(
        default=None, min_length=1, description="only what these detectors of this policy found counts"
    )


class AskEntry(Entry):
    """When a judge is asked."""

    when: BandEntry = Field(description="the uncertain band: when: {risk: a1, between: [0.3, 0.8]}")


class DetectorEntry(Entry):
    """A detector under a name of its own."""

    id: Id = Field(description="how rules of this policy name the detector")
    use: str = Field(description="the kind of detector")
    options: dict[str, Any] = Field(default_factory=dict, description="what this kind of detector needs to know")
    ask: AskEntry | None = Field(
        default=None, description="for a judge: ask only where cheaper detectors are not sure; without it, always"
    )


class WhenEntry(Entry):
    """What makes a rule fire."""

    risk: Annotated[tuple[Risk, ...], Field(min_length=1), BeforeValidator(_several)] = Field(
        description="a risk, a group of risks such as pii, or a list of them"
    )
    score: float = Field(default=0.5, gt=0, le=1, description="fires at this score or above")
    roles: tuple[Role, ...] | None = Field(
        default=None, min_length=1, description="only in the words of: system, user, assistant, tool"
    )
    detectors: tuple[Id, ...] | None = Field(
        default=None, min_length=1, description="only for what these detectors of this policy found"
    )
    outside: tuple[Region, ...] | None = Field(
        default=None, min_length=1, description="in the request: only if the model stands in none of these regions"
    )


class HowEntry(Entry):
    """What stands in the place of what was found."""

    use: str = Field(description="the technique (GB/T 37964-2019, Annex A)")
    options: dict[str, Any] = Field(default_factory=dict, description="what this technique needs to know")


class RuleEntry(Entry):
    """One policy line."""

    id: Id = Field(description="names the rule in headers, records and explanations")
    when: WhenEntry = Field(description="what makes the rule fire: when: {risk: pii.email}")
    then: Action = Field(description="what to do: pass, label, mask, refuse, answer or handoff")
    keep: tuple[Count, Count] | None = Field(
        default=None, description="with mask: how many characters stay readable at head and tail, such as [3, 4]"
    )
    how: HowEntry | None = Field(
        default=None, description="with mask: what to put there instead of asterisks, such as {use: surrogate}"
    )
    reply: str | None = Field(default=None, description="with refuse, answer, handoff: the name of one of the replies")
    notice: WordsEntry | None = Field(default=None, description="with label: the words that join the answer")
    release: Release | None = Field(default=None, description="in the response: hold (default), follow or buffer")
    on_error: OnError = Field(description=ON_ERROR)


class SideEntry(Entry):
    """The rules of one side."""

    unjudged: OnError | None = Field(
        default=None, description="parts that no detector can read (pictures, sound): pass (default) or refuse"
    )
    rules: tuple[RuleEntry, ...] = Field(default=(), description="the rules; the strongest action wins")


class PicturesEntry(Entry):
    """How pictures say that a machine made them (GB 45438-2025, 5.2)."""

    corner: Corner = Field(default="bottom-right", description="the corner or edge where the words go")
    watermark: bool = Field(default=False, description="whether the content's id is also hidden in the pixels")


class SoundsEntry(Entry):
    """How sounds say that a machine made them (GB 45438-2025, 5.3)."""

    form: Literal["rhythm", "spoken"] = Field(
        default="rhythm", description="Morse for A I, or the label's words, spoken"
    )
    position: Ends = Field(default="start", description="where it is heard: start, end or both")
    clip: str | None = Field(
        default=None, min_length=1, description="a WAV file with the spoken words, relative to this file"
    )


class VideosEntry(Entry):
    """How videos say that a machine made them (GB 45438-2025, 5.4)."""

    corner: Corner = Field(default="bottom-right", description="the corner or edge where the words go")
    seconds: float = Field(default=3.0, ge=2, le=3600, description="how long the words stand from the first frame on")


class LabelEntry(Entry):
    """How answers say that a machine made them (GB 45438-2025, 5.1 and Annex E)."""

    position: Literal["start", "end", "both", "interface", "none"] | None = Field(
        default=None,
        description="where the words go: start, end, both, interface (the application shows them), none",
    )
    words: WordsEntry | None = Field(default=None, description="the label: names AI, and that it generated the text")
    metadata: bool | None = Field(default=None, description="whether answers carry the aigc field")
    text_mark: bool | None = Field(
        default=None, description="whether long answers carry a mark that nobody sees, with their id (default: false)"
    )
    pictures: PicturesEntry | None = Field(default=None, description="how pictures are labelled")
    sounds: SoundsEntry | None = Field(default=None, description="how sounds are labelled")
    videos: VideosEntry | None = Field(default=None, description="how videos are labelled; needs ffmpeg")
    files: FileLabels | None = Field(
        default=None,
        description="what is written into files that tools return: none (default), visible, metadata, both",
    )


class BreakerEntry(Entry):
    """When to leave a judge that fails alone."""

    failures: int = Field(default=5, ge=1, le=1000, description="so many failures in a row")
    seconds: float = Field(default=30.0, gt=0, le=3600, description="for so long; then one probe decides")


class GroundJudgeEntry(Entry):
    """A chat model that judges whether passages bear an answer out, where words alone do not tell."""

    model: str = Field(min_length=1, description="a name of models: in sluice.yaml; with base_url, the server's own")
    base_url: str | None = Field(default=None, min_length=1, description="where it answers, if not in models:")
    key_env: str | None = Field(default=None, min_length=1, description="the variable with the server's key")
    between: tuple[Share, Share] = Field(
        default=(0.2, 0.8),
        description="asked of sentences of which a passage has at least the first share, and less than the second",
    )
    on_error: Doubted = Field(
        description="say what a sentence counts as that it could not judge: on_error: words (what its words say), "
        "or on_error: unsupported"
    )
    timeout: float | None = Field(default=None, gt=0, le=120, description="seconds that a verdict may take; 3")
    at_once: int | None = Field(default=None, ge=1, le=1024, description="questions under way at once; 16")
    remember: int | None = Field(default=None, ge=0, le=1_000_000, description="verdicts remembered, by digest; 10000")
    longest: int | None = Field(default=None, ge=1000, le=200_000, description="characters that it is shown; 30000")
    breaker: BreakerEntry | None = Field(default=None, description="when to leave it alone")


class GroundEntry(Entry):
    """How answers are grounded in the knowledge base (``sluice kb``)."""

    template: WordsEntry | None = Field(
        default=None, description="what the model is asked: {passages} and {question} are put in; asks for [1], [2] …"
    )
    passages: int | None = Field(default=None, ge=1, le=20, description="passages at most (default: 4)")
    confidence: Share | None = Field(default=None, description="passages below this are not used (default: 0.3)")
    unsourced: Unsourced | None = Field(
        default=None,
        description="where no passage is good enough: pass (default; the model answers alone), notice, or reply",
    )
    reply: Id | None = Field(default=None, description="with unsourced: reply, the name of the reply (default: safe)")
    notice: WordsEntry | None = Field(
        default=None, description="with unsourced: notice, the words that join the answer"
    )
    unsupported: WordsEntry | None = Field(
        default=None, description="words that join an answer of which a part stands in no passage"
    )
    heading: WordsEntry | None = Field(
        default=None, description="stands above the sources at the end of the answer; without it only in a field"
    )
    judge: GroundJudgeEntry | None = Field(
        default=None, description="a model that judges sentences of which words alone do not tell; without it none does"
    )


class AnswersEntry(Entry):
    """Questions that have a standard answer (``sluice answers``)."""

    banks: Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_several)] = Field(
        description="banks of answers, relative to this file: .yaml, .csv or .xlsx"
    )
    on_error: OnError = Field(description="what it means that no answer can be looked for: refuse or pass")
    ask: WordsEntry | None = Field(
        default=None,
        description="words that ask back, with {questions}; without it the model answers where it is unsure",
    )
    waiting: WordsEntry | None = Field(default=None, description="words for whoever is handed over to a person")


class RecordEntry(Entry):
    """What is kept of an exchange."""

    text: Literal["none", "masked", "encrypted"] | None = Field(
        default=None, description="how texts are kept: none (default), masked or encrypted"
    )
    on_record_failure: OnError | None = Field(
        default=None, description="when there is no room for a record: refuse (default) or pass"
    )


class HandoffEntry(Entry):
    """What people are told of a question that is handed over to them (``handoff:`` in ``sluice.yaml`` says where)."""

    question: Literal["masked", "raw", "withheld"] | None = Field(
        default=None,
        description="how they see it: masked (personal data and secrets hidden; default where a detector finds them), "
        "raw, or withheld",
    )
    unavailable: WordsEntry | None = Field(
        default=None, description="words where no ticket could be kept; without it the reply safe"
    )


class MisuseEntry(Entry):
    """When a user is suspended who keeps asking what is not allowed (TC260-003 §7)."""

    rules: tuple[Id, ...] | None = Field(
        default=None, min_length=1, description="the request's rules whose refusals count"
    )
    consecutive: int = Field(default=3, ge=1, le=1000, description="so many such questions in a row suspend a user")
    daily: int = Field(default=5, ge=1, le=1000, description="or so many in a day")
    hours: float | None = Field(
        default=None, gt=0, le=87_600, description="for so long; without it until an operator releases the user"
    )
    reply: Id | None = Field(default=None, description="the name of the reply that a suspended user gets")


class PolicyFile(Entry):
    """A policy file."""

    sluice: Literal[1] = Field(description="the version of this format: sluice: 1")
    name: str = Field(pattern=r"^[a-z0-9-]+$", description="small letters, digits, hyphens")
    extends: str | None = Field(
        default=None, min_length=1, description="a policy that this one changes, relative to this file"
    )
    detectors: tuple[DetectorEntry, ...] = Field(default=(), description="the detectors that rules can use")
    request: SideEntry = Field(default=SideEntry(), description="rules for questions")
    response: SideEntry = Field(default=SideEntry(), description="rules for answers")
    block: BlockStyle | None = Field(
        default=None, description="a refusal is an ordinary answer (safe_reply, default) or an HTTP 400 (error)"
    )
    replies: dict[Id, WordsEntry] = Field(
        default_factory=dict, description="words by name; safe is the one that refusals use"
    )
    withheld: WordsEntry | None = Field(
        default=None, description="stands in place of an earlier turn that may not reach the model"
    )
    label: LabelEntry | None = Field(default=None, description="how answers say that a machine made them")
    record: RecordEntry | None = Field(default=None, description="what is kept of an exchange")
    ground: GroundEntry | None = Field(default=None, description="how answers are grounded in the knowledge base")
    answers: AnswersEntry | None = Field(default=None, description="which questions have a standard answer")
    handoff: HandoffEntry | None = Field(
        default=None, description="what people are told of a question that is handed over to them"
    )
    misuse: MisuseEntry | None = Field(
        default=None, description="when a user is suspended who keeps asking what is not allowed"
    )


def json_schema(
    registry: Mapping[str, DetectorSpec], techniques: Mapping[str, TechniqueSpec] | None = None
) -> dict[str, Any]:
    """Return the JSON Schema of policy files, for editors.

    Args:
        registry: The kinds of detectors that ``use`` may name; their options are checked by kind.
        techniques: The techniques that ``how`` may name; their options are checked, too.
    """
    schema = PolicyFile.model_json_schema()
    shapes = schema["$defs"]
    for shape in shapes.values():
        _tidy(shape)
    _tidy(schema)
    _offer(shapes["DetectorEntry"], registry)
    _offer(shapes["HowEntry"], techniques or {})
    rule = shapes["RuleEntry"]["properties"]
    rule["then"] = _choice(rule["then"], ACTIONS)
    rule["release"] = _choice(rule["release"], RELEASES)
    single = {"type": "string", "pattern": RISK_PATTERN}
    for shape in ("WhenEntry", "BandEntry"):
        risk = shapes[shape]["properties"]["risk"]
        shapes[shape]["properties"]["risk"] = {
            "description": risk["description"],
            "anyOf": [single, {"type": "array", "items": single, "minItems": 1}],
            "examples": sorted({name for spec in registry.values() for name in spec.risks}),
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Sluice policy",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def _offer(shape: dict[str, Any], specs: Mapping[str, DetectorSpec] | Mapping[str, TechniqueSpec]) -> None:
    """Say what ``use`` may name, and which options each has."""
    kinds = sorted(specs)
    if not kinds:
        return
    shape["properties"]["use"] = {
        "description": shape["properties"]["use"]["description"],
        "oneOf": [{"const": kind, "description": specs[kind].summary} for kind in kinds],
    }
    shape["allOf"] = [_options_of(specs[kind]) for kind in kinds]


def _options_of(spec: DetectorSpec | TechniqueSpec) -> dict[str, Any]:
    options = {"type": "object", "additionalProperties": False, **spec.options}
    then: dict[str, Any] = {"properties": {"options": options}}
    if options.get("required"):
        then["required"] = ["options"]
    return {"if": {"properties": {"use": {"const": spec.name}}, "required": ["use"]}, "then": then}


def _choice(field: Mapping[str, Any], meanings: Mapping[str, str]) -> dict[str, Any]:
    """An enumeration of which editors show the meaning of each word."""
    options = [{"const": word, "description": meaning} for word, meaning in meanings.items()]
    return {"description": field["description"], "oneOf": options}


def _tidy(shape: dict[str, Any]) -> None:
    """Drop what says nothing to a person: generated titles, null alternatives, null defaults."""
    for key, field in shape.get("properties", {}).items():
        kept = {name: value for name, value in field.items() if name != "title" and (name, value) != ("default", None)}
        options = [option for option in kept.get("anyOf", ()) if option != {"type": "null"}]
        if len(options) == 1:
            del kept["anyOf"]
            kept |= options[0]
        shape["properties"][key] = kept
    shape.pop("title", None)
