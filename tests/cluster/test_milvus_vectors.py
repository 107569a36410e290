"""MilvusVectors on a server where the contract is silent: kills, a cut link, half a start."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from engines import milvus, running
from engines.network import Network, network_of
from engines.place import open_place
from engines.process import Process
from snapmode.errors import ConfigError, TransientError
from snapmode.items import digest
from snapmode.ports import VectorIndex
from tests.contract.durability import FIXED, write_vectors
from tests.contract.examples import DIM, UNITS, many_units, product, row

if TYPE_CHECKING:
    from indexer.milvus_vectors import MilvusVectors

pytestmark = pytest.mark.cluster

TIMEOUT = 5.0
BOUND = 4 * TIMEOUT
"""Seconds after which a server that does not answer is away, whatever is asked of it."""
METHODS: dict[str, Callable[[VectorIndex], object]] = {
    "upsert": lambda index: index.upsert([row("r1")]),
    "rows by product": lambda index: index.rows(["p0"]),
    "rows by picture": lambda index: index.rows(pictures=["aa"]),
    "search": lambda index: index.search(UNITS[0], 3),
    "delete": lambda index: index.delete(["r1"]),
    "count": lambda index: index.count(),
    "scan": lambda index: list(index.scan()),
    "flush": lambda index: index.flush(),
}


class Own:
    """A server of this module's own, which may be killed and cut off."""

    def __init__(self, folder: Path) -> None:
        self.place = open_place(folder)
        self.up()

    def up(self) -> None:
        running.up(self.place, ["milvus"])

    @property
    def uri(self) -> str:
        return milvus.environment(self.place)["SNAPMODE_VECTORS__URI"]

    @property
    def network(self) -> Network:
        return network_of(self.place, "milvus")

    @property
    def process(self) -> Process:
        found = running.find(milvus.servers(self.place)[0])
        assert found
        return found

    def index(self, name: str, dim: int = DIM, **other: Any) -> "MilvusVectors":
        """Imported here: pymilvus is not there without the extra `cluster`."""
        from indexer.milvus_vectors import MilvusVectors

        return MilvusVectors(self.uri, "model", dim, name, **other)

    def client(self) -> Any:
        from pymilvus import MilvusClient

        return MilvusClient(self.uri, dedicated=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    server = Own(tmp_path_factory.mktemp("milvus"))
    yield server
    running.down(server.place, ["milvus"])


def name() -> str:
    return f"t{uuid4().hex[:12]}"


def eventually(call: Callable[[], object], seconds: float = 60) -> None:
    """What an ingest does: the same again after a `TransientError`."""
    limit = time.monotonic() + seconds
    while True:
        try:
            call()
        except TransientError:
            assert time.monotonic() < limit
            time.sleep(0.2)
        else:
            return


def all_at_once(indexes: list[VectorIndex]) -> tuple[list[type[BaseException]], float]:
    """Each method of each index in a thread of its own: what they raised, in how many seconds."""
    seen: list[type[BaseException]] = []

    def guarded(call: Callable[[VectorIndex], object], index: VectorIndex) -> None:
        try:
            call(index)
        except BaseException as error:  # noqa: BLE001 -- judged by the main thread
            seen.append(type(error))

    jobs = [(call, index) for call in METHODS.values() for index in indexes]
    threads = [threading.Thread(target=guarded, args=job) for job in jobs]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen, time.monotonic() - started


def test_a_cut_link_is_transient_in_bounded_time_and_heals(own: Own) -> None:
    known, fresh = own.index(name(), timeout=TIMEOUT), own.index(name(), timeout=TIMEOUT)
    write_vectors(known, 0)
    own.network.link(up=False)
    try:
        for _ in range(2):
            seen, seconds = all_at_once([known, fresh])
            assert seen == [TransientError] * 2 * len(METHODS)
            assert seconds < BOUND
    finally:
        own.network.link(up=True)
    for index in (known, fresh):
        eventually(index.flush)
        index.delete(["r1"])
        for call in METHODS.values():
            call(index)
    assert known.count() == 2 * FIXED
    known.close()
    fresh.close()


def test_what_was_acknowledged_outlives_a_kill_of_the_server(own: Own) -> None:
    index, last = own.index(name(), timeout=TIMEOUT), -1
    enough = threading.Event()

    def write() -> None:
        nonlocal last
        try:
            for batch in range(10_000):
                write_vectors(index, batch)
                last = batch
                if batch >= 10:
                    enough.set()
        except TransientError:
            return

    writer = threading.Thread(target=write)
    writer.start()
    assert enough.wait(60)
    process = own.process
    process.signal(signal.SIGKILL)
    assert process.wait(10)
    writer.join()
    seen, seconds = all_at_once([index])
    assert seen == [TransientError] * len(METHODS)
    assert seconds < BOUND
    own.up()
    eventually(index.flush)
    kept = {item.id: item.version for item in index.scan() if item.id != "r1"}
    for batch in range(last + 1):
        assert all(kept[f"new{batch}-{n}"] == batch for n in range(FIXED))
    assert all(last <= kept[f"fixed{n}"] <= last + 1 for n in range(FIXED))
    write_vectors(index, last + 1)
    assert index.count() == len({*kept, *(f"new{last + 1}-{n}" for n in range(FIXED))})
    index.close()


def test_many_rows_are_all_found_in_order_and_deleted(own: Own) -> None:
    """In several segments, sealed and growing; more than Milvus gives at once."""
    total, size = 17_500, 2500
    index, client, collection = own.index(name()), own.client(), name()
    index = own.index(collection)
    vectors, ids = many_units(total, DIM), [digest(str(n)) for n in range(total)]
    for start in range(0, total, size):
        span = range(start, min(start + size, total))
        index.upsert([row(ids[n], vectors[n], of=product("p0")) for n in span])
        if start in (size, 3 * size):
            client.flush(collection)
    index.flush()
    assert [item.id for item in index.scan()] == sorted(ids)
    assert len(index.rows(pictures=["aa"])) == total
    hits = index.search(vectors[0], total).hits
    assert len(hits) == total
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    gone = random.Random(0).sample(ids, total - 10)
    index.delete(gone)
    index.flush()
    assert [item.id for item in index.scan()] == sorted(set(ids) - set(gone))
    assert index.count() == 10
    client.close()
    index.close()


def test_a_start_that_was_killed_half_way_is_finished(own: Own) -> None:
    client = own.client()
    for steps in range(1, 3):
        collection = name()
        about = own.index(collection)
        about.flush()
        about.close()
        client.release_collection(collection)
        if steps == 1:  # as when it was killed before it had made its collection
            client.drop_collection(collection)
        else:  # or its index
            client.drop_index(collection, "vector")
        index = own.index(collection)
        index.upsert([row()])
        assert index.count() == 1
        index.close()
    client.close()


def test_a_collection_that_was_released_is_loaded_again(own: Own) -> None:
    client, collection = own.client(), name()
    index = own.index(collection)
    index.upsert([row()])
    client.release_collection(collection)
    eventually(lambda: index.search(UNITS[0], 1))
    assert index.count() == 1
    client.close()
    index.close()


def test_another_address_is_transient_and_tells_no_password() -> None:
    from indexer.milvus_vectors import MilvusVectors

    index = MilvusVectors("http://root:geheim@127.0.0.1:9", "model", DIM, timeout=1.0)
    with pytest.raises(TransientError, match=r"127\.0\.0\.1:9") as caught:
        index.count()
    assert "geheim" not in f"{caught.value} {index!r}"
    bad = MilvusVectors("nonsense://somewhere", "model", DIM, timeout=1.0)
    with pytest.raises(ConfigError, match="nonsense"):
        bad.count()
