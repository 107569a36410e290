"""The frontier: which pages are known, which are still to be fetched, and in what order.

The truth is the compacted topic `frontier` of the log: one record per URL, its last state wins.
What is in flight, and the order, live in a local SQLite file that is made anew from the topic
whenever it is missing or was not closed cleanly, so a killed crawler loses nothing: what it had in
flight is pending again.

Every URL belongs to a *run*. A crawl of seeds whose last run has pages left resumes that run;
otherwise it starts the next run, in which every page is fetched once more.
"""

import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from crawler.addresses import fingerprint, host_of
from snapmode.errors import ConfigError, TransientError
from snapmode.ports import Log
from snapmode.sqlite_file import sqlite_errors
from snapmode.topics import FRONTIER

logger = logging.getLogger(__name__)
Kind = Literal["page", "sitemap"]
Publish = Callable[[str, list[tuple[str, bytes | None]]], Awaitable[None]]
"""`Log.publish` that waits elsewhere; calls keep their order."""
PENDING, IN_FLIGHT, DONE = 0, 1, 2
SCHEMA = """
CREATE TABLE IF NOT EXISTS urls (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, kind TEXT NOT NULL, host TEXT NOT NULL,
    run INTEGER NOT NULL, state INTEGER NOT NULL, score REAL NOT NULL, depth INTEGER NOT NULL,
    seed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS next ON urls (run, state, host, score DESC, depth);
CREATE TABLE IF NOT EXISTS closed (cleanly INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Link:
    """A page to fetch. `url` is normalised."""

    url: str
    score: float = 0.0
    """Higher is fetched earlier."""
    depth: int = 0
    """Links from a seed."""
    kind: Kind = "page"
    seed: bool = False


class Frontier:
    """`add`, `take`, `done` over a topic of the log; one crawler process has one."""

    def __init__(self, log: Log, publish: Publish, state: Path) -> None:
        self._log = log
        self._publish = publish
        self._path = state
        self._db = _opened(state)
        with sqlite_errors(state):
            self._open()
        self.run = 0
        self.in_flight: Counter[str] = Counter()
        """Host → pages taken and not done."""
        self._pending: Counter[str] = Counter()

    def _open(self) -> None:
        if not self._db.execute("SELECT cleanly FROM closed").fetchone():
            self._rebuild()
        self._db.execute("DELETE FROM closed")
        self._db.commit()

    async def begin(self, seeds: Iterable[Link]) -> bool:
        """Start a run with these seeds, or resume theirs; returns whether it was resumed."""
        seeds = list(seeds)
        marks = ",".join("?" * len(seeds))
        newest, last = self._db.execute(
            f"SELECT coalesce(max(run) FILTER (WHERE key IN ({marks})), 0),"  # noqa: S608 - question marks only
            " coalesce(max(run), 0) FROM urls",
            [fingerprint(seed.url) for seed in seeds],
        ).fetchone()
        pending = self._counts(newest, PENDING)
        self.run = newest if pending else last + 1
        self._pending = pending
        resumed = bool(pending)
        await self.add(seeds)
        return resumed

    async def add(self, links: Iterable[Link]) -> int:
        """Make pages known to this run, durably; returns how many were new."""
        fresh = self._unknown(links)
        if not fresh:
            return 0
        await self._publish(FRONTIER, [self._message(link, PENDING) for link in fresh])
        fresh = self._unknown(fresh)  # another page may have brought them meanwhile
        self._keep(fresh, PENDING)
        for link in fresh:
            self._count(host_of(link.url), +1, 0)
        return len(fresh)

    def take(self, per_host: int, resting: Iterable[str] = ()) -> Link | None:
        """The best pending page of the host with the fewest pages in flight, now in flight itself.

        Hosts with `per_host` pages in flight and `resting` ones are passed over.
        """
        hosts = self._pending.keys() - set(resting)
        for host in sorted(hosts, key=lambda name: (self.in_flight[name], name)):
            if self.in_flight[host] >= per_host:
                return None
            row = self._db.execute(
                "SELECT key, url, score, depth, kind, seed FROM urls"
                " WHERE run = ? AND state = ? AND host = ? ORDER BY score DESC, depth LIMIT 1",
                (self.run, PENDING, host),
            ).fetchone()
            with sqlite_errors(self._path):
                self._db.execute("UPDATE urls SET state = ? WHERE key = ?", (IN_FLIGHT, row[0]))
                self._db.commit()
            self._count(host, -1, +1)
            return Link(row[1], row[2], row[3], row[4], bool(row[5]))
        return None

    async def done(self, link: Link, links: Iterable[Link] = ()) -> int:
        """A page was visited and had these links, durably; returns how many are new."""
        # The links first, apart: a log that keeps only some of a publish must not have the page as
        # done without them.
        fresh = await self.add(links)
        await self._publish(FRONTIER, [self._message(link, DONE)])
        self._keep([link], DONE)
        self._count(host_of(link.url), 0, -1)
        return fresh

    def pending(self) -> int:
        """Pages of this run that nobody has taken."""
        return self._pending.total()

    def unfinished(self) -> int:
        """Pages of this run that are pending or in flight."""
        return self._pending.total() + self.in_flight.total()

    def close(self) -> None:
        """Leave a file that the next start can trust. Calling it twice is harmless."""
        try:
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("UPDATE urls SET state = ? WHERE state = ?", (PENDING, IN_FLIGHT))
            self._db.execute("INSERT INTO closed VALUES (1)")
            self._db.commit()
        except sqlite3.ProgrammingError:
            return  # closed before
        except sqlite3.OperationalError as error:
            # A full disk, most likely: without the mark, the next start reads the topic instead.
            logger.warning("%s: not closed cleanly: %s", self._path, error)
        self._db.close()

    def _keep(self, links: list[Link], state: int) -> None:
        with sqlite_errors(self._path):
            self._put((fingerprint(link.url), link, self.run, state) for link in links)
            self._db.commit()

    def _unknown(self, links: Iterable[Link]) -> list[Link]:
        fresh: dict[str, Link] = {}
        for link in links:
            key = fingerprint(link.url)
            query = "SELECT run FROM urls WHERE key = ?"
            run = self._db.execute(query, (key,)).fetchone()
            if key not in fresh and (run is None or run[0] < self.run):
                fresh[key] = link
        return list(fresh.values())

    def _message(self, link: Link, state: int) -> tuple[str, bytes | None]:
        body = {**asdict(link), "run": self.run, "done": state == DONE}
        return fingerprint(link.url), json.dumps(body, ensure_ascii=False).encode()

    def _put(self, rows: Iterable[tuple[str, Link, int, int]]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO urls VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    *(key, link.url, link.kind, host_of(link.url), run, state),
                    *(link.score, link.depth, link.seed),
                )
                for key, link, run, state in rows
            ),
        )

    def _rebuild(self) -> None:
        self._db.execute("DELETE FROM urls")
        # Older values of a key may come first, its tombstone last.
        for record in self._log.read_all(FRONTIER):
            if record.value is None:
                self._db.execute("DELETE FROM urls WHERE key = ?", (record.key,))
            else:
                self._put([_row(record.key, json.loads(record.value))])

    def _counts(self, run: int, state: int) -> Counter[str]:
        query = "SELECT host, count(*) FROM urls WHERE run = ? AND state = ? GROUP BY host"
        return Counter(dict(self._db.execute(query, (run, state)).fetchall()))

    def _count(self, host: str, pending: int, in_flight: int) -> None:
        for counter, change in ((self._pending, pending), (self.in_flight, in_flight)):
            counter[host] += change
            if counter[host] <= 0:
                del counter[host]


def _row(key: str, body: dict[str, Any]) -> tuple[str, Link, int, int]:
    run, done = body.pop("run"), body.pop("done")
    return key, Link(**body), run, DONE if done else PENDING


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _connected(path)
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise TransientError(f"{path}: {error}") from error
        raise ConfigError(f"{path}: another crawl is using this data folder: {error}") from error
    except sqlite3.DatabaseError:
        # Damaged by a power cut; all of it can be read from the topic again.
        path.unlink()
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0)
    try:
        # The topic is the durable copy, so this file need not wait for the disk.
        db.executescript("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE;")
        db.executescript("PRAGMA synchronous = OFF; BEGIN EXCLUSIVE; COMMIT;" + SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    return db
