"""Exact vectors: rows in a mapped file, everything else in SQLite.

On disk, in the folder given:

- `rows-<generation>.f32`: float32 little-endian rows of `dim` values, one after another; row n
  starts at byte n × dim × 4. Only rows below `state.rows` count; what lies behind is room to grow
  or was never committed.
- `vectors.sqlite` (WAL): `vectors(row, id, product_id, picture, box, version)`, where `row` is the
  row in the file and `box` a JSON array or NULL · `fields` and `words`, the product's attributes by
  `row`, see `indexer.sqlite_fields` · `dead(row, sequence)`, rows of the file that don't count ·
  `state(generation, rows, sequence, changed)`, one line: the file in use, how many of its rows are
  committed, the number of the last change and its time · `meta(key, value)`: `model`, `dim`,
  `fields`. Every row below `state.rows` is in exactly one of `vectors` and `dead`.

A write holds SQLite's write lock, appends to the row file, syncs it, and only then commits the
lines that name the rows: kill -9 leaves all of an upsert or none. When dead rows outnumber the
living, a writer copies the living into the next generation, and the commit switches to it.
"""

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from indexer import vector_table as table
from indexer.nearest import CHUNK, Matrix, Rows, nearest
from indexer.row_files import RowFiles
from indexer.sqlite_fields import MARK
from indexer.vector_table import State, Stored
from indexer.views import Switched, View, Views
from snapmode.errors import ConfigError, RejectedError
from snapmode.filters import Filter
from snapmode.ports import Vector, VectorRow, VectorsFound
from snapmode.sqlite_file import Mark, SqliteFile

MIN_DEAD = 1000
"""Dead rows that are not worth a compaction."""
KEPT_FILTERS = 16
"""Recent filters whose rows are remembered."""
PAGE = 500
"""Rows read at once by `scan`."""
OTHER_MODEL = (
    "a folder holds the vectors of one model; use that model, or another --data folder and import "
    "or crawl again"
)
Answer = TypeVar("Answer")


