"""Scrapy's scheduler over the frontier."""

from collections import deque

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.frontier import Link
from crawler.spiders.shop import ShopSpider, spider_of
from snapmode.errors import TransientError


class FrontierScheduler:
    """`next_request` takes from the frontier; visits put into it, through the last pipeline.

    Requests that Scrapy hands back (retries) stay in memory: the frontier still counts their page
    as in flight, so a killed crawler finds it pending again.
    """

    def __init__(self, spider: ShopSpider) -> None:
        self._spider = spider
        self._job = spider.job
        self._again: deque[Request] = deque()
        self._left = spider.job.limits.max_pages

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "FrontierScheduler":
        """As Scrapy makes its components."""
        return cls(spider_of(crawler))

    def has_pending_requests(self) -> bool:
        """Whether there is more to fetch, now or after a pause."""
        if self._job.error:
            return False
        return bool(self._again) or (self._left != 0 and self._job.frontier.pending() > 0)

    def enqueue_request(self, request: Request) -> bool:
        """Keep what Scrapy wants to try again."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """The best page of a host that may be asked; None when there is none just now."""
        if self._job.error or self._left == 0:
            return None
        if self._again:
            return self._again.popleft()
        if self._job.pause():
            return None
        link = self._take()
        if link is None:
            return None
        if self._left is not None and link.kind == "page":
            self._left -= 1
        return self._spider.request(link)

    def _take(self) -> Link | None:
        # Twice the downloads: pages whose pictures are under way still count as in flight.
        in_flight = 2 * self._job.limits.concurrency_per_host
        try:
            return self._job.frontier.take(in_flight, self._job.resting())
        except TransientError as error:
            self._job.error = error  # Scrapy's engine would log it and go on
            return None
