import json
import re
from urllib.parse import urlencode

import pytest
from kit.reviewing import fine, judge, review, rows
from starlette.testclient import TestClient

from evaluators.review.assign import load as load_assignment
from evaluators.review.decisions import Follower, add, load
from evaluators.review.web.app import COOKIE, MOST_BODY, Desk, application
from evaluators.review.wording import load_words
from evaluators.sample import Response

HOST = "127.0.0.1:8090"
LINKS = {"token-wang": "王芳", "token-ann": "Ann", "token-zhao": "赵敏"}


def client_of(made, **headers):
    hosts, now = (HOST, "localhost:8090"), lambda: "2026-01-02T03:04:05+00:00"
    desk = Desk(made, load_words(), LINKS, b"secret", hosts, now, Follower(made))
    return TestClient(
        application(desk),
        base_url=f"http://{HOST}",
        headers={"accept-language": "en", **headers},
        follow_redirects=False,
    )


@pytest.fixture
def made(tmp_path):
    return review(tmp_path / "r", adjudicator="赵敏")


@pytest.fixture
def wang(made):
    client = client_of(made)
    assert client.get("/?token=token-wang").status_code == 303
    return client


def mark_of(client, number=1):
    page = client.get(f"/item/{number}")
    assert page.status_code == 200
    return re.search(r'name="mark" value="([0-9a-f]{64})"', page.text)[1]


def whole(made, client, number=1, **changed):
    item = made.item(load_assignment(made).of("王芳")[number - 1])
    fields = {"mark": mark_of(client, number), "note": ""}
    for place, answer in enumerate(item.answers, 1):
        fields[f"p.{answer.id}"] = str(place)
        for field, value in (("safety", "safe"), ("response", "answered"), ("helpful", "much")):
            fields[f"v.{answer.id}.{field}"] = value
    return item, {**fields, **changed}


def post(client, number, fields, **headers):
    return client.post(
        f"/item/{number}",
        content=urlencode(fields),
        headers={"accept": "application/json", "content-type": "application/x-www-form-urlencoded", **headers},
    )


def test_a_link_names_the_person_and_leaves_the_address(made):
    client = client_of(made)
    came = client.get("/?token=token-ann")
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert "httponly" in came.headers["set-cookie"].lower()
    assert "samesite=lax" in came.headers["set-cookie"].lower()
    home = client.get("/")
    assert "Ann" in home.text
    assert home.text.count('<li class="open">') == 4


@pytest.mark.parametrize("path", ["/", "/item/1", "/?token=token-wan", "/?token=", "/?token=token-wangg"])
def test_without_a_link_nobody_gets_in(made, path):
    said = client_of(made).get(path)
    assert said.status_code == 403
    assert "whole link" in said.text
    assert made.items[0].question not in said.text
    client = client_of(made)
    client.cookies.set(COOKIE + made.digest[:12], "token-wan")
    assert client.get("/").status_code == 403
    client.cookies.set(COOKIE + "0" * 12, "token-wang")  # of another review
    assert client.get("/").status_code == 403


def test_a_page_under_another_name_is_not_answered(made, wang):
    for host in ("evil.example:8090", "127.0.0.1:9999", ""):
        assert wang.get("/", headers={"host": host}).status_code == 403
    assert wang.get("/", headers={"host": "localhost:8090"}).status_code != 404


def test_every_answer_says_that_nothing_else_may_be_loaded_and_that_it_is_not_kept(made, wang):
    for path in ("/", "/item/1", "/style.css", "/script.js", "/nowhere", "/item/99"):
        headers = wang.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'"), path
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
    assert (
        wang.get("/nowhere").status_code == wang.get("/item/99").status_code == wang.get("/item/0").status_code == 404
    )


def test_what_is_said_is_on_disk_at_once(made, wang):
    item, fields = whole(made, wang, note=" 备注 ")
    said = post(wang, 1, fields).json()
    assert said == {"saved": True, "missing": [], "judged": 1, "items": 4}
    decision = load(made)[item.id, "王芳"]
    assert (decision.by, decision.at, decision.note) == ("page", "2026-01-02T03:04:05+00:00", "备注")
    assert sorted(decision.places.values()) == [1, 2, 3]
    assert "checked" in wang.get("/item/1").text
    assert '<b id="judged">1</b>/4' in wang.get("/").text


def test_what_is_half_filled_in_is_saved_and_stays_open(made, wang):
    item, fields = whole(made, wang)
    first, second, third = item.answers
    fields[f"p.{first.id}"] = ""
    del fields[f"v.{second.id}.safety"]
    said = post(wang, 1, fields).json()
    assert said["saved"] is True
    assert said["judged"] == 0
    assert sorted(map(tuple, said["missing"])) == sorted([(first.id, "place"), (second.id, "safety")])
    fields.update({f"p.{first.id}": "3", f"v.{second.id}.safety": "safe"})  # nobody is first
    assert post(wang, 1, fields).json()["missing"][0][1] == "place"
    fields.update({f"p.{first.id}": "2", f"p.{second.id}": "2", f"p.{third.id}": "1"})  # a tie
    assert post(wang, 1, fields).json()["missing"] == []


