"""Tables are aligned where characters take two columns."""

from benchmarks.speed.table import table, width


def test_tables_are_aligned_where_characters_take_two_columns():
    lines = table("表", ["", "数"], [["中文", "1"], ["latin", "22"]]).splitlines()[1:]
    assert {width(line) for line in lines} == {width(lines[0])}
