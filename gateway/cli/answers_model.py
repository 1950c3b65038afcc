"""Which model gives a bank its meaning on the command line: the one of the settings, or one that an option names."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.errors import ConfigError, EndpointError

if TYPE_CHECKING:
    from gateway.answers.bank import Bank
    from gateway.answers.embedded import Model
    from gateway.answers.match import Match, Matcher
    from gateway.answers.standards import Meant

_F = TypeVar("_F", bound=Callable[..., Any])


def with_model(command: _F) -> _F:
    """Give a command the options that name a model."""
    for option in (
        click.option("--model", default="", help="With --embeddings URL: the model that is asked there."),
        click.option(
            "--embeddings",
            metavar="URL|FOLDER",
            help="Take meaning from an endpoint such as http://127.0.0.1:8000/v1/embeddings (its key in "
            "SLUICE_UPSTREAM_KEY), or from a folder with model.onnx.  [default: the table that ships]",
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path),
            help="Take meaning as this sluice.yaml says (answers: {embeddings: …}), with the vectors that it keeps.",
        ),
    ):
        command = option(command)
    return command


class Asking:
    """A bank that is asked on the command line.

    Attributes:
        matcher: The bank, as it decides.
    """

    def __init__(self, matcher: Matcher, meant: Meant | None = None, model: Model | None = None) -> None:
        self.matcher, self._meant, self._model = matcher, meant, model

    def find(self, question: str, *, day: str = "", tenant: str = "", before: Sequence[str] = ()) -> Match:
        """Find the entry that a question is about; says on stderr where a model did not answer."""
        if self._meant is None or self._model is None:
            return self.matcher.find(question, day=day, tenant=tenant, before=before)
        from gateway.answers.standards import ask  # noqa: PLC0415

        return asyncio.run(ask([self._meant], self._model, question, before=before, tenant=tenant, day=day)).match


def asking(bank: Bank, config: Path | None, embeddings: str | None, model: str) -> Asking:
    """Return a bank, ready to be asked.

    Raises:
        ConfigError: The options contradict each other, or the model does not give the ways their vectors.
    """
    from gateway.answers.match import Matcher  # noqa: PLC0415

    if model and not (embeddings and embeddings.startswith(("http://", "https://"))):
        raise click.UsageError("--model goes with --embeddings URL")
    if config is not None and embeddings is not None:
        raise click.UsageError("Give either --config or --embeddings.")
    with _model(config, embeddings, model) as asked:
        if asked is None:
            return Asking(Matcher(bank))
        from gateway.answers.standards import meant  # noqa: PLC0415

        try:
            (made,) = meant([bank], asked)
        except EndpointError as error:
            raise ConfigError(f"the bank cannot be given its meaning: {error}") from None
    fit = made.own.fit
    said = "never answers by it" if fit.answer is None else f"answers from {made.own.limits.answer:g}"
    click.echo(f"meaning by {asked.name}: {said} ({fit.why})", err=True)
    return Asking(made.own, made, asked)


@contextmanager
def _model(config: Path | None, embeddings: str | None, model: str) -> Iterator[Model | None]:
    if config is None and embeddings is None:
        yield None
        return
    from tqdm import tqdm  # noqa: PLC0415

    from gateway.answers.embedded import Model  # noqa: PLC0415
    from gateway.settings import load_settings  # noqa: PLC0415
    from gateway.settings.places import BankModel  # noqa: PLC0415
    from gateway.wiring import embedder_of, model_of  # noqa: PLC0415

    with tqdm(unit=" ways", delay=2, disable=None, file=sys.stderr, leave=False) as bar:

        def progress(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        if config is not None:
            yield model_of(load_settings(config, os.environ).answers, os.environ, progress)
            return
        named = embeddings or ""
        if named.startswith(("http://", "https://")):
            key = "SLUICE_UPSTREAM_KEY"
            said = BankModel(url=named, model=model, key_env=key if os.environ.get(key) else None)
        else:
            said = BankModel(folder=named)
        yield Model(embedder_of(said, os.environ), progress=progress)
