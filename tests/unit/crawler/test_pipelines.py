from datetime import UTC, datetime
from types import SimpleNamespace

from crawler.frontier import Link
from crawler.lag_gate import LagGate
from crawler.pipelines import PublishProducts
from crawler.report import Report
from crawler.visit import Visit
from snapmode.codec import decode
from snapmode.errors import RejectedError
from snapmode.items import Product
from snapmode.topics import PRODUCTS
from tests.unit.crawler.conftest import MemoryLog, now


def visit(version: int) -> Visit:
    url = "https://shop.test/p/1"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    product = Product(
        id="1", version=version, url=url, name="Shirt", source="shop.test", fetched_at=now
    )
    return Visit(Link(url), "product", product)


async def no_lag() -> int:
    return 0


def pipeline_to(log: MemoryLog) -> PublishProducts:
    pipeline = PublishProducts.__new__(PublishProducts)  # without a running crawler
    publisher = SimpleNamespace(publish=log.publish_soon)
    put_aside: list[str] = []

    async def keep(url: str, reason: str, evidence: dict[str, str]) -> None:
        put_aside.append(f"{url}: {reason}")

    pipeline._job = SimpleNamespace(  # type: ignore[assignment] # all it asks for
        publisher=publisher,
        report=Report(),
        gate=LagGate(9, no_lag),
        put_aside=keep,
        letters=put_aside,
    )
    return pipeline


def test_a_page_that_was_overtaken_does_not_take_the_place_of_the_newer_one(
    log: MemoryLog,
) -> None:
    pipeline = pipeline_to(log)
    for version in (1, 3, 2):
        now(pipeline.process_item(visit(version)))
    (record,) = log.read_all(PRODUCTS)
    assert decode(record.value or b"").version == 3
    now(pipeline._job.gate.refresh())
    assert pipeline._job.gate.room(0) == 9


def test_a_product_the_log_refuses_is_put_aside_and_its_page_goes_on() -> None:
    class Strict(MemoryLog):
        def publish(self, topic: str, messages: object) -> None:
            raise RejectedError("too large")

    pipeline = pipeline_to(Strict())
    item = visit(1)
    assert now(pipeline.process_item(item)) is item
    assert pipeline._job.letters == ["https://shop.test/p/1: product: too large"]  # type: ignore[attr-defined] # the fake's
    assert pipeline._job.report.published == {}
