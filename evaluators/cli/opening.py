"""How a run on disk is opened: with its answers, its scorers, and the models that these ask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from evaluators.run import JudgeAddress, Run, State
    from evaluators.scorers.spec import Scorer, Surroundings
    from evaluators.summary import Summary


class Opened(NamedTuple):
    """A run on disk, and what it has got so far."""

    run: Run
    state: State
    scorers: tuple[Scorer, ...]

    def summary(self) -> Summary:
        """Sum it up."""
        from evaluators.summary import summarise  # noqa: PLC0415

        return summarise(self.run, self.state, self.scorers)


def opened(folder: Path) -> Opened:
    """Open a run.

    Raises:
        ConfigError: There is none, or it is damaged.
    """
    from evaluators.run import load_state, open_run  # noqa: PLC0415 - the help must be fast
    from evaluators.suite import build_scorers  # noqa: PLC0415

    run = open_run(folder)
    scorers = build_scorers(run.suite, surroundings(run.manifest.judge, run.manifest.embedding, os.environ))
    return Opened(run, load_state(run), scorers)


def surroundings(judge: JudgeAddress | None, embedding: JudgeAddress | None, env: Mapping[str, str]) -> Surroundings:
    """Return the judge and embedding models with their keys from the environment.

    What judges answer is kept for as long as the command runs, or in the file that SLUICE_JUDGED names.
    """
    from evaluators.endpoint import check_url  # noqa: PLC0415
    from evaluators.scorers.kept import KeptInMemory, KeptOnDisk  # noqa: PLC0415
    from evaluators.scorers.spec import Address, Surroundings  # noqa: PLC0415

    def address(known: JudgeAddress | None) -> Address | None:
        return Address(check_url(known.base_url), known.model, env.get(known.key_env, "")) if known else None

    file = env.get("SLUICE_JUDGED", "")
    return Surroundings(address(judge), address(embedding), KeptOnDisk(Path(file)) if file else KeptInMemory())
