import pytest

from evaluators.agreement import Agreement
from evaluators.passport import Passport, identity, load, save
from gateway.errors import ConfigError

PASSPORT = Passport("a" * 64, "rubric", "polite", "j1", "2026-01-02", "b" * 64, Agreement(8, 2, 1, 9), 3)


def test_a_passport_is_read_as_it_was_written_and_a_newer_one_replaces_it(tmp_path):
    save(PASSPORT, tmp_path / "p")
    assert load(tmp_path / "p") == {(PASSPORT.id, "polite"): PASSPORT}
    newer = Passport("a" * 64, "rubric", "polite", "j1", "2026-02-02", "b" * 64, Agreement(9, 1, 1, 9), 0)
    save(newer, tmp_path / "p")
    assert load(tmp_path / "p") == {(PASSPORT.id, "polite"): newer}


def test_no_folder_no_passports(tmp_path):
    assert load(tmp_path / "none") == {}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}', '{"format": 9}'])
def test_what_is_no_passport_is_named(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ConfigError, match=r"x\.json.*no passport"):
        load(tmp_path)


def test_who_a_judge_is_depends_on_all_that_it_is_made_of():
    plain = identity("m", {"a": 1, "b": 2}, "p", {"s": 1})
    assert plain == identity("m", {"b": 2, "a": 1}, "p", {"s": 1})
    assert len({plain, identity("n", {"a": 1, "b": 2}, "p", {"s": 1}), identity("m", {}, "p", {"s": 1})}) == 3
    assert identity("m", {"a": 1, "b": 2}, "q", {"s": 1}) != plain
