"""Skirts: pencil, A-line, pleated, tiered."""

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import (
    Knot,
    Line,
    Part,
    Shape,
    both,
    curve,
    ellipse,
    mirrored,
    polygon,
    stroke,
)  # fmt: skip
from demo_shop.drawing.silhouettes.tops import between

Pose = tuple[float, float]


def skirt(look: Look, pose: Pose) -> list[Shape]:
    """Pencil, A-line, pleated or tiered; mini to maxi."""
    kind = look.cut % 4
    low = between(0.25, 1.05, look.length)
    wide = (
        between(0.34, 0.42, look.width),
        between(0.5, 0.75, look.width),
        between(0.55, 0.8, look.width),
        0.66,
    )[kind]
    sway = pose[0] * 0.006
    knots: list[Knot] = [
        (0.27, -0.86, 1),
        (0.4 if kind == 0 else 0.36, -0.42),
        (wide + sway, low, 1),
    ]
    waves: list[Knot] = [
        (wide * (1 - step / 4), low + 0.03 + 0.035 * (step % 2) * (kind > 0))
        for step in range(1, 8)
    ]
    outline: list[Knot] = [
        *knots,
        *waves,
        (-wide + sway, low, 1),
        (-knots[1][0], -0.42),
        (-0.27, -0.86, 1),
    ]
    hollow = Part(ellipse(0, -0.855, 0.265, 0.03), "inside")
    band = Part(
        curve(mirrored([(0, -0.83), (0.275, -0.87, 1), (0.29, -0.77, 1), (0, -0.73)])),
        "second" if look.cut % 3 == 2 else "base",
        lift=0.4,
        relief=0.5,
    )
    details = (_slit(low), _drape(wide, low, 5), _drape(wide, low, 15), _tiers(wide, low))[kind]
    return [hollow, Part(curve(outline)), *details, band]


def _slit(low: float) -> list[Shape]:
    return [
        Line(polygon((0.16, low - 0.35), (0.17, low + 0.03)), 0.014, strength=0.5),
        *both(stroke((0.14, -0.74), (0.17, -0.5), strength=0.25)),
    ]


def _drape(wide: float, low: float, count: int) -> list[Shape]:
    sides = [(2 * (step + 0.5) / count - 1) for step in range(count)]
    dark = [
        stroke(
            (0.27 * s, -0.74), (0.36 * s, -0.35), (wide * s, low + 0.02), width=0.02, strength=0.24
        )
        for s in sides
    ]
    shine = [
        stroke(
            (0.27 * s + 0.015, -0.74),
            (0.36 * s + 0.02, -0.35),
            (wide * s + 0.035, low + 0.01),
            width=0.03,
            paint="light",
            strength=0.12,
        )
        for s in sides
    ]
    return [*dark, *shine]


def _tiers(wide: float, low: float) -> list[Shape]:
    shapes: list[Shape] = []
    for tier in (2, 1, 0):
        upper, lower = -0.76 + (low + 0.76) * tier / 3, -0.7 + (low + 0.76) * (tier + 1) / 3
        a, b = 0.28 + (wide - 0.28) * tier / 3, 0.3 + (wide - 0.3) * (tier + 1) / 3
        edge: list[Knot] = [(b * (1 - step / 5), lower + 0.025 * (step % 2)) for step in range(11)]
        shapes.append(Part(curve([(-a, upper, 1), (a, upper, 1), *edge]), lift=0.5))
    return shapes
