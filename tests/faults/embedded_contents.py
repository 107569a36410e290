"""What a data folder holds, read with sqlite3 and numpy: see `oracle.py`."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from tests.faults.oracle import Contents, Row


def embedded_contents(data: Path) -> Contents:
    bodies = _query(data / "catalog.sqlite", "SELECT body FROM products")
    files = [path for path in (data / "images").glob("*/*/*") if path.is_file()]
    vectors = data / "vectors" / "vectors.sqlite"
    matrix = _matrix(vectors)
    lines = _query(vectors, "SELECT row, product_id, picture, version FROM vectors")
    dead = [row for (row,) in _query(vectors, "SELECT row FROM dead")]
    whole = sorted([row for row, *_ in lines] + dead) == list(range(len(matrix)))
    return Contents(
        products=[json.loads(body) for (body,) in bodies if body is not None],
        pictures={path.name: path.read_bytes() for path in files},
        rows=[Row(*about, matrix[row]) for row, *about in lines],
        damage=[] if whole else ["rows of the file that are neither alive nor dead, or both"],
    )


def _matrix(vectors: Path) -> Any:
    ((generation, rows),) = _query(vectors, "SELECT generation, rows FROM state")
    dim = int(dict(_query(vectors, "SELECT key, value FROM meta"))["dim"])
    numbers = np.fromfile(vectors.parent / f"rows-{generation}.f32", "<f4")
    return numbers[: rows * dim].reshape(rows, dim)


def _query(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return db.execute(sql).fetchall()
