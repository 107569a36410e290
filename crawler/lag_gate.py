"""How many more products may be published before ingest catches up."""

import time
from collections.abc import Awaitable, Callable

FAR = 5.0
"""Seconds between two readings of the lag while it is far below the maximum."""
NEAR = 0.25
"""The same from half of the maximum on. A reading is a request to the log."""


class LagGate:
    """Keeps the lag at or below a maximum, between readings too.

    The last reading, the products published since it began and the pages in flight (each publishes
    one product at most) never exceed the maximum together.
    """

    def __init__(self, most: int, read: Callable[[], Awaitable[int]]) -> None:
        self._most = most
        self._lag = most
        """As last read; full until then."""
        self._read = read
        self._published = 0
        self._before = 0
        """Of `_published`, how many the last reading has seen for certain."""
        self._read_at = float("-inf")

    def count(self) -> None:
        """A product was published."""
        self._published += 1

    @property
    def waiting(self) -> int:
        """Products before ingest, at most: as last read, and what was published since."""
        return self._lag + self._published - self._before

    def room(self, in_flight: int) -> int:
        """How many pages may be taken besides those in flight; 0 or less: none."""
        return self._most - self.waiting - in_flight

    def due(self, in_flight: int) -> bool:
        """Whether it is time for a reading."""
        pause = FAR if self.room(in_flight) > self._most / 2 else NEAR
        return time.monotonic() - self._read_at >= pause

    async def refresh(self) -> None:
        """Read the lag."""
        before = self._published
        self._lag = await self._read()
        self._before = before
        self._read_at = time.monotonic()
