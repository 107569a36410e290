"""Where training pictures come from: manifests, street photos with masks, a running catalogue."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embedder.decode import decode
from embedder.evaluation.manifest import read_table
from embedder.model_file import Preprocessing
from embedder.preprocess import letterbox
from embedder.training.cache import Pixels, on_white
from embedder.training.recipe import CatalogSource, Holdout, Keep, ManifestSource, StreetSource
from embedder.training.street import crop_of, read_garments, validation_photos
from snapmode.errors import ConfigError, RejectedError
from snapmode.items import Product
from snapmode.ports import Catalog, ImageStore, Picture
from snapmode.settings import Pictures


@dataclass(frozen=True, slots=True)
class Row:
    """One way to look at one crop."""

    crop: int
    domain: str
    labels: Mapping[str, str]
    held: bool = False
    """Whether it is only validated on."""
    cut: bool = False
    """Shown cut out, on white."""
    masked: bool = False
    """The crop is a garment in a photo, framed by its mask."""


@dataclass(frozen=True)
class Opened:
    """A source that has been read, but none of its pictures."""

    name: str
    keys: list[str]
    """One per crop: the picture's name and size, or whatever tells its content."""
    render: Callable[[int, int], Pixels]
    """Number of a crop and its side → (side, side, 4); `RejectedError` when it can't be read."""
    rows: list[Row] = field(default_factory=list)
    white: bool = False


def in_share(value: str, share: float) -> bool:
    """Whether a value is in a share of all values: the same ones on every machine."""
    number = int(
        hashlib.sha1(f"holdout:{value}".encode(), usedforsecurity=False).hexdigest()[:8], 16
    )
    return number < share * 2**32


def open_manifest(source: ManifestSource, folder: Path) -> Opened:
    """The rows of a CSV that are to be trained on."""
    file = folder / source.manifest
    named = [column for columns in source.labels.values() for column in columns]
    named += [rule.column for rule in (source.keep, source.holdout) if rule]
    lines = [line for _, line in read_table(file, ("image", *named))]
    chosen = [line for line in lines if source.keep is None or _kept(source.keep, line)]
    paths = [file.parent / line["image"] for line in chosen]

    def render(number: int, side: int) -> Pixels:
        return _square(_bytes(paths[number]), side, source.white)

    rows = [
        Row(number, source.domain, _labels(source, line), _held(source.holdout, line))
        for number, line in enumerate(chosen)
    ]
    keys = [
        f"{line['image']} {_size(path)} {source.white}"
        for line, path in zip(chosen, paths, strict=True)
    ]
    return Opened(source.name, keys, render, rows, source.white)


def _kept(keep: Keep, line: Mapping[str, str]) -> bool:
    value = line[keep.column]
    if keep.sha1 is None:
        return value in keep.values
    last = int(hashlib.sha1(value.encode(), usedforsecurity=False).hexdigest()[-1], 16)
    return last % 2 == (keep.sha1 == "odd")


def _held(holdout: Holdout | None, line: Mapping[str, str]) -> bool:
    return holdout is not None and in_share(line[holdout.column], holdout.share)


def _labels(source: ManifestSource, line: Mapping[str, str]) -> dict[str, str]:
    """Label → word; a label of which a column is empty is unknown."""
    return {
        label: "/".join(line[column] for column in columns)
        for label, columns in source.labels.items()
        if all(line[column] for column in columns)
    }


def open_street(source: StreetSource, folder: Path) -> Opened:
    """Each garment of the training photos twice: as a crop, and cut out."""
    root = folder / source.folder
    garments = read_garments(root)
    evaluated = validation_photos({garment.photo for garment in garments})
    garments = [garment for garment in garments if garment.photo not in evaluated]

    def render(number: int, side: int) -> Pixels:
        return crop_of(root, garments[number], side)

    rows = [
        Row(
            number,
            "shop" if cut else "street",
            {
                "identity": f"{one.photo}/{one.word}",
                "category": one.word,
                "kind": one.word,
            },
            in_share(one.photo, source.holdout),
            cut,
            masked=True,
        )
        for number, one in enumerate(garments)
        for cut in (False, True)
    ]
    keys = [
        f"{one.photo} {_size(root / 'images' / one.photo)} {one.word} {one.box}" for one in garments
    ]
    return Opened(source.name, keys, render, rows)


def open_catalog(source: CatalogSource, catalog: Catalog, images: ImageStore) -> Opened:
    """Every stored picture of every product; one that several products share is nobody's."""
    owners: dict[str, list[Product]] = {}
    for product in catalog.scan():
        for key in product.image_keys:
            owners.setdefault(key, []).append(product)
    owned = {key: products[0] for key, products in owners.items() if len(products) == 1}
    keys = list(owned)

    def render(number: int, side: int) -> Pixels:
        try:
            return _square(images.get(keys[number]), side, white=False)
        except KeyError as error:
            raise RejectedError("not in the image store") from error

    rows = [
        Row(number, source.domain, _product_labels(product), in_share(product.id, source.holdout))
        for number, product in enumerate(owned.values())
    ]
    return Opened(source.name, keys, render, rows)


def _product_labels(product: Product) -> dict[str, str]:
    labels = {"identity": product.id, "variant": product.id}
    if product.breadcrumbs:
        labels["category"] = product.breadcrumbs[-1].name
    if product.color:
        labels["colour"] = product.color
    return labels


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RejectedError(f"{path}: can't be read: {error.strerror}") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error


def _square(data: bytes, side: int, white: bool) -> Pixels:
    """A whole picture as a crop; its garment is all of it, or what stands before a white page."""
    square = Preprocessing(size=side, mean=(0, 0, 0), std=(1, 1, 1))
    colours = np.asarray(letterbox(decode(Picture(data), Pictures(), side), square))
    mask = on_white(colours) if white else np.ones((side, side), bool)
    return np.dstack([colours, np.where(mask, 255, 0).astype(np.uint8)])
