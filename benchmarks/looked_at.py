"""Engines looked at from outside: CPU seconds while something is done, and bytes on their disks."""

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.request import urlopen

from pymilvus import MilvusClient

from benchmarks.spent import allocated, cpu, since
from snapmode.settings import load_settings
from snapmode.topics import FRONTIER, PRODUCTS
from tests.cluster.running import Cluster
from tests.engines import CLUSTER, Engines


class Spent(NamedTuple):
    """CPU seconds by part, in so many seconds."""

    cpu: Mapping[str, float]
    seconds: float

    def beyond(self, rest: "Spent") -> dict[str, float]:
        """Without what doing nothing would have cost."""
        idle = {name: spent / rest.seconds for name, spent in rest.cpu.items()}
        return {
            name: max(0.0, s - self.seconds * idle.get(name, 0)) for name, s in self.cpu.items()
        }


class LookedAt:
    """One cluster, on engines that were started here."""

    def __init__(self, engines: Engines, cluster: Cluster) -> None:
        assert engines.place, "who runs elsewhere can't be looked at"
        self.place = engines.place
        self.cluster = cluster
        self.environ = cluster.environ
        self.where = cluster.where()
        self.settings = load_settings(CLUSTER, cluster.data, cluster.environ)

    def during(self, work: Callable[[], object]) -> Spent:
        """What every part spends while something is done."""
        before, started = cpu(self.place), time.monotonic()
        work()
        return Spent(since(before, cpu(self.place)), time.monotonic() - started)

    def settle(self, rest: float) -> None:
        """What the engines hold in memory goes to their disks; Milvus then builds its index."""
        catalog, vectors = self.settings.catalog.arguments, self.settings.vectors.arguments
        urlopen(f"{catalog['url']}/{catalog['collection']}/update?commit=true").close()
        client = MilvusClient(vectors["uri"])
        client.flush(vectors["collection"])
        client.close()
        time.sleep(rest)

    def bytes_stored(self) -> dict[str, float]:
        """By engine. Milvus' are those of all its collections: look at what is added."""
        log, images = self.settings.log.arguments, self.settings.images.arguments
        core = self.settings.catalog.arguments["collection"]
        kafka, solr, milvus = (
            self.place.folder_of("kafka-1") / "data",
            self.place.folder_of("solr") / "home" / core / "data",
            self.place.folder_of("milvus") / "data",
        )
        queue = allocated(*milvus.glob("rocksmq*"))
        return {
            "kafka products": allocated(*kafka.glob(f"{log['prefix']}{PRODUCTS}-*")),
            "kafka frontier": allocated(*kafka.glob(f"{log['prefix']}{FRONTIER}-*")),
            "solr index": allocated(solr / "index"),
            "solr update log": allocated(solr / "tlog"),
            "milvus queue": queue,
            "milvus etcd": allocated(milvus / "etcd"),
            "milvus segments": allocated(milvus) - queue - allocated(milvus / "etcd"),
            "s3 pictures": allocated(self.place.folder_of("s3") / "data" / images["bucket"]),
        }
