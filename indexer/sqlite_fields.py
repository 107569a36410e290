"""The table of fields (`snapmode.items.FIELDS`) as SQL: two tables, and a `Filter` as a condition.

`fields` has a line per stored row and a column per filterable field: TEXT for keywords, REAL for
numbers, a JSON array for fields of several values; NULL where the product has none. `words` repeats
the fields of several values, a line per value, for filters and facets.
"""

# ruff: noqa: S608 -- values are always bound; only names of our own are put into the SQL

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from snapmode.errors import RejectedError
from snapmode.filters import Filter, Range
from snapmode.items import FIELD, FIELDS, Value, digest
from snapmode.sqlite_file import Mark

COLUMNS = tuple(field for field in FIELDS if field.filterable)
NAMES = ", ".join(f'fields."{field.name}"' for field in COLUMNS)
"""The columns of `fields`, for a SELECT."""
MAX_NUMBERS = 10_000
"""Numbers a filter may list for one field: SQLite bounds the parameters of a statement."""
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

_TYPES = {"keyword": "TEXT", "number": "REAL"}
_DEFINED = ", ".join(f'"{field.name}" {_TYPES[field.kind]}' for field in COLUMNS)
SCHEMA = (
    f"CREATE TABLE fields(row INTEGER PRIMARY KEY, {_DEFINED})",
    (
        "CREATE TABLE words(field TEXT NOT NULL, value TEXT NOT NULL, row INTEGER NOT NULL,"
        " PRIMARY KEY (field, value, row)) WITHOUT ROWID"
    ),
    "CREATE INDEX words_row ON words(row)",
)
MARK = Mark(
    digest(*map(repr, FIELDS))[:8],
    "the table of product fields has changed since; use another --data folder and import or "
    "crawl again",
)
"""The fields a file was made for."""


class Condition(NamedTuple):
    """A condition on `fields` and its parameters."""

    sql: str
    parameters: list[Any]


def write_fields(connection: sqlite3.Connection, row: int, attributes: Mapping[str, Value]) -> None:
    """Write the attributes of a stored row in place of what was there."""
    delete_fields(connection, row)
    values = [_stored(attributes.get(field.name)) for field in COLUMNS]
    marks = ", ".join("?" for _ in values)
    connection.execute(f"INSERT INTO fields VALUES (?, {marks})", (row, *values))
    connection.executemany(
        "INSERT OR IGNORE INTO words VALUES (?, ?, ?)",
        [
            (field.name, word, row)
            for field in COLUMNS
            if field.many
            for word in _words(attributes.get(field.name))
        ],
    )


def delete_fields(connection: sqlite3.Connection, row: int) -> None:
    """Forget the attributes of a stored row."""
    connection.execute("DELETE FROM fields WHERE row = ?", (row,))
    connection.execute("DELETE FROM words WHERE row = ?", (row,))


def read_fields(values: Iterable[Any]) -> dict[str, Value]:
    """The attributes from the columns `NAMES`."""
    return {
        field.name: tuple(json.loads(value)) if field.many else value
        for field, value in zip(COLUMNS, values, strict=True)
        if value is not None
    }


def condition(filter: Filter | None) -> Condition:
    """What a line of `fields` must meet; an empty filter is met by all."""
    asked = filter or Filter()
    parts = [
        *(_in_words(name, values) for name, values in asked.words.items()),
        *(_in_range(name, bounds) for name, bounds in asked.ranges.items()),
        *(_in_numbers(name, values) for name, values in asked.numbers.items()),
    ]
    sql = " AND ".join(part.sql for part in parts) or "TRUE"
    return Condition(sql, [value for part in parts for value in part.parameters])


def _stored(value: Value | None) -> str | float | None:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value


def _words(value: Value | None) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _column(name: str) -> str:
    return f'fields."{FIELD[name].name}"'


def _in_words(name: str, values: Iterable[str]) -> Condition:
    listed = "(SELECT value FROM json_each(?))"
    wanted = json.dumps(list(values))
    if FIELD[name].many:
        return Condition(
            f"fields.row IN (SELECT row FROM words WHERE field = ? AND value IN {listed})",
            [name, wanted],
        )
    return Condition(f"{_column(name)} IN {listed}", [wanted])


def _in_range(name: str, bounds: Range) -> Condition:
    limits = {bound: getattr(bounds, bound) for bound in OPERATORS}
    given = {bound: limit for bound, limit in limits.items() if limit is not None}
    parts = [f"{_column(name)} {OPERATORS[bound]} ?" for bound in given]
    return Condition(" AND ".join([f"{_column(name)} IS NOT NULL", *parts]), list(given.values()))


def _in_numbers(name: str, values: Iterable[float]) -> Condition:
    listed = list(values)
    if len(listed) > MAX_NUMBERS:
        raise RejectedError(f"filter: {name!r} takes at most {MAX_NUMBERS} numbers")
    # Bound one by one: SQLite's reading of a number in JSON may differ in the last bit.
    return Condition(f"{_column(name)} IN ({', '.join('?' for _ in listed)})", list(listed))
