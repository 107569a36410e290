"""Manners: robots.txt (RFC 9309), pauses a host asks for, and a pace it can keep."""

import asyncio
import logging
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.addresses import host_of, normalised
from crawler.downloads import download
from crawler.frontier import Link
from crawler.spiders.shop import spider_of

MAX_ROBOTS_BYTES = 512_000
"""RFC 9309 asks for at least 500 KiB."""
MAX_DELAY = 60.0
MAX_PAUSE = 120.0
QUICK = 0.5
"""Seconds; a host that answers faster is not slowed down."""
SITEMAP_SCORE = 5.0

logger = logging.getLogger(__name__)


class RobotsUnreachable(IgnoreRequest):
    """robots.txt can't be read: nothing may be fetched, and it is not the page's fault."""


def set_delay(crawler: Crawler, host: str, seconds: float) -> None:
    """At least this many seconds between two requests to a host."""
    downloader = crawler.engine.downloader
    downloader.per_slot_settings[host] = {"delay": seconds, "jitter": 0}
    if slot := downloader.slots.get(host):
        slot.delay = seconds


class Robots:
    """Downloader middleware: asks each host's robots.txt once, before anything else of it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job = spider_of(crawler).job
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Robots":
        """As Scrapy makes its components."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Refuse what the host does not want fetched."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        root = request.url.partition("://")[0] + "://" + host_of(request.url)
        if root not in self._rules:
            self._rules[root] = asyncio.ensure_future(self._read(root))
        limits = self._job.limits
        try:
            rules = await asyncio.shield(self._rules[root])
        except RobotsUnreachable:
            if limits.obey_robots:
                raise
            return
        if limits.obey_robots and not rules.can_fetch(request.url, limits.user_agent):
            raise IgnoreRequest("robots.txt")

    async def _read(self, root: str) -> Protego:
        try:
            response = await download(
                self._crawler,
                f"{root}/robots.txt",
                headers={},
                max_bytes=MAX_ROBOTS_BYTES,
                robots=False,
            )
        except Exception as error:
            raise RobotsUnreachable(f"robots.txt unreachable: {type(error).__name__}") from error
        if response.status >= 500:
            raise RobotsUnreachable(f"robots.txt unreachable: HTTP {response.status}")
        rules = Protego.parse(
            response.body.decode("utf-8", "replace") if response.status == 200 else ""
        )
        await self._heed(root, rules)
        return rules

    async def _heed(self, root: str, rules: Protego) -> None:
        limits = self._job.limits
        delay = rules.crawl_delay(limits.user_agent) if limits.obey_robots else None
        if delay:
            set_delay(self._crawler, host_of(root), min(max(delay, limits.delay), MAX_DELAY))
        if host_of(root) in self._job.hosts:
            addresses = (normalised(url, root) for url in rules.sitemaps)
            await self._job.frontier.add(
                Link(url, SITEMAP_SCORE, kind="sitemap")
                for url in addresses
                if host_of(url) in self._job.hosts
            )


class Backoff:
    """Downloader middleware: 429 and 503 let the host rest, as long as it asks for."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job = spider_of(crawler).job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Backoff":
        """As Scrapy makes its components."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Wait before Scrapy's own retry sees the response; other pages of the host wait too."""
        if response.status in (429, 503):
            tries = request.meta.get("retry_times", 0)
            pause = retry_after(response, default=float(2**tries))
            host = host_of(request.url)
            self._job.rest(host, pause)
            if slot := self._crawler.engine.downloader.slots.get(host):
                set_delay(self._crawler, host, min(max(2 * slot.delay, 0.1), MAX_DELAY))
            if tries < self._job.limits.retries:
                await asyncio.sleep(pause)
        return response


def retry_after(response: Response, default: float) -> float:
    """Seconds to wait, by the Retry-After header (seconds or a date), at most `MAX_PAUSE`."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    seconds = default
    if text.isascii() and text.isdigit():
        seconds = float(text)
    elif text:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            logger.debug("a Retry-After that is neither seconds nor a date: %r", text)
    return min(max(seconds, 0.0), MAX_PAUSE)


class Pace:
    """Extension: the slower a host answers, the longer the pauses between requests to it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._limits = spider_of(crawler).job.limits
        crawler.signals.connect(self.adjust, signal=signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "Pace":
        """As Scrapy makes its components."""
        return cls(crawler)

    def adjust(self, request: Request) -> None:
        """Move the host's delay towards its latency divided by the allowed concurrency."""
        host = host_of(request.url)
        slot = self._crawler.engine.downloader.slots.get(host)
        latency = request.meta.get("download_latency")
        if slot is None or latency is None or not self._limits.auto_throttle:
            return
        floor = self._crawler.engine.downloader.per_slot_settings.get(host, {}).get(
            "delay", self._limits.delay
        )
        target = latency / self._limits.concurrency_per_host if latency > QUICK else 0.0
        slot.delay = min(max((slot.delay + target) / 2, floor), MAX_DELAY)
