"""The pictures of ``docs/labelling-for-app-stores.md``: ``python -m benchmarks.label_pictures docs/labels``.

Each is made by the code that labels what leaves the gateway; a test makes them again and compares.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from math import ceil
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.pictures import clouds, colours
from gateway.exchange import ANYONE, Channel, Exchange
from gateway.labels.lettering import SHIPPED
from gateway.labels.pictures import draw
from gateway.labels.sounds import PAUSE, UNIT, rhythm
from gateway.pipeline.declare import Declare
from gateway.policy.plan import Plan
from gateway.wire.chat import Chat
from gateway.wiring import load_plan

_INK, _GREY, _BLUE, _RED = (30, 30, 34), (120, 120, 128), (36, 92, 190), (200, 40, 40)


def chat(plan: Plan | None = None) -> Image.Image:
    """Draw an answer as it leaves under the policy that ships."""
    plan = plan or load_plan("base")
    sheet = Image.new("RGB", (640, 266), (246, 247, 249))
    top = 14
    for asked, answer in (
        ("请生成文字", "人工智能生成的内容可能有误，请注意甄别。"),
        ("What is a label?", "A label tells people that AI made what they read."),
    ):
        question = Chat().read(b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % asked.encode())
        exchange = Exchange("01JZ8M3K5QW0123456789ABCDE", 0.0, plan.digest, plan.name, ANYONE, question)
        stage = Declare(plan, exchange, "sluice-demonstration")
        said = stage.saw(Channel(0, "content"), answer) + stage.end(0)
        top = _bubble(sheet, asked, top, right=True)
        top = _bubble(sheet, said, top, right=False)
    return sheet


def picture() -> Image.Image:
    """Draw a labelled picture and the height of its letters beside it."""
    sheet = Image.new("RGB", (640, 300), "white")
    for left, ground, words in (
        (10, colours(300, 280, 0), "人工智能生成"),
        (330, Image.new("RGB", (300, 280), "white"), "AI-generated · AI生成"),
    ):
        sheet.paste(draw(ground, words), (left, 10))
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((330, 10, 629, 289), outline=(210, 210, 214))
    return sheet


def height() -> Image.Image:
    """Draw the corner of a labelled picture, enlarged, with the height that 5.2 asks for."""
    labelled = draw(clouds(1000, 800, seed=3), "人工智能生成")
    wanted = ceil(0.05 * 800)
    plain = draw(Image.new("L", (1000, 800), 0), "人工智能生成")
    rows, columns = np.nonzero(np.asarray(plain) > 127)
    top, bottom, left = int(rows.min()), int(rows.max()) + 1, int(columns.min())
    corner = labelled.crop((left - 130, top - 50, 1000, 800))
    part = Image.new("RGB", (corner.width, corner.height + 34), "white")
    part.paste(corner, (0, 34))
    pen = ImageDraw.Draw(part)
    font = ImageFont.truetype(str(SHIPPED), 20)
    for y in (84, 84 + bottom - top):
        pen.line((70, y, 130, y), fill=_RED, width=2)
    pen.line((100, 84, 100, 84 + bottom - top), fill=_RED, width=2)
    pen.text(
        (8, 20), f"{bottom - top} px of 800 px = {100 * (bottom - top) / 800:.1f} %  (5.2: {wanted} px)", _RED, font
    )
    return part.quantize(128).convert("RGB")


def sound() -> Image.Image:
    """Draw the first seconds of a labelled sound."""
    rate = 8000
    label = rhythm(rate)
    content = 0.3 * np.sin(np.arange(rate) / 9) * np.sin(np.arange(rate) / 700)
    wave = np.concatenate([label, np.zeros(round(PAUSE * rate)), content])
    sheet = Image.new("RGB", (640, 170), "white")
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(SHIPPED), 15)
    columns = np.array_split(wave, 620)
    edge = 620 * len(label) / len(wave)
    for x, part in enumerate(columns):
        top, bottom = float(part.max()), float(part.min())
        pen.line((10 + x, 90 - 120 * top, 10 + x, 90 - 120 * bottom), fill=_BLUE if x < edge else _GREY)
    at = 0.0
    for tone, silence, name in ((1, 1, "short"), (3, 3, "long"), (1, 1, "short"), (1, 0, "short")):
        x = 10 + 620 * (at * UNIT * rate) / len(wave)
        pen.text((x, 148), name, _INK, font)
        at += tone + silence
    pen.text((10, 6), "A I", _BLUE, font)
    pen.text((10 + edge + 60, 6), "content", _GREY, font)
    return sheet


PICTURES: Final[Mapping[str, Callable[[], Image.Image]]] = {
    "chat": chat,
    "picture": picture,
    "height": height,
    "sound": sound,
}


def _bubble(sheet: Image.Image, text: str, top: int, *, right: bool) -> int:
    """Draw what somebody says; return where the next one begins."""
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.truetype(str(SHIPPED), 16)
    text = text.replace("\n\n", "\n")
    box = pen.multiline_textbbox((0, 0), text, font, spacing=6)
    wide, high = int(box[2]) + 24, int(box[3]) + 18
    left = 630 - wide if right else 10
    pen.rounded_rectangle(
        (left, top, left + wide, top + high), 10, (214, 228, 252) if right else "white", (222, 224, 230)
    )
    pen.multiline_text((left + 12, top + 7), text, _INK, font, spacing=6)
    return top + high + 10


def main() -> None:
    """Write every picture into the folder that is named."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/labels")
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PICTURES.items():
        make().save(folder / f"{name}.png", optimize=True)
        print(folder / f"{name}.png")


if __name__ == "__main__":
    main()
