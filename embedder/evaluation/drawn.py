"""Garments whose factors are known: `python -m embedder.evaluation.drawn OUT`.

They come in families: a garment, and the same with another shape, colour or texture alone, twice
each. A family shares all else: place, size, turn, light, background, where the pattern begins.

- shape: what is cut out
- colour: a pair of colours
- texture: how the two are laid; each always covers half of the garment, so that no texture changes
  how much of a colour there is

Nothing here was trained on, and nothing is shared with the pictures of the demo shop.
"""

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image, ImageDraw

from embedder.whole_file import whole_file

SIDE = 300
"""Pixels of a side."""
FINE = 3
"""Pictures are drawn so many times as large: edges are smooth."""
CHANGES = 2
"""Other values of each factor in a family."""
FACTORS = ("shape", "colour", "texture")
COLUMNS = ("image", "split", "family", *FACTORS)

Floats = npt.NDArray[np.float64]
Outline = str
"""The right half of a polygon, from middle to middle: `x y  x y …` in -1..1, y grows downwards."""
Rgb = tuple[int, int, int]
Field = Callable[[Floats, Floats, Floats], Floats]
"""From x, y and a square of noise to how much a point belongs to the second colour."""

SHAPES: Mapping[str, tuple[Outline, ...]] = {
    "t-shirt": (
        "0 -0.62  0.22 -0.75  0.45 -0.68  0.95 -0.25  0.72 -0.02  0.5 -0.2  0.5 0.8  0 0.8",
    ),
    "long sleeves": (
        "0 -0.6  0.2 -0.75  0.42 -0.68  0.62 -0.4  0.9 0.65  0.68 0.7  0.47 0  0.47 0.75  0 0.75",
    ),
    "top": ("0 -0.45  0.22 -0.5  0.26 -0.85  0.4 -0.85  0.42 -0.5  0.52 -0.3  0.5 0.8  0 0.8",),
    "trousers": ("0 -0.95  0.4 -0.95  0.52 0.95  0.18 0.95  0 -0.25",),
    "shorts": ("0 -0.55  0.5 -0.55  0.68 0.4  0.12 0.45  0 -0.05",),
    "skirt": ("0 -0.6  0.32 -0.6  0.8 0.7  0 0.75",),
    "dress": ("0 -0.7  0.14 -0.72  0.2 -0.95  0.3 -0.95  0.34 -0.6  0.26 -0.2  0.68 0.92  0 0.95",),
    "coat": (
        "0 -0.4  0.2 -1  0.4 -0.9  0.6 -0.6  0.9 0.4  0.6 0.5  0.5 -0.1  0.6 1  0.1 1  0 0.2",
    ),
    "hat": ("0 0.2  0.95 0.2  0.9 0.42  0 0.5", "0 -0.55  0.35 -0.5  0.5 0.2  0 0.22"),
    "bag": (
        "0 -0.1  0.7 -0.1  0.8 0.8  0 0.8",
        "0 -0.8  0.35 -0.7  0.45 -0.1  0.33 -0.1  0.25 -0.6  0 -0.68",
    ),
}
COLOURS: Mapping[str, tuple[Rgb, Rgb]] = {
    "red and yellow": ((190, 30, 40), (240, 205, 70)),
    "navy and pink": ((30, 40, 95), (235, 150, 175)),
    "green and cream": ((35, 105, 60), (230, 215, 170)),
    "purple and lime": ((95, 45, 130), (175, 215, 75)),
    "orange and teal": ((235, 130, 40), (20, 95, 100)),
    "brown and sky": ((95, 60, 35), (130, 190, 230)),
    "black and gold": ((25, 25, 28), (205, 160, 60)),
    "blue and coral": ((35, 80, 185), (240, 125, 105)),
    "olive and lilac": ((95, 100, 40), (195, 165, 220)),
    "burgundy and mint": ((110, 20, 50), (160, 220, 190)),
    "grey and turquoise": ((85, 88, 95), (65, 200, 200)),
    "plum and sand": ((120, 50, 105), (210, 180, 140)),
}


def _wave(at: Floats, period: float = 0.2) -> Floats:
    return np.sin(2 * math.pi * at / period)


def _from_middle(at: Floats, period: float) -> Floats:
    """How far it is to the middle of the repeat."""
    return np.abs(at % period - period / 2)


def _grain(x: Floats, y: Floats, noise: Floats, cell: float) -> Floats:
    """The value of the square cell in which a point lies."""
    row, column = (np.floor(at / cell).astype(np.int64) % len(noise) for at in (y, x))
    found: Floats = noise[row, column]
    return found


TEXTURES: Mapping[str, Field] = {
    "stripes across": lambda _, y, __: _wave(y),
    "stripes upright": lambda x, _, __: _wave(x),
    "stripes diagonal": lambda x, y, _: _wave((x + y) / math.sqrt(2)),
    "broad stripes": lambda _, y, __: _wave(y, 0.5),
    "checks": lambda x, y, _: _wave(x, 0.3) * _wave(y, 0.3),
    "dots": lambda x, y, _: -np.hypot(_from_middle(x, 0.2), _from_middle(y, 0.2)),
    "zigzag": lambda x, y, _: _wave(y + _from_middle(x, 0.3)),
    "rings": lambda x, y, _: _wave(np.hypot(_from_middle(x, 1), _from_middle(y, 1))),
    "fine grain": lambda x, y, noise: _grain(x, y, noise, 0.03),
    "coarse grain": lambda x, y, noise: _grain(x, y, noise, 0.1),
}


