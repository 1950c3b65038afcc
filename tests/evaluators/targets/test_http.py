import asyncio
import json
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from kit.endpoint import serving

from evaluators.endpoint import open_endpoint
from evaluators.sample import Failure, Passage, Response, Sample
from evaluators.suite_file import HttpFile
from evaluators.targets.http import HttpTarget, check_http, filled, holes
from gateway.errors import ConfigError

SAMPLE = Sample("r/1", "怎么退货？ How?", "mixed", system="S", contexts=(Passage("p", "七天内可退。"),))
ASKED = [{"role": "system", "content": "S"}, {"role": "user", "content": "带资料的问题"}]


def ask(http, answer, sample=SAMPLE, messages=ASKED, env=None):
    """Ask an application on a real port; return what it was asked and what became of the answer."""
    seen = []

    async def handle(request):
        text = await request.text()
        seen.append((request.method, request.raw_path, dict(request.headers), json.loads(text) if text else None))
        return web.json_response(answer) if not isinstance(answer, web.Response) else answer

    async def go(base):
        asking = check_http(HttpFile(**{**http, "url": base + http["url"]}), env or {})
        async with open_endpoint(asking.base, attempts=1) as endpoint:
            return await HttpTarget(endpoint, asking, lambda: 0.0).ask(sample, messages)

    with serving(handle) as base:
        return seen, asyncio.run(go(base))


def test_an_application_is_asked_by_a_template_and_read_by_paths():
    http = {
        "url": "/ask/{id}?lang=zh",
        "headers": {"X-Key": "{env:APP_KEY}"},
        "body": {"q": "{question}", "more": ["{id}: {question}", 3], "turns": "{history}"},
        "answer": "$.data.text",
        "contexts": "data.hits[*].body",
        "context_ids": "data.hits[*].id",
        "citations": "data.cited",
    }
    said = {"data": {"text": "七天。", "hits": [{"id": 7, "body": "七天内可退。"}], "cited": [7]}}
    ((method, path, headers, body),), response = ask(http, said, env={"APP_KEY": "k-1"})
    assert (method, path) == ("POST", "/ask/r%2F1?lang=zh")
    assert headers["x-key"] == "k-1"
    assert body == {"q": SAMPLE.question, "more": [f"r/1: {SAMPLE.question}", 3], "turns": []}
    assert response == Response("七天。", contexts=(Passage("7", "七天内可退。"),), citations=("7",))


def test_a_get_has_the_question_in_its_address():
    sample = Sample("a", "甲&b=2+3 =100%?", "mixed")
    http = {"url": "/?q={question}", "method": "GET", "answer": "a"}
    ((method, path, _, body),), response = ask(http, {"a": "好"}, sample)
    assert (method, body) == ("GET", None)
    assert parse_qs(path.removeprefix("/?")) == {"q": [sample.question]}
    assert response.text == "好"


@pytest.mark.parametrize(
    ("paths", "answer", "expected"),
    [
        ({"answer": "a"}, {"b": "x"}, Failure("no_answer_at_path")),
        ({"answer": "a"}, {"a": 7}, Failure("no_answer_at_path")),
        ({"answer": "a"}, {"a": ""}, Response("")),
        ({"answer": "length(a)"}, {"a": 7}, Failure("no_answer_at_path")),
        ({"answer": "a", "declined": "blocked"}, {"blocked": True}, Response("", declined=True)),
        ({"answer": "a", "declined": "blocked"}, {"a": "好", "blocked": False}, Response("好")),
        ({"answer": "a", "contexts": "c"}, {"a": "好", "c": "one"}, Failure("no_passages_at_path")),
        ({"answer": "a", "contexts": "c"}, {"a": "好"}, Response("好", contexts=())),
        ({"answer": "a", "contexts": "c[*].t"}, {"a": "好", "c": [{"t": "一"}, {"t": "二"}]},
         Response("好", contexts=(Passage("", "一"), Passage("", "二")))),
        ({"answer": "a"}, web.Response(text="<html>"), Failure("not_json")),
        ({"answer": "a"}, web.Response(status=502), Failure("http_502")),
    ],
)  # fmt: skip
def test_what_is_not_where_it_should_be_is_a_failure_with_a_code(paths, answer, expected):
    _, response = ask({"url": "/", "body": {"q": "{question}"}, **paths}, answer)
    assert response == expected


def test_before_the_last_turn_the_question_is_the_turns():
    sample = Sample("a", "最后一问", "zh", turns=("第一问",))
    first = [{"role": "user", "content": "第一问"}]
    later = [*first, {"role": "assistant", "content": "答"}, {"role": "user", "content": "最后一问"}]
    assert holes(sample, first)["question"] == "第一问"
    assert holes(sample, later)["question"] == "最后一问"
    assert filled("{history}", holes(sample, later)) == later[:2]
    assert filled("before: {history}", holes(sample, later)) == "before: user: 第一问\nassistant: 答"


def test_braces_in_a_question_are_text():
    sample = Sample("a", "{id} {history}", "en")
    assert filled({"q": "{question}"}, holes(sample, [{"role": "user", "content": "x"}])) == {"q": "{id} {history}"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"url": "ftp://a/"}, "no http"),
        ({"url": "http://{id}.example/"}, "no http"),
        ({"url": "http://u:p@a/"}, "password"),
        ({"answer": "a["}, "no path"),
        ({"method": "GET"}, "GET has no body"),
        ({"body": {"q": "{id}"}}, "never says"),
        ({"headers": {"a": "{env:NOT_SET}"}}, "NOT_SET is not set"),
    ],
)
def test_an_application_that_cannot_be_asked_is_told_before_anything_is(changed, message):
    good = {"url": "http://127.0.0.1:1/", "body": {"q": "{question}"}, "answer": "a"}
    with pytest.raises(ConfigError, match=message):
        check_http(HttpFile(**{**good, **changed}), {})


def test_scorers_see_what_the_application_retrieved():
    row = Sample("a", "?", "zh", contexts=(Passage("x", "旧"),), relevant=("x",))
    named = Response("好", contexts=(Passage("x", "新"),)).seen(row)
    assert (named.contexts, named.relevant) == ((Passage("x", "新"),), ("x",))
    nameless = Response("好", contexts=(Passage("", "一"), Passage("", "二"))).seen(row)
    assert ([p.id for p in nameless.contexts], nameless.relevant) == (["1", "2"], None)
    assert Response("好").seen(row) is row
