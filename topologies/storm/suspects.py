"""Who was being worked on when the process was killed: a product that takes the process with it.

A picture that crashes native code, or takes all memory, leaves no exception behind. So the ids at
hand are noted before the work and struck off after it. Whoever is on the note when a process
starts is a suspect and is tried alone; who was alone when the process was killed often enough is
guilty. The note is for the next process on this machine, so it is not synced to disk.
"""

import json
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from snapmode.errors import TransientError

LOGGER = logging.getLogger(__name__)
KILLS = 3
"""So many deaths while alone are no coincidence."""
REMEMBERED = 256
"""Suspects kept: those who were done elsewhere meanwhile never come back to be cleared."""


class Suspects:
    """The note of one task, in a file of its own. Contains the ids to be tried alone."""

    def __init__(self, file: Path) -> None:
        self._file = file
        note = _read(file)
        self._kills: dict[str, int] = note.get("kills", {})
        tried = note.get("trying", [])
        for each in tried:
            self._kills[each] = self._kills.get(each, 0) + (len(tried) == 1)
        if tried:
            LOGGER.warning("the last process died over %s", ", ".join(tried))
        self._kills = dict(list(self._kills.items())[-REMEMBERED:])

    def __contains__(self, id: object) -> bool:
        return id in self._kills

    def guilty(self, id: str) -> bool:
        """Whether it has killed the process `KILLS` times while it was tried alone."""
        return self._kills.get(id, 0) >= KILLS

    def clear(self, ids: Collection[str]) -> None:
        """They are done, for better or worse; known to the next process with the next note."""
        for each in ids:
            self._kills.pop(each, None)

    @contextmanager
    def trying(self, ids: Collection[str]) -> Iterator[None]:
        """Work on them; an exception is none of a suspect's kills."""
        self._write(ids)
        try:
            yield
            self.clear(ids)
        finally:
            self._write(())

    def _write(self, trying: Collection[str]) -> None:
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({"trying": list(trying), "kills": self._kills}))
            new.replace(self._file)
        except OSError as error:
            raise TransientError(f"{self._file}: {error.strerror}") from error


def _read(file: Path) -> dict[str, Any]:
    try:
        note: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        LOGGER.warning("%s can't be read, nobody is suspected: %s", file, error)
        return {}
    return note
