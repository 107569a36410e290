"""Reading a catalogue: JSONL or CSV rows → products, with errors that name file, line and field."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crawler.addresses import host_of, normalised
from crawler.pages.values import amount, availability, currency, gtin
from snapmode.codec import first_problem
from snapmode.errors import ConfigError, RejectedError
from snapmode.items import Product, VersionClock, product_id

SOURCE = "import"
"""Source of products that have no web address of their own."""
SEVERAL = ("sizes", "breadcrumbs", "images")
"""Fields whose values are separated by `|` in a text."""
READERS = {
    "price": amount,
    "regularPrice": amount,
    "currency": currency,
    "availability": availability,
    "gtin": gtin,
}
OURS = ("version", "provenance", "fetched_at")
"""Fields that are set by the import, whatever a file says."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, or why it can't be used."""

    file: Path
    line: int
    """The first line of a file is 1."""
    values: Mapping[str, Any]
    problem: str = ""

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.file}:{self.line}"


def rows_of(path: Path) -> Iterator[Row]:
    """Every row of a .csv, .tsv or JSONL file; `ConfigError` when the file can't be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            if path.suffix.lower() in (".csv", ".tsv"):
                yield from _csv_rows(path, lines)
            else:
                yield from _json_rows(path, lines)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from error


def _csv_rows(path: Path, lines: Any) -> Iterator[Row]:
    reader = csv.DictReader(lines, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    if not reader.fieldnames:
        raise ConfigError(f"{path}: no header line")
    for name in reader.fieldnames:
        _check_column(path, name.strip())
    for values in reader:
        surplus = None in values
        kept = {str(name): value for name, value in values.items() if name is not None and value}
        yield Row(path, reader.line_num, kept, "more values than columns" if surplus else "")


def _check_column(path: Path, name: str) -> None:
    """A column we do not know would reject every row: say so once, before the first."""
    known = [*Product.model_fields, "image"]
    if name and name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ConfigError(f"{path}: column {name!r} is unknown{hint} known: {', '.join(known)}")


def _json_rows(path: Path, lines: Any) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
            if "\\u" in line:
                json.dumps(values, ensure_ascii=False).encode()  # half a surrogate pair is no text
        except (ValueError, RecursionError) as error:
            yield Row(path, number, {"line": line.strip()[:10_000]}, f"not JSON: {error}")
            continue
        if isinstance(values, dict):
            yield Row(path, number, values)
        else:
            yield Row(path, number, {"line": line.strip()[:10_000]}, "not a JSON object")


def product_of(row: Row, clock: VersionClock) -> Product:
    """The product of a row; `RejectedError` names file, line and field.

    Its pictures have no keys yet; `image` may stand for `images`, a text for a list.
    """
    if row.problem:
        raise RejectedError(f"{row.where}: {row.problem}")
    values = {name.strip(): value for name, value in row.values.items() if value not in (None, "")}
    if "image" in values:
        values.setdefault("images", values.pop("image"))
    for field in SEVERAL:
        if field in values:
            values[field] = _several(field, values[field])
    for field, read in READERS.items():
        if field in values:
            values[field] = _read(row, field, values[field], read)
    now = datetime.now(UTC)
    given = tuple(name for name in values if name not in OURS)
    values |= _identity(row, values)
    values |= {"version": clock.next(now), "fetched_at": now}
    values["provenance"] = {name: "import" for name in given if name in Product.model_fields}
    try:
        return Product.model_validate(values)
    except ValidationError as error:
        raise RejectedError(f"{row.where}: {first_problem(error)}") from error


def _read(row: Row, field: str, value: Any, read: Any) -> Any:
    found = read(value)
    if found is None:
        raise RejectedError(f"{row.where}: {field}: {str(value)[:80]!r} can't be understood")
    return found


def _several(field: str, value: Any) -> Any:
    parts = [part.strip() for part in value.split("|")] if isinstance(value, str) else value
    if not isinstance(parts, list):
        return parts  # pydantic says what is wrong with it
    named = {"images": "url", "breadcrumbs": "name"}.get(field)
    return [
        {named: part} if named and isinstance(part, str) else part for part in parts if part != ""
    ]


def _identity(row: Row, values: Mapping[str, Any]) -> dict[str, str]:
    """Source, id and url: those given, else made from what identifies the product."""
    address = normalised(str(values.get("url") or ""))
    source = str(values.get("source") or host_of(address) or SOURCE)
    known = values.get("id") or values.get("sku") or values.get("url")
    if not known:
        raise RejectedError(f"{row.where}: id: one of id, sku or url is needed")
    identity = str(
        values.get("id") or product_id(source, str(values.get("sku") or address or known))
    )
    return {"source": source, "id": identity, "url": str(values.get("url") or f"import:{identity}")}
