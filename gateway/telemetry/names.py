"""Every span, attribute and metric name that leaves Sluice, pinned in one place.

``gen_ai.*`` are OpenTelemetry's GenAI conventions, which are all still "Development" and have
moved before: when they move again, this file is what changes. Everything else is ours, under
``sluice.*``. Metrics describe themselves in ``METRICS``; what is not described there is still
counted, so that a forgotten line here never costs a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

# --- Metrics -------------------------------------------------------------------------------------

EXCHANGES: Final = "sluice.exchanges"
EXCHANGES_ACTIVE: Final = "sluice.exchanges.active"
ACTIONS: Final = "sluice.actions"
DETECTOR_ERRORS: Final = "sluice.detector.errors"
UNJUDGED: Final = "sluice.unjudged"
KNOWLEDGE_FAILURES: Final = "sluice.knowledge.failures"
KNOWLEDGE_BY_WORDS: Final = "sluice.knowledge.by_words"
PASSAGES_WITHHELD: Final = "sluice.knowledge.passages_withheld"
OVERHEAD: Final = "sluice.overhead"
JUDGE_CALLS: Final = "sluice.judge.calls"
JUDGE_CACHED: Final = "sluice.judge.cached"
JUDGE_DURATION: Final = "sluice.judge.duration"
JUDGE_BREAKER: Final = "sluice.judge.breaker"
JUDGES_RESTING: Final = "sluice.judges.resting"
RESPONSES_NOT_KEPT: Final = "sluice.responses.not_kept"
STANDARD_ANSWERS: Final = "sluice.answers.standard"
UNGUARDED: Final = "sluice.unguarded"
HANDOFFS: Final = "sluice.handoff.tickets"
HANDOFFS_LOST: Final = "sluice.handoff.not_kept"
HANDOFFS_TOLD: Final = "sluice.handoff.told"
HANDOFFS_UNDELIVERED: Final = "sluice.handoff.undelivered"
HANDOFFS_ANSWERED: Final = "sluice.handoff.answered"
RELOADS: Final = "sluice.policy.reloads"
QUOTA_REFUSED: Final = "sluice.quota.refused"
QUOTA_UNCHECKED: Final = "sluice.quota.unchecked"
QUOTA_UNSETTLED: Final = "sluice.quota.unsettled"
QUOTA_LOST: Final = "sluice.quota.lost"
SUSPENSIONS: Final = "sluice.conduct.suspensions"
SUSPENDED: Final = "sluice.conduct.refused"
CONDUCT_ALONE: Final = "sluice.conduct.alone"
COST: Final = "sluice.cost"
UPSTREAM_ATTEMPTS: Final = "sluice.upstream.attempts"
UPSTREAMS_RESTING: Final = "sluice.upstreams.resting"
OPERATION_DURATION: Final = "gen_ai.client.operation.duration"
TOKEN_USAGE: Final = "gen_ai.client.token.usage"  # noqa: S105 - a metric's name
TIME_TO_FIRST_TOKEN: Final = "gen_ai.server.time_to_first_token"  # noqa: S105 - a metric's name

RECORDS_WRITTEN: Final = "sluice.records.written"
RECORDS_REFUSED: Final = "sluice.records.refused"
RECORDS_RETRIED: Final = "sluice.records.retried"
RECORDS_SPOOLED: Final = "sluice.records.spooled"
RECORDS_REPLAYED: Final = "sluice.records.replayed"
RECORDS_LOST: Final = "sluice.records.lost"
RECORDS_WAITING: Final = "sluice.records.waiting"
RECORDS_FAILING: Final = "sluice.records.failing"

Instrument = Literal["counter", "gauge", "histogram"]

SECONDS: Final = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
    *(2.5, 5.0, 10.0, 20.0, 40.0, 80.0),
)
"""Bucket bounds for times, seconds: fine enough for our own share, long enough for a model's."""

TOKENS: Final = (1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864)
"""Bucket bounds for tokens, as the GenAI conventions advise for ``gen_ai.client.token.usage``."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is.

    Attributes:
        instrument: What kind of number it is.
        help: One line for people.
        unit: UCUM unit as OpenTelemetry writes it: ``s``, ``{token}``, or empty.
        bounds: Upper bounds of a histogram's buckets, rising.
    """

    instrument: Instrument
    help: str
    unit: str = ""
    bounds: tuple[float, ...] = ()


