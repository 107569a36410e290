"""Fetching what is no page of the frontier: pictures and robots.txt."""

from collections.abc import Mapping

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.addresses import host_of
from snapmode.errors import RejectedError

REDIRECTS = frozenset({301, 302, 303, 307, 308})


async def download(
    crawler: Crawler, url: str, *, headers: Mapping[str, str], max_bytes: int, robots: bool = True
) -> Response:
    """The response, whatever its status, through Scrapy's downloader: manners and limits apply.

    Follows up to five redirects. Scrapy's errors pass through.
    """
    for _ in range(6):
        request = Request(
            url,
            headers=dict(headers),
            callback=NO_CALLBACK,
            meta={
                "download_slot": host_of(url),
                "download_maxsize": max_bytes,
                "dont_obey_robotstxt": not robots,
            },
        )
        response = await crawler.engine.download_async(request)
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or not location:
            return response
        url = response.urljoin(location.decode("latin-1").strip())
        if not url.startswith(("http://", "https://")):
            raise RejectedError("redirected to something that is no web address")
    raise RejectedError("more than 5 redirects")
