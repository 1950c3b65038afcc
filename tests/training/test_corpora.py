"""Readers of data sets: whatever the encoding, and clear about what is missing."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from training.corpora import READERS, DataError, Row, decoded, objects, read_all, table


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("问题".encode(), "问题"),
        (b"\xef\xbb\xbfa", "a"),
        ("问题".encode("gb18030"), "问题"),
        (b"a\0b", "ab"),
        (b"\xff\xff\xff", "\ufffd"),
    ],
)
def test_texts_are_decoded(content: bytes, text: str) -> None:
    assert decoded(content).startswith(text)


def test_tables_are_read_whatever_their_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('问题,类\n"一,二",x\n三\n'.encode("gb18030"))
    assert list(table(path)) == [{"问题": "一,二", "类": "x"}, {"问题": "三", "类": ""}]


def test_objects_are_read_from_arrays_lines_and_packed_files(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"a": 1}, {"a": 2}]')
    (tmp_path / "b.jsonl").write_text('{"a": 1}\n\n{"a": 2}\n')
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}'))
    with zipfile.ZipFile(tmp_path / "d.json.zip", "w") as archive:
        archive.writestr("d.json", json.dumps([{"a": 1}, {"a": 2}]))
    for name in ("a.json", "b.jsonl", "c.jsonl.gz", "d.json.zip"):
        assert list(objects(tmp_path / name)) == [{"a": 1}, {"a": 2}]


def test_what_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*jade.*give the folder"):
        read_all(tmp_path)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(DataError, match=r"x\.json is no JSON"):
        list(objects(tmp_path / "x.json"))


# 0 is hate speech there, 1 rude; so many are drawn that there must be enough.
TWEETS = "class,tweet\n0,x\n2,z\n" + "1,y\n" * 9000
SEXIST = "text,label_sexist,label_category\nx,sexist,2. derogation\ny,not sexist,none\n"


def rows_of(name: str, folder: Path) -> list[Row]:
    """What one of the readers makes of a folder."""
    return list(next(reader for reader in READERS if reader.__name__ == f"_{name}")(folder))


def test_answers_that_refuse_a_harmful_wish_are_harmless_and_those_that_grant_it_are_not(tmp_path: Path) -> None:
    """Of AISafetyLab 1 is a refusal; of GPTFuzz, where 1 says that the model gave in, 0 is."""
    lab, fuzz = tmp_path / "aisafetylab", tmp_path / "gptfuzz"
    lab.mkdir()
    fuzz.mkdir()
    (lab / "aisafetylab__attack__attackers__data__icl__data_zh.json").write_text("[]")
    (lab / "aisafetylab__attack__initialization__init_templates.json").write_text('{"attack": {}}')
    answered = [("Name a colour.", "Red.", 0), ("Rob it.", "I will not.", 1), ("Rob it.", "Gladly.", 2)]
    answers = [{"input": asked, "output": said, "label": label} for asked, said, label in answered]
    (lab / "demo__training_data__train.json").write_text(json.dumps(answers))
    (lab / "demo__training_data__valid.json").write_text("[]")
    (fuzz / "datasets__questions__question_list.csv").write_text("index,text\n0,Rob it.\n")
    (fuzz / "datasets__prompts__GPTFuzzer.csv").write_text("text\n")
    for name in ("train", "evaluate"):
        lines = "question,Response,label\n0,Never.,0\n" + "0,between,0\n" * 2 + f"0,Of course {name}.,1\n"
        (fuzz / f"datasets__responses_labeled__{name}.csv").write_text(lines)
    found = {row.text: bool(row.risks) for name in ("aisafetylab", "gptfuzz") for row in rows_of(name, tmp_path)}
    assert found == {
        "Name a colour.": False,
        "Red.": False,
        "I will not.": False,
        "Gladly.": True,
        "Rob it.": True,
        "Never.": False,
        "Of course train.": True,
        "Of course evaluate.": True,
    }


@pytest.mark.parametrize(
    ("name", "path", "lines", "shown"),
    [
        ("cold", "cold/COLDataset__{}.csv", "label,topic,TEXT\n1,region,x\n0,region,y\n", {"x": "a2.d", "y": ""}),
        ("davidson", "davidson_hate/data__labeled_data.csv", TWEETS, {"x": "hate", "y": "abuse", "z": ""}),
        ("edos", "edos/data__edos_labelled_aggregated.csv", SEXIST, {"x": "hate", "y": ""}),
        ("surge", "surge_toxicity/toxicity_en.csv", "text,is_toxic\nx,Toxic\ny,Not Toxic\n", {"x": "abuse", "y": ""}),
    ],
)
def test_labels_of_comments_are_read_as_their_sets_mean_them(
    name: str, path: str, lines: str, shown: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / path).parent.mkdir()
    for part in ("train", "dev", "test") if "{}" in path else ("",):
        (tmp_path / path.format(part)).write_text(lines)
    found = {row.text: row.risks for row in rows_of(name, tmp_path)}
    assert found.keys() == shown.keys()
    assert all(risk in found[text] if risk else not found[text] for text, risk in shown.items())


def test_what_a_service_desk_says_is_a_harmless_answer_to_its_caller(tmp_path: Path) -> None:
    (tmp_path / "teleantifraud").mkdir()
    stem = tmp_path / "teleantifraud" / "multi-agents-tools__AntiFraudMatrix"
    fraud = [{"left": [f"转账 {n}"], "right": ["好"]} for n in range(1500)]
    Path(f"{stem}__results__f.jsonl").write_text("\n".join(json.dumps(one) for one in fraud))
    talk = {"left": ["您好。", "已为您登记。"], "right": ["我要报修。", "谢谢。"]}
    Path(f"{stem}-normal__results__n.jsonl").write_text(json.dumps(talk))
    found = [row for row in rows_of("teleantifraud", tmp_path) if not row.risks]
    assert {(row.kind, row.question, row.text) for row in found} == {
        ("benign", "", "您好。 已为您登记。"),
        ("benign", "", "我要报修。"),
        ("benign", "", "谢谢。"),
        ("answer", "我要报修。", "您好。 已为您登记。"),
    }
