import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import integers, lists

from crawler.addresses import fingerprint, normalised
from crawler.frontier import Frontier, Link
from snapmode.errors import ConfigError
from snapmode.ports import Record
from snapmode.topics import FRONTIER
from tests.unit.crawler.conftest import MemoryLog, now


def page(number: int, score: float = 0.0, host: str = "shop.test") -> Link:
    return Link(normalised(f"http://{host}/p/{number}"), score)


def opened(log: MemoryLog, path: Path) -> Frontier:
    return Frontier(log, log.publish_soon, path)  # type: ignore[arg-type] # what a frontier asks of a log


SEED = Link("http://shop.test/", 10.0, seed=True)


@pytest.fixture
def frontier(log: MemoryLog, tmp_path: Path) -> Frontier:
    made = opened(log, tmp_path / "frontier.sqlite")
    now(made.begin([SEED]))
    return made


def taken(frontier: Frontier, per_host: int = 99) -> list[str]:
    found = []
    while link := frontier.take(per_host):
        found.append(link.url)
    return found


def test_best_first(frontier: Frontier) -> None:
    now(frontier.add([page(1, 1.0), page(2, 3.0), page(3, 2.0)]))
    assert taken(frontier) == [SEED.url, page(2).url, page(3).url, page(1).url]


def test_a_page_is_known_once_however_it_is_written(frontier: Frontier) -> None:
    same = ["http://shop.test/p/1?b=2&a=1", "https://shop.test/p/1?a=1&b=2&utm_source=x#top"]
    assert now(frontier.add([Link(normalised(url)) for url in same])) == 1


def test_the_host_with_the_fewest_pages_in_flight_comes_first(frontier: Frontier) -> None:
    now(frontier.add([page(1, 9.0), page(2, 9.0), page(1, 0.0, "other.test")]))
    assert taken(frontier)[:2] == [page(1, host="other.test").url, SEED.url]


def test_a_busy_or_resting_host_is_passed_over(frontier: Frontier) -> None:
    now(frontier.add([page(1), page(1, host="other.test")]))
    assert len(taken(frontier, per_host=1)) == 2
    link = frontier.take(9, resting=["shop.test"])
    assert link is None


def test_a_page_is_done_after_its_links_are_durable(frontier: Frontier, log: MemoryLog) -> None:
    seed = frontier.take(9)
    assert seed
    before = log.publishes
    assert now(frontier.done(seed, [page(1), page(2), page(1)])) == 2
    *links, last = (json.loads(record.value or b"") for record in log.read_all(FRONTIER))
    assert (last["url"], last["done"]) == (SEED.url, True)
    assert [link["url"] for link in links] == [page(1).url, page(2).url]
    # Apart: a log that keeps only some of a publish must not have the page as done without them.
    assert log.publishes == before + 2


def test_two_pages_that_bring_the_same_link_at_once(log: MemoryLog, tmp_path: Path) -> None:
    async def scenario() -> int:
        go = asyncio.Event()

        async def publish(topic: str, messages: list[tuple[str, bytes | None]]) -> None:
            await go.wait()
            log.publish(topic, messages)

        frontier = Frontier(log, publish, tmp_path / "frontier.sqlite")  # type: ignore[arg-type] # as above
        both = [asyncio.ensure_future(frontier.add([page(1), page(n)])) for n in (2, 3)]
        await asyncio.sleep(0)
        go.set()
        assert sorted(await asyncio.gather(*both)) == [1, 2]
        return frontier.pending()

    assert asyncio.run(scenario()) == 3


def test_a_finished_crawl_is_begun_again_and_an_unfinished_one_resumed(
    log: MemoryLog, tmp_path: Path
) -> None:
    path = tmp_path / "frontier.sqlite"
    frontier = opened(log, path)
    assert not now(frontier.begin([SEED]))
    seed = frontier.take(9)
    assert seed
    now(frontier.done(seed, [page(1)]))
    frontier.close()
    frontier = opened(log, path)
    assert now(frontier.begin([SEED]))
    assert frontier.run == 1
    link = frontier.take(9)
    assert link == page(1)
    now(frontier.done(link))
    frontier.close()
    frontier = opened(log, path)
    assert not now(frontier.begin([SEED]))
    assert frontier.run == 2
    assert taken(frontier) == [SEED.url]
    frontier.close()


