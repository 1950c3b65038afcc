"""Topic adherence: whether what may be talked about is answered, and what may not is declined."""

from __future__ import annotations

from typing import Final, Literal

from evaluators.sample import Response, Sample
from evaluators.scorers.judge import JudgeError
from evaluators.scorers.judged.asking import Asking, together
from evaluators.scorers.judged.metric import Bench, Found, JudgedMetric, JudgedOptions
from evaluators.scorers.judged.shapes import Topics, Turned, Within
from evaluators.scorers.judged.words import Spoken, numbered, spoken_in


class TopicOptions(JudgedOptions):
    """Options of ``topic_adherence``.

    Attributes:
        mode: ``precision``: answered topics that are allowed, over answered ones; ``recall``: the same over allowed
            ones; or both together.
    """

    mode: Literal["f1", "precision", "recall"] = "f1"


def conversation(asking: Asking, spoken: Spoken, sample: Sample, response: Response) -> str:
    """Return a row and its answer as a conversation."""
    user, assistant, tool = (asking.word(f"speakers/{who}", spoken) for who in ("user", "assistant", "tool"))
    lines = [f"{user}: {turn}" for turn in (*sample.turns, sample.question)]
    lines += [f"{tool}: {sample.tool}"] if sample.tool else []
    return "\n".join([*lines, f"{assistant}: {response.text}"])


async def topic_adherence(bench: Bench, options: TopicOptions, sample: Sample, response: Response) -> Found:
    """Return precision, recall or F1 over topics: answered and allowed is right.

    Where none was answered and none was allowed there is nothing to divide by, and no number; Ragas says 0 there,
    though declining was right.
    """
    spoken, asking = spoken_in(sample), bench.asking
    said = conversation(asking, spoken, sample, response)
    found = await asking.ask("topics", spoken, {"conversation": said}, Topics)
    topics = [one.strip() for one in found.topics if one.strip()]
    if not topics:
        raise JudgeError("no_topics")

    def misfit(judged: Within) -> str:
        return "" if len(judged.classifications) == len(topics) else "judge_verdict_count"

    holes = {
        "reference": "\n".join(f"- {one}" for one in sample.topics),
        "statements": numbered(topics),
        "count": str(len(topics)),
    }
    turned = await together(
        [asking.ask("refused", spoken, {"conversation": said, "topic": one}, Turned) for one in topics]
    )
    within = (await asking.ask("within", spoken, holes, Within, misfit)).classifications
    answered = [not one.refused_to_answer for one in turned]
    pairs = list(zip(answered, within, strict=True))
    right, astray, missed = (pairs.count(one) for one in ((True, True), (True, False), (False, True)))
    over = {"precision": right + astray, "recall": right + missed, "f1": 2 * right + astray + missed}[options.mode]
    if not over:
        raise JudgeError("no_topic_to_count")
    astray_ones = [topic for topic, pair in zip(topics, pairs, strict=True) if pair == (True, False)]
    missed_ones = [topic for topic, pair in zip(topics, pairs, strict=True) if pair == (False, True)]
    detail = {"topics": len(topics), "answered_though_not_allowed": astray_ones, "declined_though_allowed": missed_ones}
    return Found((2 * right if options.mode == "f1" else right) / over, detail)


METRICS: Final = (
    JudgedMetric(
        "topic_adherence",
        "allowed topics are answered, others declined",
        topic_adherence,
        needs=("answer", "topics"),
        words=("topics", "refused", "within", "speakers/"),
        shapes=(Topics, Turned, Within),
        options=TopicOptions,
        hears_refusals=True,
    ),
)
