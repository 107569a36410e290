"""The trunk and sleeves shared by everything worn above the waist."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from demo_shop.drawing.shapes import (
    Knot,
    Line,
    Part,
    Shape,
    curve,
    flipped,
    mirrored,
    opposite,
    polygon,
    stroke,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Torso:
    """Measures in garment units; x is a half width, y grows downwards."""

    top: float = -0.86
    bottom: float = 0.8
    neck: float = 0.2
    drop: float = 0.14
    """Depth of the neckline below *top*."""
    vee: bool = False
    shoulder: float = 0.46
    slope: float = 0.12
    chest: float = 0.45
    waist: float = 0.42
    waist_at: float = 0.1
    hem: float = 0.45
    sag: float = 0.03
    """How much the middle of the hem hangs lower."""

    def neckline(self, wider: float = 0.0) -> list[Knot]:
        """From the right side of the neck through the front to the left one."""
        neck, low = self.neck + wider, self.top + self.drop + wider
        if self.vee:
            return [(neck, self.top, 1), (0, low + wider * 0.6, 1), (-neck, self.top, 1)]
        side = neck * 0.78
        deep = self.top + (self.drop + wider) * 0.74
        return [(neck, self.top, 1), (side, deep), (0, low), (-side, deep), (-neck, self.top, 1)]

    def body(self, **style: float | str) -> Part:
        """The trunk, with the neckline cut out of its top."""
        right: list[Knot] = [
            (self.shoulder - 0.004, self.top + self.slope, 1),
            (self.shoulder - 0.035, self.top + self.slope + 0.17),
            (self.chest, self.top + 0.5, 1),
            (self.waist, self.waist_at),
            (self.hem, self.bottom, 1),
            (self.hem * 0.5, self.bottom + self.sag * 0.8),
            (0, self.bottom + self.sag),
        ]
        # the neckline runs right to left, so it closes the outline backwards
        return Part(curve([*right, *opposite(right[:-1]), *reversed(self.neckline())]), **style)  # type: ignore[arg-type]

    def inside(self) -> list[Shape]:
        """The back of the garment seen through the neckline, with its label."""
        back: list[Knot] = [
            (-self.neck * 0.6, self.top - 0.012),
            (self.neck * 0.6, self.top - 0.012),
        ]
        hollow = Part(curve([*self.neckline(0.01), *back]), "inside", relief=0.5)
        label = polygon(
            *(
                (x, self.top + y)
                for x, y in ((-0.04, 0.01), (0.04, 0.01), (0.04, 0.05), (-0.04, 0.05))
            )
        )
        seam = stroke(
            (-self.neck, self.top), (0, self.top + 0.035), (self.neck, self.top), strength=0.3
        )
        return [hollow, seam, Part(label, "label", relief=0, tone=0.92)]

    def neckband(self, wide: float = 0.045, paint: str = "base") -> list[Shape]:
        """A knitted band along the neckline."""
        outer, inner = self.neckline(wide), self.neckline()
        band = curve([*outer, *reversed(inner)])
        return [
            Part(band, paint, relief=0.5, tone=0.95),
            Line(curve(outer, closed=False), 0.007, strength=0.3),
        ]

    def hemline(self, above: float, **style: float | str) -> Line:
        """A seam that follows the hem, *above* it."""
        wide = self.hem - 0.002
        return stroke(
            (wide, self.bottom - above), (0, self.bottom + self.sag - above),
            (-wide, self.bottom - above), **style,
        )  # fmt: skip

    def hem_band(self, tall: float, paint: str = "base") -> list[Shape]:
        """A ribbed band that pulls the hem together."""
        upper, lower, wide = self.bottom - tall, self.bottom + self.sag, self.hem
        knots: list[Knot] = [
            (0, upper + self.sag),
            (wide, upper, 1),
            (wide * 0.95, self.bottom + 0.01, 1),
            (0, lower),
        ]
        band = Part(curve(mirrored(knots)), paint, relief=0.7, tone=0.93, lift=0.3)
        return [band, *ribs(-wide * 0.93, wide * 0.93, upper + 0.02, lower - 0.01)]

    def sleeves(self, arm: "Arm", pose: tuple[float, float]) -> list[Shape]:
        """Both sleeves, each spread by its own degrees."""
        right, left = (arm.shapes(self, degrees) for degrees in pose)
        return [*right, *(flipped(shape) for shape in left)]


@dataclass(frozen=True, slots=True)
class Arm:
    """A sleeve."""

    length: float
    """Garment units from the shoulder; about 1.25 reaches the wrist."""
    spread: float = 14.0
    """Degrees away from the trunk."""
    upper: float = 0.2
    """Width at the elbow."""
    cuff: float = 0.13
    """Width at the end."""
    band: float = 0.0
    """Height of a cuff, 0 for a plain hem."""
    band_paint: str = "base"

    def shapes(self, torso: Torso, more: float) -> list[Shape]:
        """The right sleeve of *torso*, spread *more* degrees."""
        angle = math.radians(self.spread + more)
        along, across = (math.sin(angle), math.cos(angle)), (math.cos(angle), -math.sin(angle))
        tip = (torso.shoulder + 0.006, torso.top + torso.slope - 0.014)
        pit = (torso.chest - 0.015, torso.top + 0.5)
        end = (tip[0] + along[0] * self.length, tip[1] + along[1] * self.length)

        def at(far: float, out: float) -> tuple[float, float]:
            start = (tip[0] * (1 - far) + end[0] * far, tip[1] * (1 - far) + end[1] * far)
            return start[0] + across[0] * out, start[1] + across[1] * out

        knots: list[Knot] = [
            (*tip, 1), at(0.12, 0.03), at(0.5, 0.015), (*at(1, 0), 1), (*at(1, -self.cuff), 1),
        ]  # fmt: skip
        if self.length > 0.7:
            knots.append(at(0.62, -self.upper * 0.92))
        inset = (torso.shoulder - 0.16, torso.top + 0.26)
        sleeve = Part(curve([*knots, (*pit, 1), inset]), grain=self.spread + more, lift=0.15)
        return [sleeve, *self._end(at)]

    def _end(self, at: Callable[[float, float], tuple[float, float]]) -> list[Shape]:
        share = max(self.band, 0.05) / self.length
        inner, outer = at(1 - share, -self.cuff - 0.012), at(1 - share, 0.008)
        if not self.band:
            return [stroke(outer, inner, strength=0.28)]
        low_in, low_out = at(1.0, -self.cuff + 0.01), at(1.0, -0.008)
        cuff = Part(
            polygon(outer, low_out, low_in, inner), self.band_paint, tone=0.95, lift=0.3, relief=0.6
        )
        return [cuff, stroke(outer, inner, strength=0.35)]


def ribs(left: float, right: float, upper: float, lower: float, gap: float = 0.035) -> list[Shape]:
    """Fine upright lines of a knitted band."""
    count = max(2, round((right - left) / gap))
    places = [left + (right - left) * step / count for step in range(count + 1)]
    return [Line(polygon((x, upper), (x, lower)), 0.008, strength=0.16) for x in places]
