"""Cloth: a square of texture from a look's colours and pattern, to be cut into garments."""

import random
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from demo_shop.drawing.colours import COLOURS, RGB, brightness, mixed
from demo_shop.drawing.look import Look

SIDE = 720
"""Pixels of the square; 240 of them are one garment unit, so it covers -1.5 to 1.5."""
UNIT = 240

Field = NDArray[np.float32]
"""Share of the second colour at each pixel, 0 to 1."""


def _grid() -> tuple[Field, Field]:
    axis = np.linspace(-SIDE / 2 / UNIT, SIDE / 2 / UNIT, SIDE, endpoint=False, dtype=np.float32)
    return axis[None, :], axis[:, None]


def _float(field: object) -> Field:
    return np.asarray(field, dtype=np.float32)


def _wave(position: Field, period: float, share: float) -> Field:
    """Bands of *share* of each *period*, with edges one pixel soft."""
    phase = np.abs((position / period) % 1 - 0.5) * 2
    return _float(np.clip((share - phase) * period * UNIT / 2 + 0.5, 0, 1))


def _full(field: Field) -> Field:
    return np.broadcast_to(field, (SIDE, SIDE))


def _stripes(rng: random.Random) -> Field:
    return _full(_wave(_grid()[0], rng.uniform(0.07, 0.2), rng.uniform(0.2, 0.5)))


def _breton(rng: random.Random) -> Field:
    return _full(_wave(_grid()[1], rng.uniform(0.1, 0.3), rng.uniform(0.3, 0.5)))


def _check(rng: random.Random) -> Field:
    x, y = _grid()
    period = rng.uniform(0.09, 0.22)
    return _float(0.5 * _wave(x, period, 0.5) + 0.5 * _wave(y, period, 0.5))


def _tartan(rng: random.Random) -> Field:
    x, y = _grid()
    period, thin = rng.uniform(0.28, 0.42), rng.uniform(0.05, 0.1)
    broad = 0.4 * _wave(x, period, 0.42) + 0.4 * _wave(y, period, 0.42)
    fine = np.maximum(_wave(x + period / 2, period, thin), _wave(y + period / 2, period, thin))
    return _float(np.maximum(broad, 0.95 * fine))


def _zigzag(rng: random.Random) -> Field:
    x, y = _grid()
    period = rng.uniform(0.14, 0.26)
    tooth = np.abs((x / period) % 1 - 0.5) * period
    return _wave(y + tooth, period * 0.8, 0.45)


def _block(rng: random.Random) -> Field:
    _, y = _grid()
    edge = rng.uniform(-0.4, 0.1)
    return _full(np.clip((edge - y) * UNIT, 0, 1))


def _ombre(rng: random.Random) -> Field:
    _, y = _grid()
    return _full(np.clip((y + rng.uniform(0.3, 0.7)) / 1.3, 0, 1))


def _tiled(tile: Image.Image) -> Field:
    """A seamless *tile*, drawn at twice the size, laid side by side."""
    small = np.asarray(tile.reduce(2), dtype=np.float32) / np.float32(255)
    times = -(-SIDE // small.shape[0])
    return np.asarray(np.tile(small, (times, times))[:SIDE, :SIDE])


def _dots(rng: random.Random) -> Field:
    side = rng.choice((40, 56, 76, 104))
    tile, radius = Image.new("L", (side, side)), side * rng.uniform(0.14, 0.24)
    pencil = ImageDraw.Draw(tile)
    for x, y in ((0, 0), (side, 0), (0, side), (side, side), (side / 2, side / 2)):
        pencil.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return _tiled(tile)


def _scattered(side: int, rng: random.Random, figures: int) -> list[tuple[float, float, float]]:
    """Places and sizes of figures that keep apart on a tile whose edges meet."""
    found: list[tuple[float, float, float]] = []
    for _ in range(figures * 30):
        x, y, size = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0.7, 1.25)
        gaps = [
            min(abs(x - a), side - abs(x - a)) ** 2 + min(abs(y - b), side - abs(y - b)) ** 2
            for a, b, _ in found
        ]
        if len(found) < figures and min(gaps, default=side**2) > (0.75 * side) ** 2 / figures:
            found.append((x, y, size))
    return found


def _printed(side: int, rng: random.Random, figures: int, print_one: Callable[..., None]) -> Field:
    tile = Image.new("L", (side, side))
    pencil = ImageDraw.Draw(tile)
    for x, y, size in _scattered(side, rng, figures):
        angle = rng.uniform(0, 6.28)
        for dx in (-side, 0, side):
            for dy in (-side, 0, side):
                print_one(pencil, x + dx, y + dy, size * side / 9, angle)
    return _tiled(tile)


