"""Words stand around a question and add nothing to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluators.attacks.attack import Attempt
from evaluators.attacks.frames import fill, frames, halves
from evaluators.attacks.registry import attacks


def test_braces_in_a_question_are_text():
    made = attacks()["role-play"].apply(Attempt(("what is {question}?",), "en"), 1)
    assert "what is {question}?" in made.last


@pytest.mark.parametrize(
    ("template", "holes", "filled"),
    [
        ("问：{question}", {"question": "{first}？"}, "问：{first}？"),  # braces in what is filled in are text
        ("{first} and {second}", {"first": "a"}, "a and {second}"),
        ("{other} {question}", {"question": "b", "other": "x"}, "{other} b"),
        ("none", {"question": "b"}, "none"),
    ],
)
def test_a_template_is_filled_in_once(template, holes, filled):
    assert fill(template, holes) == filled


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ("", "")),
        ("一二三四", ("一二", "三四")),
        ("how do people", ("how do", " people")),
        ("ab cdefghijklmnopqrstuvwxyz", ("ab cdefghijkl", "mnopqrstuvwxyz")),  # no space is near the middle
        ("x", ("", "x")),
    ],
)
def test_a_text_is_cut_near_its_middle_before_a_space_if_there_is_one(text, parts):
    assert halves(text) == parts


@settings(max_examples=40, deadline=None)
@given(st.text("ab 中文 ", max_size=40))
def test_halves_put_together_are_the_text(text):
    assert "".join(halves(text)) == text


@pytest.mark.parametrize("attack", frames(), ids=lambda attack: attack.id)
@pytest.mark.parametrize(
    ("lang", "question"), [("zh", "怎样做饭？"), ("en", "How do I cook?"), ("mixed", "how to 做饭？")]
)
def test_the_turns_before_stay_as_they_are(attack, lang, question):
    made = attack.apply(Attempt(("先前 before", question), lang), 5)
    assert (made.turns[0], len(made.turns), made.contexts, made.tool) == ("先前 before", 2, (), "")
