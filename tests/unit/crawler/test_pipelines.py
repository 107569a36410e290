from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from crawler.frontier import Link
from crawler.pipelines import PublishProducts
from crawler.report import Report
from crawler.visit import Visit
from snapmode.codec import decode
from snapmode.items import Product
from snapmode.topics import PRODUCTS


def visit(version: int) -> Visit:
    url = "https://shop.test/p/1"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    product = Product(
        id="1", version=version, url=url, name="Shirt", source="shop.test", fetched_at=now
    )
    return Visit(Link(url), "product", product)


def test_a_page_that_was_overtaken_does_not_take_the_place_of_the_newer_one(log: Any) -> None:
    pipeline = PublishProducts.__new__(PublishProducts)  # without a running crawler
    pipeline._job = SimpleNamespace(log=log, report=Report())  # type: ignore[assignment] # all it asks for
    for version in (1, 3, 2):
        pipeline.process_item(visit(version))
    (record,) = log.read_all(PRODUCTS)
    assert decode(record.value).version == 3
