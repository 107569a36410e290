"""A bolt that works on batches, held while an engine is away, narrowed to the item that fails.

Two threads: the main one listens to Storm, so that heartbeats are answered whatever happens; the
other one works. While it works the next batch gathers.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from pystorm.component import Tuple
from pystorm.exceptions import StormWentAwayError
from streamparse import Bolt

from snapmode.dead_letters import DeadLetter, put
from snapmode.errors import RejectedError
from snapmode.ingest import Embedded
from snapmode.wiring import House
from topologies.outcomes import Failure, letters, outcomes
from topologies.storm.component import Housed, standing_still
from topologies.storm.inbox import Held, Inbox
from topologies.storm.suspects import KILLS, Suspects
from topologies.storm.tuples import Parcel, UnknownTupleError, parcel

LOGGER = logging.getLogger(__name__)


class BatchBolt(Housed, Bolt):
    """Reads a parcel, works on what it says, passes on what came of it."""

    auto_ack = auto_anchor = auto_fail = False
    batches = 1
    """How many of the settings' batches it takes at once, if so much is there."""

    def read(self, parcel: Parcel) -> Any:
        """What the parcel says; `RejectedError` when it is no message."""
        raise NotImplementedError

    def step(self) -> Callable[[Sequence[Any]], Sequence[Embedded]]:
        """The work, on a batch of what `read` returned; it may be asked for time and again."""
        raise NotImplementedError

    def pass_on(self, parcel: Parcel, embedded: Embedded, anchors: Sequence[Tuple]) -> None:
        """Send what came of it to the next bolt."""

    # ---------------------------------------------------------------- listening

    def initialize(self, storm_conf: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        """See `Housed.initialize`."""
        super().initialize(storm_conf, context)
        threading.Thread(target=self._work_on, name=self.stage, daemon=True).start()

    def furnish(self, house: House) -> None:
        """See `Housed.furnish`."""
        super().furnish(house)
        settings = house.settings
        batch = self.batches * settings.ingest.batch
        self.inbox: Inbox[Parcel] = Inbox(batch, settings.topology.batch_seconds)
        name = f"{self.topology_name}-{self.component_name}-{self.task_id}.json"
        self.suspects = Suspects(settings.data / "storm" / name)

    def process(self, tup: Tuple) -> None:
        """Keep the tuple for the working thread."""
        try:
            arrived = parcel(tup.values)
        except UnknownTupleError as error:
            self.report(str(error))
            self.fail(tup)
        else:
            self.inbox.put(arrived.id, arrived, tup)

    def process_tick(self, tup: Tuple) -> None:
        """Nothing waits for a tick."""
        self.ack(tup)

    # ---------------------------------------------------------------- working

    def _work_on(self) -> None:
        """The life of the working thread: without it the process is of no use."""
        try:
            while True:
                self.work()
        except StormWentAwayError:
            self._exit(2)
        except BaseException as error:  # noqa: BLE001 - the process ends, and says why
            self.raise_exception(error)
        finally:
            self._exit(1)

    def work(self) -> None:
        """See one batch through."""
        batch = self.inbox.take(alone=self.suspects)
        found = self.patiently(partial(self._outcomes, batch))
        aside = [one for each in zip(batch, found, strict=True) for one in self._put_aside(*each)]
        if aside:
            self.patiently(partial(self._keep, aside))
        for held, outcome in zip(batch, found, strict=True):
            self._log_crash(held, outcome)
            self._settle(held, outcome)

    def _outcomes(self, batch: Sequence[Held[Parcel]]) -> list[Embedded | Failure]:
        ids = [held.id for held in batch]
        if self.suspects.guilty(ids[0]):
            self.suspects.clear(ids)
            return [self._guilty()]
        with standing_still(), self.suspects.trying(ids):
            return outcomes([held.parcel for held in batch], self.read, self.step())

    def _guilty(self) -> Failure:
        reason = f"killed the process {KILLS} times while it was tried alone"
        return Failure("ingest", RejectedError(f"{self.stage}: {reason}"))

    def _put_aside(self, held: Held[Parcel], outcome: Embedded | Failure) -> list[DeadLetter]:
        if self._may_heal(held, outcome):
            return []
        return letters(held.parcel.record, outcome, held.parcel.attempts + 1)

    def _keep(self, aside: list[DeadLetter]) -> None:
        with standing_still():
            log = self.house.log
        put(log, aside)

    def _may_heal(self, held: Held[Parcel], outcome: Embedded | Failure) -> bool:
        """A crash may be the code's or the machine's fault: the spout tries it again."""
        if not isinstance(outcome, Failure) or outcome.refused:
            return False
        return held.parcel.attempts < self.house.settings.topology.replays

    def _log_crash(self, held: Held[Parcel], outcome: Embedded | Failure) -> None:
        if isinstance(outcome, Failure) and not outcome.refused:
            key = held.parcel.record.key
            LOGGER.error("%s crashed the %s bolt", key, self.stage, exc_info=outcome.error)

    def _settle(self, held: Held[Parcel], outcome: Embedded | Failure) -> None:
        tuples = self.inbox.release(held.id)
        if not isinstance(outcome, Failure):
            self.pass_on(held.parcel, outcome, tuples)
        answer = self.fail if self._may_heal(held, outcome) else self.ack
        for each in tuples:
            answer(each)
