import hashlib
import json
from dataclasses import replace

import pytest
from kit.reviewing import fine, judge, review, rows

from evaluators.calibrate import read_labelled
from evaluators.review.decisions import add, minutes
from evaluators.review.export import FORMS, Wanted, write
from evaluators.sample import Response
from gateway.answers.read import read_bank
from gateway.errors import ConfigError

DEFAULT = Wanted("", "", 2, risky=True, chance=False)


def bad_two(source, field):
    if source != "run-two":
        return fine(source, field)
    return {"safety": "unsafe", "response": "refused", "helpful": "none"}[field]


def export(made, form, path, **options):
    manifest = write(path, minutes(made), replace(DEFAULT, form=form, **options), day="2026-01-03")
    text = path.read_text("utf-8")
    assert json.loads(path.with_name(path.name + ".manifest.json").read_text("utf-8")) == json.loads(
        json.dumps(manifest)
    )
    assert manifest["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    return manifest, text


@pytest.fixture
def made(tmp_path):
    """Two people agree: the standard answer first, run-two unsafe."""
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", bad_two), *judge(made, "Ann", bad_two)])
    return made


def test_labels_are_what_calibrate_reads(made, tmp_path):
    manifest, _ = export(made, "labels", tmp_path / "l.jsonl", metric="refused")
    found = read_labelled(tmp_path / "l.jsonl")
    assert manifest["rows"] == len(found) == 12
    assert {row.sample.answer.split(" ")[0]: row.yes for row in found} == {
        "run-two": True, "run-one": False, "标准答案": False,
    }  # fmt: skip
    assert {row.sample.should for row in found} == {None}  # the metric is of rows that expect nothing
    assert {row.sample.reference for row in found} == {f"标准答案 standard {at}" for at in range(4)}


def test_labels_say_what_was_expected_for_metrics_that_need_it(made, tmp_path):
    export(made, "labels", tmp_path / "l.jsonl", metric="refusal_rate")
    assert {row.sample.should for row in read_labelled(tmp_path / "l.jsonl")} == {None, "refuse"}


def test_labels_by_chance_alone_leave_the_doubtful_out(tmp_path):
    from evaluators.score import Unscored

    given = rows("run-one", 8)
    for at in range(6):
        given[at] = replace(given[at], cells={"refused": Unscored("judge_unsure")})
    made = review(tmp_path / "r", {"run-one": given})
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", fine)])
    drawn = [behind.drawn for behind in made.behind.values()]
    assert 0 < drawn.count("random") < 8
    manifest, _ = export(made, "labels", tmp_path / "l.jsonl", metric="refused", chance=True)
    assert manifest["rows"] == 2 * drawn.count("random")
    assert manifest["by_chance_only"] is True


def test_what_people_differ_about_is_no_label(tmp_path):
    made = review(tmp_path / "r")
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", bad_two)])
    manifest, _ = export(made, "labels", tmp_path / "l.jsonl", metric="refused", least=1)
    assert (manifest["rows"], manifest["left_out"]) == (8, {"not_settled": 4})


def test_an_unknown_metric_is_told_with_what_was_meant(made, tmp_path):
    with pytest.raises(ConfigError, match="refusal_rate"):
        export(made, "labels", tmp_path / "l.jsonl", metric="refusl_rate")
    assert not (tmp_path / "l.jsonl").exists()


def test_alpaca_and_sharegpt_hold_the_best_good_answer_to_risky_questions(made, tmp_path):
    manifest, text = export(made, "alpaca", tmp_path / "a.json")
    found = json.loads(text)
    assert manifest["left_out"] == {"harmless_question": 1}  # row3 has neither a risk nor is to be declined
    assert {row["output"] for row in found} == {f"标准答案 standard {at}" for at in range(3)}
    assert all(row.keys() == {"instruction", "input", "output"} for row in found)
    _, text = export(made, "sharegpt", tmp_path / "s.json")
    talks = json.loads(text)
    assert [[turn["from"] for turn in talk["conversations"]] for talk in talks] == [["human", "gpt"]] * 3
    assert [talk["conversations"][1]["value"] for talk in talks] == [row["output"] for row in found]
    assert export(made, "alpaca", tmp_path / "b.json", risky=False)[0]["rows"] == 4


def test_nothing_is_learned_from_what_one_alone_or_nobody_calls_good(tmp_path):
    made = review(tmp_path / "r")
    add(made, judge(made, "王芳", fine))
    for form in ("alpaca", "sharegpt", "bank", "dpo"):
        assert export(made, form, tmp_path / form)[0]["rows"] == 0
    assert export(made, "alpaca", tmp_path / "a", least=1)[0]["rows"] == 3

    def unsafe(source, field):
        return "unsafe" if field == "safety" else fine(source, field)

    add(made, [*judge(made, "王芳", unsafe), *judge(made, "Ann", unsafe)])
    manifest, _ = export(made, "alpaca", tmp_path / "c")
    assert (manifest["rows"], manifest["left_out"]) == (0, {"harmless_question": 1, "no_answer_is_good": 3})


def test_preferences_are_what_people_agree_on_and_never_choose_what_is_not_good(made, tmp_path):
    manifest, text = export(made, "dpo", tmp_path / "d.jsonl")
    found = [json.loads(line) for line in text.splitlines()]
    assert manifest["rows"] == len(found) == 12
    assert all(row.keys() == {"prompt", "chosen", "rejected"} for row in found)
    assert all("run-two" not in row["chosen"] for row in found)
    assert all(row["chosen"] != row["rejected"] for row in found)
    order = ("run-two", "standard", "run-one")  # unsafe, and yet placed first
    add(made, [*judge(made, "王芳", bad_two, order=order), *judge(made, "Ann", bad_two, order=order)])
    manifest, text = export(made, "dpo", tmp_path / "e.jsonl")
    assert (manifest["rows"], manifest["left_out"]) == (4, {"chosen_is_not_good": 8})
    assert "run-two" not in text


def test_where_good_answers_are_level_the_standard_one_is_learned(tmp_path):
    made = review(tmp_path / "r")
    for person in ("王芳", "Ann"):
        add(made, [replace(one, places=dict.fromkeys(one.places, 1)) for one in judge(made, person, fine)])
    _, text = export(made, "alpaca", tmp_path / "a", risky=False)
    assert {row["output"] for row in json.loads(text)} == {f"标准答案 standard {at}" for at in range(4)}


def test_ties_and_contradictions_are_no_preferences(tmp_path):
    made = review(tmp_path / "r")
    other = ("standard", "run-two", "run-one")
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", fine, order=other)])
    assert export(made, "dpo", tmp_path / "d")[0]["left_out"] == {"tied_or_not_agreed": 4}
    level = [replace(one, places=dict.fromkeys(one.places, 1)) for one in judge(made, "Ann", fine)]
    add(made, [*level, *(replace(one, reviewer="王芳") for one in level)])
    manifest, _ = export(made, "dpo", tmp_path / "e")
    assert (manifest["rows"], manifest["left_out"]) == (0, {"tied_or_not_agreed": 12})
    add(made, judge(made, "王芳", fine))  # one says so, the other sees a tie: that is one voice
    assert export(made, "dpo", tmp_path / "f")[0]["left_out"] == {"too_few_people": 12}


def test_empty_texts_are_no_preferences(tmp_path):
    empty = [replace(row, answer=Response(" ")) for row in rows("run-two")]
    made = review(tmp_path / "r", {"run-one": rows("run-one"), "run-two": empty})
    add(made, [*judge(made, "王芳", fine), *judge(made, "Ann", fine)])
    manifest, text = export(made, "dpo", tmp_path / "d")
    assert (manifest["rows"], manifest["left_out"]) == (4, {"empty_text": 8})
    assert '" "' not in text


def test_a_bank_gets_drafts_that_can_be_read(made, tmp_path):
    order = ("run-one", "standard", "run-two")
    add(made, [*judge(made, "王芳", bad_two, order=order), *judge(made, "Ann", bad_two, order=order)])
    manifest, text = export(made, "bank", tmp_path / "b.yaml")
    bank = read_bank(text.encode(), "b.yaml")
    assert manifest["rows"] == len(bank.entries) == 3
    assert {entry.state for entry in bank.entries} == {"draft"}
    assert {entry.zh for entry in bank.entries} == {f"run-one 说 {at}" for at in range(3)}
    assert {entry.risks for entry in bank.entries} == {("fraud",), ()}


def test_an_answer_with_hidden_data_is_no_bank_row(tmp_path):
    from evaluators.review.blind import hidden

    private = [replace(row, answer=Response("请打 13800138000 咨询")) for row in rows("run-one", 1)]
    made = review(tmp_path / "r", {"run-one": private})
    shown = tuple(hidden(item, lambda text: text.replace("13800138000", "*" * 11)) for item in made.items)
    masked = replace(made, items=shown, by_id={item.id: item for item in shown})
    order = ("run-one", "standard")
    add(masked, [*judge(masked, "王芳", fine, order=order), *judge(masked, "Ann", fine, order=order)])
    manifest, text = export(masked, "bank", tmp_path / "b.yaml")
    assert manifest["left_out"] == {"personal_data_is_hidden_in_it": 1}
    assert "13800138000" not in text + export(masked, "alpaca", tmp_path / "a.json")[1]


def test_a_conversation_without_the_answers_in_between_teaches_nothing(tmp_path):
    talk = [replace(row, sample=replace(row.sample, turns=("先前的问题",))) for row in rows("run-one", 1)]
    made = review(tmp_path / "r", {"run-one": talk})
    order = ("standard", "run-one")
    add(made, [*judge(made, "王芳", fine, order=order), *judge(made, "Ann", fine, order=order)])
    for form, reason in (
        ("alpaca", "earlier_turns_have_no_answer"),
        ("dpo", "earlier_turns_have_no_answer"),
        ("bank", "rests_on_more_than_the_question"),
    ):
        assert export(made, form, tmp_path / form)[0]["left_out"] == {reason: 1}


@pytest.mark.parametrize("form", FORMS)
def test_a_manifest_counts_people_and_names_nobody(made, tmp_path, form):
    manifest, text = export(made, form, tmp_path / "out", metric="refused")
    told = json.dumps(manifest, ensure_ascii=False) + text
    assert manifest["reviewers"] == 2
    assert (manifest["texts"], manifest["least"], manifest["made"]) == ("as they were", 2, "2026-01-03")
    assert "王芳" not in told
    assert "Ann" not in told
