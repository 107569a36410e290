"""Hoodie, jacket, coat and blazer."""

from dataclasses import replace

import numpy as np

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import (
    Line,
    Part,
    Shape,
    both,
    curve,
    ellipse,
    mirrored,
    polygon,
    stroke,
)
from demo_shop.drawing.silhouettes.tops import between, buttons
from demo_shop.drawing.silhouettes.torso import Arm, Torso

Pose = tuple[float, float]


def zipper(upper: float, lower: float) -> list[Shape]:
    """A metal zip with its pull."""
    pull = polygon(
        (-0.018, upper + 0.01), (0.018, upper + 0.01), (0.012, upper + 0.09), (-0.012, upper + 0.09)
    )
    return [
        Line(polygon((0, upper), (0, lower)), 0.034, strength=0.55),
        Line(polygon((0, upper), (0, lower)), 0.018, "metal", 0.9, dash=0.012),
        Part(pull, "metal", lift=0.6, relief=0.3),
    ]


def hoodie(look: Look, pose: Pose) -> list[Shape]:
    """A hood with strings, a kangaroo pocket or a zip."""
    wide = between(0.0, 0.08, look.width)
    torso = Torso(
        top=-0.74,
        bottom=between(0.7, 0.9, look.length),
        neck=0.22,
        drop=0.2,
        chest=0.48 + wide,
        waist=0.47 + wide,
        hem=0.47 + wide,
        shoulder=0.5 + wide / 2,
    )
    arm = Arm(1.24, 13, 0.27, 0.16, 0.12)
    hood = curve(
        mirrored([(0, -1.14), (0.25, -1.06), (0.33, -0.86), (0.3, -0.7), (0.12, -0.5), (0, -0.46)])
    )
    hollow = curve(
        mirrored([(0, -1.03), (0.17, -0.97), (0.22, -0.82), (0.13, -0.62), (0, -0.52, 1)])
    )
    lining = "second" if look.cut % 2 else "inside"
    strings = both(
        Line(curve([(0.1, -0.6), (0.12, -0.4), (0.1, -0.16)], closed=False), 0.022, "second", 0.95)
    )
    zipped = look.cut % 3 == 1
    front = [*zipper(-0.47, torso.bottom), *_side_pockets()] if zipped else _kangaroo(torso)
    return [
        *torso.sleeves(arm, pose),
        torso.body(),
        *front,
        *torso.hem_band(0.12),
        Part(hood, lift=0.7),
        Part(hollow, lining, tone=0.8),
        *strings,
    ]


def _kangaroo(torso: Torso) -> list[Shape]:
    low = torso.bottom - 0.12
    pocket = polygon(
        (-0.2, low - 0.38),
        (0.2, low - 0.38),
        (0.33, low - 0.13),
        (0.33, low),
        (-0.33, low),
        (-0.33, low - 0.13),
    )
    return [
        Part(pocket, lift=0.45, relief=0.6),
        *both(stroke((0.215, low - 0.36), (0.31, low - 0.14), dash=0.02, strength=0.3)),
    ]


def _side_pockets() -> list[Shape]:
    slit = polygon((0.24, 0.12), (0.29, 0.1), (0.38, 0.4), (0.33, 0.42))
    return both(Part(slit, lift=0.4, relief=0.3, tone=0.92))


def jacket(look: Look, pose: Pose) -> list[Shape]:
    """Bomber, biker or quilted jacket with a zip."""
    kind = look.cut % 3
    wide = between(0.0, 0.08, look.width)
    torso = Torso(
        top=-0.84,
        bottom=between(0.5, 0.72, look.length),
        neck=0.17,
        drop=0.13,
        chest=0.5 + wide,
        waist=0.49 + wide,
        hem=0.46 + wide,
        shoulder=0.53 + wide / 2,
    )
    trim = "second" if look.cut % 2 else "base"
    arm = Arm(1.24, 12, 0.28, 0.17, 0.11, trim)
    details = (_side_pockets(), _biker(), _quilting(torso))[kind]
    stand = curve(mirrored([(0, -0.93), (0.17, -0.94), (0.215, -0.84), (0.12, -0.72), (0, -0.69)]))
    neck: list[Shape] = [Part(stand, trim, lift=0.5, tone=0.95)] if kind != 1 else _revers(0.02)
    return [
        *torso.inside(),
        *torso.sleeves(arm, pose),
        torso.body(),
        *details,
        *torso.hem_band(0.11, trim),
        *neck,
        *zipper(torso.top + 0.16, torso.bottom + 0.03),
    ]


def _biker() -> list[Shape]:
    slits = both(Line(polygon((0.2, 0.12), (0.38, 0.0)), 0.03, "metal", 0.8, dash=0.012))
    yokes = both(stroke((0.46, -0.5), (0.3, -0.42), (0.03, -0.46), strength=0.35))
    studs = [
        Part(ellipse(x, y, 0.016, 0.016), "metal", lift=0.5, relief=0)
        for x, y in ((0.24, -0.6), (-0.24, -0.6), (0.06, 0.46))
    ]
    return [*yokes, *slits, *studs]


