from __future__ import annotations

from dataclasses import replace

import pytest
from kit.records import FULL, plain

from gateway.exchange import Record, Subject
from gateway.stores.plain import dumps, record_of, storable, storable_json, verdict_of
from gateway.verdict import PASS, Verdict


@pytest.mark.parametrize("record", [FULL, plain(1)], ids=["everything said", "nothing said"])
def test_a_record_is_one_line_and_comes_back(record: Record) -> None:
    line = dumps(record)
    assert b"\n" not in line
    assert record_of(line) == record


def test_a_verdict_that_passes_everything_is_the_one_that_all_share() -> None:
    assert record_of(dumps(plain(1))).request is PASS
    assert record_of(dumps(FULL)).request is not PASS


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("plain", "plain"),
        ("中文 mixed", "中文 mixed"),
        ("", ""),
        ("a\0", "a␀"),
        ("中\0文", "中␀文"),
        ("\ud83d\ude00", "??"),
        ("a\udcff", "a?"),
    ],
)
def test_every_text_becomes_one_that_databases_hold(text: str, kept: str) -> None:
    assert storable(text) == kept
    assert storable_json({text: [text, (text,), 1, None, 0.5]}) == storable_json({kept: [kept, [kept], 1, None, 0.5]})


def test_json_of_a_verdict_has_no_character_that_a_database_refuses() -> None:
    odd = Verdict(errors=("judge: \0",), scores={"a\ud800": 0.5})
    line = storable_json(odd)
    assert "\\u0000" not in line
    assert '"errors":["judge: ␀"]' in line
    assert '"scores":{"a?":0.5}' in line


def test_a_backslash_before_u0000_stays_what_it_is() -> None:
    assert storable_json(["\\u0000"]) == '["\\\\u0000"]'


@pytest.mark.parametrize("line", ["{}", "[]", "1", "null", '"secret words"', '{"secret": "words"}', "secret words"])
def test_a_line_that_is_no_record_is_refused_without_its_words(line: str) -> None:
    with pytest.raises(ValueError, match=r"not a record|JSON|expected|unexpected") as caught:
        record_of(line)
    assert "secret" not in str(caught.value)


def test_a_verdict_comes_back_from_what_json_makes_of_it() -> None:
    data = {"action": "pass", "hits": [], "errors": [], "unjudged": [], "scores": {}, "rule": None}
    assert verdict_of(data) is PASS


def test_the_people_of_a_record_come_back_from_the_spool() -> None:
    record = replace(FULL, subjects=(Subject("ab" * 16, "pii.mobile_number", True),))
    assert record_of(dumps(record)) == record
