"""The spider: each page of the frontier becomes exactly one `Visit`."""

import logging
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from twisted.python.failure import Failure

from crawler.addresses import fingerprint, host_of, normalised
from crawler.downloads import REDIRECTS
from crawler.focus import links_of
from crawler.frontier import Link
from crawler.guarded_resolver import PrivateAddress
from crawler.job import Job
from crawler.pages.product import ProductPage
from crawler.sitemaps import read_sitemap
from crawler.visit import Visit

MAX_HOPS = 3
"""Redirects between http and https of one page."""
logger = logging.getLogger(__name__)


class ShopSpider(Spider):
    """Decides nothing by itself: page objects read, `focus` chooses links, pipelines keep."""

    name = "shop"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        # Fixed now: a seed's redirect may add hosts, which must not be sent the operator's headers.
        self._given = frozenset(job.hosts)

    def request(self, link: Link, hops: int = 0) -> Request:
        """The request for a page of the frontier; after `hops` redirects between http and https."""
        host = host_of(link.url)
        return Request(
            link.url,
            callback=self.parse,
            errback=self.lost,
            headers=self.job.headers if host in self._given else None,
            meta={"link": link, "hops": hops, "download_slot": host, "handle_httpstatus_all": True},
            dont_filter=True,
        )

    async def start(self) -> Any:
        """Nothing: the seeds are in the frontier."""
        return
        yield

    def parse(self, response: Response, **_: Any) -> Iterator[Visit | Request]:
        """A response becomes one visit, if need be after one more request for the same page."""
        link: Link = response.meta["link"]
        if response.status in REDIRECTS:
            yield self._redirected(link, response)
        elif response.status != 200:
            yield Visit(link, "failed", reason=f"HTTP {response.status}")
        elif link.kind == "sitemap":
            links, refused = read_sitemap(response.body, response.url, self.job.hosts)
            yield Visit(link, "sitemap", links=links, refused=refused)
        elif not isinstance(response, TextResponse):
            yield Visit(link, "other", reason="not HTML")
        else:
            yield self._read(link, response)

    def lost(self, failure: Failure) -> Iterator[Visit]:
        """A request without a response becomes one visit, too."""
        link: Link = failure.request.meta["link"]  # type: ignore[attr-defined] # set by Scrapy
        error = failure.value
        if isinstance(error, PrivateAddress):
            yield Visit(link, "denied", reason="private address")
        elif type(error) is IgnoreRequest:
            yield Visit(link, "denied", reason=str(error))
        else:
            yield Visit(
                link,
                "failed",
                reason=str(error) if isinstance(error, IgnoreRequest) else type(error).__name__,
            )

    def _redirected(self, link: Link, response: Response) -> Visit | Request:
        location = (response.headers.get("Location") or b"").decode("latin-1")
        url = normalised(location, response.url)
        if not url:
            return Visit(link, "failed", reason="redirect without a target")
        if link.seed:
            # The operator's address leads there, so that is where the shop is.
            self.job.hosts.add(host_of(url))
        if host_of(url) not in self.job.hosts:
            return Visit(link, "redirect", refused=Counter({"other host": 1}))
        target = replace(link, url=url)
        if url != link.url and fingerprint(url) == fingerprint(link.url):
            # http to https: one page to the frontier, which would not fetch it a second time.
            hops = response.meta["hops"]
            if hops >= MAX_HOPS:
                return Visit(link, "failed", reason="redirects to itself")
            return self.request(target, hops + 1)
        return Visit(link, "redirect", links=[target])

    def _read(self, link: Link, response: TextResponse) -> Visit:
        try:
            return self._page(link, response)
        except Exception as error:
            logger.warning("%s can't be read", link.url, exc_info=True)
            evidence = {"traceback": traceback.format_exc()}
            reason = f"can't be read: {type(error).__name__}"
            return Visit(link, "failed", reason=reason, evidence=evidence)

    def _page(self, link: Link, response: TextResponse) -> Visit:
        page = ProductPage(response.text, response.url)
        now = datetime.now(UTC)
        product = page.product(now, self.job.clock.next(now))
        links, refused = links_of(page.document, self.job.hosts, link.depth + 1)
        kind = "product" if product else page.type
        return Visit(link, kind, product, links, refused)


def spider_of(crawler: Crawler) -> ShopSpider:
    """The spider of a running crawl, whose job the other components share."""
    assert isinstance(crawler.spider, ShopSpider)
    return crawler.spider
