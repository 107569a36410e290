"""T-shirt, shirt, blouse, sweater, cardigan and dress."""

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
)
from demo_shop.drawing.silhouettes.torso import Arm, Torso

Pose = tuple[float, float]


def between(low: float, high: float, share: float) -> float:
    """*low* for a share of 0, *high* for 1."""
    return low + (high - low) * share


def buttons(x: float, start: float, end: float, count: int, size: float = 0.021) -> list[Shape]:
    """A column of *count* buttons from *start* to *end*."""
    step = (end - start) / max(1, count - 1)
    rows = [start + step * row for row in range(count)]
    return [Part(ellipse(x, y, size, size), "button", lift=0.5, relief=0.3) for y in rows]


def t_shirt(look: Look, pose: Pose) -> list[Shape]:
    """Short sleeves; crew, scoop or V neckline."""
    kind = look.cut % 4
    wide = between(0.0, 0.09, look.width)
    torso = Torso(
        bottom=between(0.62, 0.88, look.length),
        neck=(0.19, 0.25, 0.19, 0.22)[kind],
        drop=(0.13, 0.24, 0.3, 0.12)[kind],
        vee=kind == 2,
        chest=0.44 + wide,
        waist=0.41 + wide,
        hem=0.43 + wide,
        shoulder=0.47 + wide / 2,
    )
    arm = Arm(between(0.36, 0.6, look.sleeve), spread=36, cuff=0.27)
    chest = polygon((0.12, -0.36), (0.3, -0.36), (0.3, -0.17), (0.21, -0.12), (0.12, -0.17))
    pocket: list[Shape] = [Part(chest, lift=0.35, relief=0.4)] if kind == 3 else []
    band = torso.neckband(0.05, "second" if kind == 1 else "base")
    return [
        *torso.inside(),
        *torso.sleeves(arm, pose),
        torso.body(),
        *pocket,
        *band,
        torso.hemline(0.045),
    ]


def collar(torso: Torso, tip: float = 0.26, paint: str = "cloth") -> list[Shape]:
    """A folded shirt collar on its stand."""
    neck, top = torso.neck, torso.top
    front = top + torso.drop
    stand = curve(
        [(neck, top + 0.02, 1), (0, top - 0.055), (-neck, top + 0.02, 1), (0, top + 0.06)]
    )
    wing = polygon(
        (0.006, front - 0.01),
        (neck - 0.03, top - 0.02),
        (neck + 0.02, top - 0.035),
        (neck + 0.07, top + 0.06),
        (tip * 0.72, front + tip * 0.36),
    )
    return [
        Part(stand, "inside", relief=0.4),
        *both(Part(wing, paint, grain=38, lift=0.8, relief=0.4)),
    ]


def placket(torso: Torso, count: int = 7) -> list[Shape]:
    """The buttoned strip down the middle."""
    upper, lower = torso.top + torso.drop, torso.bottom + torso.sag
    strip = polygon((-0.042, upper), (0.042, upper), (0.042, lower), (-0.042, lower))
    return [Part(strip, lift=0.45, relief=0.25), *buttons(0, upper + 0.06, lower - 0.2, count)]


def shirt(look: Look, pose: Pose) -> list[Shape]:
    """Collar, placket, long or short sleeves, sometimes breast pockets."""
    wide = between(0.0, 0.07, look.width)
    torso = Torso(
        top=-0.9,
        bottom=between(0.74, 0.92, look.length),
        neck=0.16,
        drop=0.13,
        chest=0.44 + wide,
        waist=0.41 + wide,
        hem=0.44 + wide,
        shoulder=0.46 + wide / 2,
        sag=0.07,
    )
    long = look.sleeve > 0.4
    arm = Arm(1.3, 11, 0.24, 0.15, 0.12, "base") if long else Arm(0.55, 30, cuff=0.27)
    yoke = stroke(
        (0.43, -0.66), (0.2, -0.62), (0, -0.615), (-0.2, -0.62), (-0.43, -0.66), strength=0.15
    )
    pocket = polygon((0.13, -0.36), (0.33, -0.36), (0.33, -0.16), (0.23, -0.1), (0.13, -0.16))
    pockets = both(Part(pocket, lift=0.35, relief=0.3))[: look.cut % 3]
    return [
        *torso.inside(),
        *torso.sleeves(arm, pose),
        torso.body(),
        yoke,
        *pockets,
        *placket(torso),
        *collar(torso, paint="second" if look.cut % 5 == 4 else "cloth"),
        torso.hemline(0.03),
    ]


