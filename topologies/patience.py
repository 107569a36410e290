"""Patience with engines that are away: wait twice as long each time, with jitter, and say so."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from snapmode.errors import TransientError
from snapmode.metrics import AWAY_SECONDS, RETRIES

LOGGER = logging.getLogger(__name__)
FIRST_SECONDS = 0.1
"""The first pause."""

T = TypeVar("T")


def backoff(failures: int, most: float) -> float:
    """Seconds to wait after so many failures in a row (1, 2, …): `most` at most."""
    doubled: float = FIRST_SECONDS * 2.0 ** min(failures - 1, 30)
    return min(most, doubled) * random.uniform(0.5, 1)


@dataclass(frozen=True, slots=True)
class Patience:
    """Repeats a call while it raises `TransientError`."""

    stage: str
    """Who waits, in the metrics."""
    max_backoff: float
    """Seconds between two tries, at most."""
    retries: int | None = None
    """How often to try again before the error is raised; None: for ever."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Ends a pause; once it is set, the next failure is raised."""
    say: Callable[[str], None] = LOGGER.warning
    """Told of every pause."""

    def __call__(self, call: Callable[[], T]) -> T:
        """What the call returns, in the end."""
        for failures in count(1):
            try:
                return call()
            except TransientError as error:
                if self.stop.is_set() or (self.retries is not None and failures > self.retries):
                    raise
                self.stop.wait(self.pause(error, failures))
        raise AssertionError("count() never ends")

    def pause(self, error: TransientError, failures: int) -> float:
        """Seconds to wait after this failure, said and counted."""
        seconds = backoff(failures, self.max_backoff)
        self.say(f"{error}; trying again in {seconds:.1f} s")
        RETRIES.labels(self.stage).inc()
        AWAY_SECONDS.labels(self.stage).inc(seconds)
        return seconds
