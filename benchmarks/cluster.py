"""Products per second through Kafka and Storm, beside bare loops on the same engines.

Each contender has topics and collections of its own and the pictures of one bucket in common. It
is warm when the clock starts: what is measured is from publishing a backlog to its last commit.
Between two measurements no topology runs.
"""

import os
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from uuid import uuid4

from benchmarks.backlog import Backlog
from benchmarks.bare import BareEmbedder
from benchmarks.bare_cluster import BareCluster, Embed
from benchmarks.figures import FULL, report, seconds
from benchmarks.pictures import drawn
from benchmarks.products import PER_PRODUCT, product
from benchmarks.spent import cpu, machine
from engines import running
from engines.place import open_place
from snapmode.codec import encode
from snapmode.ingest import GROUP
from snapmode.items import Product
from snapmode.ports import Picture
from snapmode.settings import Settings, load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.cluster.running import MODULES, cluster_for
from tests.engines import CLUSTER, Engines, apart, engines_for
from topologies.command import local_ingest

FOLDER = Path(__file__).resolve().parent.parent / "var" / "engines-of-benchmarks"
MEASURED = 640 if FULL else 64
"""Products of a measurement."""
WARMING = 16
"""Products before it."""
ROUNDS = 3 if FULL else 1
TRIES = 4 if FULL else 1
QUIET = 0.05
"""Part of all cores that others may take of a measurement."""
SECONDS, CPU, OTHERS = attrgetter("seconds"), attrgetter("cpu"), attrgetter("others")
ONE_THREAD = {"SNAPMODE_EMBEDDER__THREADS": "1"}
TWO_WORKERS = {"SNAPMODE_TOPOLOGY__WORKERS": "2", "SNAPMODE_TOPOLOGY__EMBED_BOLTS": "2"}


class Cost(NamedTuple):
    """Of one measurement."""

    seconds: float
    cpu: float
    """Seconds of this process, of the engines and of the topology: others disturb them little."""
    others: float
    """Part of all cores that others took meanwhile."""


class Ground:
    """The engines, and the products that everybody gets."""

    def __init__(self, engines: Engines, folder: Path) -> None:
        self.engines = engines
        self.folder = folder
        self.bucket = {"SNAPMODE_IMAGES__BUCKET": f"snapmode-bench-{uuid4().hex[:8]}"}
        engines.settings(*MODULES)
        self.pictures = drawn((WARMING + MEASURED) * PER_PRODUCT)
        with House(self.apart()) as house:
            self.dim = house.embedder.dim
            keys = [house.images.put(picture) for picture in self.pictures]
        products = [product(n, keys[n : n + PER_PRODUCT]) for n in range(0, len(keys), PER_PRODUCT)]
        self.warming, self.measured = products[:WARMING], products[WARMING:]

    def cost(self, work: Callable[[], object]) -> Cost:
        before, all_before = self.cpu(), machine()
        took = seconds(work)
        ours, everybody = self.cpu() - before, machine() - all_before
        return Cost(took, ours, (everybody - ours) / took / (os.cpu_count() or 1))

    def cpu(self) -> float:
        """Of this process, and of the engines if they were started here."""
        return time.process_time() + (
            cpu(self.engines.place).total() if self.engines.place else 0.0
        )

    def apart(self) -> Settings:
        """Topics and collections that nobody else has."""
        return load_settings(
            CLUSTER, self.folder, {**self.engines.environ, **apart(), **self.bucket}
        )


def plain(data: Path | None = None) -> Settings:
    """Those of one machine, whatever engines the environment names."""
    return load_settings(data=data, environ={})


def publish(house: House, products: Sequence[Product]) -> None:
    house.log.publish(PRODUCTS, [(one.id, encode(one)) for one in products])


def embedded(ground: Ground) -> Cost:
    """`snapmode ingest` on SQLite, a folder and NumPy."""
    with TemporaryDirectory() as folder, House(plain(Path(folder))) as house:
        for picture in ground.pictures:
            house.images.put(picture)
        drained = threading.Event()
        loop = local_ingest(house, drained)
        loop.on_batch = lambda: house.log.lag(PRODUCTS, GROUP) or drained.set()

        def through(products: Sequence[Product]) -> None:
            publish(house, products)
            drained.clear()
            loop.run(until_idle=False)

        through(ground.warming)
        return ground.cost(lambda: through(ground.measured))