def test_a_killed_crawlers_pages_are_pending_again(log: MemoryLog, tmp_path: Path) -> None:
    killed = opened(log, tmp_path / "killed.sqlite")
    now(killed.begin([SEED]))
    now(killed.add([page(1)]))
    assert len(taken(killed)) == 2
    heir = opened(log, tmp_path / "heir.sqlite")
    assert now(heir.begin([SEED]))
    assert taken(heir) == [SEED.url, page(1).url]


class WholeLog(MemoryLog):
    """Not compacted yet, as Kafka's newest records: older values come before the last one."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Record] = []

    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        for key, value in messages:
            self.all.append(Record(topic, 0, len(self.all), key, value, 0.0))

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        return iter(self.all)


def test_a_pages_last_state_wins_over_older_ones(tmp_path: Path) -> None:
    log = WholeLog()
    frontier = opened(log, tmp_path / "first.sqlite")
    now(frontier.begin([SEED]))
    seed = frontier.take(9)
    assert seed
    now(frontier.done(seed, [page(1), page(2)]))
    log.publish(FRONTIER, [(fingerprint(page(2).url), None)])
    heir = opened(log, tmp_path / "heir.sqlite")
    assert now(heir.begin([SEED]))
    assert taken(heir) == [page(1).url]


def test_two_crawls_of_one_folder_are_refused(
    frontier: Frontier, log: MemoryLog, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="another crawl"):
        opened(log, tmp_path / "frontier.sqlite")


def test_a_damaged_file_is_made_anew(log: MemoryLog, tmp_path: Path) -> None:
    path = tmp_path / "frontier.sqlite"
    frontier = opened(log, path)
    now(frontier.begin([SEED]))
    frontier.close()
    path.write_bytes(b"nonsense" * 1000)
    frontier = opened(log, path)
    assert now(frontier.begin([SEED]))
    assert taken(frontier) == [SEED.url]
    frontier.close()


class Histories(RuleBasedStateMachine):
    """Any history of adding, taking, finishing, killing and losing the state file."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.log = MemoryLog()
        self.lives = 0
        self.added = {SEED.url}
        self.finished: set[str] = set()
        self.open("0")

    def open(self, name: str) -> None:
        self.frontier = opened(self.log, self.folder / f"{name}.sqlite")
        now(self.frontier.begin([SEED]))
        self.taken: dict[str, Link] = {}

    @rule(numbers=lists(integers(0, 30), max_size=5))
    def add(self, numbers: list[int]) -> None:
        fresh = {page(number).url for number in numbers} - self.added
        assert now(self.frontier.add([page(number) for number in numbers])) == len(fresh)
        self.added |= fresh

    @rule()
    def take(self) -> None:
        link = self.frontier.take(99)
        if link is None:
            assert self.added == self.finished | set(self.taken)
        else:
            assert link.url in self.added - self.finished - set(self.taken)
            self.taken[link.url] = link

    @precondition(lambda self: getattr(self, "taken", None))
    @rule(numbers=lists(integers(0, 30), max_size=3))
    def done(self, numbers: list[int]) -> None:
        url, link = self.taken.popitem()
        now(self.frontier.done(link, [page(number) for number in numbers]))
        self.finished.add(url)
        self.added |= {page(number).url for number in numbers}

    # A run in which all is done would be followed by a new one: that is another test.
    @precondition(lambda self: self.added != self.finished)
    @rule()
    def stop_and_start(self) -> None:
        self.frontier.close()
        self.open(str(self.lives))

    @precondition(lambda self: self.added != self.finished)
    @rule()
    def kill_and_lose_the_file(self) -> None:
        self.frontier._db.close()  # what SIGKILL leaves: no clean mark
        self.lives += 1
        self.open(str(self.lives))

    @precondition(lambda self: self.added != self.finished)
    @rule()
    def kill_and_keep_the_file(self) -> None:
        self.frontier._db.close()
        self.open(str(self.lives))

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "frontier"):
            assert self.frontier.unfinished() == len(self.added - self.finished)

    def teardown(self) -> None:
        self.frontier.close()
        shutil.rmtree(self.folder)


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestHistories = Histories.TestCase