class NumpyVectors:
    """Every row is scored, so nothing is missed; see `snapmode.ports.VectorIndex`.

    Several threads and processes may use one folder: a committed write is seen by the next search.
    Writing raises `TransientError` on a full disk and leaves the folder as it was.
    """

    def __init__(self, path: Path, model: str, dim: int) -> None:
        marks = {
            "model": Mark(model, OTHER_MODEL),
            "dim": Mark(str(dim), OTHER_MODEL),
            "fields": MARK,
        }
        self._dim = dim
        self._file = SqliteFile(path / "vectors.sqlite", table.TABLES, marks)
        self._rows = RowFiles(path, dim)
        self._views = Views(self._rows, dim)
        self._lock = threading.Lock()
        self._matching: OrderedDict[tuple[int, str], Rows] = OrderedDict()
        self._buried = 0
        self.count()  # a folder of another model is refused at once

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        for row in rows:
            self._check(row)
        if rows:
            with self._file.write() as connection:
                self._upsert(connection, rows)
            self._tidy()

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        return self._reading(
            lambda connection, view: table.of_products_or_pictures(
                connection, view.matrix, products, pictures
            )
        )

    def search(self, query: Vector, k: int, filter: Filter | None = None) -> VectorsFound:
        if query.shape != (self._dim,):
            raise RejectedError(f"query has shape {query.shape}; this index has ({self._dim},)")
        if not np.isfinite(query).all():
            raise RejectedError("query holds NaN or infinite values")
        return self._reading(
            lambda connection, view: self._search(connection, view, query, k, filter)
        )

    def delete(self, ids: Collection[str]) -> None:
        if not ids:
            return
        with self._file.write() as connection:
            state = table.read_state(connection)
            found = table.stored(connection, ids).values()
            for row, _ in found:
                self._bury(connection, row, state.sequence + 1)
            if found:
                table.write_state(connection, _next(state, rows=0))
        self._tidy()

    def count(self, filter: Filter | None = None) -> int:
        with self._file.read() as connection:
            return table.count(connection, filter)

    def scan(self) -> Iterator[VectorRow]:
        after = ""
        while True:
            page = self._reading(partial(_page, after))
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].id

    def flush(self) -> None:
        """Compact when it is due; what was written is visible already."""
        if self._buried:
            self._compact()
            self._buried = 0

    def close(self) -> None:
        try:
            self.flush()
        finally:
            self._file.close()
            self._views.forget()

    def _check(self, row: VectorRow) -> None:
        if row.vector.shape != (self._dim,):
            raise RejectedError(
                f"vector {row.id} has shape {row.vector.shape}; this index has ({self._dim},)"
            )
        length = float(np.linalg.norm(row.vector))
        if not abs(length - 1.0) <= 1e-3:  # NaN too
            raise RejectedError(f"vector {row.id} has length {length:.4g}, not 1")

    def _upsert(self, connection: sqlite3.Connection, rows: Sequence[VectorRow]) -> None:
        state = table.read_state(connection)
        known = table.stored(connection, [row.id for row in rows])
        matrix = self._views.matrix(state)
        added: list[Vector] = []
        changed = False
        for row in rows:
            before = known.get(row.id)
            if before and before.version > row.version:
                continue
            changed = True
            vector = np.asarray(row.vector, np.float32)
            place = before.row if before else -1
            old = None if not before else _vector(matrix, added, place)
            if old is None or not np.array_equal(old, vector):
                if before:
                    self._bury(connection, place, state.sequence + 1)
                place = len(matrix) + len(added)
                added.append(vector)
            table.put(connection, place, row)
            known[row.id] = Stored(place, row.version)
        if added:
            self._rows.write(state.generation, state.rows, added)
        if changed:
            table.write_state(connection, _next(state, rows=len(added)))

    def _tidy(self) -> None:
        # A writer that runs for weeks may never flush.
        if self._buried >= MIN_DEAD:
            self.flush()

    def _bury(self, connection: sqlite3.Connection, row: int, sequence: int) -> None:
        table.bury(connection, row, sequence)
        self._buried += 1

    def _search(
        self,
        connection: sqlite3.Connection,
        view: View,
        query: Vector,
        k: int,
        filter: Filter | None,
    ) -> VectorsFound:
        rows = self._filtered(connection, view.state, filter) if filter else None
        found = nearest(view.matrix, query, k, view.dead, rows)
        hits = sorted(table.hits(connection, found), key=lambda hit: (-hit.score, hit.id))[:k]
        changed = datetime.fromisoformat(view.state.changed)
        return VectorsFound(hits, "exact", True, found.scanned, changed)

    def _filtered(self, connection: sqlite3.Connection, state: State, filter: Filter) -> Rows:
        key = (state.sequence, filter.key)
        with self._lock:
            rows = self._matching.pop(key, None)
        if rows is None:
            rows = table.matching(connection, filter)
        with self._lock:
            self._matching[key] = rows  # the last used come last
            while len(self._matching) > KEPT_FILTERS:
                self._matching.popitem(last=False)
        return rows

    def _reading(self, ask: Callable[[sqlite3.Connection, View], Answer]) -> Answer:
        """What `ask` finds in one state of the store."""
        missing = -1
        while True:
            with self._file.read() as connection:
                try:
                    return ask(connection, self._views.of(connection))
                except Switched as error:
                    if error.generation == missing:
                        lost = self._rows.path(missing)
                        raise ConfigError(f"{lost} is missing: restore the folder") from error
                    missing = error.generation

    def _compact(self) -> None:
        with self._file.write() as connection:
            state = table.read_state(connection)
            dead = table.count_dead(connection)
            if dead < MIN_DEAD or 2 * dead <= state.rows:
                return
            matrix, living = self._views.matrix(state), table.alive(connection)
            self._copy(matrix, living, state.generation + 1)
            table.renumber(connection, living)
            table.write_state(
                connection,
                State(state.generation + 1, len(living), state.sequence + 1, state.changed),
            )
        self._rows.remove_before(state.generation + 1)

    def _copy(self, matrix: Matrix, rows: Rows, generation: int) -> None:
        chunks = (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))
        self._rows.remove(generation)  # left by a compaction that was killed
        try:
            self._rows.write(generation, 0, (matrix[chunk] for chunk in chunks))
        except OSError:
            self._rows.remove(generation)  # a full disk needs the room
            raise


def _page(after: str, connection: sqlite3.Connection, view: View) -> list[VectorRow]:
    return table.page(connection, view.matrix, after, PAGE)


def _next(state: State, rows: int) -> State:
    """The state after a change that adds this many rows to the file."""
    now = datetime.now(UTC).isoformat()
    return State(state.generation, state.rows + rows, state.sequence + 1, now)


def _vector(matrix: Matrix, added: Sequence[Vector], row: int) -> Vector:
    return matrix[row] if row < len(matrix) else added[row - len(matrix)]
