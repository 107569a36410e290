"""Who reads which partition of the embedded log: consumer groups on one machine.

A member lives as long as it holds the lock on a file of its own (flock). The kernel lets go of it
when the process ends, however it ends, so a killed member's partitions are free at once and no
clock, heartbeat or process id is needed.
"""

import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from snapmode.errors import TransientError
from snapmode.sqlite_file import SqliteFile


class Presence:
    """The locked file that says this member is alive."""

    def __init__(self, folder: Path) -> None:
        self.member = f"{os.getpid()}-{uuid.uuid4().hex}"
        self._folder = folder
        self._held: IO[bytes] | None = None

    def enter(self) -> None:
        """Take the lock, once."""
        if self._held is None:
            with self._errors():
                self._folder.mkdir(parents=True, exist_ok=True)
                self._held = (self._folder / self.member).open("wb")
                fcntl.flock(self._held, fcntl.LOCK_EX)

    def alive(self, member: str) -> bool:
        """Whether that member still holds its lock."""
        if member == self.member:
            return True
        with self._errors():
            try:
                with (self._folder / member).open("rb") as file:
                    # Shared, so that two who look at once do not take each other for the member.
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            except FileNotFoundError:
                pass
        return False

    def bury(self, member: str) -> None:
        """Remove a dead member's file."""
        with self._errors():
            (self._folder / member).unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TransientError(f"{self._folder}: {error}") from error

    def leave(self) -> None:
        """Let go of the lock. Calling it twice is harmless."""
        if self._held is not None:
            self.bury(self.member)
            self._held.close()
            self._held = None


class Membership:
    """One member's share of a topic in a group: its partitions and how far it has read."""

    def __init__(self, file: SqliteFile, presence: Presence, topic: str, group: str) -> None:
        self.positions: dict[int, int] = {}
        """Partition that is ours → offset of the last record polled."""
        self.revoked: Callable[[set[int]], None] = lambda _: None
        self._file = file
        self._presence = presence
        self._where = (topic, group)
        self._me = presence.member

    def rebalance(self, partitions: int) -> None:
        """Give up what belongs to others now, take what is ours and free.

        Partitions go round the living members in the order they joined. Everybody works that out
        alone; nobody takes a partition before its owner has let go of it or is dead.
        """
        with self._file.read() as db:
            members = [
                member
                for (member,) in db.execute(
                    "SELECT member FROM members WHERE topic = ? AND reader = ? ORDER BY rank",
                    self._where,
                )
            ]
        if self._me not in members:
            self._lost()
            self._join(partitions)
            members.append(self._me)
        living = [member for member in members if self._presence.alive(member)]
        ours = {p for p in range(partitions) if living[p % len(living)] == self._me}
        self.give_up(self.positions.keys() - ours)
        dead = [member for member in members if member not in living]
        if dead or ours != self.positions.keys():
            self._take(ours, dead)

    def _lost(self) -> None:
        """Others took us for dead, or we are new: what was ours has left us unasked."""
        if self.positions:
            self.revoked(set(self.positions))
        self.positions.clear()

    def _join(self, partitions: int) -> None:
        self._presence.enter()
        with self._file.write() as db:
            db.execute(
                "INSERT OR IGNORE INTO members (topic, reader, member) VALUES (?, ?, ?)",
                (*self._where, self._me),
            )
            # A group counts for trimming from its first poll on, not from its first commit.
            db.executemany(
                "INSERT OR IGNORE INTO committed VALUES (?, ?, ?, 0)",
                [(*self._where, partition) for partition in range(partitions)],
            )

    def _take(self, ours: set[int], dead: list[str]) -> None:
        with self._file.write() as db:
            for member in dead:
                db.execute("DELETE FROM owners WHERE member = ?", (member,))
                db.execute("DELETE FROM members WHERE member = ?", (member,))
            db.executemany(
                "INSERT OR IGNORE INTO owners VALUES (?, ?, ?, ?)",
                [(*self._where, partition, self._me) for partition in sorted(ours)],
            )
            committed = db.execute(
                "SELECT partition, offset FROM committed JOIN owners "
                "USING (topic, reader, partition) WHERE topic = ? AND reader = ? AND member = ?",
                (*self._where, self._me),
            ).fetchall()
        for member in dead:
            self._presence.bury(member)
        for partition, offset in committed:
            self.positions.setdefault(partition, offset)

    def give_up(self, lost: set[int]) -> None:
        """Tell the reader, who may still commit; then let others have the partitions."""
        if not lost:
            return
        self.revoked(lost)
        with self._file.write() as db:
            db.executemany(
                "DELETE FROM owners "
                "WHERE topic = ? AND reader = ? AND partition = ? AND member = ?",
                [(*self._where, partition, self._me) for partition in lost],
            )
        for partition in lost:
            self.positions.pop(partition, None)

    def leave(self) -> None:
        """Give up everything and go."""
        self.give_up(set(self.positions))
        with self._file.write() as db:
            db.execute(
                "DELETE FROM members WHERE topic = ? AND reader = ? AND member = ?",
                (*self._where, self._me),
            )
