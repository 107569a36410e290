"""What a product costs at each stage, for docs/scale.md: `python -m benchmarks.scale`.

A crawl of the demo shop with no topology, then the topology on that backlog; the same crawl on one
machine's adapters; then searches in stores filled with made-up rows. CPU seconds are the kernel's
account of each process, so others on the machine disturb them little.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.backlog import Backlog
from benchmarks.bare import BareEmbedder, decoded
from benchmarks.cluster import fresh_engines, plain
from benchmarks.figures import FULL, report, seconds
from benchmarks.looked_at import LookedAt, Spent
from benchmarks.pictures import drawn
from benchmarks.products import PER_PRODUCT
from benchmarks.search import fill, unit_rows
from benchmarks.spent import Usage, allocated, memory, since, usage
from snapmode.topics import FRONTIER
from snapmode.wiring import House
from tests.cluster.running import cluster_for
from tests.engines import Engines
from tests.processes import demo_shop

SHOP = 900 if FULL else 60
"""Products of the demo shop."""
WARMING = 0.25
"""Part of the backlog that the topology gets to warm up."""
ROWS = (6_000, 30_000) if FULL else (600, 1_200)
"""Made-up vectors to search in, few and many; three to a product."""
TEXTS = [
    " ".join(words) for n in (1, 2, 3) for words in permutations(("dress", "number", "brand"), n)
]
"""Each is answered with every product, and from no cache."""
REST = 20 if FULL else 3
"""Seconds of doing nothing."""


def main() -> None:
    with fresh_engines() as engines:
        measure(engines)


def measure(engines: Engines) -> None:
    with TemporaryDirectory() as folder:
        report("scale", figures(engines, Path(folder)))


def figures(engines: Engines, folder: Path) -> dict[str, object]:
    """All of them."""
    with demo_shop(folder / "shop", "--products", str(SHOP)) as shop:
        with cluster_for(engines, folder / "cluster", submit=False) as cluster:
            loop = crawl_and_ingest(LookedAt(engines, cluster), shop.url)
        searches = []
        for rows in ROWS:
            with cluster_for(engines, folder / str(rows), submit=False) as cluster:
                searches.append(searching(LookedAt(engines, cluster), rows))
        return {
            "cluster": loop,
            "cluster_searches": searches,
            "one_machine": on_one_machine(shop.url, folder / "embedded"),
            "picture_cpu_ms": of_a_picture(),
        }


def sleep() -> None:
    time.sleep(REST)


def crawl_and_ingest(bench: LookedAt, shop: str) -> dict[str, Any]:
    """Stage by stage on the engines."""
    empty, rest, crawls = bench.bytes_stored(), bench.during(sleep), list[Usage]()
    crawling = bench.during(
        lambda: crawls.append(usage("crawl", shop, *bench.where, environ=bench.environ))
    )
    bench.cluster.submit()
    backlog = Backlog(bench.settings)
    left = backlog.wait(left=round(backlog.published() * (1 - WARMING)))
    ingesting, resident = bench.during(backlog.wait), memory(bench.place)
    rest_with_topology = bench.during(sleep)
    bench.settle(REST)
    with House(bench.settings) as house:
        products, pictures = house.catalog.count(), house.vectors.count()
    verify = usage("verify", *bench.where, environ=bench.environ)
    return {
        "products": products,
        "pictures": pictures,
        "messages_per_product": round(backlog.published() / products, 2),
        "frontier_messages_per_product": round(
            Backlog(bench.settings, FRONTIER).published() / products, 2
        ),
        "crawl_cpu_ms_per_product": milliseconds(
            {"crawler": crawls[0].cpu, **crawling.beyond(rest)}, products
        ),
        "crawler_mb": round(crawls[0].memory / 1e6),
        "ingested_when_warm": left,
        "ingest_cpu_ms_per_product": milliseconds(ingesting.beyond(rest_with_topology), left),
        "ingest_seconds": round(ingesting.seconds, 1),
        "mb": {name: round(size / 1e6) for name, size in resident.items()},
        "idle_percent_of_a_core": percent(rest),
        "idle_with_topology_percent_of_a_core": percent(rest_with_topology),
        "bytes_per_product": each(since(empty, bench.bytes_stored()), products),
        "verify_cpu_ms_per_product": round(verify.cpu / products * 1e3, 2),
        "verify_mb": round(verify.memory / 1e6),
    }


def searching(bench: LookedAt, rows: int) -> dict[str, Any]:
    """Stores filled with made-up products: bytes of each, and what a question costs."""
    empty = bench.bytes_stored()
    with House(bench.settings) as house:
        matrix = unit_rows(rows, house.embedder.dim)
        resting = memory(bench.place)
        fill(house, matrix)
        house.catalog.flush()
        bench.settle(REST)
        vectors, catalog = house.vectors, house.catalog
        vectors.search(matrix[-1], 20)
        cost = {
            "vectors": asking(bench, lambda n: vectors.search(matrix[n], 20)),
            "text": asking(bench, lambda n: catalog.search(TEXTS[n], limit=20)),
            "facets": asking(bench, lambda n: catalog.facets(["brand", "source"], TEXTS[n])),
        }
    kept = memory(bench.place)
    return {
        "rows": rows,
        "products": rows // PER_PRODUCT,
        "questions": cost,
        "bytes_per_product": each(since(empty, bench.bytes_stored()), rows // PER_PRODUCT),
        "mb_added": {
            name: round((kept[name] - resting[name]) / 1e6) for name in ("milvus", "solr")
        },
    }


def asking(bench: LookedAt, question: Callable[[int], object]) -> dict[str, float]:
    """Questions asked one after the other."""
    took: list[float] = []
    numbers = range(len(TEXTS))
    spent = bench.during(lambda: took.extend(seconds(partial(question, n)) for n in numbers)).cpu
    return {
        "milliseconds": round(statistics.median(took) * 1e3, 2),
        "milvus_cpu_ms": round(spent["milvus"] / len(TEXTS) * 1e3, 2),
        "solr_cpu_ms": round(spent["solr"] / len(TEXTS) * 1e3, 2),
    }


def on_one_machine(shop: str, folder: Path) -> dict[str, Any]:
    """The same crawl on SQLite, a folder and NumPy."""
    took = {
        "crawl": usage("crawl", shop, "--data", folder),
        "ingest": usage("ingest", "--until-idle", "--data", folder),
        "verify": usage("verify", "--data", folder),
    }
    with House(plain(folder)) as house:
        products, pictures = house.catalog.count(), house.vectors.count()
    return {
        "products": products,
        "pictures": pictures,
        "cpu_ms_per_product": milliseconds({name: one.cpu for name, one in took.items()}, products),
        "mb": {name: round(one.memory / 1e6) for name, one in took.items()},
        "bytes_per_product": each({one.name: allocated(one) for one in folder.iterdir()}, products),
    }


def of_a_picture() -> dict[str, float]:
    """CPU of one thread: what a GPU would leave to the CPU, and what it would take over."""
    bare, pictures = BareEmbedder(spinning=False, threads=1), drawn(len(TEXTS) * 4)
    decode = [taken(partial(decoded, each)) for each in pictures]
    both = [taken(partial(bare.embed, [each])) for each in pictures]
    cpu_ms = {"decode": statistics.median(decode), "decode_and_embed": statistics.median(both)}
    return {name: round(s * 1e3, 2) for name, s in cpu_ms.items()}


def taken(call: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    before = time.process_time()
    call()
    return time.process_time() - before


def milliseconds(spent: Mapping[str, float], products: int) -> dict[str, float]:
    """Per product, of whoever has spent anything."""
    return {name: round(s / products * 1e3, 2) for name, s in sorted(spent.items()) if s}


def percent(rest: Spent) -> dict[str, float]:
    return {name: round(s / rest.seconds * 100, 1) for name, s in sorted(rest.cpu.items())}


def each(sizes: Mapping[str, float], products: int) -> dict[str, int]:
    return {name: round(size / products) for name, size in sizes.items() if size}


if __name__ == "__main__":
    main()
