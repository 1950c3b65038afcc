import json

import pytest
from kit.reviewing import review, rows

from evaluators.review.draw import draw
from evaluators.review.folder import Facts, make, open_review
from evaluators.review.rubric import load_rubric
from gateway.errors import ConfigError


def test_a_review_is_read_back_as_it_was_made(tmp_path):
    made = review(tmp_path / "r")
    again = open_review(tmp_path / "r")
    assert again == made
    assert [item.id for item in again.items] == list(again.by_id)
    assert all(again.item(id) is not None for id in again.behind)


def test_what_is_there_is_not_written_over(tmp_path):
    made = review(tmp_path / "r")
    sampled = draw({"one": rows("one")}, made.rubric, size=1, seed=1, uncertain=0, most=2)
    with pytest.raises(ConfigError, match="something here already"):
        make(tmp_path / "r", Facts("x", "", 1, True, (), (), 0), made.rubric, sampled)
    assert open_review(tmp_path / "r") == made


@pytest.mark.parametrize("name", ["items.jsonl", "behind.jsonl", "rubric.yaml"])
def test_what_people_saw_cannot_be_changed_after_the_draw(tmp_path, name):
    review(tmp_path / "r")
    path = tmp_path / "r" / name
    path.write_text(path.read_text().replace("a", "b", 1))
    with pytest.raises(ConfigError, match="changed after the review was drawn"):
        open_review(tmp_path / "r")


@pytest.mark.parametrize(
    ("written", "message"),
    [("{", "no review of ours"), ("[]", "no review of ours"), ('{"format": 9}', "not the format"), ("{}", "no review")],
)
def test_a_file_that_is_none_is_told(tmp_path, written, message):
    review(tmp_path / "r")
    (tmp_path / "r" / "review.json").write_text(written)
    with pytest.raises(ConfigError, match=message):
        open_review(tmp_path / "r")


def test_a_folder_without_a_review_is_told_with_what_to_do(tmp_path):
    with pytest.raises(ConfigError, match="review draw"):
        open_review(tmp_path)


def test_a_draw_that_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    sampled = draw({"one": rows("one")}, load_rubric("safety"), size=1, seed=1, uncertain=0, most=2)
    with pytest.raises(ConfigError, match="cannot write"):
        make(tmp_path / "file" / "r", Facts("x", "", 1, True, (), (), 0), load_rubric("safety"), sampled)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_folder_says_which_run_it_is_of_by_digests(tmp_path):
    review(tmp_path / "r")
    (first, _) = json.loads((tmp_path / "r" / "review.json").read_text())["runs"]
    assert (first["name"], first["data_digest"]) == ("run-one", "d" * 64)