METRICS: Final[Mapping[str, Metric]] = {
    EXCHANGES: Metric("counter", "Exchanges by how they ended.", "{exchange}"),
    EXCHANGES_ACTIVE: Metric("gauge", "Exchanges that have begun and are not recorded yet.", "{exchange}"),
    ACTIONS: Metric("counter", "Verdicts other than pass, by side, action and deciding rule.", "{verdict}"),
    DETECTOR_ERRORS: Metric("counter", "Detectors and judges that could not judge.", "{error}"),
    UNJUDGED: Metric("counter", "Parts of requests and answers that no detector can read.", "{part}"),
    KNOWLEDGE_FAILURES: Metric("counter", "Questions for which the knowledge base could not be asked.", "{question}"),
    KNOWLEDGE_BY_WORDS: Metric("counter", "Questions looked for by words alone: no embedding.", "{question}"),
    PASSAGES_WITHHELD: Metric("counter", "Passages that a rule kept from the model.", "{passage}"),
    OVERHEAD: Metric("histogram", "Time that Sluice itself added to an exchange.", "s", SECONDS),
    JUDGE_CALLS: Metric("counter", "Questions to judges, by judge and outcome.", "{call}"),
    JUDGE_CACHED: Metric("counter", "Verdicts of judges that were remembered, by judge.", "{verdict}"),
    JUDGE_DURATION: Metric("histogram", "Time that a judge took, by judge.", "s", SECONDS),
    JUDGE_BREAKER: Metric("counter", "Changes of a judge's circuit breaker, by judge and new state.", "{change}"),
    JUDGES_RESTING: Metric("gauge", "Judges that nobody asks at present, because they failed too often."),
    RESPONSES_NOT_KEPT: Metric("counter", "Answers that no later request can go on from.", "{answer}"),
    STANDARD_ANSWERS: Metric("counter", "Questions answered by a bank, or asked back, by entry.", "{answer}"),
    HANDOFFS: Metric("counter", "Questions handed over to people, by entry or rule.", "{ticket}"),
    HANDOFFS_LOST: Metric("counter", "Questions not handed over, because no ticket could be kept.", "{ticket}"),
    HANDOFFS_TOLD: Metric("counter", "Tries to tell the people's system of a ticket, by outcome.", "{try}"),
    HANDOFFS_UNDELIVERED: Metric("counter", "Tickets set aside after the last try.", "{ticket}"),
    HANDOFFS_ANSWERED: Metric("counter", "Answers of people that came back, by outcome.", "{answer}"),
    UNGUARDED: Metric("counter", "Requests that were passed on although nothing of them is judged.", "{request}"),
    RELOADS: Metric("counter", "Policy reloads by result.", "{reload}"),
    QUOTA_REFUSED: Metric("counter", "Exchanges that a quota did not allow, by tenant and limit.", "{exchange}"),
    QUOTA_UNCHECKED: Metric("counter", "Exchanges that passed while quotas could not be counted.", "{exchange}"),
    QUOTA_UNSETTLED: Metric("counter", "Exchanges whose real use could not be counted.", "{exchange}"),
    QUOTA_LOST: Metric("counter", "Exchanges refused while quotas could not be counted.", "{exchange}"),
    SUSPENSIONS: Metric("counter", "Users that were suspended, by policy.", "{user}"),
    SUSPENDED: Metric("counter", "Exchanges of users that were suspended, by policy.", "{exchange}"),
    CONDUCT_ALONE: Metric("counter", "Questions of users that this process counted alone.", "{question}"),
    COST: Metric("counter", "Money for answers, in millionths of the currency, by model and tenant.", "{micro}"),
    UPSTREAM_ATTEMPTS: Metric("counter", "Tries to get an answer, by upstream and outcome.", "{attempt}"),
    UPSTREAMS_RESTING: Metric("gauge", "Upstreams that are asked last at present, because they failed."),
    OPERATION_DURATION: Metric("histogram", "Whole time of an exchange.", "s", SECONDS),
    TOKEN_USAGE: Metric("histogram", "Tokens of an exchange, by type.", "{token}", TOKENS),
    TIME_TO_FIRST_TOKEN: Metric("histogram", "Time until the first piece of an answer left.", "s", SECONDS),
    RECORDS_WRITTEN: Metric("counter", "Records that are in the store.", "{record}"),
    RECORDS_REFUSED: Metric("counter", "Exchanges for which no record could be kept.", "{record}"),
    RECORDS_RETRIED: Metric("counter", "Records whose writing had to be tried again, once for each try.", "{record}"),
    RECORDS_SPOOLED: Metric("counter", "Records set aside in the spool.", "{record}"),
    RECORDS_REPLAYED: Metric("counter", "Records brought back from the spool.", "{record}"),
    RECORDS_LOST: Metric("counter", "Records that neither store nor spool would take.", "{record}"),
    RECORDS_WAITING: Metric("gauge", "Records admitted but not yet in the store.", "{record}"),
    RECORDS_FAILING: Metric("gauge", "1 while the store takes no records, else 0."),
}

