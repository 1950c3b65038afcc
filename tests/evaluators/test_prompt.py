from evaluators.prompt import Template, messages
from evaluators.sample import Passage, Sample

TEMPLATE = Template("只看资料。", "{passages}\n\n{question}", "[{id}] {text}")


def test_passages_and_question_go_where_the_template_says():
    sample = Sample("a", "能退吗？", "zh", contexts=(Passage("p1", "七天内可退。"), Passage("p2", "Ships free.")))
    assert messages(sample, TEMPLATE) == [
        {"role": "system", "content": "只看资料。"},
        {"role": "user", "content": "[p1] 七天内可退。\n[p2] Ships free.\n\n能退吗？"},
    ]


def test_braces_in_a_row_are_text():
    sample = Sample("a", "{passages}", "en", contexts=(Passage("p", "{question} {id}"),))
    assert messages(sample, TEMPLATE)[-1]["content"] == "[p] {question} {id}\n\n{passages}"


def test_a_row_without_passages_is_asked_as_it_is():
    assert messages(Sample("a", "Hello", "en"), TEMPLATE) == [{"role": "user", "content": "Hello"}]


def test_a_rows_own_system_prompt_comes_first():
    sample = Sample("a", "?", "en", system="Be brief.", contexts=(Passage("p", "x"),))
    assert messages(sample, TEMPLATE)[0] == {"role": "system", "content": "Be brief.\n\n只看资料。"}
