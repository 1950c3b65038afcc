"""The two encoders as torch sees them, so that they can learn: they say what the ones in numpy say, until they do.

``Small`` is the encoder that ships (``gateway/meaning/encoder.py``), ``Large`` the teacher multilingual-e5-small
(``training/teacher.py``). ``Judge`` puts the heads of the risks on one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import numpy as np
import torch
import torch.nn.functional as fn
from numpy.typing import NDArray
from torch import Tensor

from gateway.meaning.encoder import ORDERS, WIDTH
from training.batches import Places
from training.fit import Floats
from training.pruned import Whole
from training.sentence import Net
from training.teacher import Teacher

_BETWEEN: Final = 128
"""Numbers between the vector and the heads."""
_DROPPED: Final = 0.2
_DROPPED_INSIDE: Final = 0.1
"""In the layers of the larger one."""
_INNER: Final = 256
_EPSILON: Final = 1e-12


class Texts:
    """Texts as numbers of pieces, on the device.

    Attributes:
        sizes: How many pieces each text has.

    Args:
        pieces: The pieces of all texts, one after the other.
        sizes: How many belong to each text.
        device: Where they are kept.
    """

    def __init__(self, pieces: NDArray[np.integer], sizes: Places, device: str) -> None:
        self.sizes = sizes
        self._pieces = torch.tensor(pieces.astype(np.int32), device=device)
        self._sizes = torch.tensor(sizes, device=device)
        self._begins = torch.tensor(np.cumsum(sizes) - sizes, device=device)

    def some(self, places: Places) -> tuple[Tensor, Tensor]:
        """Return the pieces of some texts, a line for each, and where a line holds one; elsewhere it holds 0."""
        chosen = torch.as_tensor(places, device=self._sizes.device)
        along = torch.arange(int(self.sizes[places].max()), device=self._sizes.device)
        there = along < self._sizes[chosen, None]
        numbers = (self._begins[chosen, None] + along).clamp(max=len(self._pieces) - 1)
        return self._pieces[numbers] * there, there


class Reader(Protocol):
    """What makes vectors of texts."""

    width: int

    def parameters(self) -> Iterable[Tensor]:
        """Return what it may learn."""

    def __call__(self, pieces: Tensor, there: Tensor, learning: bool) -> Tensor:
        """Return a vector of length 1 for each text."""


class Small:
    """The encoder that ships.

    Attributes:
        arrays: Its matrices by name, as they are learnt.

    Args:
        model: What to begin with.
        device: Where it is kept.
        frozen: The rows that pieces begin as stay as they are.
    """

    width = WIDTH

    def __init__(self, model: Whole, device: str, *, frozen: bool) -> None:
        self.arrays = {name: _learnt(array, device) for name, array in model.arrays.items()}
        self._table = _learnt(model.rows * model.steps[:, :1] + model.steps[:, 1:], device)
        if frozen:
            self._table.requires_grad_(False)

    def parameters(self) -> list[Tensor]:
        """Return what it may learn."""
        return [part for part in (*self.arrays.values(), self._table) if part.requires_grad]

    def __call__(self, pieces: Tensor, there: Tensor, learning: bool) -> Tensor:
        """Return a vector of length 1 for each text."""
        a, here = self.arrays, there[..., None].float()
        begin = fn.embedding(pieces, self._table)
        x = _even(begin @ a["proj"] + a["proj_b"], (a["proj_g"], a["proj_o"]))
        features = [begin]
        for number, (wide, before) in enumerate(ORDERS):
            mine = x[..., number * _INNER : (number + 1) * _INNER]
            for one in (1, 2):
                padded = fn.pad(mine * here, (0, 0, before, wide - 1 - before))
                window = torch.cat([padded[:, at : at + mine.shape[1]] for at in range(wide)], -1)
                mine = torch.relu(window @ a[f"w{one}_{wide}"] + a[f"b{one}_{wide}"]) + mine
            features.append(mine)
        told = _even(torch.cat(features, -1), (a["ln_g"], a["ln_b"])) * here
        count = here.sum(1)
        total = (told.sum(1) @ a["cnn_W"] + count * a["cnn_b"]) / count.sqrt()
        deep = torch.relu(torch.relu(total @ a["d0"]) @ a["d1"] + total @ a["p1"])
        out = torch.tanh(deep @ a["p3"] + torch.relu(deep @ a["d2"]) @ a["d3"])
        return fn.normalize(out.float(), dim=-1)

    def learnt(self, model: Whole) -> Whole:
        """Return a model with what was learnt."""
        return model._replace(arrays={name: array.detach().cpu().numpy() for name, array in self.arrays.items()})


class Large:
    """The larger teacher, with the words alone that occur.

    Args:
        teacher: What to begin with.
        words: Numbers of the words that occur; a text is written in places of this list.
        device: Where it is kept.
    """

    def __init__(self, teacher: Teacher, words: Sequence[int] | Places, device: str) -> None:
        self.width, self._heads, self._small = teacher.width, teacher.heads, teacher.small
        self._table, self._places = _learnt(teacher.embedded[words], device), _learnt(teacher.places, device)
        self._first = [_learnt(part, device) for part in teacher.first]
        self._layers = [[[_learnt(part, device) for part in pair] for pair in layer] for layer in teacher.layers]

    def parameters(self) -> list[Tensor]:
        """Return what it may learn."""
        deep = (part for layer in self._layers for pair in layer for part in pair)
        return [self._table, self._places, *self._first, *deep]

    def __call__(self, pieces: Tensor, there: Tensor, learning: bool) -> Tensor:
        """Return a vector of length 1 for each text."""
        dropped = _DROPPED_INSIDE if learning else 0.0
        x = self.states(pieces, there, dropped, unheard=dropped)
        here = there[..., None].float()
        return fn.normalize((x.float() * here).sum(1) / here.sum(1), dim=-1)

    def states(self, pieces: Tensor, there: Tensor, dropped: float, *, unheard: float = 0.0, held: int = 0) -> Tensor:
        """Return what the last layer says of each piece.

        Args:
            pieces: See ``Texts.some``.
            there: See ``Texts.some``.
            dropped: Which share of what a layer adds is left out,
            unheard: and of what a piece hears from others.
            held: So many layers, and what lies before them, learn nothing.
        """
        with torch.set_grad_enabled(torch.is_grad_enabled() and not held):
            x = fn.embedding(pieces, self._table) + self._places[: pieces.shape[1]]
            x = _even(x, self._first, self._small)
        for number, (asked, out, after, wide, narrow, last) in enumerate(self._layers):
            with torch.set_grad_enabled(torch.is_grad_enabled() and number >= held):
                three = (x @ asked[0] + asked[1]).unflatten(-1, (3, self._heads, -1)).permute(2, 0, 3, 1, 4)
                heard = fn.scaled_dot_product_attention(*three, attn_mask=there[:, None, None], dropout_p=unheard)
                said = heard.transpose(1, 2).flatten(2) @ out[0] + out[1]
                x = _even(x + fn.dropout(said, dropped), after, self._small)
                bent = fn.dropout(fn.gelu(x @ wide[0] + wide[1]), dropped)
                x = _even(x + fn.dropout(bent @ narrow[0] + narrow[1], dropped), last, self._small)
        return x


class Judge:
    """An encoder with the heads of the risks.

    Attributes:
        reader: The encoder.
        heads: The matrices and constants from its vector to what is between, and from there to each head.

    Args:
        reader: The encoder.
        risks: How many heads there are.
        seed: Of what the heads begin with.
        device: Where they are kept.
    """

    def __init__(self, reader: Reader, risks: int, seed: int, device: str) -> None:
        chance = np.random.default_rng(seed)
        self.reader = reader
        begin = (
            chance.normal(0, (2 / reader.width) ** 0.5, (reader.width, _BETWEEN)),
            np.zeros(_BETWEEN),
            chance.normal(0, _BETWEEN**-0.5, (_BETWEEN, risks)),
            np.zeros(risks),
        )
        self.heads = [_learnt(part, device) for part in begin]

    def __call__(self, pieces: Tensor, there: Tensor, learning: bool = False) -> Tensor:
        """Return the log-odds of every risk for each text."""
        inward, one, outward, other = self.heads
        vectors = self.reader(pieces, there, learning) * self.reader.width**0.5
        between = fn.dropout(torch.relu(vectors @ inward + one), _DROPPED, learning)
        return (between @ outward + other).float()

    def net(self) -> Net:
        """Return the heads as numpy reads them."""
        inward, one, outward, other = (part.detach().cpu().numpy() for part in self.heads)
        return Net(np.vstack([inward, one]), np.vstack([outward, other]))


def _learnt(array: Floats | NDArray[np.float64], device: str) -> Tensor:
    return torch.tensor(array.astype(np.float32), device=device, requires_grad=True)


def _even(x: Tensor, by: Sequence[Tensor], small: float = _EPSILON) -> Tensor:
    """Bring every row to mean 0 and spread 1, then scale and shift it."""
    scale, shift = by
    return fn.layer_norm(x, scale.shape, scale, shift, small)
