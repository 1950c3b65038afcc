"""Columns are found by the names that they may have, and values become the text and the passages that rows hold."""

import pytest
from kit.importing import read, row

from evaluators.importers.layout import Layout, chosen, draft, language, nothing, plain_records, unlisted
from evaluators.importers.read import formats
from gateway.errors import ConfigError, Where


@pytest.mark.parametrize("name", sorted(set(formats()) - {"instructions", "table", "promptfoo"}))
def test_another_layout_is_refused_with_what_was_looked_for_and_what_was_found(tmp_path, name):
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, name, [{"spalte": 1, "列": 2, "source_info": ""}])
    assert name in str(caught.value)
    assert "looked for the column" in str(caught.value)
    assert "'spalte'" in str(caught.value) or name in ("ragtruth", "rgb", "crud-rag", "bump", "catqa")


def test_columns_and_fixed_fields_are_named_by_the_user(tmp_path):
    how = {"columns": {"question": "提问内容", "contexts": "资料"}, "fixed": {"should": "refuse", "risk": "a5.a"}}
    made = row(tmp_path, "table", "提问内容,资料\n怎么退？,七天内可退。\n", "a.csv", **how)
    assert (made["question"], made["should"], made["risk"]) == ("怎么退？", "refuse", "a5.a")
    assert made["contexts"] == [{"id": "1", "text": "七天内可退。"}]
    with pytest.raises(ConfigError, match=r"no column is called '资科'.*'资料'"):
        read(
            tmp_path,
            "table",
            "提问内容,资料\n怎么退？,七\n",
            "a.csv",
            columns={"question": "提问内容", "contexts": "资科"},
        )
    with pytest.raises(ConfigError, match=r"no field 'qestion'.*'question'"):
        read(tmp_path, "table", "a\nb\n", "a.csv", columns={"qestion": "a"})
    with pytest.raises(ConfigError, match=r"no format is called 'xtest'.*'xstest'"):
        read(tmp_path, "xtest", "a\nb\n", "a.csv")


@pytest.mark.parametrize(
    ("text", "lang"),
    [("怎么退货", "zh"), ("How?", "en"), ("123", "en"), ("用 Python 写一个快速排序的函数", "zh"),
     ("帮我 review 一下这个 pull request 的 code style", "mixed")],
)  # fmt: skip
def test_the_language_is_told_by_characters_and_words(text, lang):
    assert language(text) == lang


@pytest.mark.parametrize(
    ("value", "items"),
    [
        (["a", "b"], ["a", "b"]),
        (("a",), ["a"]),
        ('["甲", "b"]', ["甲", "b"]),
        ("['甲', \"b's\"]", ["甲", "b's"]),
        (" [1, 2]", [1, 2]),
        ("[broken", ["[broken"]),
        ("[__import__('os')]", ["[__import__('os')]"]),  # is read, never run
        ("[" * 5000, ["[" * 5000]),
        ("plain", ["plain"]),
        (5, [5]),
    ],
)
def test_a_list_may_stand_as_text_and_anything_else_is_alone_in_one(value, items):
    assert unlisted(value) == items


PLAIN = Layout("plain", "", {"question": ("Prompt", "q"), "contexts": ("docs",), "answer": ("answer",), "id": ("id",)})


@pytest.mark.parametrize(
    ("record", "made"),
    [
        ({"q": " 问 ", "id": 7.0}, {"question": "问", "id": "7"}),
        ({"q": ["first", "second"], "id": 1.5}, {"question": "first", "id": "1.5"}),
        ({"q": "x", "answer": [["一", "1"], ["二"]]}, {"question": "x", "answer": "一 二"}),
        ({"q": "x", "answer": {"a": "甲"}}, {"question": "x", "answer": '{"a": "甲"}'}),
        ({"q": "x", "answer": None, "id": ""}, {"question": "x"}),
        ({"q": "x", "docs": ["甲", " ", {"content": "b", "doc_id": 9}, {"none": 1}]},
         {"question": "x", "contexts": [{"id": "1", "text": "甲"}, {"id": "9", "text": "b"}]}),
        ({"q": "x", "docs": "one text"}, {"question": "x", "contexts": [{"id": "1", "text": "one text"}]}),
    ],
)  # fmt: skip
def test_values_become_text_and_passages(record, made):
    columns = chosen(PLAIN, record, Where("f"))
    assert draft(PLAIN, record, columns, {}) == made


def test_of_several_columns_the_first_that_is_there_counts_whatever_its_case():
    assert chosen(PLAIN, [" PROMPT ", "q"], Where("f"))["question"] == " PROMPT "
    assert chosen(PLAIN, ["Q"], Where("f")) == {"question": "Q"}


def test_fixed_fields_win_over_those_of_the_record():
    assert draft(PLAIN, {"q": "x"}, {"question": "q"}, {"kind": "k", "question": "y"}) == {"question": "y", "kind": "k"}


def test_a_record_that_holds_several_keeps_their_place():
    apart = Layout("apart", "", {}, apart=lambda record: record["inner"])
    found = [(4, {"inner": [{"a": 1}, {"a": 2}]}), (0, {"inner": [{"a": 3}, {"a": 4}]})]
    assert list(plain_records(apart, found)) == [(4, {"a": 1}), (4, {"a": 2}), (1, {"a": 3}), (2, {"a": 4})]
    assert list(plain_records(PLAIN, found)) == found


def test_a_file_of_nothing_says_what_was_looked_for():
    told = str(nothing(Layout("l", "", {}, seeks="'samples'"), ["a", "b"], Where("f.json")))
    assert told.startswith("f.json: this is not the layout 'l': looked for the column 'samples', found 'a', 'b' — ")
