"""More than the topology can take: the crawl waits, memory stays, nothing is lost."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_shop import DemoShop
from engines import running
from engines.place import Place
from engines.process import Process, process_of
from snapmode.codec import encode
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.cluster.running import Cluster, cluster_for
from tests.engines import CLUSTER, Engines
from tests.fakes import product
from tests.faults import victims
from tests.faults.embedders import DEADLY
from tests.faults.observer import Maxima, note_memory, watched
from tests.faults.oracle import problems
from tests.processes import demo_shop

pytestmark = pytest.mark.faults

MAX_LAG = 20
GROWTH = 1.5
"""Memory may grow to so many times its steady value."""


@pytest.fixture
def cluster(place: Place, tmp_path: Path) -> Iterator[Cluster]:
    """Stores of its own, and no topology yet."""
    limits = {"SNAPMODE_CRAWL__MAX_LAG": str(MAX_LAG)}
    with cluster_for(Engines(place), tmp_path / "data", submit=False, **limits) as cluster:
        yield cluster


def findings(cluster: Cluster) -> list[object]:
    report = json.loads(cluster.snapmode("verify", "--json", codes=(0, 3)))
    return [*report["findings"]]


def contents_problems(cluster: Cluster, truth: list[dict[str, object]]) -> list[str]:
    from tests.faults.cluster_contents import cluster_contents  # the extra `cluster`

    return problems(cluster_contents(cluster.environ), truth)


def test_a_full_topic_stops_the_crawl_and_loses_nothing(cluster: Cluster, tmp_path: Path) -> None:
    with demo_shop(tmp_path / "shop", "--products", "60") as shop:
        crawl = cluster.start("crawl", shop.url)
        with watched(lambda seen: seen.note("lag", cluster.lag())) as seen:
            settled = -1
            while settled != len(shop.requests) or not settled:
                settled = len(shop.requests)
                time.sleep(8)
        assert 0 < seen.seen["lag"] <= MAX_LAG
        assert crawl.poll() is None, "it waits, it does not end"
        cluster.submit()
        assert crawl.wait(300) in (0, 3)
        cluster.drain()
        assert findings(cluster) == []
        assert contents_problems(cluster, shop.truth) == []


def test_a_slow_embedder_slows_the_crawl(cluster: Cluster, place: Place, tmp_path: Path) -> None:
    def look(seen: Maxima) -> None:
        note_memory(seen, processes(place))
        seen.note("lag", cluster.lag())

    truth = []
    cluster.submit()
    with demo_shop(tmp_path / "steady", "--products", "40", "--seed", "1") as shop:
        with watched(look) as steady:
            cluster.snapmode("crawl", shop.url, codes=(0, 3))
            cluster.drain()
        truth += shop.truth
        slow = {"SNAPMODE_EMBEDDER__ADAPTER": "tests.faults.embedders:SlowEmbedder"}
        cluster.environ.update(slow)
        cluster.submit("--replace")
        with demo_shop(tmp_path / "slow", "--products", "60", "--seed", "2") as other:
            with watched(look) as loaded:
                cluster.snapmode("crawl", other.url, codes=(0, 3))
            truth += other.truth
            cluster.drain()
    grown = {
        name: (steady.seen[name], most)
        for name, most in loaded.seen.items()
        if name != "lag" and most > GROWTH * steady.seen[name]
    }
    assert grown == {}
    assert loaded.seen["lag"] <= MAX_LAG
    assert findings(cluster) == []
    assert contents_problems(cluster, truth) == []


def processes(place: Place) -> dict[str, Process]:
    """The engines and the topology's own, by name."""
    servers = [server for module in running.modules().values() for server in module.servers(place)]
    found = {server.name: running.find(server) for server in servers}
    parts = {name: process_of(pid) for name, pid in victims.pids_of_components(place).items()}
    return {name: process for name, process in {**found, **parts}.items() if process}


def test_poison_among_a_thousand_is_put_aside(cluster: Cluster, tmp_path: Path) -> None:
    cluster.environ["SNAPMODE_EMBEDDER__ADAPTER"] = "tests.faults.embedders:MortalEmbedder"
    cluster.submit()
    with House(load_settings(CLUSTER, cluster.data, cluster.environ)) as house:
        keys = [house.images.put(picture) for picture in pictures(20)]
        deadly = house.images.put(pictures(1)[0] + DEADLY)
        garbage = house.images.put(b"no picture at all")
        sound = [product(f"sound-{n}", 1, [keys[n % 20]]) for n in range(1000)]
        poison = [product("deadly", 1, [deadly]), product("garbage", 1, [garbage])]
        messages = [(one.id, encode(one)) for one in sound]
        messages[300:300] = [(one.id, encode(one)) for one in poison]
        messages.insert(700, ("nonsense", b"\xff no message"))
        house.log.publish(PRODUCTS, messages)
        cluster.drain(400)
        house.catalog.flush()
        assert house.catalog.count() == 1001, "all that are sound, and one without its picture"
        assert house.vectors.count() == 1000
    letters = json.loads(cluster.snapmode("dead-letters", "list", "--json"))
    assert sorted(letter["key"] for letter in letters) == ["deadly", "garbage", "nonsense"]


def pictures(count: int) -> list[bytes]:
    shop = DemoShop(5, count)
    return [shop.picture(drawn, 0) for drawn in shop.products]
