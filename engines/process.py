"""Processes by pid and start time: a pid that was given to another process is never touched."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 0.1


@dataclass(frozen=True, slots=True)
class Process:
    """A process that was started here or found in /proc."""

    pid: int
    started: int
    """Clock ticks after boot: proc(5), /proc/pid/stat, field 22."""

    @property
    def alive(self) -> bool:
        """Whether it is still this process and no zombie."""
        found = _stat(self.pid)
        return found is not None and found[1] == self.started and found[0] != "Z"

    @property
    def memory(self) -> int:
        """Resident bytes; 0 when it has ended."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()[1]
        except OSError:
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.alive:
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return  # it ended just now

    def end(self, grace: float) -> None:
        """SIGTERM, and SIGKILL when it is still there after `grace` seconds."""
        self.signal(signal.SIGTERM)
        if not self.wait(grace):
            self.signal(signal.SIGKILL)
            self.wait(10)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within this time."""
        limit = time.monotonic() + seconds
        while self.alive:
            if time.monotonic() > limit:
                return False
            reap(self.pid)
            time.sleep(TICK)
        return True

    def descendants(self) -> list["Process"]:
        """Its children, theirs, and so on."""
        parents = {pid: int(_fields(pid)[1]) for pid in _pids() if _fields(pid)}
        family = {self.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return [found for pid in family - {self.pid} if (found := process_of(pid))]


def process_of(pid: int) -> Process | None:
    """The process that has this pid now."""
    found = _stat(pid)
    return Process(pid, found[1]) if found else None


def save(process: Process, file: Path) -> None:
    """Remember a process."""
    file.write_text(json.dumps({"pid": process.pid, "started": process.started}))


def load(file: Path) -> Process | None:
    """The process remembered in a file, if it still runs."""
    try:
        saved = Process(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None  # never started, or killed while it was written
    return saved if saved.alive else None


def reap(pid: int) -> None:
    """Take the end of a child of ours, so that it is no zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process' child


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _fields(pid: int) -> list[str]:
    """State, parent, …: /proc/pid/stat after the name, which may hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _stat(pid: int) -> tuple[str, int] | None:
    fields = _fields(pid)
    return (fields[0], int(fields[19])) if fields else None
