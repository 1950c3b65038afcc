"""``sluice eval schema``: what a suite may say, for editors."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of suite files.

    \b
    sluice eval schema > suite-schema.json
    Then, in the first line of a suite:  # yaml-language-server: $schema=suite-schema.json
    """
    from evaluators.attacks.registry import attacks  # noqa: PLC0415 - the help must be fast
    from evaluators.schema import json_schema  # noqa: PLC0415
    from evaluators.scorers.registry import registry  # noqa: PLC0415

    click.echo(json.dumps(json_schema(registry(), attacks()), ensure_ascii=False, indent=2))
