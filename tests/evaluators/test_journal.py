import pytest

from evaluators.journal import Journal, read
from gateway.errors import ConfigError


@pytest.mark.parametrize("durable", [True, False])
def test_lines_come_back_in_order(tmp_path, durable):
    with Journal(tmp_path / "j", durable=durable) as journal:
        journal.append({"row": "一", "text": "第一行\n还是第一行"})
        journal.append({"row": "two"})
    assert read(tmp_path / "j") == [{"row": "一", "text": "第一行\n还是第一行"}, {"row": "two"}]


def test_a_journal_that_is_not_there_is_empty(tmp_path):
    assert read(tmp_path / "j") == []


def test_a_last_line_torn_at_any_byte_costs_only_itself(tmp_path):
    path = tmp_path / "j"
    with Journal(path, durable=False) as journal:
        journal.append({"row": "一"})
        journal.append({"row": "二"})
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        assert read(path) == [{"row": "一"}]
        with Journal(path, durable=False) as journal:
            journal.append({"row": "三"})
        assert read(path) == [{"row": "一"}, {"row": "三"}]


def test_half_a_surrogate_pair_can_be_kept(tmp_path):
    with Journal(tmp_path / "j", durable=False) as journal:
        journal.append({"text": "a\ud83d"})
    assert read(tmp_path / "j") == [{"text": "a\ud83d"}]


@pytest.mark.parametrize("middle", ["{", "[1]", ""])
def test_a_broken_line_in_the_middle_is_an_error_with_its_place(tmp_path, middle):
    (tmp_path / "j").write_text('{"a":1}\n' + middle + '\n{"b":2}\n')
    with pytest.raises(ConfigError, match=r"j:2: .*no JSON object"):
        read(tmp_path / "j")


def test_what_is_no_number_cannot_be_written(tmp_path):
    with Journal(tmp_path / "j", durable=False) as journal, pytest.raises(ValueError, match="JSON compliant"):
        journal.append({"value": float("nan")})
