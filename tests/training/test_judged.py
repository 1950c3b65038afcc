import json

import pytest

from training.corpora.files import DataError
from training.judged import Answer, _begin, _bump, _paws, doctors, read_judged, read_pairs


def test_answers_are_read_with_what_people_found(tmp_path):
    path = tmp_path / "begin.tsv"
    path.write_text(
        "model_name\tdata_source\tknowledge\tmessage\tresponse\tbegin_label\n"
        'm\ts\tCats purr.\tHi\tCats "purr\tFully attributable\n'
        "m\ts\tCats purr.\tHi\tDogs bark\tNot fully attributable\n"
        "m\ts\tCats purr.\tHi\tNice!\tGeneric\n"
    )
    assert list(_begin(path)) == [
        Answer("Hi", 'Cats "purr', ("Cats purr.",), True),
        Answer("Hi", "Dogs bark", ("Cats purr.",), False),
    ]


def test_an_edited_summary_stands_beside_the_one_it_was_made_from(tmp_path):
    (tmp_path / "bump").mkdir()
    entry = {"article": "A", "reference_summary": "true", "edited_summary": "false"}
    (tmp_path / "bump/data__task1_dataset.json").write_text(json.dumps([entry]))
    assert [(row.answer, row.true) for row in _bump(tmp_path)] == [("true", True), ("false", False)]


def test_pairs_and_doctors_are_read_as_their_files_are_written(tmp_path):
    (tmp_path / "pawsx_zh_dev").mkdir()
    (tmp_path / "pawsx_zh_dev/PAWS-X__dev_2k.tsv").write_text(
        "id\tsentence1\tsentence2\tlabel\n1\t甲\t乙\t1\n2\t丙\tNS\tx\n"
    )
    assert list(_paws(tmp_path)) == [Answer("", "乙", ("甲",), True)]
    (tmp_path / "zh_medical_qa").mkdir()
    (tmp_path / "zh_medical_qa/样例_内科5000-6000.csv").write_bytes(
        "department,title,ask,answer\n内科,问,长问,答\n".encode("gb18030")
    )
    assert list(doctors(tmp_path)) == [("问", "答")]


@pytest.mark.parametrize("reader", [read_judged, read_pairs])
def test_a_folder_that_lacks_a_set_is_said(tmp_path, reader):
    with pytest.raises(DataError, match="cannot read"):
        list(reader(tmp_path))