def bare(ground: Ground, embed: Embed) -> Cost:
    """A loop without us; see `BareCluster`."""
    with House(settings := ground.apart()) as house:
        publish(house, ground.warming)
        loop = BareCluster(settings, f"bare{uuid4().hex[:8]}", embed, ground.dim)
        loop.run(len(ground.warming))

        def through() -> None:
            publish(house, ground.measured)
            loop.run(len(ground.measured))

        taken = ground.cost(through)
        loop.close()
    return taken


def on_storm(ground: Ground, **settings: str) -> Cost:
    """The ingest topology, submitted anew and warm."""
    with (
        cluster_for(ground.engines, ground.folder, **ground.bucket, **settings) as cluster,
        House(load_settings(CLUSTER, ground.folder, cluster.environ)) as house,
    ):
        backlog = Backlog(house.settings)

        def through(products: Sequence[Product]) -> None:
            publish(house, products)
            backlog.wait()

        through(ground.warming)
        taken = ground.cost(lambda: through(ground.measured))
        backlog.close()
    return taken


@contextmanager
def fresh_engines() -> Iterator[Engines]:
    """Engines that hold nothing yet; those of a benchmark that was killed are stopped first."""
    if FOLDER.exists():
        running.down(open_place(FOLDER))
        shutil.rmtree(FOLDER)
    with engines_for(FOLDER) as engines:
        yield engines


def main() -> None:
    with fresh_engines() as engines:
        measure(engines)


def measure(engines: Engines) -> None:
    with TemporaryDirectory() as folder:
        taken = in_turn(Ground(engines, Path(folder)), contenders())
    rate = {name: round(MEASURED / median(costs, SECONDS), 2) for name, costs in taken.items()}
    report(
        "cluster",
        {
            "products": MEASURED,
            "pictures_of_each": PER_PRODUCT,
            "rounds": ROUNDS,
            "taken_by_others": {
                name: round(max(map(OTHERS, costs)), 3) for name, costs in taken.items()
            },
            "products_per_second": rate,
            "pictures_per_second": {name: round(PER_PRODUCT * rate[name], 1) for name in rate},
            "cpu_ms_per_product": {
                name: round(median(costs, CPU) / MEASURED * 1e3, 1) for name, costs in taken.items()
            },
            "storm_to_bare_loop": ratio(taken, "storm", "bare"),
            "required": "at least 0.7",
            "storm_to_bare_loop_per_cpu_second": ratio(taken, "storm", "bare", CPU),
            "storm_to_bare_loop_with_our_embedder": ratio(taken, "storm", "bare_our_embedder"),
            "storm_to_embedded": ratio(taken, "storm", "embedded"),
            "two_workers_to_one": ratio(taken, "storm_two_workers", "storm_one_thread"),
        },
    )


Contender = Callable[[Ground], Cost]


def contenders() -> dict[str, Contender]:
    bare_embedder = BareEmbedder()
    with House(plain()) as house:
        ours = house.embedder
    return {
        "bare": partial(bare, embed=bare_embedder.embed),
        "storm": on_storm,
        "bare_our_embedder": partial(bare, embed=lambda each: ours.embed(list(map(Picture, each)))),
        "embedded": embedded,
        # The one task of `storm` has all cores: growth shows where each task has one.
        "storm_one_thread": partial(on_storm, **ONE_THREAD),
        "storm_two_workers": partial(on_storm, **ONE_THREAD, **TWO_WORKERS),
    }


def in_turn(ground: Ground, contenders: dict[str, Contender]) -> dict[str, list[Cost]]:
    """Seconds of each round: A B A B …, so that a drifting machine hits all of them."""
    taken: dict[str, list[Cost]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, measure in contenders.items():
            cost = undisturbed(partial(measure, ground))
            print(f"{name}: {MEASURED / cost.seconds:.2f} products/s, {cost}", flush=True)
            taken[name].append(cost)
    return taken


def undisturbed(measure: Callable[[], Cost]) -> Cost:
    """Measured again when others had too much of the machine; the least disturbed counts."""
    costs = [measure()]
    while min(costs, key=OTHERS).others > QUIET and len(costs) < TRIES:
        costs.append(measure())
    return min(costs, key=OTHERS)


def median(costs: list[Cost], of: Callable[[Cost], float]) -> float:
    return statistics.median(map(of, costs))


def ratio(
    taken: dict[str, list[Cost]],
    ours: str,
    theirs: str,
    of: Callable[[Cost], float] = SECONDS,
) -> float:
    """Of two rates: the median of the rounds, each compared with itself."""
    pairs = zip(taken[ours], taken[theirs], strict=True)
    return round(statistics.median(of(other) / of(own) for own, other in pairs), 3)


if __name__ == "__main__":
    main()
