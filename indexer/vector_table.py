"""What `indexer.numpy_vectors` keeps in SQLite about the rows of its file."""

# ruff: noqa: S608 -- values are always bound; only names of our own are put into the SQL

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from indexer.nearest import Matrix, Nearest, Rows
from indexer.sqlite_fields import (
    NAMES,
    SCHEMA,
    condition,
    delete_fields,
    read_fields,
    write_fields,
)
from snapmode.filters import Filter
from snapmode.ports import Box, VectorHit, VectorRow

TABLES = (
    (
        "CREATE TABLE vectors(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
        " product_id TEXT NOT NULL, picture TEXT NOT NULL, box TEXT, version INTEGER NOT NULL)"
    ),
    "CREATE INDEX vectors_product ON vectors(product_id)",
    "CREATE INDEX vectors_picture ON vectors(picture)",
    "CREATE TABLE dead(row INTEGER PRIMARY KEY, sequence INTEGER NOT NULL)",
    "CREATE INDEX dead_sequence ON dead(sequence)",
    (
        "CREATE TABLE state(generation INTEGER NOT NULL, rows INTEGER NOT NULL,"
        " sequence INTEGER NOT NULL, changed TEXT NOT NULL)"
    ),
    "INSERT INTO state VALUES (0, 0, 0, '1970-01-01T00:00:00+00:00')",
    *SCHEMA,
)
LISTED = "(SELECT value FROM json_each(?))"


class State(NamedTuple):
    """The one line of `state`."""

    generation: int
    rows: int
    """Rows of the file that are committed, living or dead."""
    sequence: int
    """Number of the last change."""
    changed: str
    """When that was: ISO 8601, UTC."""


class Stored(NamedTuple):
    """Where the vector of an id is, and for which version it was written."""

    row: int
    version: int


def read_state(connection: sqlite3.Connection) -> State:
    return State(*connection.execute("SELECT * FROM state").fetchone())


def write_state(connection: sqlite3.Connection, state: State) -> None:
    connection.execute(
        "UPDATE state SET generation = ?, rows = ?, sequence = ?, changed = ?", state
    )


def stored(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, Stored]:
    found = connection.execute(
        f"SELECT id, row, version FROM vectors WHERE id IN {LISTED}", (json.dumps(list(ids)),)
    )
    return {name: Stored(row, version) for name, row, version in found}


def put(connection: sqlite3.Connection, row: int, item: VectorRow) -> None:
    """Describe a row of the file, in place of what was there."""
    connection.execute(
        "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?, ?)",
        (row, item.id, item.product_id, item.picture, _json(item.box), item.version),
    )
    write_fields(connection, row, item.attributes)


def bury(connection: sqlite3.Connection, row: int, sequence: int) -> None:
    """A row of the file no longer counts, from this change on."""
    connection.execute("DELETE FROM vectors WHERE row = ?", (row,))
    delete_fields(connection, row)
    connection.execute("INSERT INTO dead VALUES (?, ?)", (row, sequence))


def dead_since(connection: sqlite3.Connection, sequence: int) -> Rows:
    """Rows that died in a later change than this one."""
    return _rows(connection.execute("SELECT row FROM dead WHERE sequence > ?", (sequence,)))


def count_dead(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM dead").fetchone()[0])


def alive(connection: sqlite3.Connection) -> Rows:
    """Every living row, ascending."""
    return _rows(connection.execute("SELECT row FROM vectors ORDER BY row"))


def matching(connection: sqlite3.Connection, filter: Filter) -> Rows:
    """The living rows that pass the filter."""
    met = condition(filter)
    return _rows(connection.execute(f"SELECT row FROM fields WHERE {met.sql}", met.parameters))


def count(connection: sqlite3.Connection, filter: Filter | None) -> int:
    met = condition(filter)
    counted = connection.execute(f"SELECT count(*) FROM fields WHERE {met.sql}", met.parameters)
    return int(counted.fetchone()[0])


def hits(connection: sqlite3.Connection, found: Nearest) -> list[VectorHit]:
    """The rows found, with what is known of them, in no order."""
    scores = dict(zip(found.rows.tolist(), found.scores.tolist(), strict=True))
    named = connection.execute(
        f"SELECT row, id, product_id, picture, box FROM vectors WHERE row IN {LISTED}",
        (json.dumps(list(scores)),),
    )
    return [
        VectorHit(name, product, picture, _box(box), scores[row])
        for row, name, product, picture, box in named
    ]


def of_products_or_pictures(
    connection: sqlite3.Connection, matrix: Matrix, products: Iterable[str], pictures: Iterable[str]
) -> list[VectorRow]:
    """The rows of any of these, in the order of ids."""
    lists = (json.dumps(list(products)), json.dumps(list(pictures)))
    where = f"vectors.product_id IN {LISTED} OR vectors.picture IN {LISTED}"
    return list(_whole(connection, matrix, f"WHERE {where} ORDER BY vectors.id", lists))


def page(connection: sqlite3.Connection, matrix: Matrix, after: str, limit: int) -> list[VectorRow]:
    """The next rows in the order of ids."""
    where = "WHERE vectors.id > ? ORDER BY vectors.id LIMIT ?"
    return list(_whole(connection, matrix, where, (after, limit)))


def renumber(connection: sqlite3.Connection, living: Rows) -> None:
    """Row living[n] becomes row n, for all; no row is dead any more."""
    # Ascending, and a row never moves up: no two rows meet on the way.
    moves = [(new, old) for new, old in enumerate(living.tolist()) if new != old]
    for table in ("vectors", "fields", "words"):
        connection.executemany(f"UPDATE {table} SET row = ? WHERE row = ?", moves)
    connection.execute("DELETE FROM dead")


def _whole(
    connection: sqlite3.Connection, matrix: Matrix, where: str, parameters: Sequence[Any]
) -> Iterator[VectorRow]:
    found = connection.execute(
        "SELECT vectors.row, vectors.id, product_id, picture, box, version, "
        f"{NAMES} FROM vectors JOIN fields ON fields.row = vectors.row {where}",
        parameters,
    )
    for row, name, product, picture, box, version, *values in found:
        vector = matrix[row].copy()
        yield VectorRow(name, product, picture, _box(box), version, vector, read_fields(values))


def _rows(found: Iterable[tuple[int]]) -> Rows:
    return np.fromiter((row for (row,) in found), np.int64)


def _json(box: Box | None) -> str | None:
    return None if box is None else json.dumps(box)


def _box(text: str | None) -> Box | None:
    if text is None:
        return None
    left, top, right, bottom = json.loads(text)
    return (left, top, right, bottom)