def blouse(look: Look, pose: Pose) -> list[Shape]:
    """Flowing, with a bow, ruffles or a deep V, and wide sleeves."""
    kind = look.cut % 3
    torso = Torso(
        bottom=between(0.45, 0.7, look.length),
        neck=0.2,
        drop=(0.16, 0.2, 0.4)[kind],
        vee=kind == 2,
        chest=0.43,
        waist=between(0.4, 0.47, look.width),
        hem=between(0.46, 0.58, look.width),
        shoulder=0.43,
        sag=0.06,
    )
    arm = Arm(between(0.7, 1.18, look.sleeve), 20, 0.34, 0.2, 0.07)
    trims = (_bow(torso), _ruffles(torso), torso.neckband(0.03))[kind]
    gathers = [stroke((x, -0.62), (x * 1.2, -0.35), strength=0.16) for x in (-0.3, -0.2, 0.2, 0.3)]
    return [
        *torso.inside(),
        *torso.sleeves(arm, pose),
        torso.body(),
        *gathers,
        *trims,
        torso.hemline(0.03),
    ]


def _bow(torso: Torso) -> list[Shape]:
    y = torso.top + torso.drop + 0.02
    loop = curve(
        [(0.01, y, 1), (0.13, y - 0.09), (0.24, y - 0.03), (0.2, y + 0.06), (0.08, y + 0.05)]
    )
    tail = curve(
        [(0.0, y, 1), (0.1, y + 0.16), (0.16, y + 0.44, 1), (0.06, y + 0.46, 1), (0.03, y + 0.2)]
    )
    knot = Part(ellipse(0, y + 0.005, 0.04, 0.045), lift=0.7)
    return [
        *torso.neckband(0.05, "base"),
        *both(Part(tail, lift=0.7, grain=15), Part(loop, lift=0.7, grain=60)),
        knot,
    ]


def _ruffles(torso: Torso) -> list[Shape]:
    shapes: list[Shape] = [*torso.neckband(0.06)]
    for row in range(3):
        y = torso.top + torso.drop + 0.1 + row * 0.15
        edge: list[Knot] = [(0.3 - step * 0.1, y + 0.12 + 0.025 * (step % 2)) for step in range(7)]
        frill = curve([(-0.3, y, 1), (0, y + 0.03), (0.3, y, 1), *edge])
        shapes.append(Part(frill, lift=0.6, relief=0.8))
    return shapes


def sweater(look: Look, pose: Pose) -> list[Shape]:
    """Knitted; crew neck, roll neck or V."""
    kind = look.cut % 3
    wide = between(0.0, 0.1, look.width)
    torso = Torso(
        bottom=between(0.6, 0.82, look.length),
        neck=(0.19, 0.17, 0.18)[kind],
        drop=(0.12, 0.1, 0.34)[kind],
        vee=kind == 2,
        chest=0.46 + wide,
        waist=0.46 + wide,
        hem=0.45 + wide,
        shoulder=0.5 + wide / 2,
    )
    arm = Arm(1.25, between(11, 18, look.width), 0.27, 0.17, 0.12)
    roll = curve(mirrored([(0, -1.04), (0.17, -1.02), (0.19, -0.9), (0.2, -0.8), (0, -0.73)]))
    high: list[Shape] = [
        Part(roll, "base", lift=0.6),
        *(
            Line(polygon((x, -1.0), (x * 1.1, -0.77)), 0.008, strength=0.16)
            for x in (-0.12, -0.08, -0.04, 0.0, 0.04, 0.08, 0.12)
        ),
    ]
    neck: list[Shape] = (
        [*high] if kind == 1 else torso.neckband(0.06, "second" if look.cut % 2 else "base")
    )
    return [*torso.inside(), *torso.sleeves(arm, pose), torso.body(), *torso.hem_band(0.13), *neck]


