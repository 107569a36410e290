"""Reads the products topic and sees every record through: replayed until done, never dropped."""

import logging
import time
from collections.abc import Callable
from functools import cached_property, partial
from typing import TypeVar

from streamparse import Spout

from snapmode.dead_letters import put
from snapmode.errors import RejectedError, TransientError
from snapmode.ingest import GROUP
from snapmode.ports import Log, Record
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from topologies.outcomes import Failure, letters
from topologies.storm.component import Housed, standing_still
from topologies.storm.pending import Flight, Pending
from topologies.storm.tuples import RECORD_FIELDS, message_id, record_values

LOGGER = logging.getLogger(__name__)
POLL_SECONDS = 0.05
"""The longest that Storm waits for an answer while there is nothing to send."""
COMMIT_SECONDS = 1.0
"""Pause between two commits while more is under way."""
MEMBER_SECONDS = 60.0
"""A member that does not poll for minutes loses its place in the group: so one polls for a record
now and then even when there is no room for it."""
WINDOW = 1_000
"""Records in the air when Storm sets no limit."""

T = TypeVar("T")


class ProductSpout(Housed, Spout):
    """One task is one member of the group; the log and Storm take turns in its only thread."""

    outputs = RECORD_FIELDS
    stage = "spout"

    def furnish(self, house: House) -> None:
        """See `Housed.furnish`."""
        super().furnish(house)
        options = self.storm_conf
        self.pending = Pending(
            window=int(options.get("topology.max.spout.pending") or WINDOW),
            timeout=float(options.get("topology.message.timeout.secs") or 30),
            max_backoff=house.settings.topology.max_backoff,
        )
        self._active = True
        self._committed = self._polled = self._quiet = time.monotonic()
        self._failures = 0

    # ---------------------------------------------------------------- what Storm asks

    def next_tuple(self) -> None:
        """Send one record, if there is one to send."""
        self._commit_now_and_then()
        flight = self.pending.next()
        if flight is None:
            self._poll()
            flight = self.pending.next()
        if flight:
            values = record_values(flight.record, flight.attempts)
            self.emit(values, tup_id=message_id(flight.record))

    def ack(self, tup_id: str) -> None:
        """The record is in the stores, or in a dead letter."""
        self.pending.done(tup_id)
        self._commit_now_and_then()

    def fail(self, tup_id: str) -> None:
        """The record failed or timed out: it is sent again later, or put aside."""
        flight = self.pending.failed(tup_id)
        if flight and flight.attempts > self.house.settings.topology.replays:
            self._talk(partial(self._put_aside, flight))

    def activate(self) -> None:
        """Storm calls `next_tuple` from now on."""
        self._active = True

    def deactivate(self) -> None:
        """From now on Storm only tells of what is in the air: nobody would commit it later."""
        self._active = False
        self._commit_now_and_then()

    # ---------------------------------------------------------------- what the log is asked

    @cached_property
    def _log(self) -> Log:
        with standing_still():
            log = self.house.log
        log.on_revoked(PRODUCTS, GROUP, self._revoked)
        return log

    def _talk(self, call: Callable[[], T]) -> T | None:
        """The log's answer; None while it is away: then it is left alone for a while."""
        if time.monotonic() < self._quiet:
            return None
        try:
            answer = call()
        except TransientError as error:
            self._failures += 1
            self._quiet = time.monotonic() + self.patiently.pause(error, self._failures)
            return None
        self._failures = 0
        return answer

    def _poll(self) -> None:
        started = time.monotonic()
        room = self.pending.room
        if room or started - self._polled > MEMBER_SECONDS:
            self.pending.add(self._talk(partial(self._read, max(1, room))) or [])
        if not self.pending.fresh:
            time.sleep(max(0.0, started + POLL_SECONDS - time.monotonic()))

    def _read(self, limit: int) -> list[Record]:
        self._polled = time.monotonic()
        return self._log.poll(PRODUCTS, GROUP, limit, POLL_SECONDS)

    def _commit_now_and_then(self) -> None:
        more = self._active and self.pending.under_way
        if more and time.monotonic() - self._committed < COMMIT_SECONDS:
            return
        self._committed = time.monotonic()
        if self.pending.ready():
            self._talk(self._commit)

    def _commit(self) -> None:
        offsets = self.pending.ready()
        self._log.commit(PRODUCTS, GROUP, offsets)
        self.pending.committed(offsets)

    def _revoked(self, partitions: set[int]) -> None:
        try:
            self._commit()
        except TransientError as error:
            LOGGER.warning("not committed, so it will be done again: %s", error)
        self.pending.revoked(partitions)

    def _put_aside(self, flight: Flight) -> None:
        """A bolt writes the letter at the last attempt, with a traceback; this is for the rest."""
        times = RejectedError(f"failed {flight.attempts} times; the workers' logs say why")
        put(self._log, letters(flight.record, Failure("ingest", times), flight.attempts))
        self.pending.done(message_id(flight.record))
