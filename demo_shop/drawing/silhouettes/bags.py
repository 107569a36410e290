"""Handbags: a satchel, a tote, a bucket."""

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
from demo_shop.drawing.silhouettes.tops import between

Pose = tuple[float, float]


def handbag(look: Look, pose: Pose) -> list[Shape]:
    """A satchel with a flap, a tote or a bucket bag."""
    return (_satchel, _tote, _bucket)[look.cut % 3](look, pose)


def _handle(width: float, top: float, foot: float, lean: float, paint: str) -> list[Shape]:
    arch = curve(
        [
            (-width, foot),
            (-width * 0.8 + lean, top + 0.2),
            (lean, top),
            (width * 0.8 + lean, top + 0.2),
            (width, foot),
        ],
        closed=False,
    )
    return [
        Line(arch, 0.062, "dark", 0.75),
        Line(arch, 0.05, paint, 1.0),
        Line(arch, 0.014, "light", 0.18),
    ]


def _satchel(look: Look, pose: Pose) -> list[Shape]:
    wide, low = between(0.56, 0.74, look.width), between(0.55, 0.75, look.length)
    body = curve(
        mirrored(
            [
                (0, -0.2),
                (wide - 0.06, -0.2, 1),
                (wide, 0.3),
                (wide + 0.02, low - 0.08),
                (wide - 0.08, low),
                (0, low + 0.01),
            ]
        )
    )
    flap = curve(
        mirrored(
            [
                (0, -0.23),
                (wide - 0.05, -0.22, 1),
                (wide - 0.02, 0.05),
                (wide * 0.75, 0.25),
                (0, 0.34),
            ]
        )
    )
    stitches = stroke(
        (-wide * 0.93, 0.02),
        (-wide * 0.7, 0.2),
        (0, 0.29),
        (wide * 0.7, 0.2),
        (wide * 0.93, 0.02),
        paint="second",
        dash=0.02,
        strength=0.6,
    )
    clasp = polygon((-0.06, 0.27), (0.06, 0.27), (0.06, 0.4), (-0.06, 0.4))
    rings = both(Part(ellipse(0.3, -0.2, 0.05, 0.045), "gold", lift=0.4))
    return [
        *_handle(0.3, between(-0.95, -0.65, look.sleeve), -0.18, pose[0] * 0.012, "base"),
        Part(body, relief=1.2),
        Part(flap, lift=0.8),
        stitches,
        *rings,
        Part(clasp, "gold", lift=0.6, relief=0.5),
    ]


def _tote(look: Look, pose: Pose) -> list[Shape]:
    wide, low = between(0.5, 0.66, look.width), between(0.65, 0.92, look.length)
    body = curve(
        mirrored(
            [
                (0, -0.3),
                (wide + 0.06, -0.32, 1),
                (wide, 0.2),
                (wide - 0.06, low, 1),
                (0, low + 0.03),
            ]
        )
    )
    hollow = Part(ellipse(0, -0.3, wide + 0.04, 0.05), "inside")
    base = curve(
        mirrored(
            [(0, low - 0.16), (wide - 0.03, low - 0.18, 1), (wide - 0.06, low, 1), (0, low + 0.03)]
        )
    )
    top = between(-1.05, -0.8, look.sleeve)
    return [
        *_handle(0.28, top + 0.05, -0.28, 0.04, "base"),
        hollow,
        Part(body, relief=1.2),
        Part(base, "second", lift=0.2),
        *_handle(0.28, top, -0.2, pose[0] * 0.012, "leather"),
        *both(Part(ellipse(0.28, -0.19, 0.03, 0.03), "gold", lift=0.5)),
        stroke((-wide, -0.24), (wide, -0.24), dash=0.02, strength=0.4),
    ]


def _bucket(look: Look, pose: Pose) -> list[Shape]:
    wide, low = between(0.42, 0.56, look.width), between(0.6, 0.82, look.length)
    body = curve(
        mirrored(
            [
                (0, -0.22),
                (wide * 0.8, -0.26, 1),
                (wide, 0.1),
                (wide * 0.98, low - 0.1),
                (wide * 0.8, low),
                (0, low + 0.03),
            ]
        )
    )
    rim = ellipse(0, -0.25, wide * 0.8, 0.075)
    cord = stroke(
        (-wide * 0.85, -0.08),
        (0, -0.02),
        (wide * 0.85, -0.08),
        width=0.026,
        paint="second",
        strength=1.0,
    )
    tassel = [
        Line(polygon((0.02 + x / 60, 0.12), (0.03 + x / 40, 0.34)), 0.014, "second", 0.95)
        for x in range(-3, 4)
    ]
    drop = stroke((0, -0.02), (0.02, 0.12), width=0.022, paint="second", strength=1.0)
    gathers = [
        stroke((x, -0.2), (x * 1.2, 0.25), width=0.02, strength=0.16)
        for x in (-0.3, -0.17, 0.15, 0.29)
    ]
    return [
        *_handle(wide * 0.75, between(-1.0, -0.75, look.sleeve), -0.2, pose[0] * 0.012, "base"),
        Part(body, relief=1.3),
        Part(rim, "inside"),
        *gathers,
        cord,
        drop,
        *tassel,
    ]
