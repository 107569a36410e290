"""What a garment looks like, and how one view of it was taken."""

import random
from dataclasses import dataclass

GARMENTS = (
    "t-shirt", "shirt", "blouse", "sweater", "cardigan", "hoodie", "jacket", "coat", "blazer",
    "dress", "skirt", "trousers", "jeans", "shorts", "leggings", "sneaker", "boot", "handbag",
    "hat", "scarf",
)  # fmt: skip

PATTERNS = (
    "plain", "marl", "stripes", "breton", "check", "tartan", "dots", "floral", "block", "ombre",
    "zigzag", "spots",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """Everything the pencil must know of a product."""

    garment: str
    """One of :data:`GARMENTS`."""
    colour: str
    """Name in :data:`demo_shop.drawing.COLOURS`: the ground of the cloth."""
    pattern: str = "plain"
    """One of :data:`PATTERNS`."""
    second: str = "White"
    """Colour of the pattern's figures and of trims."""
    cut: int = 0
    """Which version of the garment: neckline, collar, kind of hat; any integer, taken modulo."""
    length: float = 0.5
    """0 (short) to 1 (long)."""
    width: float = 0.5
    """0 (slim) to 1 (wide)."""
    sleeve: float = 0.5
    """0 (none or short) to 1 (long)."""
    seed: int = 0
    """Folds of the cloth, size of the pattern, place of its figures."""


@dataclass(frozen=True, slots=True)
class View:
    """One photograph: pose, place in the frame, light and background."""

    turn: float
    """Degrees, clockwise."""
    scale: float
    """1 fills the frame; detail views are larger."""
    shift: tuple[float, float]
    """Right and down, in half widths of the picture."""
    lean: float
    """Horizontal shear, as if photographed from the side."""
    slim: float
    """Horizontal scale: a body turned a little away is narrower."""
    keystone: float
    """Growth of the width from top to bottom: the camera stands higher or lower."""
    pose: tuple[float, float]
    """Degrees by which the left and the right arm (leg, handle) are spread further."""
    light: tuple[float, float]
    """Direction the light comes from, right and down, length about 1."""
    warmth: float
    """-1 (cold) to 1 (warm) light."""
    background: int
    """Which studio background; any integer."""


def view_of(look: Look, number: int) -> View:
    """The *number*-th view (from 0) of *look*: view 0 is the calm one of a shop's listing."""
    rng = random.Random(f"{look}/{number}")
    calm = 0.35 if number == 0 else 1.0
    near = number == 3 and look.garment not in ("sneaker", "boot", "handbag")
    return View(
        turn=rng.uniform(-5, 5) * calm,
        scale=rng.uniform(1.16, 1.24) if near else rng.uniform(0.93, 1.0),
        shift=(rng.uniform(-0.05, 0.05) * calm, (0.1 if near else 0) + rng.uniform(-0.03, 0.03)),
        lean=rng.uniform(-0.05, 0.05) * calm,
        slim=1 - rng.uniform(0, 0.09) * calm,
        keystone=rng.uniform(-0.05, 0.05) * calm,
        pose=(rng.uniform(-4, 5) * calm, rng.uniform(-4, 5) * calm),
        light=(rng.choice((-1, 1)) * rng.uniform(0.35, 0.8), -rng.uniform(0.5, 0.9)),
        warmth=rng.uniform(-0.6, 0.8) * calm,
        background=random.Random(f"{look.seed}").randrange(99) + number * rng.randrange(3),
    )
