"""Trousers, jeans, shorts and leggings."""

from dataclasses import dataclass

from demo_shop.drawing.look import Look
from demo_shop.drawing.shapes import (
    Knot,
    Line,
    Part,
    Shape,
    both,
    curve,
    ellipse,
    flipped,
    mirrored,
    polygon,
    stroke,
    turned,
)  # fmt: skip
from demo_shop.drawing.silhouettes.tops import between

Pose = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Legs:
    """Measures of trousers in garment units."""

    top: float = -1.08
    bottom: float = 1.1
    waist: float = 0.31
    hips: float = 0.42
    crotch: float = -0.4
    knee: float = 0.22
    """Width of a leg at the knee."""
    hem: float = 0.2
    """Width of a leg at its end."""

    def shapes(self, pose: Pose) -> list[Shape]:
        """Both legs, the inside of the waist and the band."""
        right, left = (self._leg(degrees * 0.45) for degrees in pose)
        hollow = ellipse(0, self.top + 0.01, self.waist - 0.005, 0.035)
        middle = stroke(
            (0, self.top + 0.1), (0.012, self.crotch - 0.1), (0, self.crotch + 0.02), strength=0.4
        )
        return [Part(hollow, "inside"), flipped(left), right, middle, *self.band()]

    def _leg(self, degrees: float) -> Part:
        inner, knee = 0.07, self.crotch + 0.75
        knots: list[Knot] = [
            (-0.004, self.top + 0.03, 1), (self.waist, self.top, 1), (self.hips, self.top + 0.38),
            (max(inner + self.knee, self.hips * 0.95), min(self.crotch + 0.12, self.bottom - 0.1)),
        ]  # fmt: skip
        if self.bottom > knee + 0.2:
            knots += [(inner + self.knee + 0.02, knee)]
        knots += [(inner + self.hem, self.bottom, 1), (inner, self.bottom + 0.015, 1)]
        if self.bottom > knee + 0.2:
            knots += [(inner - 0.01, knee)]
        knots += [(-0.004, self.crotch, 1)]
        return Part(turned(curve(knots), degrees, (self.waist, self.top + 0.4)), lift=0.15)

    def band(self, tall: float = 0.09) -> list[Shape]:
        """The waistband."""
        wide = self.waist + 0.004
        knots: list[Knot] = [
            (0, self.top + 0.045),
            (wide, self.top, 1),
            (wide + 0.02, self.top + tall, 1),
            (0, self.top + tall + 0.045),
        ]
        return [Part(curve(mirrored(knots)), lift=0.4, relief=0.5)]


def _pockets(legs: Legs, paint: str = "dark", dash: float = 0.0) -> list[Shape]:
    edge = stroke(
        (legs.waist - 0.12, legs.top + 0.1),
        (legs.waist - 0.03, legs.top + 0.24),
        (legs.hips - 0.03, legs.top + 0.3),
        paint=paint,
        dash=dash,
        strength=0.55,
    )
    return both(edge)


def trousers(look: Look, pose: Pose) -> list[Shape]:
    """With a crease, a fly and slanted pockets; slim to wide."""
    wide = between(0.0, 0.17, look.width)
    legs = Legs(
        bottom=between(0.92, 1.12, look.length),
        knee=0.23 + wide,
        hem=between(0.16, 0.42, look.width),
        hips=0.41 + wide * 0.25,
    )
    crease = stroke(
        (0.2, -0.8),
        (0.22 + wide / 3, 0.1),
        (0.07 + legs.hem / 2, legs.bottom),
        width=0.014,
        strength=0.2,
    )
    shine = stroke(
        (0.225, -0.7),
        (0.245 + wide / 3, 0.1),
        (0.095 + legs.hem / 2, legs.bottom),
        paint="light",
        width=0.03,
        strength=0.1,
    )
    fly = stroke((0.07, legs.top + 0.12), (0.07, -0.66), (0.0, -0.52), strength=0.35)
    button = Part(ellipse(0, legs.top + 0.09, 0.022, 0.022), "button", lift=0.4)
    tie = both(
        Line(
            curve([(0.01, -0.98), (0.05, -0.82), (0.04, -0.68)], closed=False), 0.02, "second", 0.9
        )
    )
    close: list[Shape] = [*tie] if look.cut % 3 == 2 else [fly, button]
    return [*legs.shapes(pose), *both(crease, shine), *_pockets(legs), *close]


