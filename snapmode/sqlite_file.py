"""One SQLite file that several threads and processes read and write.

Write-ahead log, synchronous=FULL: what was committed survives kill -9 and a power cut. A write
takes the write lock at once, so two writers are serialised and never deadlock. Each transaction
borrows a connection of its own, so threads never share one.
"""

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from snapmode.errors import ConfigError, TransientError

BUSY_SECONDS = 60.0
"""How long a writer waits for another one before it gives up."""


class Mark(NamedTuple):
    """What a file was made for; another value can't use it."""

    value: str
    advice: str
    """What to do when the file holds another value."""


class SqliteFile:
    """Connections to one file, whose schema is made at the first write.

    Until then the file need not exist: reading gives an empty store. Every `OperationalError`
    (locked, full disk, I/O) is a `TransientError`; a file that is not ours is a `ConfigError`.
    """

    def __init__(self, path: Path, schema: Sequence[str], marks: Mapping[str, Mark]) -> None:
        self.path = path
        self._schema = schema
        self._marks = marks
        self._idle: list[sqlite3.Connection] = []

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A transaction that sees one state of the file from its first query to its end."""
        if self.path.exists():
            with self._borrowed() as connection, _transaction(connection, "BEGIN"):
                yield connection
        else:
            with sqlite_errors(self.path):
                empty = sqlite3.connect(":memory:", isolation_level=None)
                try:
                    self._create(empty)
                    yield empty
                finally:
                    empty.close()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that alone writes; it is durable when the block ends."""
        with sqlite_errors(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._borrowed() as connection, _transaction(connection, "BEGIN IMMEDIATE"):
            yield connection

    def close(self) -> None:
        """Close the idle connections. Calling it twice is harmless."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _borrowed(self) -> Iterator[sqlite3.Connection]:
        with sqlite_errors(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.close()  # its rollback failed: nobody may go on in it
                else:
                    self._idle.append(connection)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA synchronous=FULL")
            if not _has_tables(connection):
                with _transaction(connection, "BEGIN IMMEDIATE"):
                    if not _has_tables(connection):
                        self._create(connection)
            self._check(connection)  # before anything of a file that is not ours is changed
            _use_write_ahead_log(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        for statement in self._schema:
            connection.execute(statement)
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [(key, mark.value) for key, mark in self._marks.items()],
        )

    def _check(self, connection: sqlite3.Connection) -> None:
        try:
            stored = dict(connection.execute("SELECT key, value FROM meta"))
        except sqlite3.OperationalError as error:
            raise ConfigError(f"{self.path}: a SQLite file, but not ours: {error}") from error
        for key, mark in self._marks.items():
            if stored.get(key) != mark.value:
                raise ConfigError(
                    f"{self.path} holds {key} {stored.get(key)}, asked for was {key} {mark.value}: "
                    f"{mark.advice}"
                )


def _has_tables(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0])


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    # The switch needs the file alone and does not wait for it by itself; it is made once per file.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite may have rolled back by itself, on a full disk for one.
        with suppress(sqlite3.OperationalError):
            connection.execute("ROLLBACK")
        raise


@contextmanager
def sqlite_errors(path: Path) -> Iterator[None]:
    """SQLite's errors on *path* as ours: locked, full disk, I/O → `TransientError`; a file that is
    not SQLite or can't be written → `ConfigError`.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TransientError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:
            raise  # a subclass: a constraint or a wrong call, which is a bug
        raise ConfigError(f"{path}: not a readable SQLite file: {error}") from error
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise ConfigError(f"{path}: can't be written: {error}") from error
    except OSError as error:
        raise TransientError(f"{path}: {error}") from error
