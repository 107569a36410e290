"""When the crawl takes no new page, for how long, and when it goes on."""

import asyncio
import logging
import time
from collections.abc import Coroutine

from scrapy import signals
from scrapy.crawler import Crawler

from crawler.engine import Abandoned
from crawler.spiders.shop import spider_of
from snapmode.metrics import PAUSED

TICK = 0.25
logger = logging.getLogger(__name__)


class Pauses:
    """Extension: reads the lag when it is due, wakes Scrapy after a pause, and counts its time."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job = spider_of(crawler).job
        self._tasks: list[asyncio.Task[None]] = []
        self._told = False
        crawler.signals.connect(self.start, signal=signals.spider_opened)
        crawler.signals.connect(self.end, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Pauses":
        """As Scrapy makes its components."""
        return cls(crawler)

    def start(self) -> None:
        """Watch from now on."""
        for loop in (self._read(), self._watch()):
            self._begin(loop)

    def end(self) -> None:
        """Watch no longer."""
        for task in self._tasks:
            task.cancel()

    def _begin(self, loop: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(loop)
        task.add_done_callback(self._ended)
        self._tasks.append(task)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error and not isinstance(error, Abandoned):
            self._job.fail(error)

    async def _read(self) -> None:
        job = self._job
        while self._crawler.crawling:
            if job.gate.due(job.frontier.in_flight.total()):
                await job.gate.refresh()
            await asyncio.sleep(TICK)

    async def _watch(self) -> None:
        was, then = None, time.monotonic()
        while self._crawler.crawling:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            pause = self._job.pause()
            if was and self._job.frontier.pending():
                self._count(was.reason, now - then)
            if pause or was:
                self._job.on_visit()
            if was and not pause:
                self._wake()
            if self._job.gate.room(0) < 1 and self._job.frontier.pending():
                self._tell()
            was, then = pause, now
        for engine in self._job.engines:
            engine.stop()

    def _count(self, reason: str, seconds: float) -> None:
        self._job.report.paused[reason] += seconds
        PAUSED.labels(reason).inc(seconds)

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            waiting = self._job.gate.waiting
            logger.warning("the crawl pauses: %s products wait for ingest. Does it run?", waiting)

    def _wake(self) -> None:
        """By itself, Scrapy would look again within five seconds."""
        engine = self._crawler.engine
        if engine.running and engine.scheduler and (request := engine.scheduler.next_request()):
            engine.crawl(request)
