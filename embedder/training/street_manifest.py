"""The evaluation of street to shop: `python -m embedder.training.street_manifest FOLDER OUT`.

Of each garment of the validation photos: its crop, in other light, white balance and sharpness and
with a corner hidden, is asked for; what is searched are the cut-outs, cleaned and warped onto
white, among distractors: other garments of the same word, dyed in the same colour.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageFilter

from embedder.training.augment import Rng, relit
from embedder.training.dyes import Dye, dyed, main_colour
from embedder.training.street import (
    Garment,
    crop_of,
    cut_out,
    garment_box,
    read_garments,
    validation_photos,
)
from embedder.whole_file import whole_file

SIDE = 256
"""Pixels of a side of a cut-out; of the longer side of a crop with its surroundings."""
COLUMNS = ("image", "split", "identity", "category", "domain", "group")
Row = tuple[str, str, str, str, str, str]


def write_street_manifest(folder: Path, out: Path, seed: int = 0, distractors: int = 2) -> Path:
    """Write the pictures and `manifest.csv` into `out`; returns the manifest.

    `folder` is laid out as `ccp_street`; `distractors`: per garment. The same seed gives the same
    pictures.
    """
    garments = read_garments(folder)
    chosen = validation_photos({garment.photo for garment in garments})
    garments = [garment for garment in garments if garment.photo in chosen]
    for name in ("street", "shop"):
        (out / name).mkdir(parents=True, exist_ok=True)
    rows = [
        row for one in garments for row in _written(folder, out, one, garments, seed, distractors)
    ]
    manifest = out / "manifest.csv"
    with whole_file(manifest) as part, part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return manifest


def _written(
    folder: Path,
    out: Path,
    garment: Garment,
    garments: Sequence[Garment],
    seed: int,
    distractors: int,
) -> Iterator[Row]:
    rng = _rng(garment, seed)
    crop = Image.fromarray(crop_of(folder, garment, SIDE))
    name = f"{Path(garment.photo).stem}_{garment.word}"
    identity = f"{garment.photo}/{garment.word}"

    def saved(picture: Image.Image, image: str, split: str, identity: str) -> Row:
        picture.save(out / image, quality=92)
        return image, split, identity, garment.word, image.partition("/")[0], ""

    yield saved(worn(crop, rng), f"street/{name}.jpg", "query", identity)
    yield saved(_shown(crop, rng), f"shop/{name}.jpg", "gallery", identity)
    alike = [other for other in garments if other.word == garment.word and other != garment]
    taken = rng.permutation(len(alike))[:distractors]
    for number, at in enumerate(taken):
        other = Image.fromarray(crop_of(folder, alike[at], SIDE))
        picture = _shown(dyed(other, Dye(_colour(crop))), rng)
        image = f"shop/{name}_like{number}.jpg"
        yield saved(picture, image, "gallery", f"{identity}/like{number}")


def worn(crop: Image.Image, rng: Rng) -> Image.Image:
    """RGB: the garment's box, as another camera on another day would have taken it."""
    left, upper, right, lower = garment_box(crop)
    by = round(0.04 * max(right - left, lower - upper))
    picture = crop.convert("RGB").crop(
        (
            max(0, left - by),
            max(0, upper - by),
            min(crop.width, right + by),
            min(crop.height, lower + by),
        )
    )
    picture = relit(picture, rng, 1.0)
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.6, 2.0)))
    else:
        picture = picture.filter(ImageFilter.UnsharpMask(2, round(rng.uniform(60, 180))))
    return _corner_hidden(picture, rng)


def _corner_hidden(picture: Image.Image, rng: Rng) -> Image.Image:
    """A quarter to two fifths of each side, at one corner, in one colour."""
    width, height = (round(side * rng.uniform(0.25, 0.4)) for side in picture.size)
    left = (picture.width - width) * int(rng.integers(2))
    upper = (picture.height - height) * int(rng.integers(2))
    red, green, blue = rng.integers(0, 256, 3).tolist()
    picture = picture.copy()
    picture.paste((red, green, blue), (left, upper, left + width, upper + height))
    return picture


def _shown(crop: Image.Image, rng: Rng) -> Image.Image:
    page = Image.new("RGB", (SIDE, SIDE), "white")
    alone = cut_out(crop, SIDE, rng)
    page.paste(alone, mask=alone.getchannel("A"))
    return page


def _colour(crop: Image.Image) -> tuple[int, int, int]:
    values = np.asarray(crop).astype(np.float32)
    red, green, blue = main_colour(values[..., :3], values[..., 3] > 127).astype(int).tolist()
    return red, green, blue


def _rng(garment: Garment, seed: int) -> Rng:
    text = f"{garment.photo}/{garment.word}".encode()
    return np.random.default_rng([seed, *hashlib.sha256(text).digest()[:8]])


def main(
    folder: Annotated[Path, typer.Argument(help="images/, masks/ and annotations.json.")],
    out: Annotated[Path, typer.Argument(help="Folder for pictures and manifest.csv.")],
    seed: int = 0,
    distractors: Annotated[int, typer.Option(min=0, help="Per garment.")] = 2,
) -> None:
    """Write the evaluation manifest of street to shop."""
    typer.echo(write_street_manifest(folder, out, seed, distractors))


if __name__ == "__main__":
    typer.run(main)
