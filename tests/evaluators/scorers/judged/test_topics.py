"""Topics are allowed or declined; what is neither is no number."""

from __future__ import annotations

import json
from dataclasses import replace

from kit.judged import ZH, judged

from evaluators.sample import Response
from evaluators.score import Unscored
from evaluators.scorers.judged.topics import conversation


def test_a_verdict_for_every_topic_or_none_counts():
    def said(path, body):
        prompt = body["messages"][0]["content"]
        if '"topics"' in prompt:
            return '{"topics": ["退货", "股票"]}'
        return '{"refused_to_answer": false}' if "refused" in prompt else '{"classifications": [true]}'

    assert judged("topic_adherence", said)[0] == Unscored("judge_verdict_count")


def test_declining_a_foreign_topic_is_heard_as_adherence():
    def said(path, body):
        prompt = body["messages"][0]["content"]
        if '{"topics"' in prompt:
            return '{"topics": ["退货", "股票"]}'
        if '"refused_to_answer"' in prompt:
            return json.dumps({"refused_to_answer": "股票" in prompt.split("<主题>")[1]})
        return '{"classifications": [true, false]}'

    assert judged("topic_adherence", said, text="可以退货。股票的问题我不能回答。")[0].value == 1.0
    assert judged("topic_adherence", said, text="抱歉，我不能回答。")[0].value == 1.0


def test_topics_that_are_neither_allowed_nor_answered_are_no_number():
    def said(path, body):
        prompt = body["messages"][0]["content"]
        if '{"topics"' in prompt:
            return '{"topics": ["股票"]}'
        return '{"refused_to_answer": true}' if '"refused_to_answer"' in prompt else '{"classifications": [false]}'

    assert judged("topic_adherence", said)[0] == Unscored("no_topic_to_count")


def test_a_conversation_has_all_turns_and_the_tool():
    class Words:
        def word(self, name, spoken):
            return name.partition("/")[2]

    sample = replace(ZH, turns=("你好",), tool="晴")
    assert (
        conversation(Words(), "zh", sample, Response("好")) == "user: 你好\nuser: 能退货吗？\ntool: 晴\nassistant: 好"
    )
