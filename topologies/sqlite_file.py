"""The SQLite file behind the embedded log: its tables, its transactions and its errors."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from snapmode.errors import ConfigError, TransientError

FORMAT = 1
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
-- Offsets count over all partitions; AUTOINCREMENT never uses one twice.
-- passing = 1: may be trimmed once read (a tombstone, or a topic that is not compacted).
CREATE TABLE IF NOT EXISTS records (
    offset INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    partition INTEGER NOT NULL,
    key TEXT NOT NULL,
    value BLOB,
    timestamp REAL NOT NULL,
    passing INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS records_by_partition ON records (topic, partition);
CREATE INDEX IF NOT EXISTS records_by_key ON records (topic, key);
CREATE INDEX IF NOT EXISTS records_passing ON records (timestamp) WHERE passing = 1;
-- The last offset a group has done; 0 for a group that has done none.
CREATE TABLE IF NOT EXISTS committed (
    topic TEXT, reader TEXT, partition INTEGER, offset INTEGER NOT NULL,
    PRIMARY KEY (topic, reader, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS members (
    rank INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT, reader TEXT, member TEXT, UNIQUE (topic, reader, member)
);
CREATE TABLE IF NOT EXISTS owners (
    topic TEXT, reader TEXT, partition INTEGER, member TEXT NOT NULL,
    PRIMARY KEY (topic, reader, partition)
) WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
COMMIT;
"""
BUSY_SECONDS = 30.0
"""How long a statement waits for other writers before it is a `TransientError`."""


class SqliteFile:
    """One connection to the file, shared by the threads of one instance.

    WAL lets readers go on beside the writer; synchronous=FULL makes a commit durable.
    """

    def __init__(self, path: Path, partitions: int) -> None:
        self.path = path
        self._lock = threading.RLock()
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare(partitions)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, partitions: int) -> None:
        with self._errors():
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            (found,) = self._db.execute("PRAGMA user_version").fetchone()
            if found == 0:
                self._db.executescript(SCHEMA)
            elif found != FORMAT:
                raise ConfigError(f"{self.path}: format {found}; this code reads {FORMAT}")
        with self.writing() as db:
            db.execute("INSERT OR IGNORE INTO settings VALUES ('partitions', ?)", (partitions,))
            (kept,) = db.execute("SELECT value FROM settings WHERE name = 'partitions'").fetchone()
        if kept != partitions:
            raise ConfigError(f"{self.path}: made with {kept} partitions, not {partitions}")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the write lock: all of it is durable, or none happened."""
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for a few quick SELECTs."""
        with self._lock, self._errors():
            yield self._db

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            # Locked for too long, disk full, read-only, I/O error.
            raise TransientError(f"{self.path}: {error}") from error
        except sqlite3.ProgrammingError:
            raise  # a bug of ours
        except sqlite3.DatabaseError as error:
            raise ConfigError(f"{self.path}: not a log of SnapMode: {error}") from error

    def close(self) -> None:
        """Let go of the file. Calling it twice is harmless."""
        with self._lock:
            self._db.close()
