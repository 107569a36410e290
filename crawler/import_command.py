"""`snapmode import`: products from files, for those who have a catalogue and need no crawl."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from crawler.catalogue_file import Row, product_of, rows_of
from crawler.picture_check import check_picture
from snapmode import dead_letters
from snapmode.codec import encode
from snapmode.dead_letters import DeadLetter, letter
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.fetch import fetch
from snapmode.items import Image, Product, VersionClock
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    progress,
)
from snapmode.topics import PRODUCTS
from snapmode.wiring import House

BATCH = 50
"""Products published at once."""


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="JSONL, CSV or TSV.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish products from files. Pictures are paths (relative to the file) or URLs.

    Columns are the fields of `snapmode export`; several pictures, sizes or breadcrumbs are parted
    by |. A row or a picture that can't be used is put aside, and the rest goes on.
    """
    for file in files:
        if not file.is_file():
            raise ConfigError(f"{file}: no such file")
    with open_house(config, data) as house, progress() as display:
        task = display.add_task("import", total=None, note="")
        imported = Import(house)
        for file in files:
            for _ in imported.run(file):
                note = f"{imported.pictures} pictures, {imported.rejected} rejected"
                display.update(task, completed=imported.products, note=note)
    found = {name: getattr(imported, name) for name in ("products", "pictures", "rejected")}
    if as_json:
        print_json(found)
    else:
        typer.echo("\n".join(f"{name:9} {number}" for name, number in found.items()))
    if imported.rejected:
        raise typer.Exit(EXIT_REJECTED)


class Import:
    """Rows → pictures in the store → products on the log, in batches; counts what it did."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._clock = VersionClock()
        self._batch: list[Product] = []
        self._letters: list[DeadLetter] = []
        self.products = 0
        self.pictures = 0
        self.rejected = 0

    def run(self, file: Path) -> Iterator[None]:
        """Import a file; yields after each row."""
        for row in rows_of(file):
            try:
                self._batch.append(self._with_pictures(product_of(row, self._clock), row))
            except RejectedError as error:
                self._put_aside(row, str(error))
            if len(self._batch) >= BATCH:
                self._flush()
            yield
        self._flush()

    def _with_pictures(self, product: Product, row: Row) -> Product:
        stored: dict[str, Image] = {}
        for image in product.images:
            try:
                key = self._stored(product, image.url, row.file.parent)
            except RejectedError as error:
                self._put_aside(row, f"{row.where}: images: {image.url}: {error}", image.url)
            else:
                stored.setdefault(key, Image(url=image.url, key=key))
        self.pictures += len(stored)
        return product.model_copy(update={"images": tuple(stored.values())})

    def _stored(self, product: Product, address: str, folder: Path) -> str:
        """Key of the picture; while its host is away, that of an earlier import stays."""
        try:
            data = self._read(address, folder)
        except TransientError as error:
            before = [
                image for one in self._house.catalog.get([product.id]) for image in one.images
            ]
            kept = next((image.key for image in before if image.url == address), None)
            if kept is None or not self._house.images.exists(kept):
                raise RejectedError(str(error)) from error
            return kept
        check_picture(data, self._house.settings.pictures)
        return self._house.images.put(data)

    def _read(self, address: str, folder: Path) -> bytes:
        limits, settings = self._house.settings.pictures, self._house.settings
        if address.lower().startswith(("http://", "https://")):
            return fetch(
                address,
                limits.max_bytes,
                settings.crawl.timeout,
                allow_private=True,  # the operator's own file
                user_agent=settings.crawl.user_agent,
            )
        try:
            path = folder / address
            if path.stat().st_size > limits.max_bytes:
                raise RejectedError(f"more than {limits.max_bytes} bytes")
            return path.read_bytes()
        except (OSError, ValueError) as error:
            raise RejectedError(f"can't be read: {error}") from error

    def _put_aside(self, row: Row, reason: str, part: str = "") -> None:
        self.rejected += 1
        typer.echo(f"rejected: {reason}", err=True)
        self._letters.append(
            letter(
                "import",
                None,
                row.where,
                json.dumps(dict(row.values), ensure_ascii=False, default=str).encode(),
                reason=reason,
                part=part,
            )
        )

    def _flush(self) -> None:
        messages = [(product.id, encode(product)) for product in self._batch]
        if messages:
            self._house.log.publish(PRODUCTS, messages)
        dead_letters.put(self._house.log, self._letters)
        self.products += len(self._batch)
        self._batch, self._letters = [], []
