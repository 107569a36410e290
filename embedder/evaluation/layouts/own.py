"""The data that the project's own figures are made on: the folders under $SNAPMODE_DATA.

Their README says what they hold and which part is for testing; nothing here was trained on.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from embedder.evaluation.manifest import Item, Manifest, Row, read_table

TEST = "02468ace"
"""A SKU whose SHA-1 ends in one of these is for testing."""


def luma(folder: Path) -> Manifest:
    """luma_products: back and alt1 photos of the test SKUs, among their main pictures."""

    def item(row: Row) -> Item | None:
        digest = hashlib.sha1(row["sku"].encode(), usedforsecurity=False).hexdigest()
        if digest[-1] not in TEST or row["view"] not in ("main", "back", "alt1"):
            return None
        main = row["view"] == "main"
        # Its own column `group` is tops and bottoms, not who took the picture.
        labels = {**row, "identity": row["sku"], "group": ""}
        return Item(row["image"], folder / row["image"], not main, main, labels)

    return _read(folder, ("image", "sku", "view", "category"), "identity", item)


def clothing(folder: Path) -> Manifest:
    """clothing_cc0, val: each among all others, by category; a sender's own photos are no hits."""

    def item(row: Row) -> Item | None:
        labels = {**row, "group": row["sender_id"]}
        image = folder / row["image"]
        return Item(row["image"], image, True, True, labels) if row["split"] == "val" else None

    return _read(folder, ("image", "sender_id", "category", "split"), "category", item)


def studio(folder: Path) -> Manifest:
    """studio_catalog, val: each among all others, by articleType; `--relevant baseColour` too."""

    def item(row: Row) -> Item | None:
        labels = {**row, "identity": row["id"], "category": row["articleType"]}
        image = folder / row["image"]
        return Item(row["image"], image, True, True, labels) if row["split"] == "val" else None

    return _read(folder, ("image", "id", "articleType", "baseColour", "split"), "category", item)


def _read(
    folder: Path,
    columns: tuple[str, ...],
    relevant: str,
    item: Callable[[Row], Item | None],
) -> Manifest:
    file = folder / "manifest.csv"
    found = (item(row) for _, row in read_table(file, columns))
    return Manifest(folder, tuple(each for each in found if each), relevant)
