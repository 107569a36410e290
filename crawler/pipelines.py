"""Item pipelines, in order: pictures first, the product second, the frontier last.

Killed between any two, a page is still pending and is visited again; nothing is lost, and every
write may be repeated.
"""

import asyncio

from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, IgnoreRequest, UnsupportedURLSchemeError
from scrapy.http import Response

from crawler.downloads import download
from crawler.manners import RobotsUnreachable
from crawler.picture_check import check_picture
from crawler.picture_memory import Remembered
from crawler.spiders.shop import spider_of
from crawler.visit import Visit
from snapmode.codec import encode
from snapmode.errors import RejectedError, TransientError
from snapmode.items import Image, Product
from snapmode.metrics import PUBLISHED
from snapmode.topics import PRODUCTS

AWAY = frozenset({408, 425, 429})
"""Besides 5xx: the host may well answer the same request later."""


class DropDuplicates:
    """A product met again in this crawl is left out, unless this is its canonical page."""

    def __init__(self, crawler: Crawler) -> None:
        self._job = spider_of(crawler).job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "DropDuplicates":
        """As Scrapy makes its components."""
        return cls(crawler)

    def process_item(self, item: Visit) -> Visit:
        """The visit, without its product when that is known."""
        product, report = item.product, self._job.report
        if product and product.id in report.met:
            report.duplicates += 1
            if product.url != item.link.url:
                item.product = None
        elif product:
            report.met.add(product.id)
        return item


class StorePictures:
    """The product's pictures into the image store; what is no picture is put aside.

    A picture whose host is away for a moment keeps the copy that an earlier crawl stored, so that
    a hiccup takes no picture from a product; without one it is put aside as failed.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._job = spider_of(crawler).job
        self._asked: dict[str, asyncio.Future[str | None]] = {}
        """URL → its download, under way or refused: a picture is asked for once in a crawl."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "StorePictures":
        """As Scrapy makes its components."""
        return cls(crawler)

    async def process_item(self, item: Visit) -> Visit:
        """The visit, whose product has only pictures that are stored."""
        if item.product:
            wanted = item.product.images[: self._job.limits.max_pictures]
            stored = await asyncio.gather(*(self._stored(item.product, image) for image in wanted))
            images = tuple({image.key: image for image in stored if image}.values())
            item.product = item.product.model_copy(update={"images": images})
        return item

    async def _stored(self, product: Product, image: Image) -> Image | None:
        url = image.url
        if url not in self._asked:
            self._asked[url] = asyncio.ensure_future(self._ask(product, url))
        key = await self._asked[url]
        if key is None:
            return None
        self._asked.pop(url, None)  # the memory knows it from now on
        return Image(url=url, key=key)

    async def _ask(self, product: Product, url: str) -> str | None:
        try:
            return await self._key(product, url)
        except (RejectedError, TransientError) as error:
            outcome = "rejected" if isinstance(error, RejectedError) else "failed"
            await self._job.put_aside(url, f"picture: {error}", {"page": product.url})
            self._job.report.pictures[outcome] += 1
            return None

    async def _key(self, product: Product, url: str) -> str:
        job = self._job
        known = job.memory.get(url)
        if known and not await self._kept(known.key):
            known = None
        if known and known.run == job.frontier.run:
            job.report.pictures["known"] += 1
            return known.key
        await job.image_engine.here()  # rather than hold the bytes until it is
        try:
            response = await self._fetch(product, url, known)
        except TransientError:
            if known is None:
                raise
            return self._keep(url, known, "kept")
        if known and response.status == 304:
            return self._keep(url, known, "known")
        if response.status != 200:
            raise RejectedError(f"HTTP {response.status}")
        key = await job.image_engine.call(lambda: self._check_and_put(response.body))
        job.report.pictures["stored"] += 1
        job.memory.put(url, Remembered(key, job.frontier.run, *validators(response)))
        return key

    async def _kept(self, key: str) -> bool:
        return await self._job.image_engine.call(lambda: self._job.images.exists(key))

    def _keep(self, url: str, known: Remembered, outcome: str) -> str:
        """What was stored before stays, and is not asked for again in this run."""
        job = self._job
        job.report.pictures[outcome] += 1
        job.memory.put(url, Remembered(known.key, job.frontier.run, known.etag, known.modified))
        return known.key

    def _check_and_put(self, data: bytes) -> str:
        check_picture(data, self._job.pictures)
        return self._job.images.put(data)

    async def _fetch(self, product: Product, url: str, known: Remembered | None) -> Response:
        headers = {"Accept": "image/*,*/*;q=0.5", "Referer": product.url}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.modified:
            headers["If-Modified-Since"] = known.modified
        limit = self._job.pictures.max_bytes
        try:
            response = await download(self._crawler, url, headers=headers, max_bytes=limit)
        except RejectedError:
            raise
        except RobotsUnreachable as error:
            raise TransientError(str(error)) from error
        except IgnoreRequest as error:
            raise RejectedError(str(error)) from error
        except (DownloadCancelledError, UnsupportedURLSchemeError) as error:  # too large, no http
            raise RejectedError(str(error)) from error
        except Exception as error:
            raise TransientError(f"{type(error).__name__}: {error}") from error
        if response.status in AWAY or response.status >= 500:
            raise TransientError(f"HTTP {response.status}")
        return response


def validators(response: Response) -> tuple[str, str]:
    """ETag and Last-Modified of a response, "" where it has none."""
    etag, modified = (response.headers.get(name) or b"" for name in ("ETag", "Last-Modified"))
    return etag.decode("latin-1"), modified.decode("latin-1")


class PublishProducts:
    """The product to the log, durably, before the frontier hears that its page is done."""

    def __init__(self, crawler: Crawler) -> None:
        self._job = spider_of(crawler).job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "PublishProducts":
        """As Scrapy makes its components."""
        return cls(crawler)

    async def process_item(self, item: Visit) -> Visit:
        """The visit, unchanged."""
        product, published = item.product, self._job.report.published
        # Two pages of one product may overtake each other while their pictures are fetched; the
        # log keeps what comes last, which must not be the older one.
        if product and product.version > published.get(product.id, -1):
            published[product.id] = product.version
            await self._publish(product)
        return item

    async def _publish(self, product: Product) -> None:
        try:
            await self._job.publisher.publish(PRODUCTS, [(product.id, encode(product))])
        except RejectedError as error:  # too large for the log, say
            del self._job.report.published[product.id]
            await self._job.put_aside(product.url, f"product: {error}", {"product": product.id})
        else:
            self._job.gate.count()
            PUBLISHED.inc()


class ReportToFrontier:
    """The page is done and its links are known, durably."""

    def __init__(self, crawler: Crawler) -> None:
        self._job = spider_of(crawler).job

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ReportToFrontier":
        """As Scrapy makes its components."""
        return cls(crawler)

    async def process_item(self, item: Visit) -> Visit:
        """The visit, unchanged."""
        if item.evidence is not None:
            await self._job.put_aside(item.link.url, f"page {item.reason}", item.evidence)
        await self._job.frontier.done(item.link, item.links)
        self._job.report.add(item)
        self._job.on_visit()
        return item
