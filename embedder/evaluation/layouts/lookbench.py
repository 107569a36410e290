"""LookBench.

Gao et al., arXiv 2601.14706; huggingface.co/datasets/srpone/look-bench, PyPI look-bench. A subset
(real_studio_flat, aigen_studio, real_streetlook, aigen_streetlook) is a folder with query.parquet
and gallery.parquet, of columns image {bytes, path}, item_ID, category, main_attribute,
other_attributes, task, difficulty; the gallery of the folder noise/ beside it is added to each.

Their fine recall wants category and all attributes equal: that is `identity` here. Coarse recall
is `--relevant category`, the very same product `--relevant item_ID`. Their nDCG@5 grades hits by
shared attributes; ours has gains 0 and 1. Parquet is read with pyarrow, which is not in the base
installation; the pictures are unpacked once, into pictures/ beside the files.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from embedder.evaluation.layouts.files import find
from embedder.evaluation.manifest import Item, Manifest
from snapmode.errors import ConfigError

LABELS = ("item_ID", "category", "main_attribute", "task", "difficulty")


def read(folder: Path) -> Manifest:
    """The folder is one subset; noise/ beside it, if it is there, adds to the gallery."""
    items = [*_items(find(folder, "query.parquet"), True, folder.name)]
    items += _items(find(folder, "gallery.parquet"), False, folder.name)
    noise = folder.parent / "noise" / "gallery.parquet"
    if noise.exists():
        items += _items(noise, False, "noise")
    return Manifest(folder, tuple(items))


def _items(file: Path, query: bool, domain: str) -> Iterator[Item]:
    for number, row in enumerate(_rows(file)):
        image = row.get("image")
        if not isinstance(image, dict) or not image.get("bytes"):
            raise ConfigError(f"{file}: row {number}: column image: holds no picture")
        labels = {name: str(row[name]) for name in LABELS if row.get(name) is not None}
        fine = (labels.get("category"), labels.get("main_attribute"), _attributes(row))
        labels |= {"identity": repr(fine) if labels.get("category") else "", "domain": domain}
        name = f"{domain}/{file.stem}/{number:06d}"
        yield Item(name, _unpacked(file, image["bytes"]), query, not query, labels)


def _attributes(row: dict[str, Any]) -> tuple[str, ...]:
    """In one order, however they are written: a list, or words between commas."""
    said = row.get("other_attributes") or ()
    words = said.split(",") if isinstance(said, str) else said
    return tuple(sorted(str(word).strip() for word in words))


def _unpacked(file: Path, data: bytes) -> Path:
    """The picture as a file of its own, named after its content; written once."""
    folder = file.parent / "pictures"
    path = folder / f"{hashlib.sha256(data).hexdigest()}.img"
    if not path.exists():
        try:
            folder.mkdir(exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise ConfigError(f"{path}: can't be written: {error.strerror}") from error
    return path


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    try:
        import pyarrow.parquet  # a large package that only this data set needs
    except ImportError as error:
        raise ConfigError(f"{file}: LookBench is in Parquet: pip install pyarrow") from error
    try:
        with pyarrow.parquet.ParquetFile(file) as table:
            for batch in table.iter_batches(256):
                yield from batch.to_pylist()
    except (OSError, pyarrow.ArrowInvalid) as error:
        raise ConfigError(f"{file}: not a Parquet file: {error}") from error
