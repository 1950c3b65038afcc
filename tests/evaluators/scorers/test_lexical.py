import pytest

from evaluators.scorers.lexical import clauses, sentences, terms
from evaluators.scorers.words import load_words

WORDS = load_words()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("七天内可退。运费自理！还有吗？", ["七天内可退。", "运费自理！", "还有吗？"]),
        ("It costs $4.95. Orders over $60 ship free.", ["It costs $4.95.", "Orders over $60 ship free."]),
        ("The limit is 3.5 kg. Dr. Li agrees.", ["The limit is 3.5 kg.", "Dr. Li agrees."]),
        ("No. It is not covered.", ["No.", "It is not covered."]),
        ("- 第一条\n- 第二条", ["第一条", "第二条"]),
        ("1. 登录\n2. 提交", ["登录", "提交"]),
        ("一、登录\n二、提交", ["登录", "提交"]),
        ("**重要**：退款需3.5天。", ["重要：退款需3.5天。"]),
        ("Cedar X2 保修两年。Battery: one year.", ["Cedar X2 保修两年。", "Battery: one year."]),
        ("……", []),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_stops(text, parts):
    assert sentences(text) == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("满一年的，每年5天", ["满一年的", "每年5天"]),
        ("1,200 yuan, in cash", ["1,200 yuan", "in cash"]),
        ("开馆时间：9:00", ["开馆时间", "9:00"]),
    ],
)
def test_clauses_part_at_commas_but_not_inside_numbers(text, parts):
    assert clauses(text) == parts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("需要申请换货", "申请换货"),
        ("可以退货", "退货"),
        ("Refunded orders", "refund order"),
        ("ＲＥＦＵＮＤ", "refund"),
        ("保修2年", "保修两年"),
    ],
)
def test_grammar_width_case_and_numbers_leave_no_trace(one, other):
    assert terms(one, WORDS) == terms(other, WORDS)
