"""The figures of BLEU and chrF are those that sacrebleu 2.6 gives for the same sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluators.scorers import overlap

MEASURES = {
    "bleu": overlap.bleu,
    "chrf": overlap.chrf,
    "rouge1": lambda a, r: overlap.rouge_n(a, r, 1),
    "rouge2": lambda a, r: overlap.rouge_n(a, r, 2),
    "rouge_l": overlap.rouge_l,
    "exact": overlap.exact,
    "f1": overlap.f1,
}
ONE = ("签收后七天内可以退货。", "签收后7天内支持无理由退货。")
CAT = ("the cat sat on the mat .", "a cat is on the mat .")


@pytest.mark.parametrize(
    ("measure", "pair", "value"),
    [
        ("bleu", ONE, 0.2029503),
        ("bleu", ("今天天气很好", "明天可能下雨"), 0.0811670),
        ("bleu", CAT, 0.4347209),
        ("bleu", ("hello world", "hello there world"), 0.4288820),
        ("chrf", ONE, 0.1959539),
        ("chrf", CAT, 0.5759364),
        ("chrf", ("completely different", "nothing alike here"), 0.1231456),
        ("rouge1", ("七天内退货", "七天内可退货"), 10 / 11),
        ("rouge2", ("七天内退货", "七天内可退货"), 6 / 9),
        ("rouge_l", ("甲乙丙丁", "乙甲丙丁"), 0.75),
        ("f1", ("the Eiffel Tower", "eiffel tower"), 1.0),
        ("f1", ("在巴黎", "巴黎"), 0.8),
        ("exact", ("Ｐａｒｉｓ。", "paris"), 1.0),
        ("exact", ("巴黎", "伦敦"), 0.0),
    ],
)
def test_known_values(measure, pair, value):
    assert MEASURES[measure](pair[0], [pair[1]]) == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("text", ["签收后七天内可以无理由退货", "Items can be returned.", "保修2年 two years", "七"])
def test_a_text_agrees_wholly_with_itself_in_every_language(measure, text):
    assert MEASURES[measure](text, ["别的 other", text]) == pytest.approx(1.0)


@pytest.mark.parametrize("measure", MEASURES)
def test_two_texts_with_nothing_in_common_have_nothing(measure):
    assert MEASURES[measure]("天地玄黄", ["宇宙洪荒"]) < 0.11
    assert MEASURES[measure]("七", ["八"]) == 0.0


@given(st.text(alphabet="ab中文 ，.7", max_size=12), st.text(alphabet="ab中文 ，.7", max_size=12))
def test_every_measure_lies_between_0_and_1(one, other):
    for measure in MEASURES.values():
        assert 0.0 <= measure(one, [other]) <= 1.0


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_the_common_subsequence_is_as_long_as_the_textbook_says(one, other):
    rows = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            rows[i + 1][j + 1] = rows[i][j] + 1 if a == b else max(rows[i][j + 1], rows[i + 1][j])
    assert overlap.common_subsequence(one, other) == rows[-1][-1]


def test_texts_too_long_to_compare_in_order_are_not_given_a_number(monkeypatch):
    monkeypatch.setattr(overlap, "_LONGEST", 100)
    assert overlap.rouge_l("a " * 20, ["a " * 20]) is None
