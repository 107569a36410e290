import asyncio
import threading
from collections.abc import Iterable

import pytest

from crawler.engine import Engine
from crawler.publisher import Message, Publisher
from snapmode.errors import RejectedError, TransientError
from snapmode.settings import Crawl
from snapmode.topics import FRONTIER, PRODUCTS
from tests.unit.crawler.conftest import MemoryLog


class SlowLog(MemoryLog):
    """Holds the first publish until `go`; fails some; refuses the key "huge"."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.failures = 0
        self.batches: list[tuple[str, list[str]]] = []

    def publish(self, topic: str, messages: Iterable[Message]) -> None:
        assert self.go.wait(20)
        messages = list(messages)
        if self.failures:
            self.failures -= 1
            raise TransientError("nobody answers on port 9092")
        if any(key == "huge" for key, _ in messages):
            raise RejectedError("too large")
        self.batches.append((topic, [key for key, _ in messages]))
        super().publish(topic, messages)


@pytest.fixture
def slow() -> SlowLog:
    return SlowLog()


def publisher(log: MemoryLog) -> Publisher:
    return Publisher(log, Engine("log", Crawl(max_backoff=0.01)))  # type: ignore[arg-type] # what it asks of a log


def published(log: SlowLog, *keys: str) -> list[BaseException | None]:
    async def scenario() -> list[BaseException | None]:
        to = publisher(log)
        calls = [asyncio.ensure_future(to.publish(PRODUCTS, [(key, b"")])) for key in keys]
        await asyncio.sleep(0)
        log.go.set()
        return await asyncio.gather(*calls, return_exceptions=True)

    return asyncio.run(scenario())


def test_what_waits_goes_together_and_in_order(slow: SlowLog) -> None:
    assert published(slow, "a", "b", "c", "d") == [None] * 4
    assert [key for _, keys in slow.batches for key in keys] == ["a", "b", "c", "d"]
    assert slow.publishes <= 2


def test_it_is_repeated_while_the_log_is_away(slow: SlowLog) -> None:
    slow.failures = 3
    assert published(slow, "a", "b") == [None] * 2
    assert [record.key for record in slow.read_all(PRODUCTS)] == ["a", "b"]


def test_a_message_the_log_refuses_spoils_no_other(slow: SlowLog) -> None:
    first, huge, last = published(slow, "a", "huge", "b")
    assert (first, last) == (None, None)
    assert isinstance(huge, RejectedError)
    assert [record.key for record in slow.read_all(PRODUCTS)] == ["a", "b"]


def test_topics_do_not_mix_and_nobody_hears_before_it_is_durable(slow: SlowLog) -> None:
    async def scenario() -> None:
        to = publisher(slow)
        product = asyncio.ensure_future(to.publish(PRODUCTS, [("p", b"")]))
        page = asyncio.ensure_future(to.publish(FRONTIER, [("u", b"")]))
        await asyncio.sleep(0.01)
        assert not product.done()
        assert not page.done()
        slow.go.set()
        await asyncio.gather(product, page)

    asyncio.run(scenario())
    assert slow.batches == [(PRODUCTS, ["p"]), (FRONTIER, ["u"])]
