"""A job: what one crawl was asked for and works with; every Scrapy component is given it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crawler.frontier import Frontier
from crawler.picture_memory import PictureMemory
from crawler.report import Report
from snapmode import dead_letters
from snapmode.items import VersionClock
from snapmode.ports import ImageStore, Log
from snapmode.settings import Crawl, Pictures


@dataclass(slots=True)
class Job:
    """Made by `crawler.crawl`; reached as `crawler.spider.job` inside Scrapy."""

    hosts: set[str]
    """Hosts whose pages belong to the crawl; a redirected seed adds its target's."""
    limits: Crawl
    pictures: Pictures
    frontier: Frontier
    memory: PictureMemory
    log: Log
    images: ImageStore
    headers: dict[str, str] = field(default_factory=dict)
    """Sent with every request for a page of the hosts the operator named."""
    report: Report = field(default_factory=Report)
    clock: VersionClock = field(default_factory=VersionClock)
    error: BaseException | None = None
    """What ended the crawl before its time: nothing more is fetched."""
    on_visit: Callable[[], None] = lambda: None
    """Called after each visit, for a progress display."""
    _rests: dict[str, float] = field(default_factory=dict)

    def put_aside(self, url: str, reason: str, evidence: Mapping[str, str]) -> None:
        """A dead letter for something found at this URL; the crawl goes on."""
        letter = dead_letters.letter("crawl", None, url, None, reason=reason, evidence=evidence)
        dead_letters.put(self.log, [letter])
        self.report.rejected += 1

    def rest(self, host: str, seconds: float) -> None:
        """Take no more pages of this host for a while: it asked for a pause."""
        until = time.monotonic() + seconds
        self._rests[host] = max(until, self._rests.get(host, 0.0))

    def resting(self) -> list[str]:
        """Hosts that are left alone now."""
        now = time.monotonic()
        return [host for host, until in self._rests.items() if until > now]
