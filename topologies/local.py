"""Ingest in one process: poll the log, embed, index, commit. The steps are those of the hall.

Nothing is committed before it is in the stores, so a kill at any moment only repeats work. What
can never be processed becomes a dead letter and the rest goes on.

One batch at a time: indexing takes 2 to 4 % of the time of embedding, which uses every core, so
overlapping the two would gain nothing worth its code.
"""

import logging
import random
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import NamedTuple, TypeVar

from snapmode.codec import Message
from snapmode.dead_letters import DeadLetter, letter, put
from snapmode.errors import RejectedError, TransientError
from snapmode.ingest import GROUP, Embedded, EmbedStep, IndexStep, read_message
from snapmode.ports import Log, Record
from snapmode.settings import Ingest
from snapmode.topics import PRODUCTS

LOGGER = logging.getLogger(__name__)
IDLE_SECONDS = 1.0
"""A topic is drained when nothing is left and nothing came for so long."""
BUGS_IN_A_ROW = 3
"""After so many items that crash the code, the code is broken rather than the items."""

T = TypeVar("T")


class Item(NamedTuple):
    """A record and what it says."""

    record: Record
    message: Message


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
        self.log.on_revoked(PRODUCTS, GROUP, self._revoked)
        while not self.stop.is_set():
            records = self._patiently(self._poll)
            if records:
                self._patiently(partial(self._ingest, records))
                self._done.update({record.partition: record.offset for record in records})
            self._commit()
            self._patiently(self.on_batch)
            if until_idle and not records and self._patiently(self.lag) == 0:
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

    def _patiently(self, call: Callable[[], T]) -> T:
        """Repeat while an engine is away, waiting twice as long each time, with jitter."""
        for attempt in count():
            try:
                return call()
            except TransientError as error:
                if attempt >= self.settings.retries or self.stop.is_set():
                    raise
                pause = min(self.settings.max_backoff, 0.1 * 2**attempt) * random.uniform(0.5, 1)
                LOGGER.warning("%s; trying again in %.1f s", error, pause)
                self.stop.wait(pause)
        raise AssertionError("count() never ends")

    def _ingest(self, records: Sequence[Record]) -> None:
        items: list[Item] = []
        letters: list[DeadLetter] = []
        for record in records:
            try:
                items.append(Item(record, read_message(record)))
            except RejectedError as error:
                letters.append(_letter("decode", record, str(error)))
        if items:
            letters += self._write(items)
        put(self.log, letters)

    def _write(self, items: Sequence[Item]) -> list[DeadLetter]:
        """Embed and index; the letters of what was refused. A failure is narrowed to its item."""
        try:
            embedded = self.embed([item.message for item in items])
            self.index(embedded)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - a poison item may crash anything: see _refused
            if len(items) > 1:
                return [each for item in items for each in self._write([item])]
            return [self._refused(items[0].record, error)]
        self._bugs = 0
        return _picture_letters(items, embedded)

    def _refused(self, record: Record, error: Exception) -> DeadLetter:
        """A letter for the item; a bug that hits item after item crashes instead."""
        if isinstance(error, RejectedError):
            return _letter("ingest", record, str(error))
        self._bugs += 1
        if self._bugs >= BUGS_IN_A_ROW:
            raise error
        LOGGER.error("product %s crashed ingest and is put aside", record.key, exc_info=error)
        trace = "".join(traceback.format_exception(error))
        return _letter("ingest", record, f"crashed: {error!r}", evidence={"traceback": trace})


def _picture_letters(items: Sequence[Item], embedded: Sequence[Embedded]) -> list[DeadLetter]:
    return [
        _letter("embed", item.record, picture.reason, picture=picture.key)
        for item, done in zip(items, embedded, strict=True)
        for picture in done.rejected
    ]


def _letter(
    stage: str,
    record: Record,
    reason: str,
    picture: str = "",
    evidence: dict[str, str] | None = None,
) -> DeadLetter:
    return letter(
        stage,
        PRODUCTS,
        record.key,
        record.value,
        reason=reason,
        part=picture,
        evidence={"picture": picture} if picture else evidence,
    )
