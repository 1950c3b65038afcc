"""Tables are read whole or refused with the row that is wrong."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.privacy.table import Table, TableError, decode, read_table


def written(folder: Path, name: str, content: str | bytes) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", "姓名,年龄\n张三, 20 \n\n李四,\n"),
        ("t.csv", "\ufeff姓名,年龄\r\n张三,20\r\n李四,\r\n"),
        ("t.csv", "姓名,年龄\n张三,20\n李四,\n".encode("gb18030")),
        ("t.csv", "姓名,年龄\n张三,20\n李四,\n".encode("utf-16")),
        ("t.tsv", "姓名\t年龄\n张三\t20\n李四\t\n"),
        ("t.txt", "姓名;年龄\n张三;20\n李四\n"),
        ("t.jsonl", '{"姓名": "张三", "年龄": 20}\n\n{"姓名": "李四"}\n'),
        ("t.jsonl", '{"姓名": "张三", "年龄": 20.0}\n{"姓名": "李四", "年龄": null}\n'),
    ],
)
def test_every_way_to_write_a_table_reads_the_same(tmp_path: Path, name: str, content: str | bytes) -> None:
    table = read_table(written(tmp_path, name, content))
    assert (table.names, table.columns, table.kind) == (("姓名", "年龄"), (("张三", "李四"), ("20", "")), "table")


def test_a_workbook_reads_like_a_csv_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("姓名", "年龄", None), ("张三", 20.0, None), (None, None, None), ("李四", None, None)):
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    table = read_table(tmp_path / "t.xlsx")
    assert (table.names, table.columns) == (("姓名", "年龄"), (("张三", "李四"), ("20", "")))


def test_a_parquet_file_reads_like_a_csv_file(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"姓名": ["张三", "李四"], "年龄": [20, None]}), tmp_path / "t.parquet")
    table = read_table(tmp_path / "t.parquet")
    assert (table.names, table.columns) == (("姓名", "年龄"), (("张三", "李四"), ("20", "")))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"text": "你好 Ann"}', "你好 Ann"),
        ('{"text": "你好\u2028Ann\x85"}\r\n', "你好\u2028Ann\x85"),
        ('{"question": "谁?", "answer": "我"}', "谁?\n我"),
        ('{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": null}]}', "hi\n"),
    ],
)
def test_rows_of_text_are_texts(tmp_path: Path, line: str, text: str) -> None:
    table = read_table(written(tmp_path, "t.jsonl", line))
    assert (table.kind, table.columns) == ("texts", ((text,),))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.doc", "x", "a file that ends in '.doc' is not read"),
        ("t", "x", "a file that ends in 'nothing' is not read"),
        ("t.csv", "", "the file is empty"),
        ("t.csv", "a,b\n", "the file holds no rows"),
        ("t.csv", "a,b\n1,2\n1,2,3\n4,5,6\n", "t.csv:3: the row has 3 cells instead of 2"),
        ("t.csv", "a,a\n1,2\n", "t.csv:1: two columns are called 'a'"),
        ("t.csv", "a,\n1,2\n", "t.csv:1: column 2 has no name"),
        ("t.csv", 'a,b\n1,"2\n', "the line is not CSV"),
        ("t.csv", "a,b\n1,\0\n", "t.csv:2: the line holds a NUL character"),
        ("t.csv", b"a,b\n1,\xff\xff\n", "t.csv:2: the text is not utf-8-sig or gb18030"),
        (
            "t.csv",
            "姓名\n张三\n李四\n".encode() + "王五\n".encode("gb18030"),
            "t.csv:4: the line is not UTF-8, but 3 are — write it anew, and save the file as UTF-8",
        ),
        (
            "t.jsonl",
            '{"姓名": "张三"}\n'.encode("gb18030") * 2 + '{"姓名": "王五"}\n'.encode(),
            "t.jsonl:3: the line is UTF-8, but 2 are not",
        ),
        ("t.jsonl", "[1]\n", "t.jsonl:1: the line is no JSON object"),
        ("t.jsonl", "{}\n{\n[\n", "t.jsonl:2: the line is no JSON object"),
        ("t.jsonl", "[" * 100_000, "t.jsonl:1: the line is no JSON object"),
        ("t.xlsx", "no workbook", "the file is no workbook, or it is encrypted"),
        ("t.parquet", "no parquet", "the file is no Parquet file"),
    ],
)
def test_a_bad_file_is_refused_with_what_and_where(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    with pytest.raises(TableError) as error:
        read_table(written(tmp_path, name, content))
    assert said in str(error.value)


def test_every_wrong_row_is_named_up_to_five(tmp_path: Path) -> None:
    with pytest.raises(TableError) as error:
        read_table(written(tmp_path, "t.csv", "a,b\n" + "1,2,3\n" * 9))
    assert [line.split(":")[1] for line in str(error.value).splitlines()] == ["2", "3", "4", "5", "6"]


def test_a_workbook_that_unpacks_to_gigabytes_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.privacy.table._MAX_UNPACKED", 1_000)
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sheet.xml", b"0" * 1_001)
    with pytest.raises(TableError, match="unpacks to more than"):
        read_table(tmp_path / "t.xlsx")


def test_a_table_too_large_for_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.privacy.table.MAX_CELLS", 3)
    with pytest.raises(TableError, match="4 cells"):
        read_table(written(tmp_path, "t.csv", "a,b\n1,2\n3,4\n"))


@given(st.binary(max_size=200), st.sampled_from(["t.csv", "t.jsonl", "t.xlsx"]))
def test_no_bytes_make_the_reader_raise_anything_else(content: bytes, name: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        try:
            found = read_table(written(Path(folder), name, content))
        except TableError:
            return
        assert isinstance(found, Table)


def test_text_without_a_mark_is_utf_8_before_it_is_gb18030() -> None:
    assert decode("中文".encode(), "f") == "中文" == decode("中文".encode("gb18030"), "f")
