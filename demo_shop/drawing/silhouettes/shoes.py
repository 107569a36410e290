"""Sneaker and boot, seen from the side with the toe to the left."""

from dataclasses import replace

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import (
    Knot,
    Line,
    Part,
    Shape,
    curve,
    polygon,
    stroke,
    turned,
)
from demo_shop.drawing.silhouettes.tops import between

Pose = tuple[float, float]


def _behind(shapes: list[Shape], right: float, up: float) -> list[Shape]:
    """The other shoe of the pair: the same one behind, a little darker and smaller."""
    moved: list[Shape] = []
    for shape in shapes:
        if isinstance(shape, Line):
            moved.append(replace(shape, points=shape.points * 0.94 + (right, -up)))
        else:
            moved.append(
                replace(shape, outline=shape.outline * 0.94 + (right, -up), tone=shape.tone * 0.86)
            )
    return moved


def _turned(shapes: list[Shape], degrees: float) -> list[Shape]:
    middle = (0.0, 0.4)
    return [
        replace(shape, points=turned(shape.points, degrees, middle))
        if isinstance(shape, Line)
        else replace(
            shape, outline=turned(shape.outline, degrees, middle), grain=shape.grain + degrees
        )
        for shape in shapes
    ]


def sneaker(look: Look, pose: Pose) -> list[Shape]:
    """Low or high, with laces, a toe cap and a sign on the side."""
    one = _sneaker(look)
    pair = [*_behind(one, 0.16, 0.34), *one]
    return _turned(pair, pose[0] * 1.2 - 3)


def _sneaker(look: Look) -> list[Shape]:
    kind = look.cut % 4
    high = 0.34 if look.length > 0.55 else 0.0
    upper: list[Knot] = [
        (0.74, 0.42, 1),
        (0.78, 0.1),
        (0.7, -0.2 - high, 1),
        (0.45, -0.1 - high),
        (0.24, -0.22 - high, 1),
        (0.02, -0.02 - high * 0.4),
        (-0.32, 0.13),
        (-0.68, 0.2),
        (-0.84, 0.33),
        (-0.83, 0.44, 1),
    ]
    tongue = curve(
        [(0.3, -0.12 - high, 1), (0.26, -0.34 - high), (0.12, -0.3 - high), (0.0, 0.02, 1)]
    )
    hollow = curve(
        [(0.71, -0.19 - high), (0.5, -0.14 - high), (0.24, -0.23 - high), (0.48, -0.05 - high)]
    )
    toe = curve(
        [
            (-0.48, 0.42, 1),
            (-0.5, 0.26),
            (-0.58, 0.18, 1),
            (-0.74, 0.22),
            (-0.86, 0.34),
            (-0.84, 0.43, 1),
        ]
    )
    heel = curve(
        [
            (0.75, 0.42, 1),
            (0.785, 0.1),
            (0.71, -0.19 - high, 1),
            (0.6, -0.12 - high, 1),
            (0.63, 0.15),
            (0.52, 0.42, 1),
        ]
    )
    toe_paint = ("second", "base", "sole", "second")[kind]
    return [
        Part(tongue, "base", tone=0.9),
        Part(curve(upper), relief=1.3, lift=0.2),
        Part(hollow, "inside"),
        Part(toe, toe_paint, lift=0.3),
        Part(heel, "second" if kind != 2 else "base", lift=0.25),
        *_mark(kind),
        *_laces(high),
        *_sneaker_sole(0.42, between(0.12, 0.22, look.width)),
    ]


def _sneaker_sole(top: float, thick: float) -> list[Shape]:
    """A rubber sole with a stripe and a profile."""
    low = top + thick
    sole: list[Knot] = [
        (-0.88, top),
        (-0.84, top + thick * 0.9),
        (-0.6, low),
        (0.7, low, 1),
        (0.83, top + thick * 0.7),
        (0.82, top - 0.04, 1),
        (0.3, top - 0.01),
        (-0.4, top - 0.01),
    ]
    stripe = polygon((-0.86, top + thick * 0.55), (0.82, top + thick * 0.5))
    notches = [polygon((x / 10, low - 0.03), (x / 10, low)) for x in range(-7, 8)]
    return [
        Part(curve(sole), "sole", lift=0.3, relief=0.6),
        Line(stripe, 0.018, "second", 0.7),
        *(Line(notch, 0.02, strength=0.25) for notch in notches),
    ]