@dataclass(frozen=True, slots=True)
class Garment:
    """A value of each factor."""

    shape: str
    colour: str
    texture: str


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a family shares; lengths are in fine pixels."""

    middle: Floats
    """x, y of the garment's."""
    unit: float
    """Length of 1 in an outline."""
    turn: float
    """Radians, clockwise."""
    begin: Floats
    """x, y in the pattern at the garment's middle."""
    noise: Floats
    """Of grained textures, 0..1."""
    page: float
    """Level of the background, 0..255."""
    light: Floats
    """(side, side, 1): what levels are multiplied by."""

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Another place, size, turn and light."""
        side = SIDE * FINE
        unit = side * rng.uniform(0.36, 0.44)
        toward = rng.uniform(0, 2 * math.pi)
        y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
        light = rng.uniform(0.88, 1.05) + rng.uniform(0, 0.05) * (
            x * math.cos(toward) + y * math.sin(toward)
        )
        return cls(
            side / 2 + rng.uniform(-0.05, 0.05, 2) * side,
            unit,
            math.radians(rng.uniform(-6, 6)),
            rng.uniform(0, 10, 2),
            rng.random((97, 97)),
            rng.choice([255.0, 246.0, 236.0]),
            light[..., None],
        )

    def placed(self, points: Floats) -> Floats:
        """(n, 2) of an outline → (n, 2) fine pixels."""
        return points @ self._turned() * self.unit + self.middle

    def axes(self) -> tuple[Floats, Floats]:
        """(side, side) each: x and y in the outline, of every fine pixel."""
        y, x = np.mgrid[: SIDE * FINE, : SIDE * FINE] + 0.5
        found = (np.stack([x, y], axis=-1) - self.middle) / self.unit @ self._turned().T
        return found[..., 0], found[..., 1]

    def _turned(self) -> Floats:
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return np.array([[cos, sin], [-sin, cos]])


def silhouette(shape: str, scene: Scene) -> npt.NDArray[np.bool_]:
    """(side, side) fine pixels: where the garment is."""
    page = Image.new("1", (SIDE * FINE, SIDE * FINE))
    for outline in SHAPES[shape]:
        right = np.array(outline.split(), np.float64).reshape(-1, 2)
        points = scene.placed(np.concatenate([right, right[::-1] * (-1, 1)]))
        ImageDraw.Draw(page).polygon([(x, y) for x, y in points.tolist()], fill=1)
    return np.asarray(page)


def accent(texture: str, inside: npt.NDArray[np.bool_], scene: Scene) -> npt.NDArray[np.bool_]:
    """(side, side) fine pixels: where the second colour is, which is half of the garment."""
    x, y = (at + begin for at, begin in zip(scene.axes(), scene.begin, strict=True))
    field = TEXTURES[texture](x, y, scene.noise)
    found: npt.NDArray[np.bool_] = inside & (field > np.median(field[inside]))
    return found


def picture(garment: Garment, scene: Scene) -> Image.Image:
    """RGB, SIDE × SIDE."""
    inside = silhouette(garment.shape, scene)
    base, second = COLOURS[garment.colour]
    levels = np.full((*inside.shape, 3), scene.page)
    levels[inside] = base
    levels[accent(garment.texture, inside, scene)] = second
    shown = np.clip(levels * scene.light, 0, 255).round().astype(np.uint8)
    return Image.fromarray(shown).reduce(FINE)


def family(rng: np.random.Generator) -> Iterator[Garment]:
    """A garment, then those that differ from it in one factor."""
    values: Mapping[str, Sequence[str]] = {
        name: rng.permutation(list(each))[: 1 + CHANGES].tolist()
        for name, each in zip(FACTORS, (SHAPES, COLOURS, TEXTURES), strict=True)
    }
    first = Garment(**{name: each[0] for name, each in values.items()})
    yield first
    for name, each in values.items():
        yield from (replace(first, **{name: other}) for other in each[1:])


def draw(out: Path, seed: int = 0, count: int = 100) -> Path:
    """Write pictures of `count` families and `manifest.csv` into `out`; returns the manifest.

    The same seed gives the same pictures.
    """
    out.mkdir(parents=True, exist_ok=True)
    manifest = out / "manifest.csv"
    with whole_file(manifest) as part, part.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for number in range(count):
            rng = np.random.default_rng([seed, number])
            scene = Scene.drawn(rng)
            for place, each in enumerate(family(rng)):
                image = f"{number:04}-{place}.png"
                picture(each, scene).save(out / image)
                table.writerow((image, "both", number, each.shape, each.colour, each.texture))
    return manifest


def main(
    out: Annotated[Path, typer.Argument(help="Folder for pictures and manifest.csv.")],
    seed: int = 0,
    count: Annotated[int, typer.Option(min=1, help="Families, of 7 pictures each.")] = 100,
) -> None:
    """Draw garments whose shape, colour and texture are known."""
    typer.echo(draw(out, seed, count))


if __name__ == "__main__":
    typer.run(main)
