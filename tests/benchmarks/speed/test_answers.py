"""Banks made for measuring speed: as large as asked for, no question twice, and their questions find their entries."""

from click.testing import CliRunner

from benchmarks.speed.answers import Row, made, main, measured, promised


def test_a_bank_has_what_was_asked_for_and_no_way_twice() -> None:
    bank, asked = made(400, 4)
    ways = [way for entry in bank.entries for way in entry.questions]
    assert (len(bank.entries), len(ways), len(set(ways))) == (400, 1600, 1600)
    assert asked


def test_questions_find_their_entries() -> None:
    row = measured(90, 5)
    assert row.ways == 450
    assert row.found > 0.9
    assert row.p50 > 0


def test_a_size_that_is_none_is_an_error() -> None:
    result = CliRunner().invoke(main, ["--bank", "10x7"])
    assert result.exit_code == 2
    assert "10000x1" in result.output


def test_what_was_promised_of_a_size_is_held_against_its_row() -> None:
    rows = [
        Row(entries, ways, 1, 1, 9, 9, cpu, 1)
        for entries, ways, cpu in ((300, 1500, 5.0), (10_000, 10_000, 0.9), (170_000, 1_020_000, 3.1))
    ]
    assert [(one.value, one.limit, one.kept) for one in promised(rows)] == [(0.9, 1.0, True), (3.1, 3.0, False)]
