"""Written texts are read strictly, and drawn the same way every time."""

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.errors import ConfigErrors
from training.written import Row, main, read

SHIPPED = Path(__file__).parents[2] / "training" / "written" / "benign"

GOOD = """\
language: zh
risks: []
kind: instruction
families:
  - id: mail
    take: 3
    texts: ["给{to}写封信，谈{about}", "写一张给{to}的便条"]
    slots: {to: [老师, 客户, 邻居], about: [天气, 合同]}
  - id: plain
    texts: ["把{{name}}换成变量", "把{{name}}换成变量", " 你好 "]
"""


def write(folder: Path, text: str, name: str = "a.yaml") -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder


def test_families_expand_and_plain_texts_stay_as_they_are(tmp_path):
    rows = list(read(write(tmp_path, GOOD), 1))
    mail = [row.text for row in rows if row.family == "mail"]
    assert len(mail) == len(set(mail)) == 3
    assert all("{" not in text for text in mail)
    assert {text.startswith("写一张") for text in mail} == {True, False}, "each text has its turn"
    assert rows[3:] == [
        Row("把{name}换成变量", (), "zh", "instruction", "plain"),
        Row("你好", (), "zh", "instruction", "plain"),
    ]


def test_without_take_every_expansion_comes_once(tmp_path):
    rows = read(write(tmp_path, GOOD.replace("    take: 3\n", "")), 1)
    texts = [row.text for row in rows if row.family == "mail"]
    assert len(texts) == len(set(texts)) == 3 * 2 + 3


def test_a_slot_that_stands_twice_is_filled_with_one_word(tmp_path):
    text = (
        "language: en\nrisks: []\nkind: chat\nfamilies:\n  - {id: a, texts: ['{x} or {x}'], slots: {x: [tea, ink]}}\n"
    )
    assert {row.text for row in read(write(tmp_path, text), 1)} == {"tea or tea", "ink or ink"}


def test_a_text_without_slots_is_not_split_at_braces(tmp_path):
    text = """\
language: en
risks: []
kind: instruction
families:
  - id: code
    texts: ['why does {"a": 1}[0] fail', 'void f() { return; }', 'use {{user}} here']
"""
    assert [row.text for row in read(write(tmp_path, text), 1)] == [
        'why does {"a": 1}[0] fail',
        "void f() { return; }",
        "use {user} here",
    ]


def test_the_seed_alone_decides_what_is_drawn(tmp_path):
    wide = GOOD.replace("[老师, 客户, 邻居]", str(list("甲乙丙丁戊己庚辛壬癸")).replace("'", ""))
    folder = write(tmp_path, wide)
    assert list(read(folder, 1)) == list(read(folder, 1))
    assert list(read(folder, 1)) != list(read(folder, 2))
    before = [row for row in read(folder, 1) if row.family == "mail"]
    write(tmp_path, wide.replace("id: mail", "id: post").replace("id: plain", "id: other"), "0.yaml")
    texts = {row.text for row in before}
    assert texts <= {row.text for row in read(folder, 1)}, "another file does not change a family's draw"


def test_two_families_of_one_shape_draw_differently(tmp_path):
    values = "[" + ", ".join(f"n{n}" for n in range(50)) + "]"
    families = "".join(f"  - {{id: {i}, take: 9, texts: ['{i} {{x}}'], slots: {{x: {values}}}}}\n" for i in "ab")
    rows = list(read(write(tmp_path, f"language: en\nrisks: []\nkind: chat\nfamilies:\n{families}"), 1))
    assert {row.text[2:] for row in rows if row.family == "a"} != {row.text[2:] for row in rows if row.family == "b"}


