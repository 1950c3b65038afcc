"""The schema of suites is printed for editors, and the one that ships is the present one."""

from pathlib import Path

from click.testing import CliRunner

from evaluators.cli import eval_command

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


def test_the_schema_that_ships_is_the_present_one():
    printed = CliRunner().invoke(eval_command, ["schema"]).output
    assert printed == (BENCHMARKS / "suite-schema.json").read_text("utf-8"), (
        "write it anew: sluice eval schema > benchmarks/suite-schema.json"
    )
