"""What silhouettes are made of: closed parts and lines, in garment units.

The unit is half the width of the picture: x runs from -1 to 1, y from -1.25 (top) to 1.25.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Knot = tuple[float, float] | tuple[float, float, int]
"""A point the outline runs through; a third member of 1 makes it a corner."""

STEPS = 8
"""Straight pieces between two knots."""


@dataclass(frozen=True, slots=True)
class Part:
    """A closed piece, filled and shaded."""

    outline: Points
    paint: str = "cloth"
    """What fills it: cloth, base, second, inside, sole, metal, gold, leather, button, label."""
    grain: float = 0.0
    """Degrees the cloth is turned on this piece, as on a sleeve."""
    tone: float = 1.0
    """Factor on brightness."""
    relief: float = 1.0
    """How rounded it looks; 0 is flat."""
    lift: float = 0.0
    """How much shadow it throws on what lies below, 0 to 1."""
    soft: float = 0.0
    """Blur of its edge, in garment units."""
    cover: float = 1.0
    """Opacity, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Line:
    """A seam, lace or string."""

    points: Points
    width: float = 0.008
    paint: str = "dark"
    """dark and light shade what lies below; other paints as for :class:`Part`."""
    strength: float = 0.4
    """Opacity, 0 to 1."""
    dash: float = 0.0
    """Length of a stitch in garment units; 0 draws through."""


Shape = Part | Line


def curve(knots: Sequence[Knot], closed: bool = True) -> Points:
    """A smooth line (Catmull-Rom) through *knots*, sharp at the corners among them."""
    places = np.array([(knot[0], knot[1]) for knot in knots], dtype=float)
    sharp = np.array([len(knot) > 2 and bool(knot[2]) for knot in knots])
    if not closed:
        sharp[0] = sharp[-1] = True
    after, before = np.roll(places, -1, 0), np.roll(places, 1, 0)
    smooth = (after - before) / 2
    leaving = np.where(sharp[:, None], (after - places) * 0.9, smooth)
    arriving = np.where(sharp[:, None], (places - before) * 0.9, smooth)
    pieces = _hermite(places, after, leaving, np.roll(arriving, -1, 0))
    if closed:
        return pieces.reshape(-1, 2)
    return np.vstack([pieces[:-1].reshape(-1, 2), places[-1:]])


def _hermite(start: Points, end: Points, leaving: Points, arriving: Points) -> Points:
    t = (np.arange(STEPS) / STEPS)[None, :, None]
    return np.asarray(
        (2 * t**3 - 3 * t**2 + 1) * start[:, None]
        + (t**3 - 2 * t**2 + t) * leaving[:, None]
        + (-2 * t**3 + 3 * t**2) * end[:, None]
        + (t**3 - t**2) * arriving[:, None]
    )


def mirrored(knots: Sequence[Knot]) -> list[Knot]:
    """*knots* of a right half, then the same on the left, backwards: a symmetric outline."""
    return [*knots, *opposite([knot for knot in knots if knot[0] != 0])]


def opposite(knots: Sequence[Knot]) -> list[Knot]:
    """*knots* on the other side, in the opposite order."""
    return [(-knot[0], knot[1], knot[2] if len(knot) > 2 else 0) for knot in reversed(knots)]


def polygon(*corners: tuple[float, float]) -> Points:
    """Straight edges between *corners*."""
    return np.array(corners, dtype=float)


def ellipse(x: float, y: float, across: float, down: float) -> Points:
    """An ellipse around (x, y) with the half axes *across* and *down*."""
    angle = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    return np.stack([x + across * np.cos(angle), y + down * np.sin(angle)], axis=1)


def flipped(shape: Shape) -> Shape:
    """*shape* seen in the mirror: the right sleeve made the left one."""
    sign = np.array([-1.0, 1.0])
    if isinstance(shape, Line):
        return replace(shape, points=shape.points * sign)
    return replace(shape, outline=shape.outline * sign, grain=-shape.grain)


def turned(points: Points, degrees: float, about: tuple[float, float]) -> Points:
    """*points* turned clockwise on the picture around *about*."""
    angle = math.radians(degrees)
    matrix = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return np.asarray((points - about) @ matrix + about)


def stroke(*knots: Knot, **style: float | str) -> Line:
    """A smooth open line through *knots*."""
    return Line(curve(knots, closed=False), **style)  # type: ignore[arg-type]


def both(*shapes: Shape) -> list[Shape]:
    """*shapes* and their mirror images."""
    return [each for shape in shapes for each in (shape, flipped(shape))]