# --- Spans and attributes ------------------------------------------------------------------------

GUARDRAIL_EVENT: Final = "sluice.guardrail"

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 - an attribute's name
STATUS_CODE: Final = "http.response.status_code"
ERROR_TYPE: Final = "error.type"

EVALUATION_EVENT: Final = "gen_ai.evaluation.result"
EVALUATION_NAME: Final = "gen_ai.evaluation.name"
EVALUATION_SCORE: Final = "gen_ai.evaluation.score.value"
EVALUATION_LABEL: Final = "gen_ai.evaluation.score.label"
EVALUATION_EXPLANATION: Final = "gen_ai.evaluation.explanation"

EXCHANGE_ID: Final = "sluice.exchange.id"
DIALECT: Final = "sluice.dialect"
TENANT: Final = "sluice.tenant"
KEY: Final = "sluice.key"
POLICY: Final = "sluice.policy"
PLAN: Final = "sluice.plan"
OUTCOME: Final = "sluice.outcome"
REPLY: Final = "sluice.reply"
LABEL: Final = "sluice.label"
OVERHEAD_MS: Final = "sluice.overhead_ms"
CLIENT_GONE: Final = "sluice.client_gone"
STAGE_MS: Final = "sluice.stage_ms"  # + . and the name of the stage
SIDE: Final = "sluice.side"
ACTION: Final = "sluice.action"
RULE: Final = "sluice.rule"
RISK: Final = "sluice.risk"
SCORE: Final = "sluice.score"
DETECTOR: Final = "sluice.detector"
JUDGE: Final = "sluice.judge"
STATE: Final = "sluice.state"
LIMIT: Final = "sluice.limit"
UPSTREAM: Final = "sluice.upstream"
CURRENCY: Final = "sluice.currency"
ERRORS: Final = "sluice.errors"
UNJUDGED_PARTS: Final = "sluice.unjudged_parts"

EVAL_RUN: Final = "sluice.eval.run"
EVAL_SUITE: Final = "sluice.eval.suite"
EVAL_ROW: Final = "sluice.eval.row"
EVAL_REPETITION: Final = "sluice.eval.repetition"
EVAL_SCORED: Final = "sluice.eval.scored"
EVAL_UNSCORED: Final = "sluice.eval.unscored"
EVAL_LOW: Final = "sluice.eval.interval.low"
EVAL_HIGH: Final = "sluice.eval.interval.high"

ATTRIBUTES: Final[Mapping[str, str]] = {
    "type": TOKEN_TYPE,
    "model": REQUEST_MODEL,
    "operation": OPERATION,
    "provider": PROVIDER,
    "error": ERROR_TYPE,
    "outcome": OUTCOME,
    "policy": POLICY,
    "plan": PLAN,
    "tenant": TENANT,
    "side": SIDE,
    "action": ACTION,
    "rule": RULE,
    "risk": RISK,
    "detector": DETECTOR,
    "judge": JUDGE,
    "state": STATE,
    "limit": LIMIT,
    "upstream": UPSTREAM,
    "currency": CURRENCY,
}
"""What a counter's attribute (a Prometheus label) is called in OpenTelemetry; others get ``sluice.``."""

OPERATIONS: Final[Mapping[str, str]] = {
    "chat": "chat",
    "responses": "chat",
    "messages": "chat",
    "completions": "text_completion",
    "embeddings": "embeddings",
}
"""``gen_ai.operation.name`` of each dialect; others go by their own name."""
