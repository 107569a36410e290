"""Street to shop: garments of photos with masks, as crops and as pictures a shop might show.

A folder holds images/NAME.jpg, masks/NAME.png (a word's number per pixel) and annotations.json (the
words, and a box per word and photo), as `ccp_street` of the data's README does.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter
from PIL.Image import Resampling, Transform

from embedder.training.cache import Pixels
from snapmode.errors import ConfigError, RejectedError

CLOTHES = frozenset(
    (
        "blazer",
        "blouse",
        "bodysuit",
        "cape",
        "cardigan",
        "coat",
        "dress",
        "hoodie",
        "jacket",
        "jeans",
        "jumper",
        "leggings",
        "pants",
        "romper",
        "shirt",
        "shorts",
        "skirt",
        "suit",
        "sweater",
        "sweatshirt",
        "swimwear",
        "t-shirt",
        "tights",
        "top",
        "vest",
    )
)
"""The masks' words that one searches by; the others are shoes, accessories, hair and skin."""
MIN_AREA = 0.025
"""Of the photo: less is a sliver (a collar, an inner shirt)."""
VALIDATION = 150
"""Photos that everybody evaluates on."""
MARGIN = 0.15
"""Of the garment's longer side, kept around its box in a crop."""


@dataclass(frozen=True, slots=True)
class Garment:
    """One garment of one photo."""

    photo: str
    """File name."""
    word: str
    number: int
    """The word's number in the mask."""
    box: tuple[int, int, int, int]
    """[left, upper, right, lower) in pixels."""


def read_garments(folder: Path) -> list[Garment]:
    """Every garment of the folder that is large enough, in the order of the file."""
    file = folder / "annotations.json"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        return [
            Garment(photo["image"], one["label"], known["labels"].index(one["label"]), _box(one))
            for photo in known["images"]
            for one in photo["objects"]
            if one["label"] in CLOTHES
            and one["area"] >= MIN_AREA * photo["width"] * photo["height"]
        ]
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{file}: not annotations of street photos: {error!r}") from error


def _box(one: dict[str, Any]) -> tuple[int, int, int, int]:
    left, upper, right, lower = one["bbox"]
    return left, upper, right, lower


def validation_photos(photos: Collection[str], count: int = VALIDATION) -> set[str]:
    """Those evaluated on: the `count` with the smallest sha1 of their file name."""
    by_digest = sorted(
        photos, key=lambda name: hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()
    )
    return set(by_digest[:count])


def crop_of(folder: Path, garment: Garment, side: int) -> Pixels:
    """(side, side, 4): the garment with some of its surroundings, and its mask."""
    photo, mask = _photo(folder, garment.photo)
    left, upper, right, lower = garment.box
    half = round(max(right - left, lower - upper) * (0.5 + MARGIN))
    x, y = (left + right) // 2, (upper + lower) // 2
    window = (
        max(x - half, 0),
        max(y - half, 0),
        min(x + half, photo.width),
        min(y + half, photo.height),
    )
    alpha = Image.fromarray(np.where(np.asarray(mask) == garment.number, 255, 0).astype(np.uint8))
    crop = photo.convert("RGBA")
    crop.putalpha(alpha)
    return np.asarray(fitted(crop.crop(window), side))


@lru_cache(maxsize=2)
def _photo(folder: Path, name: str) -> tuple[Image.Image, Image.Image]:
    """A photo and its mask; garments of one photo come one after the other."""
    try:
        photo = Image.open(folder / "images" / name).convert("RGB")
        mask = Image.open((folder / "masks" / name).with_suffix(".png"))
        mask.load()
    except OSError as error:
        raise RejectedError(f"{folder / 'images' / name}: can't be read: {error}") from error
    return photo, mask


def fitted(picture: Image.Image, side: int) -> Image.Image:
    """An RGBA picture in a square, centred; around it is white that belongs to nothing."""
    scale = side / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    square = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    # The mask apart from the colours: Pillow would weigh those by it, and lose the surroundings.
    colours = picture.convert("RGB").resize(size, Resampling.BICUBIC)
    colours.putalpha(picture.getchannel("A").resize(size, Resampling.BILINEAR))
    square.paste(colours, ((side - size[0]) // 2, (side - size[1]) // 2))
    return square


def garment_box(crop: Image.Image) -> tuple[int, int, int, int]:
    """The box of what belongs to the garment; the whole crop when nothing does."""
    box = crop.getchannel("A").point(lambda value: 255 * (value > 127)).getbbox()
    return box or (0, 0, *crop.size)


def cut_out(
    crop: Image.Image, side: int, rng: np.random.Generator, bend: float = 1.0
) -> Image.Image:
    """RGBA (side, side): the garment alone as on a shop's page, cleaned, straightened and bent.

    `bend` 0 leaves its form as it was worn.
    """
    cleaned = crop.getchannel("A").filter(ImageFilter.MedianFilter(5))
    cleaned = cleaned.filter(ImageFilter.GaussianBlur(crop.width / 200))
    alone = crop.copy()
    alone.putalpha(cleaned)
    page = fitted(alone.crop(garment_box(alone)), round(side * 0.9))
    square = Image.new("RGBA", (side, side), (255, 255, 255, 0))
    square.paste(page, ((side - page.width) // 2, (side - page.height) // 2))
    return bent(square, rng, 0.06 * bend) if bend else square


def bent(
    picture: Image.Image, rng: np.random.Generator, amount: float, cells: int = 3
) -> Image.Image:
    """The picture on a grid whose points have moved, by up to `amount` of its side."""
    side = picture.width
    edges = np.linspace(0, side, cells + 1)
    moved = np.stack(np.meshgrid(edges, edges, indexing="ij"), axis=-1)  # (row, column, (y, x))
    moved = moved + rng.uniform(-amount, amount, moved.shape) * side
    moved = moved - (moved.mean(axis=(0, 1)) - side / 2)
    mesh = []
    for row in range(cells):
        for column in range(cells):
            # Upper left, lower left, lower right, upper right, each as x, y.
            corners = [(row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1)]
            quad = tuple(float(value) for at in corners for value in moved[at][::-1])
            box = tuple(round(edges[at]) for at in (column, row, column + 1, row + 1))
            mesh.append((box, quad))
    return picture.transform(
        picture.size, Transform.MESH, mesh, Resampling.BILINEAR, fillcolor=(0, 0, 0, 0)
    )
