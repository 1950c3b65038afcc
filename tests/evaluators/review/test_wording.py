"""The words of a review are there in both languages, with the same holes."""

import re

from evaluators.review.wording import load_words


def test_every_word_is_there_in_both_languages_and_says_something():
    words = load_words()
    assert len(words) > 20
    for name, word in words.items():
        assert set(word) == {"zh", "en"}, name
        assert all(form.strip() for form in word.values()), name


def test_both_languages_have_the_same_holes():
    for name, word in load_words().items():
        zh, en = (sorted(re.findall(r"\{(\w+)\}", word[language])) for language in ("zh", "en"))
        assert zh == en, name


def test_chinese_words_are_chinese():
    assert [name for name, word in load_words().items() if not re.search("[\u3400-\u9fff]", word["zh"])] == [
        "switch"
    ]  # it says English