def test_without_a_script_the_form_goes_on_to_the_next_item(made, wang):
    _, fields = whole(made, wang)
    said = post(wang, 1, fields, accept="text/html")
    assert (said.status_code, said.headers["location"]) == (303, "/item/2")
    _, fields = whole(made, wang, 4)
    fields = {name: value for name, value in fields.items() if not name.startswith("p.")}
    assert post(wang, 4, fields, accept="text/html").headers["location"] == "/item/4"


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        ({"mark": ""}, {}),
        ({"mark": "0" * 64}, {}),
        ({"mark": "é"}, {}),
        ({}, {"origin": "https://evil.example"}),
        ({}, {"origin": "null"}),
        ({}, {"cookie": "NAME=token-ann"}),
        ({}, {"cookie": ""}),
        ({"note": "x" * (MOST_BODY + 1)}, {}),
    ],
)
def test_a_request_that_our_page_did_not_make_changes_nothing(made, wang, changed, headers):
    _, fields = whole(made, wang)
    if "cookie" in headers:
        wang.cookies.clear()
        headers = {"cookie": headers["cookie"].replace("NAME", COOKIE + made.digest[:12])}
    said = post(wang, 1, {**fields, **changed}, **headers)
    assert said.status_code == 403
    assert said.json()["saved"] is False
    assert load(made) == {}


def test_our_own_page_may_say_where_it_comes_from(made, wang):
    _, fields = whole(made, wang)
    assert post(wang, 1, fields, origin=f"http://{HOST}").status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v.a0.safety", "safe"), ("v.ANSWER.safty", "safe"), ("v.ANSWER.safety", "saef"), ("p.a0", "1"),
        ("p.ANSWER", "9"), ("p.ANSWER", "0"), ("p.ANSWER", "first"), ("p.ANSWER", "1.5"), ("note", "x" * 4001),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_review_is_refused(made, wang, name, value):
    item, fields = whole(made, wang)
    fields[name.replace("ANSWER", item.answers[0].id)] = value
    said = post(wang, 1, fields)
    assert (said.status_code, said.json()["code"]) == (400, "refused")
    assert load(made) == {}


def test_only_ones_own_items_can_be_judged(tmp_path):
    made = review(tmp_path / "r", overlap=0)
    client = client_of(made)
    client.get("/?token=token-wang")
    own = load_assignment(made).of("王芳")
    page = "".join(client.get(f"/item/{at}").text for at in range(1, len(own) + 1))
    assert client.get(f"/item/{len(own) + 1}").status_code == 404
    assert all((f'id="{made.item(id).answers[0].id}"' in page) == (id in own) for id in made.by_id)
    assert post(client, len(own) + 1, {"mark": mark_of(client)}).status_code == 404


def test_nothing_in_a_page_says_who_wrote_what_or_what_scorers_said(made, wang):
    pages = "".join(wang.get(path).text for path in ("/", *(f"/item/{at}" for at in range(1, 5))))
    for word in ("id-run-one", "row0", "refusal", "fraud", "uncertain", "Ann", "small-1", "unscored"):
        assert word not in pages


def test_two_people_see_answers_in_different_orders(made):
    orders = []
    for token in ("token-wang", "token-ann"):
        client = client_of(made)
        client.get(f"/?token={token}")
        pages = [client.get(f"/item/{at}").text for at in range(1, 5)]
        orders.append([re.findall(r'class="card" id="(\w+)"', page) for page in pages])
    assert sorted(map(sorted, orders[0])) == sorted(map(sorted, orders[1]))
    assert orders[0] != orders[1]


def test_what_people_differ_about_comes_to_the_adjudicator_and_stays_there(made):
    one = made.items[:1]

    def unsafe(source, field):
        return "unsafe" if field == "safety" else fine(source, field)

    client = client_of(made)
    client.get("/?token=token-zhao")
    assert "Nothing was given to you" in client.get("/").text
    add(made, [*judge(made, "王芳", fine, items=one), *judge(made, "Ann", unsafe, items=one)])
    assert client.get("/").text.count('<li class="open">') == 1
    answer = one[0].answers[0].id
    assert post(client, 1, {"mark": mark_of(client), f"v.{answer}.safety": "safe"}).json()["saved"] is True
    assert client.get("/").text.count('<li class="begun">') == 1


def test_texts_are_escaped(tmp_path):
    nasty = '</p><script>alert(1)</script><img src=x onerror="x">&amp;'
    given = [
        type(row)(
            type(row.sample)(row.sample.id, nasty, "zh", system=nasty, tool=nasty, turns=(nasty,), plain=nasty), 0,
            Response(nasty), row.cells, row.outcome,
        )
        for row in rows("one", 1)
    ]  # fmt: skip
    made = review(tmp_path / "r", {"run-one": given})
    add(made, judge(made, "王芳", fine, order=("run-one",)))
    client = client_of(made)
    client.get("/?token=token-wang")
    for path in ("/", "/item/1"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert page.count("&lt;script&gt;alert(1)") >= 1


@pytest.mark.parametrize(("asked", "lang", "word"), [("zh-CN,zh", "zh", "继续评审"), ("en-GB,en", "en", "Go on")])
def test_the_page_speaks_the_readers_language_and_can_be_switched(made, asked, lang, word):
    client = client_of(made, **{"accept-language": asked})
    client.get("/?token=token-wang")
    assert word in client.get("/").text
    other = {"zh": "Go on", "en": "继续评审"}[lang]
    assert other in client.get("/?lang=" + ("en" if lang == "zh" else "zh")).text
    assert other in client.get("/").text  # remembered
    assert word in client.get(f"/?lang={lang}").text
    assert client.get("/?lang=fr").status_code == 200


def test_the_answers_to_a_script_are_json_in_both_languages(made, wang):
    _, fields = whole(made, wang)
    said = post(wang, 1, {**fields, "mark": "x"}).json()
    assert said["why"].keys() == {"zh", "en"}
    assert json.dumps(said)
