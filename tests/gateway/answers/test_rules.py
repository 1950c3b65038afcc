"""Keywords and patterns, each by itself."""

from gateway.answers.entry import Entry, Keywords
from gateway.answers.rules import Patterns, Words

ENTRIES = (
    Entry("a", keywords=Keywords(("退款",), ("流程", "步骤"), ("投诉",))),
    Entry("b", patterns=("隐私(政策|条款)", "privacy policy")),
    Entry("c", keywords=Keywords(none=("投诉",))),
)


def test_all_words_and_one_of_the_others_must_be_there() -> None:
    words = Words(ENTRIES)
    assert words.holding("退款的步骤") == [0]
    assert words.holding("退款") == []
    assert words.holding("流程") == []


def test_a_forbidden_word_vetoes_every_entry_that_forbids_it() -> None:
    assert Words(ENTRIES).vetoed("我要投诉退款流程") == {0, 2}


def test_patterns_say_whose_they_are() -> None:
    patterns = Patterns(ENTRIES)
    assert patterns.fitting("你们的隐私条款") == [1]
    assert patterns.fitting("privacy policy") == [1]
    assert patterns.fitting("退款") == []


def test_entries_without_rules_have_none() -> None:
    assert Words((Entry("x"),)).holding("x") == []
    assert Patterns((Entry("x"),)).fitting("x") == []