def cardigan(look: Look, pose: Pose) -> list[Shape]:
    """Knitted, open at a deep V and buttoned below."""
    wide = between(0.0, 0.08, look.width)
    torso = Torso(
        bottom=between(0.66, 0.95, look.length),
        neck=0.17,
        drop=between(0.5, 0.75, look.sleeve),
        vee=True,
        chest=0.45 + wide,
        waist=0.44 + wide,
        hem=0.46 + wide,
        shoulder=0.48 + wide / 2,
    )
    arm = Arm(1.25, 12, 0.26, 0.16, 0.11)
    low = torso.top + torso.drop
    strip = polygon(
        (-0.045, low - 0.02),
        (0.045, low - 0.02),
        (0.045, torso.bottom + 0.03),
        (-0.045, torso.bottom + 0.03),
    )
    count = 3 + look.cut % 3
    front: list[Shape] = [
        Part(strip, "base", lift=0.4, relief=0.3),
        *buttons(0, low + 0.07, torso.bottom - 0.06, count, 0.026),
    ]
    pocket = polygon((0.16, 0.3), (0.36, 0.3), (0.36, 0.55), (0.16, 0.55))
    pockets = both(Part(pocket, lift=0.35, relief=0.4)) if look.cut % 2 else []
    return [
        *torso.inside(),
        *torso.sleeves(arm, pose),
        torso.body(),
        *pockets,
        *torso.hem_band(0.1),
        *torso.neckband(0.055, "second" if look.cut % 4 == 3 else "base"),
        *front,
    ]


def dress(look: Look, pose: Pose) -> list[Shape]:
    """Fitted above the waist, a skirt of any width below."""
    kind = look.cut % 4
    flare = between(0.34, 0.74, look.width)
    torso = Torso(
        top=-1.08,
        bottom=between(0.62, 1.1, look.length),
        neck=(0.2, 0.24, 0.19, 0.22)[kind],
        drop=(0.16, 0.22, 0.36, 0.14)[kind],
        vee=kind == 2,
        shoulder=(0.36, 0.33, 0.38, 0.38)[kind],
        slope=0.09,
        chest=0.34,
        waist=0.27,
        waist_at=-0.16,
        hem=flare,
        sag=0.05,
    )
    arm = Arm(between(0.28, 1.1, look.sleeve), 16, 0.2, between(0.2, 0.13, look.sleeve))
    sleeves = torso.sleeves(arm, pose) if look.sleeve > 0.3 else []
    drape = [
        stroke(
            (x * 0.9, -0.1),
            (x * (1 + flare), 0.35),
            (x * 3.1 * flare, torso.bottom - 0.05),
            width=0.022,
            strength=0.13,
        )
        for x in (-0.22, -0.12, -0.04, 0.06, 0.15, 0.23)
    ]
    belt = curve(mirrored([(0, -0.2), (0.275, -0.215, 1), (0.275, -0.12, 1), (0, -0.1)]))
    waist: list[Shape] = (
        [Part(belt, "second", lift=0.4)]
        if look.cut % 3 == 0
        else [stroke((-0.27, -0.16), (0, -0.14), (0.27, -0.16), strength=0.35)]
    )
    fronts = buttons(0, torso.top + torso.drop + 0.08, 0.4, 7) if look.cut % 5 == 1 else []
    return [
        *torso.inside(),
        *sleeves,
        torso.body(),
        *drape,
        *waist,
        *fronts,
        *torso.neckband(0.03),
        torso.hemline(0.035),
    ]