def _quilting(torso: Torso) -> list[Shape]:
    rows = [
        torso.top + 0.3 + step * 0.17
        for step in range(int((torso.bottom - torso.top - 0.35) / 0.17))
    ]
    wide = torso.chest - 0.01
    dark = [stroke((-wide, y), (0, y + 0.025), (wide, y), width=0.02, strength=0.3) for y in rows]
    shine = [
        stroke(
            (-wide, y + 0.045),
            (0, y + 0.07),
            (wide, y + 0.045),
            width=0.045,
            paint="light",
            strength=0.09,
        )
        for y in rows
    ]
    return [*dark, *shine, *_side_pockets()]


def _revers(button: float, wide: float = 0.3, paint: str = "cloth") -> list[Shape]:
    """Lapels that meet at the height *button*."""
    lapel = polygon(
        (0.15, -0.9),
        (0.225, -0.84),
        (wide - 0.03, -0.6),
        (wide - 0.07, -0.56),
        (wide + 0.03, -0.53),
        (0.0, button),
    )
    neck = polygon(
        (0.1, -0.93),
        (0.19, -0.93),
        (0.25, -0.82),
        (wide + 0.01, -0.64),
        (wide - 0.06, -0.575),
        (0.16, -0.86),
    )
    return both(
        Part(lapel, paint, grain=24, lift=0.8, relief=0.5),
        Part(neck, paint, grain=40, lift=0.6, relief=0.4),
    )


def coat(look: Look, pose: Pose) -> list[Shape]:
    """Long, single or double breasted, sometimes belted."""
    wide = between(0.0, 0.08, look.width)
    torso = Torso(
        top=-1.0,
        bottom=between(0.85, 1.12, look.length),
        neck=0.17,
        drop=0.55,
        vee=True,
        chest=0.46 + wide,
        waist=0.43 + wide,
        waist_at=0.0,
        hem=between(0.48, 0.62, look.width),
        shoulder=0.49 + wide / 2,
    )
    double = look.cut % 2 == 0
    columns = (-0.13, 0.13) if double else (0.0,)
    rows = [each for x in columns for each in buttons(x, -0.32, 0.22, 3 + look.cut % 2, 0.03)]
    belt = polygon(
        (-0.47 - wide, -0.02), (0.47 + wide, -0.02), (0.47 + wide, 0.08), (-0.47 - wide, 0.08)
    )
    buckle = polygon((-0.07, -0.045), (0.07, -0.045), (0.07, 0.105), (-0.07, 0.105))
    belted = [
        Part(belt, "base", lift=0.6),
        Part(buckle, "gold", lift=0.5, relief=0.3),
        Part(buckle * 0.62 + (0, 0.012), "base", relief=0),
    ]
    flap = polygon((0.2, 0.3), (0.42, 0.27), (0.43, 0.35), (0.21, 0.38))
    edge = Line(
        polygon((0.17 if double else 0.03, -0.42), (0.19 if double else 0.03, torso.bottom + 0.02)),
        0.012,
        strength=0.45,
    )
    lapels = [
        _lowered(each, -0.14)
        for each in _revers(-0.28, 0.32, "second" if look.cut % 7 == 3 else "cloth")
    ]
    return [
        *torso.inside(),
        *torso.sleeves(Arm(1.24, 10, 0.28, 0.18, 0.1), pose),
        torso.body(),
        edge,
        *both(Part(flap, lift=0.5, relief=0.3)),
        *lapels,
        *rows,
        *(belted if look.cut % 3 == 0 else []),
    ]


def _lowered(shape: Shape, down: float) -> Shape:
    shift = np.array([0.0, down])
    if isinstance(shape, Line):
        return replace(shape, points=shape.points + shift)
    return replace(shape, outline=shape.outline + shift)


def blazer(look: Look, pose: Pose) -> list[Shape]:
    """A suit jacket: notched lapels, one to three buttons, flap pockets, breast pocket."""
    wide = between(0.0, 0.05, look.width)
    torso = Torso(
        top=-0.92,
        bottom=between(0.62, 0.82, look.length),
        neck=0.16,
        drop=0.62,
        vee=True,
        chest=0.45 + wide,
        waist=0.4 + wide,
        waist_at=0.05,
        hem=0.46 + wide,
        shoulder=0.49 + wide / 2,
    )
    count = 1 + look.cut % 3
    flap = polygon((0.18, 0.25), (0.4, 0.22), (0.41, 0.31), (0.19, 0.34))
    breast = polygon((0.16, -0.32), (0.33, -0.36), (0.34, -0.31), (0.17, -0.27))
    square = polygon((0.19, -0.31), (0.22, -0.43), (0.26, -0.38), (0.29, -0.45), (0.32, -0.34))
    kerchief = [Part(square, "second", lift=0.3, relief=0.3)] if look.cut % 2 else []
    darts = both(stroke((0.22, -0.2), (0.21, 0.2), strength=0.22))
    edge = stroke((0.0, -0.2), (0.02, 0.5), (0.1, torso.bottom + 0.02), width=0.012, strength=0.5)
    return [
        *torso.inside(),
        *torso.sleeves(Arm(1.24, 9, 0.26, 0.17), pose),
        torso.body(),
        *darts,
        edge,
        *both(Part(flap, lift=0.5, relief=0.3)),
        *kerchief,
        Part(breast, lift=0.4, relief=0.3),
        *_revers(-0.24 if count > 1 else -0.12, 0.29),
        *buttons(0.02, -0.1, 0.26 if count > 2 else 0.1, count, 0.028),
    ]