def _flower(pencil: ImageDraw.ImageDraw, x: float, y: float, size: float, angle: float) -> None:
    for leaf in (angle + 0.5, angle + 3.0):
        tip = (x + 1.9 * size * np.cos(leaf), y + 1.9 * size * np.sin(leaf))
        pencil.line((x, y, *tip), fill=110, width=max(2, int(size / 3)))
    for petal in range(5):
        turn = angle + petal * 2 * np.pi / 5
        a, b, r = x + size * 0.72 * np.cos(turn), y + size * 0.72 * np.sin(turn), size * 0.52
        pencil.ellipse((a - r, b - r, a + r, b + r), fill=255)
    pencil.ellipse((x - size / 3, y - size / 3, x + size / 3, y + size / 3), fill=70)


def _spot(pencil: ImageDraw.ImageDraw, x: float, y: float, size: float, angle: float) -> None:
    box = (x - size, y - size * 0.8, x + size, y + size * 0.8)
    start = float(np.degrees(angle))
    pencil.arc(box, start, start + 250, fill=255, width=max(3, int(size * 0.55)))


def _floral(rng: random.Random) -> Field:
    return _printed(rng.choice((180, 240, 360)), rng, 7, _flower)


def _spots(rng: random.Random) -> Field:
    return _printed(rng.choice((160, 220)), rng, 10, _spot)


def _marl(rng: random.Random) -> Field:
    noise = np.random.default_rng(rng.randrange(2**32)).normal(0.3, 0.3, (SIDE // 2, SIDE // 8))
    picture = Image.fromarray((np.clip(noise, 0, 1) * 255).astype(np.uint8))
    return _float(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR)) / np.float32(255)


def _plain(_rng: random.Random) -> Field:
    return _full(np.zeros((1, 1), dtype=np.float32))


WEAVES: dict[str, Callable[[random.Random], Field]] = {
    "plain": _plain, "marl": _marl, "stripes": _stripes, "breton": _breton, "check": _check,
    "tartan": _tartan, "dots": _dots, "floral": _floral, "block": _block, "ombre": _ombre,
    "zigzag": _zigzag, "spots": _spots,
}  # fmt: skip


def grain(look: Look) -> Field:
    """The feel of the cloth: brightness around 0 from yarn, ribs, twill or leather."""
    x, y = _grid()
    # a quarter of the noise, four times: nobody sees it, and it is the slowest part
    quarter = np.random.default_rng(look.seed).standard_normal((SIDE // 2, SIDE // 2), np.float32)
    rough = np.tile(quarter, (2, 2))
    if look.garment in ("sweater", "cardigan", "scarf") or (look.garment, look.cut % 3) == (
        "hat",
        1,
    ):
        ribs = np.cos(x * 2 * np.pi / 0.034 + np.abs((y / 0.03) % 1 - 0.5) * 3)
        return _float(0.05 * ribs + 0.02 * rough)
    if look.garment == "jeans":
        return _float(0.035 * np.cos((x + y) * 2 * np.pi / 0.022) + 0.05 * rough)
    return _float(0.012 * rough)


@lru_cache(maxsize=32)
def cloth_of(look: Look) -> Image.Image:
    """The square of cloth *look* is cut from."""
    first, second = COLOURS[look.colour], COLOURS[look.second]
    share = WEAVES[look.pattern](random.Random(f"cloth {look.seed}"))[..., None]
    ground = np.array(first, np.float32) * (1 - share) + np.array(second, np.float32) * share
    lit = ground * (1 + grain(look)[..., None])
    return Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8))


def flat_paint(look: Look, paint: str) -> RGB:
    """The colour of the pieces that are not cut from the cloth."""
    base, second = COLOURS[look.colour], COLOURS[look.second]
    dark_cloth = brightness(base) < 0.45
    fixed: dict[str, RGB] = {
        "base": base,
        "second": second,
        "inside": mixed(base, (24, 22, 26), 0.55),
        "sole": (236, 234, 228),
        "metal": (190, 192, 198),
        "gold": (206, 170, 96),
        "leather": (96, 62, 42),
        "button": mixed(base, (250, 248, 240), 0.7)
        if dark_cloth
        else mixed(base, (30, 26, 24), 0.5),
        "label": (244, 242, 236),
        "stitch": (208, 138, 62),
        "dark": (12, 10, 16),
        "light": (255, 255, 255),
    }
    return fixed[paint]