def _mark(kind: int) -> list[Shape]:
    """A sign of our own on the side of the shoe."""
    if kind == 0:
        bars = [
            polygon((x, 0.38), (x + 0.06, 0.38), (x + 0.2, 0.02), (x + 0.14, 0.02))
            for x in (-0.12, 0.02)
        ]
        return [Part(bar, "second", relief=0.3, lift=0.2) for bar in bars]
    if kind == 1:
        wave = curve(
            [(-0.3, 0.3), (0.0, 0.26), (0.3, 0.05), (0.55, 0.0), (0.3, 0.14), (0.02, 0.35)]
        )
        return [Part(wave, "second", relief=0.3, lift=0.2)]
    if kind == 2:
        return [stroke((-0.4, 0.3), (0.1, 0.22), (0.6, 0.25), dash=0.02, strength=0.5)]
    peak = polygon((0.0, 0.38), (0.16, 0.04), (0.32, 0.38), (0.24, 0.38), (0.16, 0.2), (0.08, 0.38))
    return [Part(peak, "second", relief=0.3, lift=0.2)]


def _laces(high: float) -> list[Shape]:
    rows = 5 if high else 4
    start, end = (0.2, -0.16 - high), (-0.26, 0.12)
    shapes: list[Shape] = []
    for row in range(rows):
        share = row / (rows - 1)
        x, y = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        shapes += [
            stroke(
                (x - 0.045, y - 0.035),
                (x + 0.05, y + 0.01),
                (x + 0.1, y + 0.075),
                width=0.04,
                strength=0.35,
            ),
            stroke(
                (x - 0.045, y - 0.04),
                (x + 0.05, y),
                (x + 0.1, y + 0.07),
                width=0.03,
                paint="sole",
                strength=1.0,
            ),
        ]
    return shapes


def boot(look: Look, pose: Pose) -> list[Shape]:
    """Ankle or knee high; with elastic, laces or a zip; flat or with a heel."""
    one = _boot(look)
    return _turned([*_behind(one, 0.2, 0.2), *one], pose[0] * 0.6)


def _boot(look: Look) -> list[Shape]:
    kind = look.cut % 3
    top = between(-0.25, -1.0, look.length)
    tall = 0.2 if look.width > 0.5 else 0.1
    floor, wide = 0.72, between(0.28, 0.33, look.sleeve)
    upper: list[Knot] = [
        (0.52, floor - 0.02, 1),
        (0.55, 0.4),
        (0.47, 0.0),
        (0.2 + wide, top, 1),
        (0.2, top - 0.02),
        (0.2 - wide, top + 0.01, 1),
        (-0.13, 0.05),
        (-0.24, 0.3),
        (-0.56, 0.42),
        (-0.78, 0.54),
        (-0.8, floor - 0.02, 1),
    ]
    hollow = curve(
        [
            (0.2 + wide - 0.01, top),
            (0.2, top - 0.035),
            (0.2 - wide + 0.01, top + 0.01),
            (0.2, top + 0.03),
        ]
    )
    sole = curve(
        [
            (-0.83, floor - 0.04, 1),
            (0.0, floor - 0.03),
            (0.57, floor - 0.04, 1),
            (0.57, floor + 0.03, 1),
            (0.0, floor + 0.03),
            (-0.82, floor + 0.03, 1),
        ]
    )
    heel = polygon(
        (0.22, floor + 0.02),
        (0.57, floor + 0.02),
        (0.54, floor + 0.02 + tall),
        (0.28, floor + 0.02 + tall),
    )
    return [
        Part(curve(upper), relief=1.4, lift=0.2),
        Part(hollow, "inside"),
        *(_elastic(top), _boot_laces(top), _zip(top))[kind],
        stroke((-0.42, floor - 0.04), (-0.38, 0.52), (-0.46, 0.4), strength=0.35),
        stroke((0.5, 0.3), (0.3, 0.36), (0.2, floor - 0.04), strength=0.3),
        Part(heel, "leather", relief=0.5, tone=0.5),
        Part(sole, "leather", relief=0.4, tone=0.55),
    ]


def _elastic(top: float) -> list[Shape]:
    deep = min(0.35, top + 0.75)
    gore = curve([(0.06, top + 0.03, 1), (0.36, top + 0.03, 1), (0.28, deep), (0.16, deep)])
    lines: list[Shape] = [
        stroke((0.1 + x, top + 0.06), (0.14 + x * 0.6, deep - 0.06), strength=0.3)
        for x in (0.0, 0.06, 0.12, 0.18)
    ]
    return [Part(gore, "second", relief=0.4, lift=0.2), *lines]


def _boot_laces(top: float) -> list[Shape]:
    rows = max(3, round((0.3 - top) / 0.14))
    shapes: list[Shape] = []
    for row in range(rows):
        share = row / (rows - 1)
        y, x = top + 0.1 + (0.22 - top) * share, -0.06 - 0.2 * share**2
        shapes.append(
            stroke(
                (x - 0.02, y),
                (x + 0.06, y + 0.02),
                (x + 0.16, y + 0.07),
                width=0.028,
                paint="second",
                strength=1.0,
            )
        )
    return shapes


def _zip(top: float) -> list[Shape]:
    return [
        Line(
            curve([(0.3, top + 0.04), (0.32, 0.1), (0.36, 0.45)], closed=False),
            0.024,
            "metal",
            0.9,
            dash=0.012,
        )
    ]
