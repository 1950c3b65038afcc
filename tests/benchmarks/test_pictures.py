"""Pictures that are measured on are the same each time, and have what they are there for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from benchmarks.pictures import clouds, colours, drawing, page

ALL = [clouds, colours, drawing, page]


@pytest.mark.parametrize("draw", ALL)
def test_the_same_seed_draws_the_same_and_another_another(draw: Callable[..., Image.Image]) -> None:
    one, same, other = draw(120, 90, seed=1), draw(120, 90, seed=1), draw(120, 90, seed=2)
    assert (one.size, one.mode) == ((120, 90), "RGB")
    assert one.tobytes() == same.tobytes() != other.tobytes()


@pytest.mark.parametrize("draw", ALL)
def test_no_picture_is_empty_or_one_colour(draw: Callable[..., Image.Image]) -> None:
    assert np.asarray(draw(120, 90)).std() > 10


def test_a_page_is_black_on_white_and_a_photograph_is_not() -> None:
    def extreme(image: Image.Image) -> float:
        pixels = np.asarray(image.convert("L"))
        return float(((pixels < 30) | (pixels > 225)).mean())

    assert extreme(page(200, 150)) > 0.7
    assert extreme(colours(200, 150)) < 0.4
