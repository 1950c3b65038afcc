"""The commands ``sluice eval …``: light to import, for each loads what it needs when it is called."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "run": "evaluators.cli.run:run",
    "resume": "evaluators.cli.run:resume",
    "attacks": "evaluators.cli.attack:listing",
    "attack": "evaluators.cli.attack:attack",
    "calibrate": "evaluators.cli.calibrate:calibrate",
    "detector": "evaluators.cli.measure:detector",
    "fairness": "evaluators.cli.measure:fairness",
    "consistency": "evaluators.cli.measure:consistency",
    "effect": "evaluators.cli.measure:effect",
    "import": "evaluators.cli.importing:importing",
    "matrix": "evaluators.cli.matrix:matrix",
    "rescore": "evaluators.cli.run:rescore",
    "review": "evaluators.cli.review:review",
    "score": "evaluators.cli.score:score",
    "schema": "evaluators.cli.schema:schema",
    "scorers": "evaluators.cli.score:scorers",
    "show": "evaluators.cli.show:show",
    "report": "evaluators.cli.show:report",
    "diff": "evaluators.cli.diff:diff",
    "nightly": "evaluators.cli.nightly:nightly",
    "list": "evaluators.cli.show:listing",
}

_HELP = """Score models, RAG applications and the gateway itself.

\b
Try these first (the gateway runs: sluice serve):
  sluice eval run benchmarks/rag/starter
  sluice eval run benchmarks/risk/starter --model echo
  sluice eval run benchmarks/rag/starter --recorded

\b
Any OpenAI-compatible endpoint will do:
  sluice eval run benchmarks/risk/starter --base-url http://127.0.0.1:11434/v1 --model qwen3

\b
Rows that are there already, without a model and without asking anyone:
  sluice eval score --scorer faithfulness_lexical --jsonl answers.jsonl

\b
A run is a folder under runs/: answers, scores, report.html, report.json.
Exit codes: 0 all gates passed, 1 a gate failed, 2 usage, 3 too few rows to
say, 4 too many rows could not be judged, 130 interrupted.
"""


class Commands(click.Group):
    """Finds commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's name."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None for an unknown name."""
        del ctx
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        command = getattr(importlib.import_module(module), name) if module else None
        return command if isinstance(command, click.Command) else None


@click.group("eval", cls=Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
def eval_command() -> None:
    """See ``_HELP``."""


__all__ = ["eval_command"]
