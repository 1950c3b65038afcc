"""Fits what ``gateway/detectors/names`` knows of English names: to what is marked, and to what a teacher says.

    python -m training.names_en_fit --data DATA                   learn from all sets and write the weights
    python -m training.names_en_fit --data DATA --leave wikigold  learn without one set, by a teacher too, and report

Run it with ``make train-names-en DATA=folder``: it needs torch. Most of an hour goes by on two cores until the teacher
(``training/tagger.py``) has learnt and read. With as many threads the same data give the same bytes.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray

from gateway.detectors.names.english import LABELS, may_be_name
from gateway.detectors.names.english_net import BESIDE, HIDDEN, NEAR, ROWS, WIDTH, EnglishNames, Tables, table
from gateway.detectors.names.weights import EN, write_english
from training.names_en import Lists, Sentence, figures, mixed, read_lists, read_sets, renamed, unmarked
from training.names_en_things import of_people, of_things

if TYPE_CHECKING:
    from torch import Tensor

_NOT_TAUGHT: Final = ("presidio_large",)
"""Written from the templates of another set: the teacher learns from that one."""
_ROUNDS: Final = 5
_HEARD: Final = 2
"""So often in a round it sees the English sentences that the teacher has read: they are not of the marked kinds."""
_AT_ONCE: Final = 512
_RATE: Final = 3e-3
_LEAST: Final = 0.02
"""To this share of it the rate falls."""
_DROPPED: Final = 0.2
_FORGOTTEN: Final = 0.2
"""Which share of the signs of words is left out in each step: a name is known by what stands around, too."""
_STEPS: Final = 127


class Examples(NamedTuple):
    """Words to learn from.

    Attributes:
        signs: Of each word and its neighbours the places of what they show; (words, NEAR, signs).
        truth: How likely each label is; (words, labels).
    """

    signs: NDArray[np.int64]
    truth: NDArray[np.float32]


def examples(tables: Tables, sentences: Sequence[tuple[Sequence[str], NDArray[np.float32]]]) -> Examples:
    """Return every word that may be part of a name.

    Args:
        tables: What words are.
        sentences: Words, and how likely each label is for each of them.
    """
    known: dict[str, tuple[int, ...]] = {}

    def signs(word: str) -> tuple[int, ...]:
        if word not in known:
            known[word] = tables.signs(word)
        return known[word]

    found: list[list[tuple[int, ...]]] = []
    truth: list[NDArray[np.float32]] = []
    for words, labels in sentences:
        shown = [signs("")] * BESIDE + [signs(word) for word in words] + [signs("")] * BESIDE
        for at, word in enumerate(words):
            if may_be_name(word):
                found.append(shown[at : at + NEAR])
                truth.append(labels[at])
    return Examples(np.array(found, np.int64), np.array(truth, np.float32))


def marked(sentences: Sequence[Sentence]) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
    """Yield marked sentences with a label that is certain."""
    certain = np.eye(len(LABELS), dtype=np.float32)
    for words, labels in sentences:
        yield words, certain[[LABELS.index(label) for label in labels]]


def fit(tables: Tables, learnt: Examples, seed: int) -> EnglishNames:
    """Fit the network; its rows are kept in whole steps."""
    import torch  # noqa: PLC0415 - in an environment of its own
    import torch.nn.functional as fn  # noqa: PLC0415
    from tqdm import tqdm  # noqa: PLC0415

    torch.set_num_threads(1)  # it takes a minute or two, and the last digit does not depend on the machine's cores
    torch.manual_seed(seed)

    def begun(*shape: int, spread: float) -> Tensor:
        return (torch.randn(*shape) * spread).requires_grad_(True)

    rows = begun(ROWS, WIDTH, spread=0.1)
    inward, between = begun(NEAR * WIDTH, HIDDEN, spread=1.4 * (NEAR * WIDTH) ** -0.5), begun(HIDDEN, spread=0)
    outward, end = begun(HIDDEN, len(LABELS), spread=HIDDEN**-0.5), begun(len(LABELS), spread=0)
    optimizer = torch.optim.Adam([rows, inward, between, outward, end], lr=_RATE)
    signs, truth = torch.tensor(learnt.signs), torch.tensor(learnt.truth)
    chance = torch.Generator().manual_seed(seed)
    steps = _ROUNDS * -(-len(signs) // _AT_ONCE)
    batches = (some for _ in range(_ROUNDS) for some in torch.randperm(len(signs), generator=chance).split(_AT_ONCE))
    for step, some in enumerate(tqdm(batches, desc="the network learns", total=steps, unit="batch", smoothing=0)):
        near = signs[some]
        kept = (torch.rand(*near.shape, 1, generator=chance) > _FORGOTTEN).float() / (1 - _FORGOTTEN)
        seen = fn.dropout((fn.embedding(near, rows) * kept).sum(2).flatten(1), _DROPPED)
        heard = fn.dropout(torch.relu(seen @ inward + between), _DROPPED)
        loss = -(fn.log_softmax(heard @ outward + end, -1) * truth[some]).sum(1).mean()
        for group in optimizer.param_groups:
            group["lr"] = _RATE * max(_LEAST, 1 - step / steps)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    plain = rows.detach().numpy()
    size = float(np.abs(plain).max()) / _STEPS
    whole = np.round(plain / size).astype(np.int8)
    matrices = (part.detach().numpy() for part in (inward, between, outward, end))
    return EnglishNames(tables, whole, float(np.float32(size)), *matrices)


def learnt_from(
    sets: dict[str, list[Sentence]], english: Sequence[list[str]], chinese: Sequence[list[str]], lists: Lists, seed: int
) -> EnglishNames:
    """Let a teacher learn from the sets and read the other sentences, and fit the network to both.

    Args:
        sets: Marked sentences by the name of their set.
        english: Sentences that nobody marked,
        chinese: and Chinese ones with a Latin word.
        lists: Given names, surnames, and words that are written in small letters.
        seed: Of what is left to chance.
    """
    from training.tagger import Cutter, Tagger  # noqa: PLC0415 - it needs torch
    from training.teacher import teacher  # noqa: PLC0415

    model = teacher()
    cutter = Cutter(model)
    taught = [one for name, some in sets.items() if name not in _NOT_TAUGHT for one in some]
    others = [*english, *chinese]
    cuts, unseen = [cutter(words) for words, _ in taught], [cutter(words) for words in others]
    tagger = Tagger(model, [*cuts, *unseen], len(LABELS), seed)
    tagger.learn(cuts, [[LABELS.index(label) for label in labels] for _, labels in taught])
    said = [np.exp(one.astype(np.float32)) for one in tagger.read(unseen)]
    sure = [(words, one / one.sum(1, keepdims=True)) for words, one in zip(others, said, strict=True)]
    tables = Tables(*map(table, lists))
    everything = [one for some in sets.values() for one in some]
    made = [*renamed(lists, everything), *of_things(lists), *of_people(lists)]
    told = [*marked([*everything, *made]), *sure[: len(english)] * _HEARD, *sure[len(english) :]]
    return fit(tables, examples(tables, told), seed)


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--leave", metavar="SET", help="Learn without a set and those of its family, and report on it.")
@click.option("--seed", default=1, show_default=True)
@click.option("--some", type=click.IntRange(1), default=1, help="Take every so many sentences one, to try the way.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=EN, show_default="where it ships")
def main(*, data: Path, leave: str | None, seed: int, some: int, out: Path) -> None:
    """Learn what English names look like."""
    if importlib.util.find_spec("torch") is None:
        raise click.ClickException("torch is not installed: make train-names-en makes an environment with it")
    sets = {name: sentences[::some] for name, sentences in read_sets(data).items()}
    if leave is not None and leave not in sets:
        raise click.BadParameter(f"{leave} is none of {', '.join(sets)}", param_hint="--leave")
    english, chinese = unmarked(data)[::some], mixed(data, Path(__file__).parent / "written")[::some]
    lists = read_lists(data)
    if leave is None:
        content = write_english(learnt_from(sets, english, chinese, lists, seed))
        out.write_bytes(content)
        click.echo(f"{out}: {len(content):,} bytes")
        return
    family = leave.split("_")[0]
    kept = {name: sentences for name, sentences in sets.items() if not name.startswith(family)}
    model = learnt_from(kept, english, chinese, lists, seed)
    for name in sets.keys() - kept.keys():
        click.echo("  ".join([name, *(f"{label} {figures(model, sets[name], label)}" for label in LABELS[1:])]))


if __name__ == "__main__":
    main()
