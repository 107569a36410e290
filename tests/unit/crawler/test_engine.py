import asyncio
import logging
import threading
from collections.abc import Callable

import pytest

from crawler.engine import Abandoned, Engine
from snapmode.errors import RejectedError, SnapModeError, TransientError
from snapmode.metrics import RETRIES, total
from snapmode.settings import Crawl

QUICK = Crawl(max_backoff=0.01)


class Store:
    """Away for the first calls; then it answers."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.calls = 0
        self.threads: set[threading.Thread] = set()

    def __call__(self) -> str:
        self.threads.add(threading.current_thread())
        self.calls += 1
        if self.calls <= self.away:
            raise TransientError("nobody answers on port 9000")
        return "here"


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not what():
            await asyncio.sleep(0)


def test_a_call_is_made_again_until_the_engine_answers(caplog: pytest.LogCaptureFixture) -> None:
    before = total(RETRIES, "crawl-shelf")

    async def scenario() -> None:
        engine, store = Engine("shelf", QUICK), Store(away=5)
        others = [asyncio.ensure_future(engine.call(store)) for _ in range(3)]
        await until(lambda: engine.away)
        await engine.here()
        assert not engine.away
        assert await asyncio.gather(*others) == ["here"] * 3
        assert threading.current_thread() not in store.threads

    asyncio.run(scenario())
    said = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    # Once for the outage, not once for each call.
    assert said == [
        "shelf is away, the crawl waits: nobody answers on port 9000",
        "shelf answers again",
    ]
    assert total(RETRIES, "crawl-shelf") - before >= 3


def test_other_errors_pass_through() -> None:
    def refuse() -> None:
        raise RejectedError("too large")

    with pytest.raises(RejectedError, match="too large"):
        asyncio.run(Engine("shelf", QUICK).call(refuse))


def test_an_answer_to_another_call_does_not_end_an_outage() -> None:
    """A full disk can still be read."""

    async def scenario() -> None:
        engine, store = Engine("shelf", QUICK), Store(away=10**9)
        engine.on_lost = lambda error: None
        failing = asyncio.ensure_future(engine.call(store))
        await until(lambda: engine.away)
        assert await engine.call(lambda: 1) == 1
        assert engine.away
        engine.stop()
        with pytest.raises(Abandoned):
            await failing

    asyncio.run(scenario())


def test_it_gives_up_after_its_patience_once_for_all() -> None:
    lost: list[SnapModeError] = []

    async def scenario() -> list[object]:
        engine, store = Engine("shelf", Crawl(max_backoff=0.01, patience=0.05)), Store(10**9)
        engine.on_lost = lost.append
        calls = [engine.call(store) for _ in range(4)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        made = store.calls
        with pytest.raises(Abandoned):
            await engine.call(store)
        assert store.calls == made  # who gave up asks no more
        return list(results)

    assert all(isinstance(result, Abandoned) for result in asyncio.run(scenario()))
    (error,) = lost
    assert "shelf was away for 0.05 seconds: nobody answers on port 9000" in str(error)
    assert not isinstance(error, TransientError)


def test_stopped_in_the_middle_of_a_long_pause() -> None:
    lost: list[SnapModeError] = []

    async def scenario() -> None:
        engine, store = Engine("shelf", Crawl(max_backoff=3600)), Store(away=10**9)
        engine.on_lost = lost.append
        waiting = asyncio.ensure_future(engine.call(store))
        await until(lambda: store.calls > 2)
        engine.stop()
        with pytest.raises(Abandoned):
            await asyncio.wait_for(waiting, 20)

    asyncio.run(scenario())
    assert "stopped while shelf was away" in str(lost[0])


def test_without_a_crawl_to_stop_the_error_is_raised() -> None:
    engine = Engine("shelf", Crawl(patience=0))
    with pytest.raises(SnapModeError, match="port 9000"):
        asyncio.run(engine.call(Store(away=10**9)))
