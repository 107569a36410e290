"""Pictures drawn for tests: no two sides alike, so that any wrong turn or cut shows."""

import io
import random
from typing import Any

from PIL import Image, ImageDraw


def garment(seed: int = 0, width: int = 180, height: int = 240) -> Image.Image:
    """RGB: a patterned shirt with one sleeve, on a white page."""
    draw = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    colour = tuple(draw.randrange(20, 200) for _ in range(3))
    left, right, top, bottom = width * 0.25, width * 0.8, height * 0.15, height * 0.9
    pen.rectangle((left, top, right, bottom), colour)
    pen.polygon([(0, height * 0.5), (left, top), (left, height * 0.45)], colour)
    for _ in range(12):
        x, y = draw.uniform(left, right), draw.uniform(top, bottom)
        radius = draw.uniform(3, width / 10)
        spot = tuple(draw.randrange(256) for _ in range(3))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), spot)
    return image


def encoded(image: Image.Image, format: str = "PNG", **how: Any) -> bytes:
    """The picture as a file; `how` goes to Pillow."""
    out = io.BytesIO()
    image.save(out, format, **how)
    return out.getvalue()
