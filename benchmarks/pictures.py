"""Pictures made by formula, so that what is measured can be measured again and no file of anybody's is needed."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gateway.labels.lettering import SHIPPED


def colours(width: int, height: int, noise: float = 4.0, seed: int = 1) -> Image.Image:
    """Soft waves of colour with a little grain: what a photograph is to a compressor."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 100 * np.sin(x / width * 6 + i) * np.cos(y / height * 5 + i) for i in range(3)]
    pixels = np.stack(waves, -1) + rng.normal(0, noise, (height, width, 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def clouds(width: int, height: int, seed: int = 1) -> Image.Image:
    """Colour noise of every size, the large ones strongest: what nature looks like to a filter."""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3))
    for octave in range(2, 9):
        grain = rng.normal(0, 1, (2**octave, 2**octave, 3)).astype(np.float32)
        planes = [Image.fromarray(grain[..., c]).resize((width, height), Image.Resampling.BICUBIC) for c in range(3)]
        pixels += np.stack([np.asarray(plane) for plane in planes], -1) / 2 ** (octave * 0.75)
    pixels = (pixels - pixels.mean()) / pixels.std() * 55 + 127
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def drawing(width: int, height: int, seed: int = 1) -> Image.Image:
    """Discs with outlines on white: flat colours and hard edges."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, r = int(rng.integers(0, width)), int(rng.integers(0, height)), int(rng.integers(10, 90))
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=colour, outline="black", width=2)
    return picture


def page(width: int, height: int, seed: int = 1) -> Image.Image:
    """A page full of Chinese characters, black on white: the hardest ground for a watermark."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(str(SHIPPED), 18)
    characters = list("本内容由人工智能生成合成图片视频音频文字回答仅供参考请注意甄别大模型自动" * 6)
    for row in range(height // 26):
        pen.text((10, 8 + 26 * row), "".join(rng.permutation(characters))[: width // 19], fill="black", font=font)
    return picture
