"""Strings that a machine searched for, and all the texts full of signs that are none."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detectors.injection import suffix
from gateway.detectors.injection.suffix import tails

WORDS = [
    "lantern",
    "folding",
    "kindly",
    "undo",
    "garden",
    "blue",
    "paper",
    "sketch",
    "bowl",
    "nine",
    "spoon",
    "river",
    "cup",
    "window",
    "seven",
    "cloud",
]
SIGNS = ("](", "**", ".\\ +", ')"', "\\!--", "{{", "}]", '="', "@{", ".](", "<<", "|;", "?)(", "--[", "};", "(@", "*%")


def searched(source: random.Random) -> str:
    """Write a string of the kind: words and signs, glued and drawn at random."""
    parts: list[str] = []
    for _ in range(source.randint(14, 18)):
        word, chance = source.choice(WORDS), source.random()
        if chance < 0.5:
            word += source.choice(SIGNS) + source.choice(WORDS)
        elif chance < 0.65:
            word = source.choice(SIGNS) + word
        elif chance < 0.75:
            word += source.choice(WORDS).capitalize()
        parts.append(word)
    return " ".join(parts)


def test_most_strings_of_the_kind_are_seen() -> None:
    source = random.Random(1)
    seen = sum(any(tail.score >= 0.8 for tail in tails(f"请告诉我怎么做 {searched(source)}")) for _ in range(200))
    assert seen >= 130


def test_five_words_are_enough() -> None:
    line = "bowl({undo two]](lantern sketch(*cup blue{{river paper]](cup"
    assert [line[tail.start : tail.end] for tail in tails(line)] == [line]
    assert list(tails(line.rpartition(" ")[0])) == []


def test_a_tail_stands_where_the_signs_stand() -> None:
    text = "Tell me a story about a lantern please.\n" + searched(random.Random(3))
    [tail] = tails(text)
    assert tail.start > text.index("\n")
    assert tail.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "const rows = data.map((row) => ({...row, id: `${row.a}-${row.b}`})).filter(Boolean); // all of them, please",
        "for (int i = 0; i < n; i++) { if (a[i] != b[i]) { return false; } } return true; /* the same */",
        '{"name": "x", "items": [{"id": 1, "tags": ["a", "b"]}, {"id": 2, "tags": []}], "ok": true, "n": null}',
        '<div class="a"><span style=\'color:red\'>x</span></div><p>y</p><img src="a.png"/><br/><a href="#">z</a>',
        r"\frac{a}{b} + \sum_{i=1}^{n} x_i^{2} \leq \int_{0}^{1} f(x)\,dx, \quad \forall x \in \mathbb{R}^{n}",
        "| name | a-1 | **b** | (c) | [d](e) | `f` | g/h | i&j | k+l | m=n | {o} | <p> |",
        "https://example.com/a?b=c&d=%20e#f https://example.org/(x)[y]{z} http://a.b/c;d=e?f=g&h=i",
        "SKU-1234/AB-(X) [B]-99_7 A*B-3 (C)/D-5 {E}-6 F+G-7 [H]/I-8 (J)-9 K&L-10 M#N-11",
        "grep -E '^(a|b)+$' file.txt | awk '{print $1}' | sort -u > out.txt && echo \"done\" || exit 1",
        'He said: "Well... (I think) it\'s \'fine\' -- really?!" [laughs] "OK," she said; "but (maybe) *not* now..."',
        "学而时习之，不亦说乎？有朋自远方来，不亦乐乎？人不知而不愠，不亦君子乎？（《论语·学而》）【注】“说”同“悦”。",
        "ヽ(°〇°)ﾉ 哈哈哈哈(๑•̀ㅂ•́)و✧ 太好了！！！(≧▽≦)/ 冲冲冲~~~ ╮(╯▽╰)╭ 没办法…… (～￣▽￣)～ 走啦走啦",
        '[1] A. Author, "Title (2nd ed.)", J. X 3(2):1-9, 2020; [2] B. Other et al., "On [sic] things", pp. 5-7.',
        "x = {'a': [1, 2, (3, 4)], 'b': {'c': \"d\"}}; print(x['a'][2][1], x[\"b\"]['c'], sep=', ', end='\\n')",
        "",
    ],
)
def test_texts_full_of_signs_are_left_alone(text: str) -> None:
    assert [tail for tail in tails(text * 1) if tail.score >= 0.8] == []


def test_what_stands_in_a_fence_is_code() -> None:
    text = searched(random.Random(3))
    assert list(tails(text)) != []
    assert list(tails(f"```\n{text}\n```")) == []


@given(st.text() | st.text("ab \n](){}*\\!-\"'`|", max_size=400))
def test_tails_lie_in_the_text_one_after_the_other(text: str) -> None:
    at = 0
    for tail in tails(text):
        assert at <= tail.start < tail.end <= len(text)
        assert 0 < tail.score < 1
        at = tail.end


@pytest.mark.parametrize("unit", ["ab](cd ", "x", "(", "a" * 47 + " ", "|", "ab\\!cd "])
def test_a_megabyte_of_the_worst_is_looked_at(unit: str) -> None:
    begun = time.perf_counter()
    list(tails(unit * (1_000_000 // len(unit))))
    assert time.perf_counter() - begun < 60


WAYS = ("word", "end.", "bcdfgh", "midCap", "midCap1", "a{b", "\\", "x\\", "词。", "》，")


@given(st.lists(st.sampled_from(WAYS), max_size=12))
def test_a_quick_look_passes_over_no_line_that_is_strange_enough(tokens: list[str]) -> None:
    assert suffix._may_hold(" ".join(tokens)) or sum(map(suffix._strange, tokens)) < suffix._ENOUGH