def test_a_text_of_two_families_comes_once_with_the_first(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("mail", "post").replace("plain", "other"), "b.yaml")
    rows = list(read(tmp_path, 1))
    assert len({row.text for row in rows}) == len(rows)
    assert [row.family for row in rows if row.text == "你好"] == ["plain"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: instruction", "kind: instruktion", "a.yaml:3:1: 'kind' may not be 'instruktion'"),
        ("risks: []", "risks: [abuse]", "kind 'instruction' is harmless but names risks"),
        ("kind: instruction", "kind: must_refuse", "kind 'must_refuse' names no risk"),
        ("risks: []", "risks: [A b]", "a.yaml:2"),
        ("    take: 3", "    takes: 3", "a.yaml:6:5: unknown key 'takes' — did you mean 'take'?"),
        ("    take: 3", "    take: 0", "a.yaml:6"),
        ("language: zh\n", "", "the key 'language' is missing"),
        ("写一张给{to}", "写一张给{too}", "names the slot 'too', which is missing — did you mean 'to'?"),
        ("about: [天气, 合同]", "about: [天气, 合同], spare: [一]", "a.yaml:8:48: no text names the slot 'spare'"),
        ("[天气, 合同]", "[天气, 天气]", "a value of the slot 'about' is here twice"),
        ("[天气, 合同]", "[]", "a.yaml:8"),
        ("id: plain", "id: mail", "a.yaml:9:5: the family id 'mail' is here twice — the first is in"),
        ("id: plain", "id: Plain text", "a.yaml:9"),
        ('" 你好 "', '"  "', "a.yaml:10:47: the text is empty"),
        ("    take: 3\n", "", None),
        ("[天气, 合同]", str(list(range(9))), "a.yaml:8"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path, old, new, message):
    assert old in GOOD
    folder = write(tmp_path, GOOD.replace(old, new, 1))
    if message is None:
        assert list(read(folder, 1))
        return
    with pytest.raises(ConfigErrors) as caught:
        read(folder, 1)
    assert message in str(caught.value)
    assert caught.value.problems[0].where is not None


def test_too_many_expansions_need_a_number_to_take(tmp_path):
    many = "[" + ", ".join(f"n{n}" for n in range(50)) + "]"
    family = f"{{id: a, texts: ['{{x}} {{y}}'], slots: {{x: {many}, y: {many}}}}}"
    text = f"language: en\nrisks: []\nkind: chat\nfamilies:\n  - {family}\n"
    with pytest.raises(ConfigErrors, match="more than 2,000 expansions — say in 'take' how many to draw"):
        read(write(tmp_path, text), 1)
    assert len(list(read(write(tmp_path, text.replace("id: a,", "id: a, take: 2500,")), 1))) == 2500


def test_one_text_with_two_lists_of_risks_is_refused(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, "language: zh\nrisks: [abuse]\nkind: chat\nfamilies:\n  - {id: z, texts: [你好]}\n", "b.yaml")
    with pytest.raises(ConfigErrors, match="a text of 'z' is in 'plain' with other risks"):
        read(tmp_path, 1)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(ConfigErrors, match=r"holds no \*\.yaml file"):
        read(tmp_path, 1)


def test_the_command_counts_and_shows_samples(tmp_path):
    done = CliRunner().invoke(main, [str(write(tmp_path, GOOD)), "--samples", "1"])
    assert done.exit_code == 0
    assert "5 texts of 2 families" in done.output
    assert "instruction · zh" in done.output
    wrong = CliRunner().invoke(main, [str(write(tmp_path, GOOD.replace("take", "tak")))])
    assert wrong.exit_code == 1
    assert "a.yaml:6:5: unknown key 'tak'" in wrong.output


def test_the_shipped_harmless_texts_are_harmless_and_of_every_language():
    rows = list(read(SHIPPED, 1))
    assert {row.risks for row in rows} == {()}
    assert {row.language for row in rows} == {"zh", "en", "mixed"}
    assert {row.kind for row in rows} >= {"instruction", "look_alike", "answer"}
    assert len({row.text for row in rows}) == len(rows)


def test_no_family_stands_on_both_sides_under_one_name():
    """The training reads both folders as one, and would stop at the second."""
    ids = [
        line
        for path in SHIPPED.parent.rglob("*.yaml")
        for line in path.read_text("utf-8").splitlines()
        if "- id: " in line
    ]
    assert len(ids) > 1000
    assert [one for one, times in Counter(ids).items() if times > 1] == []