def jeans(look: Look, pose: Pose) -> list[Shape]:
    """Denim with stitched seams, a rivet button, a wash on the thighs and sometimes tears."""
    wide = between(0.0, 0.12, look.width)
    legs = Legs(
        bottom=between(0.98, 1.12, look.length),
        knee=0.22 + wide,
        hem=between(0.14, 0.36, look.width),
    )
    wash = Part(ellipse(0.22, -0.1, 0.1, 0.42), "light", soft=0.07, relief=0, cover=0.2)
    seam = stroke(
        (legs.hips - 0.03, -0.6),
        (legs.knee + 0.05, 0.35),
        (legs.hem + 0.045, legs.bottom - 0.02),
        paint="stitch",
        dash=0.016,
        strength=0.75,
        width=0.009,
    )
    fly = stroke(
        (0.08, -0.97), (0.08, -0.66), (0.0, -0.52), paint="stitch", dash=0.016, strength=0.9
    )
    rivet = Part(ellipse(0, -0.99, 0.026, 0.026), "gold", lift=0.5, relief=0.3)
    loops = [
        Part(
            polygon((x, -1.1), (x + 0.03, -1.1), (x + 0.03, -0.95), (x, -0.95)),
            lift=0.4,
            relief=0.2,
        )
        for x in (-0.22, 0.19)
    ]
    cuff = polygon(
        (0.06, legs.bottom - 0.1),
        (0.085 + legs.hem, legs.bottom - 0.1),
        (0.08 + legs.hem, legs.bottom + 0.01),
        (0.06, legs.bottom + 0.02),
    )
    cuffs: list[Shape] = (
        both(Part(cuff, tone=1.25, lift=0.4, relief=0.5)) if look.cut % 3 == 1 else []
    )
    tears = [
        Part(ellipse(0.2 * side, y, 0.075, 0.022), "label", relief=0.4, tone=0.95)
        for side, y in ((1, 0.22), (-1, 0.3), (1, 0.3))
    ]
    faded: list[Shape] = both(wash) if look.cut % 4 < 2 else []
    return [
        *legs.shapes(pose),
        *faded,
        *both(seam),
        *_pockets(legs, "stitch", 0.016),
        fly,
        rivet,
        *loops,
        *cuffs,
        *(tears if look.cut % 4 == 3 else []),
    ]


def shorts(look: Look, pose: Pose) -> list[Shape]:
    """Tailored, cargo or with a drawstring."""
    kind = look.cut % 3
    legs = Legs(
        top=-0.62, bottom=between(0.2, 0.62, look.length), crotch=0.08, waist=0.36, hips=0.47,
        knee=0.4, hem=between(0.36, 0.48, look.width),
    )  # fmt: skip
    hem = stroke((0.07, legs.bottom - 0.05), (0.07 + legs.hem, legs.bottom - 0.065), strength=0.3)
    cargo = polygon((0.26, 0.02), (0.47, 0.02), (0.48, 0.26), (0.27, 0.26))
    flap = polygon((0.25, 0.0), (0.48, 0.0), (0.48, 0.08), (0.25, 0.08))
    tie = both(
        Line(
            curve([(0.01, -0.53), (0.06, -0.36), (0.03, -0.2)], closed=False), 0.022, "second", 0.95
        )
    )
    button = Part(ellipse(0, -0.52, 0.024, 0.024), "button", lift=0.4)
    stripe = both(
        stroke(
            (legs.hips - 0.06, -0.3),
            (legs.hem + 0.01, legs.bottom),
            width=0.05,
            paint="second",
            strength=0.9,
        )
    )
    pockets: list[Shape] = both(Part(cargo, lift=0.4, relief=0.4), Part(flap, lift=0.5, relief=0.3))
    plain: list[Shape] = [button]
    details = (plain, [*plain, *pockets], [*stripe, *tie])[kind]
    return [*legs.shapes(pose), *both(hem), *_pockets(legs), *details]


def leggings(look: Look, pose: Pose) -> list[Shape]:
    """Tight, with a broad band and perhaps a side stripe or mesh."""
    legs = Legs(bottom=between(0.8, 1.12, look.length), waist=0.28, hips=0.36, knee=0.19, hem=0.11)
    stripe = both(
        stroke(
            (0.32, -0.8),
            (0.34, -0.4),
            (0.27, 0.3),
            (0.165, legs.bottom),
            width=0.055,
            paint="second",
            strength=0.92,
        )
    )
    inset = curve([(0.13, 0.35), (0.25, 0.1), (0.24, 0.62), (0.14, 0.7)])
    panels = both(Part(inset, "second", relief=0.5))
    seams = both(stroke((0.24, -0.9), (0.2, -0.2), (0.14, 0.5), strength=0.25))
    band = Part(
        curve(mirrored([(0, -1.08), (0.29, -1.12, 1), (0.32, -0.9, 1), (0, -0.86)])),
        "base",
        lift=0.4,
        tone=0.94,
    )
    details = (stripe, panels, seams)[look.cut % 3]
    return [*legs.shapes(pose), *details, band]
