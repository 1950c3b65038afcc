"""Makes the encoder of sentences anew: takes it from its package, prunes it, and fits it to what risks look like.

Run it with ``make train-encoder DATA=folder``, on a GPU if there is one; it needs torch. It writes the encoder that
ships, and beside this module what ``make train`` needs of it; after it, run ``make train``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import click
import numpy as np

from gateway.meaning.encoder import SHIPPED, Encoder, read_encoder
from training.corpora.files import DataError
from training.corpora.rows import Row
from training.examples import everything, folded, sampled
from training.lessons import Lessons, lessons
from training.pruned import LONGEST, Whole, alike, chosen, count, pack_encoder, pruned, whole
from training.sentence import KEPT, Net, Told, digest, pack_told
from training.teacher import teacher
from training.ways import texts

_WEIGHTS: Final = Path(__file__).parents[1] / "gateway" / "meaning" / "weights"
_COMPARED: Final = 300


def needed(data: Path, rows: Sequence[Row], some: int) -> Whole:
    """Return the package's model with the pieces that Chinese and English need.

    Args:
        data: The folder of data sets.
        rows: Its texts.
        some: Every so many texts one is looked at.
    """
    model = whole()
    more = texts(data)
    further = [text for lot in (more.rows, more.written, more.more) for text in lot][::some]
    counted = count(Encoder(*model), chain((folded(row.text) for row in rows[::some]), map(str.lower, further)))
    return pruned(model, chosen(model.pieces, counted))


def told(taught: Lessons, net: Net, unseen: np.ndarray[tuple[int, ...], np.dtype[np.float16]], encoder: bytes) -> Told:
    """Return what ``make train`` needs: each text once, by its mark.

    Args:
        taught: What was learnt from.
        net: The network.
        unseen: The log-odds of each text that says what it shows, and of each stretch.
        encoder: The file of the encoder.
    """
    marks = np.array([digest(taught.texts[at]) for at in taught.judged.tolist()], np.uint64)
    once, places = np.unique(marks, return_index=True)
    return Told(net, once, unseen[places], hashlib.sha256(encoder).hexdigest())


def _device(asked: str) -> str:
    if importlib.util.find_spec("torch") is None:
        raise click.ClickException("torch is not installed: make train-encoder makes an environment with it")
    import torch  # noqa: PLC0415 - in an environment of its own

    found = torch.cuda.is_available()
    if asked == "cuda" and not found:
        raise click.ClickException("torch finds no GPU: leave --device out, or install torch for your GPU")
    return "cuda" if found and asked != "cpu" else "cpu"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.0f} hours"


@click.command(
    epilog="Example:\n\n  python -m training.encoder --data folder-with-public-data-sets --some 200 --out /tmp"
)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder for both files, instead of where they ship.",
)
@click.option("--seed", default=1, show_default=True, help="On a CPU the same seed makes the same of the same texts.")
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=6,
    show_default=True,
    help="How often the encoder sees each text; its teachers half as often.",
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--some", type=click.IntRange(1), default=1, help="Take every so many texts one, to try the way.")
def main(*, data: Path, out: Path | None, seed: int, rounds: int, device: str, some: int) -> None:
    """Make the encoder of sentences anew, with what the risk model learns from it."""
    device = _device(device)
    from training import distil  # noqa: PLC0415 - it needs torch

    begin = time.monotonic()
    click.echo("reading the data folder: some minutes …", err=True)
    try:
        rows = everything(data, Path(__file__).parent / "written", seed)
        small, taught = needed(data, sampled(rows, seed), some), lessons(rows, seed, some)
    except DataError as error:
        raise click.ClickException(str(error)) from None
    found = distil.material(taught, small, teacher(), device=device, rounds=rounds, seed=seed)
    if not found.suffices():
        raise click.ClickException(f"--some {some} leaves nothing to learn from: take a smaller number")
    where = "the GPU" if device == "cuda" else f"{os.cpu_count()} cores"
    click.echo(
        f"{taught.labelled:,} texts that say what they show, {len(taught.texts):,} in all; on {where} "
        f"this takes about {_span(distil.estimate(found))}",
        err=True,
    )
    came = distil.distil(found)
    content = pack_encoder(came.model)
    kept = pack_told(told(taught, came.net, came.unseen, content))
    for path, written in ((_WEIGHTS / SHIPPED, content), (KEPT, kept)):
        place = path if out is None else out / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(written)
        click.echo(f"{place}: {len(written) / 1e6:.1f} MB, SHA-256 {hashlib.sha256(written).hexdigest()[:16]}")
    compared = [text[:LONGEST] for text in taught.texts[: taught.labelled : -(-taught.labelled // _COMPARED)]]
    same = alike(Encoder(*came.model), read_encoder(content), compared)
    click.echo(
        f"{len(small.pieces):,} pieces; packed it is {same:.4f} alike to what was learnt; "
        f"{_span(time.monotonic() - begin)} in all; now run: make train DATA={data}"
    )


if __name__ == "__main__":
    main()
