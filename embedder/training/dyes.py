"""Garments in other colours and prints: made from one photo, as shops make their variants.

What a dye changes is known, so it teaches which part of a vector a change belongs to: another
colour leaves shape and texture alone, another print leaves the shape alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Colour = tuple[int, int, int]
Weights = npt.NDArray[np.float32]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
PRINTED = 0.5
"""Share of dyes that are prints of two colours."""
ANGLES = (0.0, np.pi / 4, np.pi / 2, 3 * np.pi / 4)
PERIODS = (6, 11, 20)
"""Of a print, in a picture's side."""


@dataclass(frozen=True, slots=True)
class Print:
    """How two colours are laid out; prints that are equal are one texture."""

    kind: str
    period: int
    angle: float = 0.0

    def mask(self, side: int) -> Weights:
        """(side, side): how much of the second colour is where, half of it overall."""
        y, x = np.mgrid[0:side, 0:side].astype(np.float32) * (2 * np.pi * self.period / side)
        along = x * np.cos(self.angle) + y * np.sin(self.angle)
        across = y * np.cos(self.angle) - x * np.sin(self.angle)
        waves: dict[str, Callable[[], Weights]] = {
            "stripes": lambda: np.sin(along),
            "checks": lambda: np.sin(along) * np.sin(across),
            "dots": lambda: np.cos(along) + np.cos(across) - 0.2,
            "zigzag": lambda: np.sin(along + 2 * np.abs((across / np.pi) % 2 - 1) * np.pi),
            "grain": lambda: self._grain(side),
        }
        found: Weights = np.clip(waves[self.kind]() * 3 + 0.5, 0, 1).astype(np.float32)
        return found

    def _grain(self, side: int) -> Weights:
        rng = np.random.default_rng(self.period)
        small = rng.integers(0, 256, (self.period * 2, self.period * 2)).astype(np.uint8)
        large = Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
        return np.asarray(large, np.float32) / 127.5 - 1


PRINTS = (
    *(Print("stripes", period, angle) for period in PERIODS for angle in ANGLES),
    *(Print("checks", period, angle) for period in PERIODS for angle in ANGLES[:2]),
    *(Print("dots", period, angle) for period in PERIODS for angle in ANGLES[:2]),
    *(Print("zigzag", period, angle) for period in PERIODS[:2] for angle in ANGLES[::2]),
    *(Print("grain", period) for period in PERIODS),
)


@dataclass(frozen=True, slots=True)
class Dye:
    """What a garment is dyed in."""

    colour: Colour
    second: Colour = (0, 0, 0)
    """Of a print."""
    print: Print | None = None


def print_of(number: int) -> int:
    """Place among PRINTS of the dye of that number, -1 when it is of one colour."""
    rng = np.random.default_rng([7, number])
    return int(rng.integers(len(PRINTS))) if rng.random() < PRINTED else -1


def dye(number: int) -> Dye:
    """The dye of a number above 0: always the same."""
    first, second = np.random.default_rng([3, number]).integers(15, 241, (2, 3)).tolist()
    place = print_of(number)
    return Dye(tuple(first), tuple(second), None if place < 0 else PRINTS[place])


def dyed(picture: Image.Image, wanted: Dye) -> Image.Image:
    """RGBA: what belongs to the garment and has its main colour is given another, its folds are
    kept.
    """
    values = np.asarray(picture).astype(np.float32)
    rgb, mask = values[..., :3], values[..., 3] > 127
    main = main_colour(rgb, mask)
    far = np.abs(rgb - main).sum(axis=2)
    weight = (np.exp(-((far / 130) ** 2)) * mask)[..., None]
    target = np.array(wanted.colour, np.float32)
    if wanted.print is not None:
        share = wanted.print.mask(picture.width)[..., None]  # crops are squares
        target = target + share * (np.array(wanted.second, np.float32) - target)  # (s, s, 3)
    shade = (rgb - main) @ LUMA  # (s, s)
    rest = rgb - main - shade[..., None]
    new = target + shade[..., None] + 0.3 * rest
    values[..., :3] = np.clip(rgb + weight * (new - rgb), 0, 255)
    return Image.fromarray(values.astype(np.uint8))


def main_colour(rgb: Weights, mask: npt.NDArray[np.bool_]) -> Weights:
    """(3,): the median of what belongs to the garment around the middle of its box."""
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return np.array([128, 128, 128], np.float32)
    inner = np.ones(len(rows), bool)
    for places in (rows, columns):
        low, high = np.percentile(places, [30, 70])
        inner &= (places >= low) & (places <= high)
    colours = rgb[rows, columns]
    return np.median(colours[inner] if inner.any() else colours, axis=0).astype(np.float32)
