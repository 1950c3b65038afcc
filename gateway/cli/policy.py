"""``sluice policy``: check policies before they judge anybody."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import orjson

from gateway.errors import ConfigError


@click.group()
def policy() -> None:
    """Check policies, or print their JSON Schema.

    \b
    Examples:
      sluice policy lint
      sluice policy lint my-policy.yaml
      sluice policy schema > policy-schema.json
    """


@policy.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def lint(files: tuple[Path, ...]) -> None:
    """Compile policies and run their tests (NAME_test.yaml beside NAME.yaml).

    Without FILES, the policies that ship with Sluice. Exit code: 0 all well, 1 a test failed, 3 a policy is wrong.
    """
    from gateway import wiring  # noqa: PLC0415
    from gateway.policy.cases import cases_beside, load_cases, run_cases  # noqa: PLC0415

    names = [str(file) for file in files or sorted(wiring.shipped_policies().values())]
    wrong = failed = False
    for name in names:
        file = Path(name)
        try:
            file = wiring.policy_file(name)
            plan = wiring.load_plan(str(file))
            tests = cases_beside(file)
            results = run_cases(plan, load_cases(tests)) if tests.is_file() else ()
            doubts = wiring.doubts(str(file), plan)
        except ConfigError as error:
            wrong = True
            click.echo(f"✗ {file}\n{error}")
            continue
        bad = [result for result in results if not result.passed]
        failed = failed or bool(bad)
        tested = f"{len(results) - len(bad)} of {len(results)} tests passed" if results else "no tests beside it"
        click.echo(f"{'✗' if bad else '✓'} {file}  {plan.name}@{plan.digest[:12]}  {tested}")
        for doubt in doubts:
            click.echo(f"  ! {doubt}")
        for result in bad:
            click.echo(f"  {result.case.where}: {result.case.entry.name}")
            for problem in result.problems:
                click.echo(f"    {problem}")
    sys.exit(3 if wrong else 1 if failed else 0)


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policies, for editors to complete from."""
    from gateway.detectors.registry import registry  # noqa: PLC0415
    from gateway.policy.schema import json_schema  # noqa: PLC0415
    from gateway.privacy.techniques import techniques  # noqa: PLC0415

    click.echo(orjson.dumps(json_schema(registry(), techniques()), option=orjson.OPT_INDENT_2))
