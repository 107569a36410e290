"""Any catalogue of ours, JSONL or CSV with pictures, as the shop's stock."""

import csv
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from demo_shop.catalogue import Catalogue, FilePicture, ShopProduct, Variant
from snapmode.errors import ConfigError

MANY = "|"
"""Stands between several values of one CSV cell."""


def read_catalogue(path: Path) -> Catalogue:
    """The products of *path*; a bad row stops with its file, line and field named."""
    try:
        rows = list(_rows(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    products = tuple(_Row(path, line, row).product(i) for i, (line, row) in enumerate(rows))
    if not products:
        raise ConfigError(f"{path}: holds no product")
    return Catalogue(products, None, imported=True)


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Line number (from 1) and fields of each row."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if path.suffix.lower() == ".csv":
            reader = csv.DictReader(lines)
            for row in reader:
                yield reader.line_num, row
            return
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _json_object(path, number, line)


def _json_object(path: Path, number: int, line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line, parse_float=Decimal)
    except ValueError as error:
        raise ConfigError(f"{path}, line {number}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ConfigError(f"{path}, line {number}: not an object with fields")
    return found


class _Row:
    """One row, able to say where it stands when it is wrong."""

    def __init__(self, path: Path, line: int, fields: Mapping[str, Any]) -> None:
        self.path, self.line, self.fields = path, line, fields

    def wrong(self, field: str, why: str) -> ConfigError:
        return ConfigError(f"{self.path}, line {self.line}, field {field!r}: {why}")

    def product(self, number: int) -> ShopProduct:
        if None in self.fields:
            raise ConfigError(f"{self.path}, line {self.line}: more cells than columns")
        name = self.text("name")
        if name is None:
            raise self.wrong("name", "is required")
        return ShopProduct(
            number=number,
            name=name,
            pictures=self.pictures(),
            brand=self.brand(),
            price=self.money("price"),
            regular_price=self.money("regularPrice"),
            currency=self.text("currency"),
            availability=self.text("availability"),
            sku=self.text("sku"),
            gtin=self.text("gtin"),
            description=self.text("description"),
            color=self.text("color"),
            sizes=tuple(self.texts("sizes")),
            categories=tuple(self.texts("breadcrumbs")),
            variants=self.variants(),
            material=self.text("material"),
        )

    def text(self, field: str) -> str | None:
        """The field as text, None where it is missing or empty."""
        value = self.fields.get(field)
        if isinstance(value, bool | list | dict):
            raise self.wrong(field, f"must be text, not {value!r}")
        return str(value).strip() or None if value is not None else None

    def brand(self) -> str | None:
        """A name, or zyte-common-items' ``{"name": …}``."""
        value = self.fields.get("brand")
        if isinstance(value, dict):
            return _Row(self.path, self.line, {"brand": value.get("name")}).text("brand")
        return self.text("brand")

    def money(self, field: str) -> Decimal | None:
        """A decimal string such as 49.90."""
        text = self.text(field)
        return None if text is None else self.amount(field, text)

    def amount(self, field: str, text: str) -> Decimal:
        try:
            amount = Decimal(text)
        except InvalidOperation:
            raise self.wrong(field, f"{text!r} is not a decimal number such as 49.90") from None
        if not amount.is_finite() or amount < 0:
            raise self.wrong(field, f"{text!r} is not a price")
        return amount

    def texts(self, field: str) -> Iterator[str]:
        """Several values: a list of texts or of objects with a name, or one cell with bars."""
        value = self.fields.get(field)
        parts = value.split(MANY) if isinstance(value, str) else value or []
        if not isinstance(parts, list):
            raise self.wrong(field, f"must be a list, not {value!r}")
        for part in parts:
            text = part.get("name") if isinstance(part, dict) else part
            if not isinstance(text, str):
                raise self.wrong(field, f"{part!r} has no name")
            if text.strip():
                yield text.strip()

    def pictures(self) -> tuple[FilePicture, ...]:
        """The files named in images (or image), relative to the catalogue's folder."""
        field = "images" if self.fields.get("images") else "image"
        value = self.fields.get(field)
        parts = value.split(MANY) if isinstance(value, str) else value or []
        if not isinstance(parts, list) or not parts:
            raise self.wrong("images", "at least one picture is required")
        return tuple(self.picture(field, part) for part in parts if part != "")

    def picture(self, field: str, part: object) -> FilePicture:
        names = [part.get("key"), part.get("url")] if isinstance(part, dict) else [part]
        given = [name.strip() for name in names if isinstance(name, str) and name.strip()]
        if not given:
            raise self.wrong(field, f"{part!r} names no file")
        if all("://" in name for name in given):
            raise self.wrong(field, f"{given[0]!r}: the shop serves local files only")
        local = [self.path.parent / name for name in given if "://" not in name]
        for file in local:
            if file.is_file():
                return FilePicture(file)
        raise self.wrong(field, f"no file {local[0]}")

    def variants(self) -> tuple[Variant, ...]:
        """Objects with sku, color, size, price and availability; JSON in a CSV cell."""
        value = self.fields.get("variants") or []
        if isinstance(value, str):
            try:
                value = json.loads(value, parse_float=Decimal)
            except ValueError as error:
                raise self.wrong("variants", f"not JSON: {error}") from error
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong("variants", "must be a list of objects")
        return tuple(self.variant(each) for each in value)

    def variant(self, fields: Mapping[str, Any]) -> Variant:
        row = _Row(self.path, self.line, fields)
        text = {key: row.text(key) for key in ("sku", "color", "size", "availability")}
        return Variant(price=row.money("price"), **text)
