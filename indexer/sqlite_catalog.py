"""The catalog in one SQLite file.

On disk (`PRAGMA journal_mode` is WAL; open it with any SQLite that has FTS5):

- `products(row, id, version, body)`: a line per id ever seen. `body` is the product as JSON (the
  fields of `snapmode.items.Product`), NULL for a tombstone, whose version is kept.
- `fields`, `words`: the filterable fields of the products that are not removed, by `row`; see
  `indexer.sqlite_fields`.
- `search`: FTS5, `rowid` = `row`, a column per field with a `text_weight`.
- `meta(key, value)`: `fields`, a digest of the field table the file was made for.
"""

# ruff: noqa: S608 -- values are always bound; only names of our own are put into the SQL

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from indexer.sqlite_fields import (
    MARK,
    SCHEMA,
    Condition,
    condition,
    delete_fields,
    write_fields,
)
from indexer.words import TEXT, TOKENIZER, asked_words, field_text
from snapmode.errors import RejectedError
from snapmode.filters import Filter
from snapmode.items import FIELD, FIELDS, FieldInfo, Product, Removal, attributes
from snapmode.ports import ProductsFound
from snapmode.sqlite_file import SqliteFile

TEXT_NAMES = ", ".join(f'"{field.name}"' for field in TEXT)
TABLES = (
    (
        "CREATE TABLE products(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " version INTEGER NOT NULL, body TEXT)"
    ),
    (f"CREATE VIRTUAL TABLE search USING fts5({TEXT_NAMES}, tokenize = '{TOKENIZER}')"),
    *SCHEMA,
)
BEST_FIRST = f"bm25(search, {', '.join(str(field.text_weight) for field in TEXT)})"
PAGE = 500
"""Products read at once by `scan`."""


class SqliteCatalog:
    """Products by id, with filters, facets and full text; see `snapmode.ports.Catalog`.

    Several threads and processes may use one file. Words are compared without case and accents.
    """

    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, TABLES, {"fields": MARK})
        self.count()  # a file of other fields is refused at once

    def upsert(self, products: Sequence[Product]) -> list[str]:
        if not products:
            return []
        with self._file.write() as connection:
            return [p.id for p in products if _put(connection, p.id, p.version, p)]

    def delete(self, removals: Sequence[Removal]) -> list[str]:
        if not removals:
            return []
        with self._file.write() as connection:
            return [r.id for r in removals if _put(connection, r.id, r.version, None)]

    def versions(self, ids: Collection[str]) -> dict[str, int]:
        with self._file.read() as connection:
            return dict(
                connection.execute(
                    "SELECT id, version FROM products WHERE id IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(ids)),),
                )
            )

    def get(self, ids: Sequence[str]) -> list[Product]:
        with self._file.read() as connection:
            bodies = dict(
                connection.execute(
                    "SELECT id, body FROM products WHERE body IS NOT NULL"
                    " AND id IN (SELECT value FROM json_each(?))",
                    (json.dumps(list(ids)),),
                )
            )
        return [_product(bodies[key]) for key in ids if key in bodies]

    def search(
        self, text: str = "", filter: Filter | None = None, limit: int = 20, offset: int = 0
    ) -> ProductsFound:
        words = _words(text)
        found = _found(words, filter)
        order = f"{BEST_FIRST}, fields.id" if words else "fields.id"
        # The bodies last, of the page alone: sorting would carry those of all that match.
        rows = f"SELECT fields.row {found.sql} ORDER BY {order} LIMIT ? OFFSET ?"
        with self._file.read() as connection:
            total = connection.execute(f"SELECT count(*) {found.sql}", found.parameters)
            page = connection.execute(
                f"SELECT (SELECT body FROM products WHERE products.row = found.row)"
                f" FROM ({rows}) AS found",
                (*found.parameters, limit, offset),
            )
            return ProductsFound([_product(body) for (body,) in page], total.fetchone()[0])

    def facets(
        self, fields: Sequence[str], text: str = "", filter: Filter | None = None, limit: int = 100
    ) -> dict[str, list[tuple[str, int]]]:
        for name in fields:
            if name not in FIELD or not FIELD[name].facet:
                raise RejectedError(f"facet: {name!r} has none; try {', '.join(_faceted())}")
        found = _found(_words(text), filter)
        with self._file.read() as connection:
            return {name: _facet(connection, FIELD[name], found, limit) for name in fields}

    def count(self, filter: Filter | None = None) -> int:
        met = condition(filter)
        with self._file.read() as connection:
            counted = connection.execute(
                f"SELECT count(*) FROM fields WHERE {met.sql}",
                met.parameters,
            )
            return int(counted.fetchone()[0])

    def scan(self) -> Iterator[Product]:
        last = ""
        while True:
            with self._file.read() as connection:
                page = connection.execute(
                    "SELECT id, body FROM products WHERE id > ? AND body IS NOT NULL"
                    " ORDER BY id LIMIT ?",
                    (last, PAGE),
                ).fetchall()
            yield from (_product(body) for _, body in page)
            if len(page) < PAGE:
                return
            last = page[-1][0]

    def flush(self) -> None:
        """Nothing to do: a committed write is visible to every reader."""

    def close(self) -> None:
        self._file.close()


def _put(connection: sqlite3.Connection, id: str, version: int, product: Product | None) -> bool:
    stored = connection.execute("SELECT row, version FROM products WHERE id = ?", (id,)).fetchone()
    if stored and stored[1] > version:
        return False
    if stored:
        delete_fields(connection, stored[0])
        connection.execute("DELETE FROM search WHERE rowid = ?", (stored[0],))
    row: int = connection.execute(
        "INSERT INTO products(id, version, body) VALUES (?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET version = excluded.version, body = excluded.body RETURNING row",
        (id, version, product.model_dump_json() if product else None),
    ).fetchone()[0]
    if product:
        write_fields(connection, row, attributes(product))
        connection.execute(
            f"INSERT INTO search(rowid, {TEXT_NAMES}) VALUES (?{', ?' * len(TEXT)})",
            (row, *(field_text(product, field) for field in TEXT)),
        )
    return True


def _product(body: str) -> Product:
    return Product.model_validate_json(body)


def _words(text: str) -> str:
    """The text as an FTS5 query: each word quoted, so that none is taken for syntax."""
    return " ".join('"' + word.replace('"', '""') + '"' for word in asked_words(text))


def _found(words: str, filter: Filter | None) -> Condition:
    """FROM and WHERE of the products that hold the words and pass the filter."""
    met = condition(filter)
    if not words:
        return Condition(f"FROM fields WHERE {met.sql}", met.parameters)
    return Condition(
        f"FROM search JOIN fields ON fields.row = search.rowid WHERE search MATCH ? AND {met.sql}",
        [words, *met.parameters],
    )


def _faceted() -> list[str]:
    return [field.name for field in FIELDS if field.facet]


def _facet(
    connection: sqlite3.Connection, field: FieldInfo, found: Condition, limit: int
) -> list[tuple[str, int]]:
    value = "words.value" if field.many else f'fields."{field.name}"'
    if field.many:
        source = f"FROM words WHERE field = ? AND row IN (SELECT fields.row {found.sql})"
        parameters = [field.name, *found.parameters]
    else:
        source, parameters = f"{found.sql} AND {value} IS NOT NULL", found.parameters
    return connection.execute(
        f"SELECT {value}, count(*) {source} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        (*parameters, limit),
    ).fetchall()
