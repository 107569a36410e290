"""What a spout has in the air: read and not done; and when a failed record is sent again.

A record that failed before Storm's message timeout was failed by a bolt: that counts as an attempt.
One that failed later has timed out: an engine was away or a worker died, which is not its fault.
"""

import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from snapmode.ports import Record
from topologies.patience import backoff
from topologies.storm.offsets import Offsets
from topologies.storm.tuples import message_id


@dataclass(slots=True)
class Flight:
    """A record that was read and is not done."""

    record: Record
    attempts: int = 0
    """How often a bolt has failed it."""
    failures: int = 0
    """How often it failed or timed out."""
    sent: float | None = None
    """When it was last sent; None while it waits for that."""


class Pending:
    """At most about `window` flights; ids are those of `message_id`, unknown ids are ignored."""

    def __init__(
        self,
        window: int,
        timeout: float,
        max_backoff: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`timeout`: Storm's message timeout; `max_backoff`: before a replay, both in seconds."""
        self._window = window
        self._timeout = timeout
        self._max_backoff = max_backoff
        self._now = now
        self._flights: dict[str, Flight] = {}
        self._fresh: deque[str] = deque()
        self._replays: list[tuple[float, str]] = []
        """Heap of (when, id)."""
        self._offsets = Offsets()

    @property
    def room(self) -> int:
        """How many more records may be read."""
        return max(0, self._window - len(self._flights))

    @property
    def fresh(self) -> bool:
        """Whether there may be something to send that was never sent."""
        return bool(self._fresh)

    @property
    def under_way(self) -> bool:
        """Whether a record was read that is not done."""
        return bool(self._flights)

    def add(self, records: Iterable[Record]) -> None:
        """Records just read; one that is in the air already is left out."""
        for record in records:
            name = message_id(record)
            if name not in self._flights:
                self._flights[name] = Flight(record)
                self._fresh.append(name)
                self._offsets.start(record.partition, record.offset)

    def next(self) -> Flight | None:
        """The record to send now, taken as sent: one to repeat, else a new one."""
        while self._replays and self._replays[0][0] <= self._now():
            if flight := self._send(heappop(self._replays)[1]):
                return flight
        while self._fresh:
            if flight := self._send(self._fresh.popleft()):
                return flight
        return None

    def _send(self, id: str) -> Flight | None:
        flight = self._flights.get(id)
        if flight is None or flight.sent is not None:
            return None
        flight.sent = self._now()
        return flight

    def done(self, id: str) -> None:
        """The record is where it belongs."""
        flight = self._flights.pop(id, None)
        if flight:
            self._offsets.done(flight.record.partition, flight.record.offset)

    def failed(self, id: str) -> Flight | None:
        """The record will be sent again after a while; None when it is not in the air."""
        flight = self._flights.get(id)
        if flight is None or flight.sent is None:
            return None
        now = self._now()
        flight.attempts += now - flight.sent < self._timeout
        flight.failures += 1
        flight.sent = None
        heappush(self._replays, (now + backoff(flight.failures, self._max_backoff), id))
        return flight

    def ready(self) -> dict[int, int]:
        """Partition → offset that may be committed now."""
        return self._offsets.ready()

    def committed(self, offsets: Mapping[int, int]) -> None:
        """These offsets need no commit any more."""
        self._offsets.committed(offsets)

    def revoked(self, partitions: Collection[int]) -> None:
        """Others read these partitions now: what is in the air of them is theirs to finish."""
        self._offsets.forget(partitions)
        self._flights = {
            name: flight
            for name, flight in self._flights.items()
            if flight.record.partition not in partitions
        }
