import gzip
import io
import json

import pytest
from openpyxl import Workbook

from evaluators.importers.records import Bad, read_records
from gateway.errors import ConfigError

ROWS = [{"id": "1", "问题": "保修多久？"}, {"id": "2", "问题": "How long, 多久?"}]
CSV = 'id,问题\n1,保修多久？\n2,"How long, 多久?"\n'


def read(tmp_path, name, content, **how):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_records(path, **how)


def sheet():
    book, out = Workbook(), io.BytesIO()
    for row in (["id", "问题"], ["1", "保修多久？"], [], ["2", "How long, 多久?"]):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def parquet():
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    out = io.BytesIO()
    pq.write_table(pyarrow.Table.from_pylist(ROWS), out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV),
        ("a.CSV", CSV.replace("\n", "\r\n")),
        ("a.tsv", "id\t问题\n1\t保修多久？\n2\tHow long, 多久?\n"),
        ("a.jsonl", "".join(json.dumps(row) + "\n\n" for row in ROWS)),
        ("a.json", json.dumps(ROWS, indent=1)),
        ("lines.json", "\n".join(map(json.dumps, ROWS))),
        ("a.yaml", "- {id: '1', 问题: 保修多久？}\n- {id: '2', 问题: 'How long, 多久?'}\n"),
        ("a.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("a.xlsx", sheet),
        ("a.parquet", parquet),
    ],
)
def test_every_kind_of_file_gives_the_same_records(tmp_path, name, content):
    found = read(tmp_path, name, content() if callable(content) else content)
    assert [record for _, record in found.records] == ROWS


@pytest.mark.parametrize(
    ("content", "told", "encoding"),
    [
        (CSV.encode(), None, "utf-8"),
        (CSV.encode("utf-8-sig"), None, "utf-8"),
        (CSV.encode("gb18030"), None, "gb18030"),
        (CSV.encode("utf-16"), None, "utf-16"),
        (CSV.encode("gbk"), "gbk", "gbk"),
        (CSV.replace("保修", "保\0修").encode(), None, "utf-8"),
        ("id,问题\n1,保修多久？\n".encode() + '2,"How long, 多久?"\n'.encode("gb18030"), None, "utf-8 and gb18030"),
    ],
)
def test_encodings_are_found_or_told(tmp_path, content, told, encoding):
    found = read(tmp_path, "a.csv", content, encoding=told)
    assert [record["问题"] for _, record in found.records] == [row["问题"] for row in ROWS]
    assert found.encoding == encoding


def test_what_is_no_record_keeps_its_place_and_says_why(tmp_path):
    found = read(tmp_path, "a.jsonl", '{"a": 1}\n{"a": \n[1]\n"x"\n{"a": 2}\n')
    assert [number for number, one in found.records] == [1, 2, 3, 4, 5]
    assert [isinstance(one, Bad) for _, one in found.records] == [False, True, True, True, False]
    table = read(tmp_path, "a.csv", "a,b\n1,2\n1,2,3\n4\n")
    assert [one if isinstance(one, Bad) else dict(one) for _, one in table.records] == [
        {"a": "1", "b": "2"}, Bad("it has 3 cells, and the header names 2"), {"a": "4"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"a,b\n1,2\n3,\xff\xff\n", r"a.csv:3.*neither UTF-8 nor GB18030"),
        ("a.json", '{"a": 1,\n  oops', r"a.json:2.*not JSON"),
        ("a.yaml", "a: [1\n", r"a.yaml:2.*not YAML"),
        ("a.xlsx", b"no zip", "workbook cannot be read"),
        ("a.parquet", b"no parquet", "Parquet file cannot be read"),
        ("a.gz", b"no gzip", "not gzip"),
        ("a.doc", b"", "nothing reads files"),
        ("[.json", "[" * 100_000, "not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_place(tmp_path, name, content, message):
    with pytest.raises(ConfigError, match=message):
        read(tmp_path, name, content)


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the data"):
        read_records(tmp_path / "none.csv")
