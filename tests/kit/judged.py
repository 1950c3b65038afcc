"""A judged scorer against a judge on a real port that says what a test tells it to."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from evaluators.sample import Passage, Response, Sample
from evaluators.scorers.registry import registry
from evaluators.scorers.spec import Address, Surroundings
from kit.endpoint import ScriptedEndpoint
from kit.oracle import Oracle, our_judge

ZH = Sample(
    "a",
    "能退货吗？",
    "zh",
    contexts=(Passage("p", "七天内可以退货。"),),
    reference="七天内可以退货。",
    topics=("购物",),
)


EN = replace(ZH, question="Can I return it?", lang="en", contexts=(Passage("p", "Returns within 7 days."),))


SAID = "七天内可以退货。运费由买家承担。"


STATEMENTS = json.dumps({"statements": ["七天内可以退货", "运费由买家承担"]}, ensure_ascii=False)


def verdicts(*found, ids=None):
    numbers = ids or range(1, len(found) + 1)
    listed = [{"id": n, "statement": "", "reason": "", "verdict": v} for n, v in zip(numbers, found, strict=True)]
    return json.dumps({"statements": listed})


def script(*answers):
    left = iter(answers)
    return lambda path, body: next(left)


def knowing(path, body):
    return our_judge(Oracle(), body["messages"][0]["content"])


def judged(name, said, sample=ZH, text=SAID, kept=None, rows=1, embedding=False, **options):
    """Ask a judge that says ``said`` about a row; return the cell and what the judge was asked."""
    with ScriptedEndpoint(said) as endpoint:
        address = Address(endpoint.url, "j")
        spec = registry()[name]
        around = Surroundings(address, Address(endpoint.url, "e") if embedding else None, kept)
        scorer = spec.build(spec.options(**{"attempts": 1, **options}), around)

        async def go():
            async with scorer.judge() as judge:
                return [await judge(sample, Response(text, "stop")) for _ in range(rows)]

        cells = asyncio.run(go())[-1]
        assert set(cells) == set(scorer.applies(sample))
        return cells.get(name), endpoint.questions()
