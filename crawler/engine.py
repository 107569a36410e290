"""Calls to an engine, off the reactor's thread, repeated while it is away."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from scrapy.exceptions import DropItem

from snapmode.errors import SnapModeError, TransientError
from snapmode.metrics import RETRIES
from snapmode.settings import Crawl

STEP = 0.25
"""Seconds between two looks at whether a waiting call should end."""
logger = logging.getLogger(__name__)
T = TypeVar("T")


class Abandoned(DropItem):
    """The crawl ends while an engine is away: the visit is dropped, its page stays pending."""

    def __init__(self, engine: str) -> None:
        super().__init__(f"{engine} is away", log_level="DEBUG")


def _raise(error: SnapModeError) -> None:
    raise error


class Engine:
    """One engine (the log, the picture store) as the crawl calls it.

    A call that meets a `TransientError` waits and is made again, at most `[crawl] patience` seconds
    long. Meanwhile `away` is true; the log of the program hears of it once, and of its end.
    """

    def __init__(self, name: str, limits: Crawl, threads: int = 2) -> None:
        self.name = name
        self.on_lost: Callable[[SnapModeError], None] = _raise
        """Told once, when the engine was away for too long or the crawl was stopped meanwhile."""
        self._limits = limits
        self._threads = ThreadPoolExecutor(threads, f"crawl-{name}")
        self._failing = 0
        self._stopping = False
        self._lost = False

    @property
    def away(self) -> bool:
        """Whether a call failed and has not succeeded since."""
        return self._failing > 0

    def stop(self) -> None:
        """Make no failed call again: the crawl ends."""
        self._stopping = True

    async def here(self) -> None:
        """Wait until no call is failing."""
        while self.away and not self._lost:
            await asyncio.sleep(STEP)
        self._check()

    async def call(self, call: Callable[[], T]) -> T:
        """What the call answers. Its other errors pass through; `Abandoned` when the crawl ends."""
        self._check()
        try:
            return await self._once(call)
        except TransientError as error:
            self._check()  # it may have been given up meanwhile
            self._told(error)
        self._failing += 1
        try:
            return await self._again(call)
        finally:
            self._failing -= 1
            if not self._failing and not self._lost:
                logger.warning("%s answers again", self.name)

    async def _once(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def _again(self, call: Callable[[], T]) -> T:
        deadline = time.monotonic() + self._limits.patience
        attempt = 0
        while True:
            await self._rest(attempt, deadline)
            RETRIES.labels(f"crawl-{self.name}").inc()
            try:
                return await self._once(call)
            except TransientError as error:
                self._give_up_after(deadline, error)
            attempt += 1

    async def _rest(self, attempt: int, deadline: float) -> None:
        pause = min(self._limits.max_backoff, 0.1 * 2 ** min(attempt, 30))
        until = min(deadline, time.monotonic() + pause * random.uniform(0.5, 1))
        while not self._stopping and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(STEP, left))
        self._check()

    def _give_up_after(self, deadline: float, error: TransientError) -> None:
        if self._stopping:
            why = f"stopped while {self.name} was away"
        elif time.monotonic() >= deadline:
            why = f"{self.name} was away for {self._limits.patience:g} seconds"
        else:
            return
        if not self._lost:
            self._lost = True
            self.on_lost(SnapModeError(f"{why}: {error}; the same command goes on from here"))
        self._check()

    def _told(self, error: TransientError) -> None:
        if not self.away:
            logger.warning("%s is away, the crawl waits: %s", self.name, error)

    def _check(self) -> None:
        if self._lost:
            raise Abandoned(self.name)
