"""What is searched with what: the rows of an evaluation, and the CSV they are written in.

    image,split,identity,category,domain,group
    street/1.jpg,query,sku-7,dress,street,anna
    shop/7.jpg,gallery,sku-7,dress,shop,

`split` is query, gallery, or both: then the picture is searched for among all others (leave one
out). Any further column is a label too, to be named by `--relevant` or `--within`.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snapmode.errors import ConfigError
from snapmode.ports import Box

SPLITS = {"query": (True, False), "gallery": (False, True), "both": (True, True)}
"""Value of the column `split` → whether it is a query, whether it is in the gallery."""
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One picture, or one garment in it."""

    id: str
    """Unique; items of equal score are found in the order of their ids."""
    image: Path
    query: bool
    gallery: bool
    labels: Mapping[str, str]
    """identity, category, domain, group and others; what is empty equals nothing."""
    box: Box | None = None
    """The part of the picture that is meant; None is the whole."""

    def label(self, column: str) -> str:
        """The value of a label; empty where there is none."""
        return self.labels.get(column, "")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The items and how the data set wants them judged."""

    source: Path
    items: tuple[Item, ...]
    relevant: str = "identity"
    """Found items with the query's value of this label are hits."""
    within: str | None = None
    """Each query searches only the items with its value of this label; None: all of them."""

    def checked(self) -> "Manifest":
        """Itself, when something can be searched; else `ConfigError` says what is missing."""
        for column in (self.relevant, *([self.within] if self.within else [])):
            if not any(item.label(column) for item in self.items):
                raise ConfigError(f"{self.source}: no column `{column}` with any value in it")
        for side, found in (
            ("query", any(item.query for item in self.items)),
            ("gallery", any(item.gallery for item in self.items)),
        ):
            if not found:
                raise ConfigError(f"{self.source}: no row is a {side}")
        return self


def fingerprint(items: Iterable[Item]) -> str:
    """SHA-256 of the items, their labels and boxes, and the sizes of their pictures in bytes.

    Wherever the folder lies and in whatever order: equal figures are of equal data.
    """
    said = sorted(
        [
            item.id,
            item.query,
            item.gallery,
            sorted(item.labels.items()),
            item.box,
            _size(item.image),
        ]
        for item in items
    )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _size(image: Path) -> int:
    return image.stat().st_size if image.is_file() else -1


def read_csv(file: Path) -> Manifest:
    """The manifest in a CSV; `image` is relative to it. `ConfigError` names row and column."""
    items: dict[str, Item] = {}
    for line, row in read_table(file, ("image", "split")):
        item = _item(f"{file}: row {line}", file.parent, row)
        if item.id in items:
            raise ConfigError(
                f"{file}: row {line}: column image: {item.id} is listed twice; a picture that is "
                "query and gallery has one row with split both"
            )
        items[item.id] = item
    return Manifest(file, tuple(items.values()))


def _item(where: str, folder: Path, row: Row) -> Item:
    if not row["image"]:
        raise ConfigError(f"{where}: column image: empty")
    if row["split"] not in SPLITS:
        raise ConfigError(f"{where}: column split: {row['split']!r} is none of {', '.join(SPLITS)}")
    query, gallery = SPLITS[row["split"]]
    box = _box(where, row.get("box", ""))
    name = f"{row['image']} {row['box']}" if box else row["image"]
    return Item(name, folder / row["image"], query, gallery, row, box)


def _box(where: str, text: str) -> Box | None:
    """`x1 y1 x2 y2`, each 0..1 of width or height; empty is the whole picture."""
    if not text:
        return None
    try:
        x1, y1, x2, y2 = map(float, text.split())
    except ValueError as error:
        raise ConfigError(f"{where}: column box: {text!r} is not `x1 y1 x2 y2`") from error
    if not (0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1):
        raise ConfigError(f"{where}: column box: {text!r} is not within 0..1, or is empty")
    return x1, y1, x2, y2


def read_table(
    file: Path, needed: tuple[str, ...], rest: str | None = None
) -> Iterator[tuple[int, Row]]:
    """The line and the values of each row of a CSV with a header; `ConfigError` names the line.

    `rest`: the last column, whose unquoted commas are part of it.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            columns = table.fieldnames or []
            for column in needed:
                if column not in columns:
                    has = ", ".join(columns) or "none"
                    raise ConfigError(f"{file}: no column `{column}`; it has {has}")
            for row in table:
                yield table.line_num, _whole(f"{file}: row {table.line_num}", row, rest)
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not a CSV in UTF-8: {error}") from error


def _whole(where: str, row: dict[str | Any, str | Any], rest: str | None) -> Row:
    """The row as it is meant, or a `ConfigError`; csv keeps what is too much under None."""
    extra = row.pop(None, [])
    if extra and rest is None:
        raise ConfigError(f"{where}: {len(extra)} values more than columns")
    if extra and rest:
        row[rest] = ",".join([row[rest], *extra])
    for column, value in row.items():
        if value is None:
            raise ConfigError(f"{where}: column {column}: missing")
    return {column: value.strip() for column, value in row.items()}
