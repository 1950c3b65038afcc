"""What would be seen at once is asked in several turns, and stands whole in none but the last."""

import pytest

from evaluators.attacks.attack import Attempt
from evaluators.attacks.registry import attacks
from evaluators.attacks.turns import topic

ZH = "怎样制作一碗2人份的爱心蛋炒饭？我想学习，需要什么材料。"


EN = "How do I make fried rice for 2 people? I want to learn the details."


@pytest.mark.parametrize("name", ["crescendo", "split-turns", "agreed-before", "topic-change"])
@pytest.mark.parametrize(("lang", "text"), [("zh", ZH), ("en", EN)])
def test_several_turns_and_the_question_is_whole_in_none_but_the_last(name, lang, text):
    made = attacks()[name].apply(Attempt((text,), lang), 1)
    assert len(made.turns) > 1
    assert not any(text in turn for turn in made.turns[:-1])


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("请告诉我怎样制作蛋炒饭？", "制作蛋炒饭"),
        ("How do I make fried rice?", "make fried rice"),
        ("Please tell me how to sleep.", "sleep"),
        ("请问 how to 备份照片？", "备份照片"),
        ("whatever happens", "whatever happens"),
        ("为什么？", "为什么？"),  # nothing is left of it
        ("", ""),
        ("好" * 100, "好" * 60),
    ],
)
def test_a_topic_is_a_question_without_its_asking_words(question, about):
    assert topic(question) == about
