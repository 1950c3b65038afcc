"""The shape of ``suite.yaml``: every key with what it means, for the reader and for editors."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evaluators.reduce import PATTERN

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Share = Annotated[float, Field(ge=0, le=1)]
Kind = Literal["chat", "messages", "litellm", "http", "gateway", "pair", "recorded"]
DirectKind = Literal["chat", "messages", "litellm", "http"]

KINDS: Final[dict[str, str]] = {
    "chat": "an OpenAI-compatible endpoint",
    "messages": "an endpoint that speaks Anthropic's messages",
    "litellm": "any vendor that LiteLLM knows; the model is named its way",
    "http": "an application's own HTTP endpoint; 'http' says how it is asked",
    "gateway": "Sluice: an answer that does not name its policy is a failure",
    "pair": "a gateway and what stands behind it: every row is asked both ways",
    "recorded": "nobody: the answers that the rows bring along",
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TitleFile(_Model):
    """What the suite is, for people."""

    zh: str = Field(description="one line in Chinese")
    en: str = Field(description="one line in English")


class LimitsFile(_Model):
    """How fast an endpoint may be asked; what is not written has no limit."""

    requests_per_minute: float | None = Field(default=None, gt=0, description="calls begun in a minute at most")
    tokens_per_minute: float | None = Field(
        default=None, gt=0, description="tokens of questions and answers in a minute at most, as far as they are known"
    )
    patience_s: float = Field(
        default=900.0,
        ge=0,
        description="how long an endpoint may go on saying 429 until its rows count as failed, in seconds",
    )


class PriceFile(_Model):
    """What tokens cost."""

    input: float = Field(ge=0, description="for a million tokens of questions")
    output: float = Field(ge=0, description="for a million tokens of answers")
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$", description="three letters (ISO 4217)")


class HttpFile(_Model):
    """How an application is asked, and where its answer stands.

    Holes are ``{question}``, ``{id}``, ``{system}``, ``{passages}`` and ``{history}`` (the messages before the
    question); a value that is nothing but ``{history}`` becomes the list itself. ``{env:NAME}`` in a header is an
    environment variable. Paths are JMESPath: ``data.answer``, ``hits[*].text``.
    """

    url: str = Field(description="the address; holes are escaped")
    method: Literal["POST", "PUT", "GET"] = Field(default="POST", description="the HTTP method")
    headers: dict[str, str] = Field(default_factory=dict, description="further headers; secrets as {env:NAME}")
    body: Any = Field(default=None, description="the JSON body with holes; leave it out for GET")
    answer: str = Field(description="path of the answer's text")
    contexts: str | None = Field(default=None, description="path of the passages that were found: texts, best first")
    context_ids: str | None = Field(default=None, description="path of their ids, in the same order")
    citations: str | None = Field(default=None, description="path of the ids that the answer cites")
    declined: str | None = Field(default=None, description="path of what is true when the application declined")


class DirectFile(_Model):
    """What stands behind the gateway."""

    kind: DirectKind = Field(default="chat", description="how it is asked")
    base_url: str = Field(default="", description="its address up to the version, such as http://127.0.0.1:11434/v1")
    model: str = Field(default="", description="the model's name there; the target's if not given")
    key_env: str = Field(default="SLUICE_DIRECT_KEY", description="name of the environment variable that holds the key")
    parameters: dict[str, Any] | None = Field(
        default=None, description="further fields of the request; the target's if not given"
    )
    http: HttpFile | None = Field(default=None, description="for kind http")
    limits: LimitsFile = Field(default=LimitsFile(), description="how fast it may be asked")
    price: PriceFile | None = Field(default=None, description="what its tokens cost")

    @model_validator(mode="after")
    def _fits(self) -> DirectFile:
        _check_http(self.kind, self.http)
        return self


class TargetFile(_Model):
    """What is asked, unless the command line says otherwise."""

    kind: Kind = Field(default="chat", description="what is asked, and how")
    base_url: str = Field(default="http://127.0.0.1:8080/v1", description="its address up to the version")
    model: str = Field(default="echo", description="the model's name there")
    key_env: str = Field(default="SLUICE_EVAL_KEY", description="name of the environment variable that holds the key")
    parameters: dict[str, Any] = Field(default_factory=dict, description="further fields of the request")
    timeout_s: float = Field(default=60.0, gt=0, description="for one attempt, in seconds")
    attempts: int = Field(default=4, ge=1, le=20, description="how often a question is asked that finds no answer")
    concurrency: int = Field(default=8, ge=1, le=256, description="how many rows are under way at once")
    http: HttpFile | None = Field(default=None, description="for kind http: how the application is asked")
    direct: DirectFile | None = Field(default=None, description="for kind pair: what stands behind the gateway")
    limits: LimitsFile = Field(default=LimitsFile(), description="how fast it may be asked")
    price: PriceFile | None = Field(default=None, description="what its tokens cost, for the plan and the budget")

    @model_validator(mode="after")
    def _fits(self) -> TargetFile:
        _check_http(self.kind, self.http)
        if (self.kind == "pair") != (self.direct is not None):
            raise ValueError("'direct' and the kind 'pair' belong together — write both or neither")
        return self


def _check_http(kind: str, http: HttpFile | None) -> None:
    if (kind == "http") != (http is not None):
        raise ValueError("'http' and the kind 'http' belong together — write both or neither")


class JudgeFile(_Model):
    """What is known about the judge model, which the command line names."""

    limits: LimitsFile = Field(default=LimitsFile(), description="how fast it may be asked")
    price: PriceFile | None = Field(default=None, description="what its tokens cost")


class BudgetFile(_Model):
    """What a run may use, everything together; at the cap it stops, and can be gone on with."""

    calls: int | None = Field(default=None, ge=0, description="requests to the target and to judges, retries included")
    tokens: int | None = Field(default=None, ge=0, description="tokens of questions and answers")
    money: float | None = Field(default=None, ge=0, description="by the prices of the suite, in their currency")


class TemplateFile(_Model):
    """The words around a row with passages."""

    system: str = Field(default="", description="the system prompt; empty for none")
    user: str = Field(default="{question}", description="holds {question} and {passages}")
    passage: str = Field(default="[{id}] {text}", description="one passage: holds {id} and {text}")


class PromptFile(_Model):
    """Templates by the language of the question; mixed rows get the Chinese one."""

    zh: TemplateFile = Field(default=TemplateFile(), description="for Chinese and mixed rows")
    en: TemplateFile = Field(default=TemplateFile(), description="for English rows")


class ScorerFile(_Model):
    """A scorer and its options."""

    use: str = Field(description="which scorer: sluice eval schema, or docs")
    options: dict[str, Any] = Field(default_factory=dict, description="its options")
    reduce: str | None = Field(
        default=None,
        pattern=PATTERN,
        description="what becomes of a row's repetitions: mean, median, majority, max, min, at_least_2 (two must "
        "pass), pass_2 (chance that one of two passes), all_2 (chance that both pass); if not given, each counts",
    )


class GateFile(_Model):
    """A mark that a metric must reach."""

    metric: str = Field(description="which metric; of a pair refusal_rate:gateway or refusal_rate:direct")
    at_least: Share | None = Field(default=None, description="the mark, for metrics that should be high")
    at_most: Share | None = Field(default=None, description="the mark, for metrics that should be low")
    no_worse_than: Share | None = Field(
        default=None, description="by how much it may lie behind the run that --baseline names; read by its bound"
    )
    bound: Literal["lower", "upper", "point"] | None = Field(
        default=None, description="'lower' goes with at_least, 'upper' with at_most; no_worse_than takes none"
    )
    confidence: float = Field(default=0.95, gt=0.5, lt=1, description="of the bound, one-sided")
    min_n: int = Field(default=1, ge=1, description="how many independent rows it takes to say anything")
    max_unscored: Share | None = Field(default=None, description="the suite's own if not given")
    min_kappa: Share | None = Field(default=None, description="how far its judge must be known to agree with people")

    @model_validator(mode="after")
    def _one_mark(self) -> GateFile:
        if sum(mark is not None for mark in (self.at_least, self.at_most, self.no_worse_than)) != 1:
            raise ValueError("a gate has one mark — write either at_least or at_most, or no_worse_than")
        if self.no_worse_than is not None:
            if self.bound is not None:
                raise ValueError("'bound' says nothing here — no_worse_than always reads the lower bound of the gain")
            return self
        if self.bound is None:
            raise ValueError("'bound' is missing — write 'lower' with at_least, 'upper' with at_most, or 'point'")
        if self.bound == ("upper" if self.at_least is not None else "lower"):
            raise ValueError(
                "this bound proves nothing here — use 'lower' with at_least, 'upper' with at_most, or 'point'"
            )
        return self


class SuiteFile(_Model):
    """The shape of ``suite.yaml``."""

    name: Name = Field(description="small letters, digits and hyphens; runs are named by it")
    summary: TitleFile = Field(description="what the suite is, for people")
    data: str = Field(description="the data set, relative to this file: JSON lines of ours, or what 'format' says")
    format: str | None = Field(
        default=None, description="what 'data' is: table, ragas, xstest …; sluice eval import lists all"
    )
    columns: dict[str, str] = Field(default_factory=dict, description="with format: which column holds a field of ours")
    fixed: dict[str, Any] = Field(default_factory=dict, description="with format: fields that every row has")
    encoding: str | None = Field(default=None, description="with format: of the text; found by itself if not given")
    bad_rows: Literal["refuse", "leave_out"] = Field(
        default="refuse", description="with format: what becomes of records that are no rows"
    )
    target: TargetFile = Field(default=TargetFile(), description="what is asked")
    judge: JudgeFile = Field(default=JudgeFile(), description="limits and price of the judge model")
    budget: BudgetFile = Field(default=BudgetFile(), description="what a run may use at most")
    prompt: PromptFile = Field(default=PromptFile(), description="the words around rows with passages")
    repetitions: int = Field(default=1, ge=1, le=100, description="how often each row is asked")
    attacks: list[str] = Field(default_factory=list, description="rows are asked by way of each as well; join by +")
    seed: int = Field(default=20_260_101, ge=0, description="for intervals and attacks")
    max_unscored: Share = Field(default=0.05, description="share of cells that may stay unscored")
    scorers: Annotated[list[ScorerFile], Field(min_length=1)] = Field(description="what judges the answers")
    gate: list[GateFile] = Field(default_factory=list, description="marks that metrics must reach")

    @model_validator(mode="after")
    def _reads(self) -> SuiteFile:
        said = {"columns", "fixed", "encoding", "bad_rows"} & self.model_fields_set
        if said and self.format is None:
            raise ValueError(f"'{min(said)}' goes with 'format' — say what the data is, such as format: table")
        return self
