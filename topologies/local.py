"""Ingest in one process: poll the log, embed, index, commit. The steps are those of the hall.

Nothing is committed before it is in the stores, so a kill at any moment only repeats work. What
can never be processed becomes a dead letter and the rest goes on.

One batch at a time: indexing takes 2 to 4 % of the time of embedding, which uses every core, so
overlapping the two would gain nothing worth its code.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from snapmode.codec import Message
from snapmode.dead_letters import DeadLetter, put
from snapmode.errors import TransientError
from snapmode.ingest import GROUP, Embedded, EmbedStep, IndexStep, read_message
from snapmode.ports import Log, Record
from snapmode.settings import Ingest
from snapmode.topics import PRODUCTS
from topologies.outcomes import Failure, letters, outcomes
from topologies.patience import Patience

LOGGER = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
"""A topic is drained when nothing is left and nothing came for so long."""
BUGS_IN_A_ROW = 3
"""After so many items that crash the code, the code is broken rather than the items."""


@dataclass(slots=True)
class LocalIngest:
    """The loop. `stop` may be set from a signal handler: the batch is finished and committed."""

    log: Log
    embed: EmbedStep
    index: IndexStep
    settings: Ingest
    stop: threading.Event = field(default_factory=threading.Event)
    on_batch: Callable[[], None] = lambda: None
    """Called after every batch, and now and then while there is none: to show progress."""
    _done: dict[int, int] = field(default_factory=dict)
    """Partition → last offset that is in the stores and not yet committed."""
    _bugs: int = 0

    def run(self, until_idle: bool) -> None:
        """Ingest until `stop` is set or, when asked, until the topic is drained.

        `TransientError` when an engine stays away longer than the settings' retries.
        """
        patiently = Patience(
            "ingest", self.settings.max_backoff, self.settings.retries, self.stop, LOGGER.warning
        )
        self.log.on_revoked(PRODUCTS, GROUP, self._revoked)
        while not self.stop.is_set():
            records = patiently(self._poll)
            if records:
                found = patiently(partial(outcomes, records, read_message, self._write))
                put_aside = self._put_aside(records, found)
                patiently(partial(put, self.log, put_aside))
                self._done.update({record.partition: record.offset for record in records})
            self._commit()
            patiently(self.on_batch)
            if until_idle and not records and patiently(self.lag) == 0:
                return

    def lag(self) -> int:
        """Messages before the loop, or in the hands of another process."""
        return self.log.lag(PRODUCTS, GROUP)

    def _poll(self) -> list[Record]:
        return self.log.poll(PRODUCTS, GROUP, self.settings.batch, IDLE_SECONDS)

    def _commit(self) -> None:
        """What can't be committed now is tried again with the next batch."""
        if not self._done:
            return
        try:
            self.log.commit(PRODUCTS, GROUP, self._done)
        except TransientError as error:
            LOGGER.warning("not committed yet: %s", error)
        else:
            self._done.clear()

    def _revoked(self, partitions: set[int]) -> None:
        self._commit()
        for partition in partitions:
            self._done.pop(partition, None)

    def _write(self, messages: Sequence[Message]) -> list[Embedded]:
        embedded = self.embed(messages)
        self.index(embedded)
        return embedded

    def _put_aside(
        self, records: Sequence[Record], found: Sequence[Embedded | Failure]
    ) -> list[DeadLetter]:
        """The letters of a batch; a bug that hits item after item crashes instead."""
        for record, outcome in zip(records, found, strict=True):
            if not isinstance(outcome, Failure):
                self._bugs = 0
            elif not outcome.refused:
                self._bugs += 1
                if self._bugs >= BUGS_IN_A_ROW:
                    raise outcome.error
                LOGGER.error(
                    "%s crashed ingest and is put aside", record.key, exc_info=outcome.error
                )
        return [each for pair in zip(records, found, strict=True) for each in letters(*pair)]
