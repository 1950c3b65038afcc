import json
import re
from pathlib import Path

from kit.pages import NASTY, Page, drawn

from evaluators.report.page import page
from evaluators.run import Key
from evaluators.sample import Response


def test_the_page_needs_nothing_else(built):
    read = Page(page(*built))
    assert not {"link", "img", "iframe", "object", "embed", "base", "form", "a"} & {tag for tag, _ in read.tags}
    for tag, attributes in read.tags:
        assert not {"src", "href", "action", "background", "xlink:href"} & set(attributes), tag
        assert not [name for name in attributes if name.startswith("on")], tag
    policy = next(a["content"] for tag, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy


def test_what_rows_and_answers_say_stays_text(built):
    text = page(*built)
    read = Page(text)
    assert [a.get("type") for tag, a in read.tags if tag == "script"] == ["application/json", None]
    assert NASTY not in text
    assert NASTY in {row["question"] for row in held(text)["rows"]}


def held(text):
    """What the page's script is given."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


def test_a_browser_draws_the_rows_as_text(built, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(*built))
    text = drawn(path)
    read = Page(text)
    shown = [a["data-outcome"] for tag, a in read.tags if a.get("class") == "row"]
    assert shown == [row.outcome for row in built[1].rows]
    assert not [1 for tag, a in read.tags if tag == "img" or "onerror" in a or "evil" in str(a.get("src"))]
    assert NASTY[:40] in "".join(read.words)
    ids = [a["id"] for _, a in read.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert {"search", "count", "rows", "hits"} <= set(ids)
    hits = sum(cell["outcome"] == "fail" for row in held(page(*built))["rows"] for cell in row["cells"])
    assert hits
    assert [a.get("class") for _, a in read.tags].count("link") == hits


def test_a_browser_opens_the_row_that_the_address_names(built, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page(*built, before={Key("good", 0): Response("以前的回答。", "stop")}))
    text = drawn(path, query="#good")
    read = Page(text)
    for words in ("整机保修两年。", "以前的回答。", "保修多久？", "faithfulness_lexical"):
        assert words in read.text
    assert [a.get("class") for _, a in read.tags].count("sides") == 1
    assert "[object" not in read.text
    (row,) = [a for _, a in read.tags if a.get("class") == "row"]
    assert "open" in row


def test_every_label_is_there_in_both_languages(built):
    read = Page(page(*built))
    said = [a["lang"] for tag, a in read.tags if a.get("class") == "w"]
    assert said.count("zh") == said.count("en") > 50
    script = (Path(__file__).parents[3] / "evaluators" / "report" / "rows.js").read_text()
    used = set(re.findall(r'say\("(\w+)"\)|texts\("(\w+)"', script))
    assert {one or other for one, other in used} <= set(held(page(*built))["words"])


def test_the_same_run_gives_the_same_page(built):
    assert page(*built) == page(*built)
