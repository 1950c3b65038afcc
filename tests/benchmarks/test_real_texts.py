import io
import json
import zipfile

import pytest

from benchmarks.real_texts import CORPORA, Corpus, column, decoded, intents, sample, turns, values, zipped_turns

TALK = [{"messages": [{"message": "看过这部电影吗？"}, {"attrs": []}, {"message": "Not yet."}]}]
ORDERS = {"7": {"messages": [{"role": "usr", "content": "找餐馆"}, {"role": "sys", "content": "有"}]}}
QUOTED = 'ID,问题\n1,长城有多长？\n2,"逗号，\nand a line"\n3\n'


def zipped(data) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("test.json", json.dumps(data))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("问题, a question".encode(), "问题, a question"),
        ("\ufeff问题".encode(), "问题"),
        ("问题和答案".encode("gb18030"), "问题和答案"),
        (b"a\0b", "a\0b"),
        ("问题".encode("gb18030") + b"\xff", "问题\ufffd"),
    ],
    ids=["utf-8", "with a mark", "gb18030", "with a NUL", "broken"],
)
def test_files_are_decoded_whatever_their_encoding(content, text):
    assert decoded(content) == text


@pytest.mark.parametrize(
    ("read", "content", "texts"),
    [
        (
            column("问题"),
            'ID,问题\n1,长城有多长？\n2,"逗号，\nand a line"\n3\n'.encode(),
            ["长城有多长？", "逗号，\nand a line", None],
        ),
        (column("text"), b"text,category\r\nWhere is my card\0?,x\r\n", ["Where is my card\0?"]),
        (column("TEXT"), "\ufeff,TEXT\n0,你好 hello\n".encode(), ["你好 hello"]),
        (values("Question"), json.dumps([{"Question": "甲"}, {"Other": 1}]).encode(), ["甲", None]),
        (values("q"), b'{"q": "one"}\n{"q": "two"}\n', ["one", "two"]),
        (turns, json.dumps(TALK).encode(), ["看过这部电影吗？", None, "Not yet."]),
        (
            zipped_turns,
            zipped({"7": {"messages": [{"role": "usr", "content": "找餐馆"}, {"role": "sys", "content": "有"}]}}),
            ["找餐馆"],
        ),
        (
            intents,
            json.dumps({"test": [["say it in spanish", "translate"]], "val": []}).encode(),
            ["say it in spanish"],
        ),
    ],
    ids=["csv", "csv with a NUL", "csv with a mark", "json", "json lines", "KdConv", "CrossWOZ", "CLINC150"],
)
def test_each_reader_finds_the_texts_and_nothing_else(read, content, texts):
    assert list(read(content)) == texts


@pytest.fixture
def corpus(tmp_path):
    (tmp_path / "set.csv").write_text("text\n" + "".join(f"第{n % 50}句 sentence\n" for n in range(100)) + '" "\n')
    return Corpus("set", ("set.csv",), column("text"))


def test_a_sample_is_the_same_for_the_same_seed_and_another_for_another(corpus, tmp_path):
    assert sample(corpus, tmp_path, 20, seed=1) == sample(corpus, tmp_path, 20, seed=1)
    assert sample(corpus, tmp_path, 20, seed=1) != sample(corpus, tmp_path, 20, seed=2)


def test_a_sample_holds_every_text_once_and_no_blank_one(corpus, tmp_path):
    texts = sample(corpus, tmp_path, 1000, seed=1)
    assert len(texts) == len(set(texts)) == 50
    assert all(text.strip() for text in texts)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(OSError, match=r"set\.csv"):
        sample(Corpus("set", ("set.csv",), column("text")), tmp_path, 1, seed=1)


def test_names_of_data_sets_are_unique_because_the_table_and_the_seed_go_by_them():
    assert len({corpus.name for corpus in CORPORA}) == len(CORPORA)
