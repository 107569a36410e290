"""Hats and scarves."""

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import (
    Knot,
    Line,
    Part,
    Shape,
    curve,
    ellipse,
    mirrored,
    polygon,
    stroke,
    turned,
)
from demo_shop.drawing.silhouettes.tops import between

Pose = tuple[float, float]


def hat(look: Look, pose: Pose) -> list[Shape]:
    """A brimmed hat, a beanie or a cap."""
    shapes = (_brimmed, _beanie, _cap)[look.cut % 3](look)
    about = (0.0, 0.3)
    return [
        Line(turned(each.points, pose[0], about), each.width, each.paint, each.strength, each.dash)
        if isinstance(each, Line)
        else Part(
            turned(each.outline, pose[0], about),
            each.paint,
            each.grain + pose[0],
            each.tone,
            each.relief,
            each.lift,
        )
        for each in shapes
    ]


def _brimmed(look: Look) -> list[Shape]:
    brim, high = between(0.72, 0.94, look.width), between(-0.35, -0.6, look.length)
    crown = curve(
        [
            (-0.46, 0.25, 1),
            (-0.44, -0.1),
            (-0.34, high + 0.06),
            (-0.12, high - 0.01),
            (0, high + 0.05),
            (0.12, high - 0.01),
            (0.34, high + 0.06),
            (0.44, -0.1),
            (0.46, 0.25, 1),
            (0, 0.36),
        ]
    )
    under = curve([(-brim, 0.3), (-0.4, 0.16), (0.4, 0.16), (brim, 0.3), (0.4, 0.5), (-0.4, 0.5)])
    band = curve(
        [
            (-0.455, 0.08, 1),
            (0, 0.19),
            (0.455, 0.08, 1),
            (0.462, 0.25, 1),
            (0, 0.37),
            (-0.462, 0.25, 1),
        ]
    )
    dent = stroke(
        (-0.14, high + 0.06), (-0.02, high + 0.3), (0.05, high + 0.1), width=0.04, strength=0.16
    )
    return [
        Part(under, relief=1.2, lift=0.2),
        Part(crown, lift=0.7, relief=1.4),
        dent,
        Part(band, "second", lift=0.2),
    ]


def _beanie(look: Look) -> list[Shape]:
    high = between(-0.5, -0.75, look.length)
    dome = curve(
        mirrored([(0, high), (0.36, high + 0.18), (0.54, high + 0.62), (0.56, 0.35, 1), (0, 0.42)])
    )
    cuff = curve(mirrored([(0, 0.2), (0.58, 0.14, 1), (0.6, 0.3), (0.57, 0.5, 1), (0, 0.58)]))
    ribs: list[Shape] = [
        stroke(
            (x, 0.19 - abs(x) * 0.06), (x * 1.01, 0.56 - abs(x) * 0.1), width=0.012, strength=0.2
        )
        for x in (step * 0.054 for step in range(-10, 11))
    ]
    seams: list[Shape] = [
        stroke((x * 0.15, high + 0.03), (x * 0.9, high + 0.4), (x, 0.2), width=0.018, strength=0.2)
        for x in (-0.4, -0.2, 0.0, 0.2, 0.4)
    ]
    bobble: list[Shape] = [Part(ellipse(0, high - 0.1, 0.17, 0.16), "second", relief=1.5, lift=0.5)]
    return [
        *(bobble if look.width > 0.45 else []),
        Part(dome, relief=1.4),
        *seams,
        Part(cuff, "base", lift=0.6),
        *ribs,
    ]


def _cap(look: Look) -> list[Shape]:
    high = between(-0.4, -0.58, look.length)
    dome = curve(
        [
            (-0.5, 0.25, 1),
            (-0.46, -0.1),
            (-0.2, high + 0.05),
            (0.1, high),
            (0.4, high + 0.14),
            (0.56, -0.05),
            (0.58, 0.22, 1),
            (0.1, 0.32),
        ]
    )
    visor = curve(
        [
            (-0.48, 0.2, 1),
            (-0.1, 0.24),
            (0.14, 0.32, 1),
            (-0.2, 0.44),
            (-0.7, 0.46),
            (-0.93, 0.4),
            (-0.8, 0.28),
        ]
    )
    seams: list[Shape] = [
        stroke((0.08, high), (-0.16, -0.1), (-0.2, 0.26), strength=0.3),
        stroke((0.08, high), (0.3, -0.05), (0.34, 0.28), strength=0.3),
    ]
    sign = (
        [Part(ellipse(-0.02, -0.04, 0.13, 0.13), "second", lift=0.3, relief=0.5)]
        if look.width > 0.4
        else []
    )
    return [
        Part(dome, relief=1.5),
        *seams,
        *sign,
        Part(visor, "second" if look.sleeve > 0.5 else "base", lift=0.6),
        Part(ellipse(0.08, high - 0.01, 0.05, 0.03), "second", lift=0.3),
    ]


def scarf(look: Look, pose: Pose) -> list[Shape]:
    """Laid around a neck: a loop above, two tails with fringes below."""
    wide = between(0.17, 0.24, look.width)
    low = between(0.65, 0.98, look.length)
    back = curve(mirrored([(0, -1.02), (0.3, -0.95), (0.46, -0.7), (0.36, -0.44), (0, -0.34)]))
    hollow = ellipse(0, -0.74, 0.24, 0.17)
    left, right = (
        _tail(side, wide, low - 0.1 * (side < 0) * (look.cut % 3), degrees)
        for side, degrees in ((-1.0, -pose[0]), (1.0, pose[1]))
    )
    front = curve(
        [
            (-0.45, -0.8),
            (-0.2, -0.62),
            (0.2, -0.62),
            (0.45, -0.8),
            (0.47, -0.52),
            (0.2, -0.3),
            (-0.2, -0.3),
            (-0.47, -0.52),
        ]
    )
    creases: list[Shape] = [
        stroke((-0.42, -0.7 + d), (0, -0.5 + d), (0.42, -0.7 + d), width=0.03, strength=0.16)
        for d in (0.0, 0.1, 0.19)
    ]
    return [
        Part(back, relief=1.2),
        Part(hollow, "inside"),
        *left,
        *right,
        Part(front, grain=80, lift=0.9, relief=1.2),
        *creases,
    ]


def _tail(side: float, wide: float, low: float, degrees: float) -> list[Shape]:
    x, about = side * 0.2, (side * 0.2, -0.5)
    knots: list[Knot] = [
        (x - wide, -0.5, 1),
        (x + wide, -0.5, 1),
        (x + wide * 1.05, 0.2),
        (x + wide, low, 1),
        (x - wide, low, 1),
        (x - wide * 1.05, 0.2),
    ]
    fringe = [
        Line(
            turned(
                polygon((x + wide * s / 8, low - 0.02), (x + wide * s / 8 + 0.008, low + 0.12)),
                degrees,
                about,
            ),
            0.02,
            "base",
            0.95,
        )
        for s in range(-8, 9)
    ]
    return [*fringe, Part(turned(curve(knots), degrees, about), lift=0.6, grain=degrees)]
