"""An API answer carries the label in a field and a header, and keeps its bytes."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.specimens import LABEL, OTHER, answer

from gateway.errors import LabelError
from gateway.labels.carrier import Reading
from gateway.labels.carriers.answer import Answer, from_header
from gateway.labels.files import write_bytes
from gateway.labels.metadata import header
from gateway.labels.rules import examine


def read(data: bytes) -> Reading:
    return Answer().read(io.BytesIO(data))


def test_the_field_is_the_one_that_the_gateway_adds() -> None:
    after = write_bytes(answer(), LABEL, name="a.json")
    found = json.loads(after)
    assert found.pop("aigc") == LABEL.elements()
    assert found == json.loads(answer())
    assert after.endswith(answer()[1:])


def test_the_header_is_one_line_of_ascii_and_reads_back() -> None:
    name, value = header(LABEL.passed_on("某平台", "1"))
    assert name == name.lower()
    assert value.isascii()
    assert "\n" not in value
    assert examine(from_header(value).text).label == LABEL.passed_on("某平台", "1")


@pytest.mark.parametrize(
    "data", [b"{}", b" { } \n", b'{"a":1}', b'\xef\xbb\xbf{"a": {"aigc": 1}}', b'{"a":[1,{"b":"}"}]}']
)
def test_any_object_takes_the_field(data: bytes) -> None:
    after = json.loads(write_bytes(data, LABEL, name="a.json").decode("utf-8-sig"))
    assert {key: value for key, value in after.items() if key != "aigc"} == json.loads(data.decode("utf-8-sig"))


@pytest.mark.parametrize("form", ['"aigc":%s', '"AIGC":%s', '"x":%s', '"aigc":%s,"b":2'])
def test_a_label_in_a_field_is_found_and_replaced(form: str) -> None:
    data = ('{"a":1,' + form % LABEL.dump() + ',"c":3}').encode()
    assert len(read(data).fields) == 1
    after = write_bytes(data, OTHER, name="a.json", replace=True)
    assert json.loads(after)["aigc"] == OTHER.elements()
    assert (json.loads(after)["a"], json.loads(after)["c"]) == (1, 3)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b'{"a":1', b'{"a":1}x', b"{a:1}", b'{"a" 1}', b'{"a":1 "b":2}', b"{" * 99999, b"\xff{}"]
)
def test_what_is_no_object_is_told(data: bytes) -> None:
    assert "no JSON object" in read(data).faults[0]
    with pytest.raises(LabelError):
        write_bytes(data, LABEL, name="a.json")


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.none())))
def test_all_other_members_stay(members: dict[str, object]) -> None:
    members = {key: value for key, value in members.items() if "AIGC" not in key.upper()}
    for indent in (None, 2):
        after = write_bytes(json.dumps(members, indent=indent).encode(), LABEL, name="a.json")
        assert json.loads(after) == {"aigc": LABEL.elements(), **members}
