"""What the watermark of pictures survives, as a table: ``python -m benchmarks.watermark``.

Every cell is the share of pictures (of each kind, with two seeds) whose id was
read back from the changed picture alone.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from PIL import Image, ImageFilter
from tqdm import tqdm

from benchmarks.pictures import clouds, colours, drawing, page
from gateway.errors import LabelError
from gateway.labels.watermark import embed, read

ID: Final = "01JZ8M3K5QW0123456789ABCDE"
SIZES: Final = ((512, 384),)
SEEDS: Final = (1, 2)

Change = Callable[[Image.Image], Image.Image]


def _flat(width: int, height: int, seed: int) -> Image.Image:
    colour = np.random.default_rng(seed).integers(30, 225, 3)
    return Image.new("RGB", (width, height), tuple(int(value) for value in colour))


def _waves(width: int, height: int, seed: int) -> Image.Image:
    return colours(width, height, seed=seed)


def _noise(width: int, height: int, seed: int) -> Image.Image:
    grain = np.random.default_rng(seed).normal(128, 60, (height, width, 3))
    return Image.fromarray(grain.clip(0, 255).astype(np.uint8))


KINDS: Final[Mapping[str, Callable[[int, int, int], Image.Image]]] = {
    "flat colour": _flat,
    "soft waves": _waves,
    "clouds": clouds,
    "drawing": drawing,
    "strong noise": _noise,
    "page of text": page,
}


def _saved(form: str, quality: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        out = io.BytesIO()
        picture.save(out, form, quality=quality)
        return Image.open(io.BytesIO(out.getvalue())).convert("RGB")

    return change


def _scaled(factor: float, way: Image.Resampling = Image.Resampling.LANCZOS) -> Change:
    return lambda picture: picture.resize((round(picture.width * factor), round(picture.height * factor)), way)


def _cropped(left: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        wide, high = round(picture.width * left**0.5), round(picture.height * left**0.5)
        x, y = round((picture.width - wide) * 0.3), round((picture.height - high) * 0.8)
        return picture.crop((x, y, x + wide, y + high))

    return change


def _noisy(deviation: float) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        grain = np.random.default_rng(9).normal(0, deviation, (picture.height, picture.width, 3))
        return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))

    return change


def _all(*changes: Change) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        for one in changes:
            picture = one(picture)
        return picture

    return change


CHANGES: Final[Mapping[str, Change]] = {
    "none": lambda picture: picture,
    "JPEG quality 75": _saved("JPEG", 75),
    "JPEG quality 50": _saved("JPEG", 50),
    "JPEG quality 30": _saved("JPEG", 30),
    "WebP quality 60": _saved("WEBP", 60),
    "50 % of the size": _scaled(0.5),
    "50 %, bilinear": _scaled(0.5, Image.Resampling.BILINEAR),
    "71 % of the size": _scaled(0.71),
    "140 % of the size": _scaled(1.4),
    "35 % of the size": _scaled(0.35),
    "10 % cut off": _cropped(0.9),
    "50 % cut off": _cropped(0.5),
    "10 % cut off, 50 % of the size, JPEG quality 75": _all(_cropped(0.9), _scaled(0.5), _saved("JPEG", 75)),
    "blur of 1 pixel": lambda picture: picture.filter(ImageFilter.GaussianBlur(1)),
    "noise of deviation 5": _noisy(5),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
    "turned by 1°": lambda picture: picture.rotate(1, Image.Resampling.BICUBIC),
    "turned by 90°": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda picture: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def main() -> None:
    """Measure and print the table."""
    seen: dict[tuple[str, str], list[bool]] = {}
    nearness: dict[str, list[float]] = {}
    false = 0
    total = len(KINDS) * len(SIZES) * len(SEEDS)
    with tqdm(total=total, unit="picture", delay=2, disable=None) as bar:
        for kind, make in KINDS.items():
            for size in SIZES:
                for seed in SEEDS:
                    picture = make(*size, seed)
                    false += read(picture) is not None
                    bar.update()
                    try:
                        marked = embed(picture, ID)
                    except LabelError:
                        seen.setdefault(("refused", kind), []).append(True)
                        continue
                    seen.setdefault(("refused", kind), []).append(False)
                    error = np.mean((np.asarray(picture, float) - np.asarray(marked, float)) ** 2)
                    nearness.setdefault(kind, []).append(float(10 * np.log10(255**2 / error)))
                    for name, change in CHANGES.items():
                        found = read(change(marked))
                        seen.setdefault((name, kind), []).append(found is not None and found.content_id == ID)
    print(f"| change | {' | '.join(KINDS)} |")
    print(f"|---|{'---|' * len(KINDS)}")
    print(f"| *refused: too busy* | {' | '.join(_share(seen.get(('refused', kind))) for kind in KINDS)} |")
    lowest = (f"{min(nearness[kind]):.1f} dB" if kind in nearness else "–" for kind in KINDS)
    print(f"| *lowest PSNR* | {' | '.join(lowest)} |")
    for name in CHANGES:
        print(f"| {name} | {' | '.join(_share(seen.get((name, kind))) for kind in KINDS)} |")
    print(f"\nRead from {total} pictures without a mark: {false}.")


def _share(results: list[bool] | None) -> str:
    return f"{sum(results)} of {len(results)}" if results else "–"


if __name__ == "__main__":
    main()
