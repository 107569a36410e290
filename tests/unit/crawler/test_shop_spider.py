from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.frontier import Link
from crawler.job import Job
from crawler.spiders.shop import ShopSpider
from crawler.visit import Visit


@pytest.fixture
def spider() -> ShopSpider:
    job = SimpleNamespace(hosts={"shop.test"}, headers={})
    return ShopSpider(cast(Job, job))


def answered(spider: ShopSpider, url: str, location: str) -> list[Any]:
    request = spider.request(Link(url, seed=True))
    headers = {"Location": location}
    return list(spider.parse(Response(url, 301, headers, request=request)))


def test_from_http_to_https_is_the_same_page_and_is_fetched_at_once(spider: ShopSpider) -> None:
    (again,) = answered(spider, "http://shop.test/a", "https://shop.test/a")
    assert isinstance(again, Request)
    assert again.meta["link"] == Link("https://shop.test/a", seed=True)
    (end,) = spider.parse(Response(again.url, 200, body=b"", request=again))
    assert (end.link.url, end.outcome) == ("https://shop.test/a", "other")


def test_back_and_forth_ends(spider: ShopSpider) -> None:
    addresses = ["http://shop.test/a", "https://shop.test/a"]
    (found,) = answered(spider, *addresses)
    for _ in range(10):
        if isinstance(found, Visit):
            break
        addresses.reverse()
        response = Response(addresses[0], 301, {"Location": addresses[1]}, request=found)
        (found,) = spider.parse(response)
    assert (found.outcome, found.reason) == ("failed", "redirects to itself")


def test_another_page_is_left_to_the_frontier(spider: ShopSpider) -> None:
    (visit,) = answered(spider, "http://shop.test/a", "https://shop.test/b")
    assert [link.url for link in visit.links] == ["https://shop.test/b"]
