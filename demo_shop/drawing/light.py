"""Light on a garment: background, folds, rounding and cast shadows.

All of it is soft, so it is computed on a picture a quarter the size and enlarged.
"""

import random

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from demo_shop.drawing.colours import RGB
from demo_shop.drawing.look import Look, View

Field = NDArray[np.float32]
COARSE = 4
"""Pixels of the picture to one of a soft field."""

BACKDROPS: tuple[RGB, ...] = (
    (247, 247, 246), (240, 238, 234), (232, 234, 238), (238, 230, 222), (226, 228, 224),
    (250, 249, 247), (222, 226, 232), (236, 226, 226), (228, 222, 212),
)  # fmt: skip


def enlarged(field: Field, width: int, height: int) -> Field:
    """*field* at *width* × *height* pixels, smooth between its values."""
    picture = Image.fromarray(np.asarray(field, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))


def blurred(mask: Image.Image, radius: float) -> Field:
    """*mask* (mode L) blurred by *radius* pixels, as 0 to 1."""
    box = ImageFilter.BoxBlur(radius * 0.7)
    soft = np.asarray(mask.filter(box).filter(box), dtype=np.float32)
    return soft / np.float32(255)


def backdrop(view: View, width: int, height: int) -> Field:
    """A studio wall and floor (height, width, 3), brighter where the light falls."""
    x = np.linspace(-1, 1, width // COARSE, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, height // COARSE, dtype=np.float32)[:, None]
    glow = (x - 0.5 * view.light[0]) ** 2 + (y - 0.4 * view.light[1]) ** 2
    floor = 1 / (1 + np.exp(-(y - 0.78) * 26))
    field = enlarged(1.02 - 0.05 * glow - 0.035 * floor, width, height)
    colour = np.array(BACKDROPS[view.background % len(BACKDROPS)], np.float32)
    return field[..., None] * colour


def folds(look: Look, view: View, width: int, height: int) -> Field:
    """Creases of the cloth at coarse size, brightness around 0; alike in all views of a look."""
    rng = random.Random(f"folds {look.seed}")
    moved = random.Random(f"{look.seed} {view.turn}")
    w, h = width // COARSE, height // COARSE
    x = np.linspace(-1, 1, w, dtype=np.float32)[None, :]
    y = np.linspace(-height / width, height / width, h, dtype=np.float32)[:, None]
    field = np.zeros((h, w), np.float32)
    for _ in range(11):
        a, b = rng.uniform(-0.6, 0.6), rng.uniform(-0.8, 0.9)
        a, b = a + moved.uniform(-0.08, 0.08), b + moved.uniform(-0.08, 0.08)
        lean = rng.gauss(0, 0.45)
        across = (x - a) * np.float32(np.cos(lean)) + (y - b) * np.float32(np.sin(lean))
        along = (y - b) * np.float32(np.cos(lean)) - (x - a) * np.float32(np.sin(lean))
        thick, far = rng.uniform(0.025, 0.07), rng.uniform(0.2, 0.5)
        ridge = np.exp(-((across / thick) ** 2) - (along / far) ** 2)
        field += rng.uniform(-1, 1) * (
            ridge - 0.4 * np.exp(-(((across - 1.6 * thick) / thick) ** 2) - (along / far) ** 2)
        )
    return field * 0.11


def roundness(mask: Image.Image, light: tuple[float, float], relief: float) -> Field:
    """Brightness factor that makes a flat *mask* (coarse) look like a filled garment."""
    height = blurred(mask, 7)
    down, right = np.gradient(height)
    slope = -(right * light[0] + down * light[1])
    return np.asarray(1 + relief * (1.5 * -slope + 0.30 * (height - 0.85)), dtype=np.float32)


def warmth_of(view: View) -> Field:
    """Factors on red, green and blue."""
    return np.array([1 + 0.02 * view.warmth, 1, 1 - 0.025 * view.warmth], np.float32)
