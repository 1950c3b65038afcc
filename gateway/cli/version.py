"""``sluice version``: which version this is."""

from __future__ import annotations

import platform

import click

import gateway


@click.command()
def version() -> None:
    """Print the version of Sluice and of Python."""
    click.echo(f"sluice {gateway.__version__} (Python {platform.python_version()})")
