"""A job: what one crawl was asked for and works with; every Scrapy component is given it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from crawler.engine import Engine
from crawler.frontier import Frontier
from crawler.lag_gate import LagGate
from crawler.picture_memory import PictureMemory
from crawler.publisher import Publisher
from crawler.report import Report
from snapmode import dead_letters
from snapmode.items import VersionClock
from snapmode.metrics import DEAD_LETTERS as DEAD_LETTERS_PUT
from snapmode.ports import ImageStore
from snapmode.settings import Crawl, Pictures
from snapmode.topics import DEAD_LETTERS


@dataclass(frozen=True, slots=True)
class Pause:
    """Why no new page is taken now."""

    reason: Literal["ingest", "engine"]
    text: str


@dataclass(slots=True)
class Job:
    """Made by `crawler.crawl`; reached as `crawler.spider.job` inside Scrapy."""

    hosts: set[str]
    """Hosts whose pages belong to the crawl; a redirected seed adds its target's."""
    limits: Crawl
    pictures: Pictures
    frontier: Frontier
    memory: PictureMemory
    publisher: Publisher
    gate: LagGate
    images: ImageStore
    """To be called through `image_engine` alone."""
    log_engine: Engine
    image_engine: Engine
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every request for a page of the hosts the operator named."""
    report: Report = field(default_factory=Report)
    clock: VersionClock = field(default_factory=VersionClock)
    error: BaseException | None = None
    """What ended the crawl before its time: nothing more is fetched."""
    on_visit: Callable[[], None] = lambda: None
    """Called after each visit and during a pause, for a progress display."""
    stop: Callable[[], None] = lambda: None
    """Ends the crawl."""
    _rests: dict[str, float] = field(default_factory=dict)

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """What the crawl can't do without."""
        return self.log_engine, self.image_engine

    async def put_aside(self, url: str, reason: str, evidence: Mapping[str, str]) -> None:
        """A dead letter for something found at this URL; the crawl goes on."""
        letter = dead_letters.letter("crawl", None, url, None, reason=reason, evidence=evidence)
        await self.publisher.publish(DEAD_LETTERS, [dead_letters.message(letter)])
        DEAD_LETTERS_PUT.labels(letter.stage).inc()
        self.report.rejected += 1

    def fail(self, error: BaseException) -> None:
        """End the crawl with an error; the first one counts."""
        if self.error is None:
            self.error = error
            self.stop()

    def pause(self) -> Pause | None:
        """Why no new page is taken now, or None."""
        if away := [engine.name for engine in self.engines if engine.away]:
            return Pause("engine", f"{' and '.join(away)} away")
        if self.gate.room(self.frontier.in_flight.total()) < 1:
            return Pause("ingest", f"{self.gate.waiting} products wait for ingest")
        return None

    def rest(self, host: str, seconds: float) -> None:
        """Take no more pages of this host for a while: it asked for a pause."""
        until = time.monotonic() + seconds
        self._rests[host] = max(until, self._rests.get(host, 0.0))

    def resting(self) -> list[str]:
        """Hosts that are left alone now."""
        now = time.monotonic()
        return [host for host, until in self._rests.items() if until > now]
