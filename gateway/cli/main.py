"""The command ``sluice``: commands are imported when they are called, so that help is fast."""

from __future__ import annotations

import codecs
import gc
import importlib
import io
import sys
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import click

from gateway.document import suggest
from gateway.errors import ConfigError

COMMANDS: Final[Mapping[str, str]] = {
    "serve": "gateway.cli.serve:serve",
    "check": "gateway.cli.check:check",
    "explain": "gateway.cli.explain:explain",
    "policy": "gateway.cli.policy:policy",
    "lexicon": "gateway.cli.lexicon:lexicon",
    "answers": "gateway.cli.answers:answers",
    "handoff": "gateway.cli.handoff:handoff",
    "privacy": "gateway.cli.privacy:privacy",
    "kb": "gateway.cli.kb:kb",
    "keys": "gateway.cli.keys:keys",
    "traffic": "gateway.cli.traffic:traffic",
    "users": "gateway.cli.users:users",
    "version": "gateway.cli.version:version",
    "label": "gateway.cli.label:label",
}
"""Name of each command and where it is; those of other packages join through ``sluice.commands``."""

_HELP: Final = """Sluice (水闸): judge, de-identify, label and record LLM traffic.

\b
Try these three:
  sluice serve
  sluice check '我的身份证号是 11010519491231002X'
  sluice policy lint
"""


_SHOWN: Final = "sluice-shown"
_ALIKE: Final = {"✓": "√", "✗": "×", "–": "-", "—": "-"}
"""What stands for a sign where there is none: in GBK there is no tick."""


def shown(error: UnicodeError) -> tuple[str, int]:
    """Return what a terminal shows for characters that its encoding lacks: what looks like it, or its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    said = (_shown(character, error.encoding) for character in error.object[error.start : error.end])
    return "".join(said), error.end


def _shown(character: str, encoding: str) -> str:
    try:
        return _ALIKE[character].encode(encoding).decode(encoding)
    except (KeyError, UnicodeEncodeError):
        return character.encode("ascii", "backslashreplace").decode("ascii")


class Commands(click.Group):
    """Finds commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        del ctx
        return [*COMMANDS, *(name for name in sorted(_plugins()) if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None for an unknown name."""
        del ctx
        if cmd_name in COMMANDS:
            module, _, name = COMMANDS[cmd_name].partition(":")
            command = getattr(importlib.import_module(module), name)
        elif (plugin := _plugins().get(cmd_name)) is not None:
            command = plugin.load()
        else:
            return None
        return command if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; for an unknown one say which are alike."""
        if not ctx.resilient_parsing and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            commands = self.list_commands(ctx)
            hint = suggest(args[0], commands) or f"there are: {', '.join(commands)}"
            raise click.UsageError(f"No such command {args[0]!r} — {hint}", ctx)
        return super().resolve_command(ctx, args)


def _plugins() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="sluice.commands")}


@click.group(cls=Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
def sluice() -> None:
    """See ``_HELP``."""


def main() -> None:
    """Run the command line. Exit codes: 0 done, 1 the answer is no, 2 usage, 3 a file of yours is wrong.

    What a person reads is written as the terminal can show it; lists and JSON are UTF-8 everywhere.
    """
    codecs.register_error(_SHOWN, shown)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_SHOWN)
    # What is imported and built at a start stays: looking through it for what can go would take a tenth of the start.
    gc.set_threshold(100_000, 20, 50)
    try:
        sluice(prog_name="sluice")
    except ConfigError as error:
        click.echo(str(error), err=True)
        sys.exit(3)
