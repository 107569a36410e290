"""Which picture was found at which URL: what this data folder holds is not downloaded twice."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from snapmode.errors import TransientError
from snapmode.sqlite_file import sqlite_errors

SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    url TEXT PRIMARY KEY, key TEXT NOT NULL, run INTEGER NOT NULL,
    etag TEXT NOT NULL, modified TEXT NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A picture that was stored before."""

    key: str
    run: int
    """The run it was last seen in: within a run it is not asked for again."""
    etag: str = ""
    """HTTP validators, for a conditional request in a later run; "" when the host gave none."""
    modified: str = ""


class PictureMemory:
    """URL → key and validators, in a SQLite file.

    Losing it costs downloads, and the pictures of hosts that are away at the next crawl.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._db = _connected(path)
        except sqlite3.OperationalError as error:
            raise TransientError(f"{path}: {error}") from error
        except sqlite3.DatabaseError:
            path.unlink()  # damaged; see the class
            self._db = _connected(path)

    def get(self, url: str) -> Remembered | None:
        """What was stored for this URL."""
        query = "SELECT key, run, etag, modified FROM pictures WHERE url = ?"
        row = self._db.execute(query, (url,)).fetchone()
        return Remembered(*row) if row else None

    def put(self, url: str, remembered: Remembered) -> None:
        """Remember; replaces what was known."""
        row = (url, remembered.key, remembered.run, remembered.etag, remembered.modified)
        with sqlite_errors(self._path):
            self._db.execute("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)", row)
            self._db.commit()

    def close(self) -> None:
        """Let go of the file. Calling it twice is harmless."""
        self._db.close()


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=5)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db
