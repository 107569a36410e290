"""The loop on the real engines: a data folder, an environment, and a topology on Storm."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from uuid import uuid4

from tests.engines import CLUSTER, Engines, apart
from tests.processes import snapmode, start

MODULES = ("zookeeper", "kafka", "s3", "milvus", "solr", "storm")


@dataclass(frozen=True)
class Cluster:
    """A user's view of the running system."""

    environ: dict[str, str]
    data: Path
    topology: str

    def snapmode(self, *arguments: str | Path, codes: tuple[int, ...] = (0,)) -> str:
        return snapmode(*arguments, *self._where(arguments), codes=codes, environ=self.environ)

    def start(self, *arguments: str | Path, output: int | None = None) -> Popen[str]:
        return start(*arguments, *self._where(arguments), output=output, environ=self.environ)

    def where(self) -> tuple[str | Path, ...]:
        return ("--data", self.data, "--config", CLUSTER)

    def _where(self, arguments: tuple[str | Path, ...]) -> tuple[str | Path, ...]:
        return ("--config", CLUSTER) if arguments[0] == "topology" else self.where()

    def lag(self) -> int:
        """Records of the products topic that ingest has not committed, by Kafka's own account."""
        from kafka import KafkaConsumer, TopicPartition  # the extra `cluster`

        prefix = self.environ["SNAPMODE_LOG__PREFIX"]
        topic = f"{prefix}products"
        consumer = KafkaConsumer(
            bootstrap_servers=self.environ["SNAPMODE_LOG__SERVERS"].split(","),
            group_id=f"{prefix}ingest.products",
            enable_auto_commit=False,
        )
        try:
            numbers = consumer.partitions_for_topic(topic) or ()
            parts = [TopicPartition(topic, number) for number in numbers]
            starts, ends = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
            return sum(ends[part] - (consumer.committed(part) or starts[part]) for part in parts)
        finally:
            consumer.close()

    def submit(self, *options: str) -> None:
        """Hand the topology to Storm and wait until it runs."""
        self.snapmode("topology", "submit", "ingest", "--name", self.topology, "--wait", *options)

    def drain(self, seconds: float = 180) -> None:
        """Wait until everything published is in the stores and committed."""
        limit = time.monotonic() + seconds
        while left := self.lag():
            assert time.monotonic() < limit, f"{left} records left after {seconds} s"
            time.sleep(0.5)


@contextmanager
def cluster_for(
    engines: Engines, data: Path, *, submit: bool = True, **settings: str
) -> Iterator[Cluster]:
    """Every engine, stores of its own in them, and the ingest topology; killed at the end."""
    engines.settings(*MODULES)
    shared = {key: value for key, value in engines.environ.items() if key.startswith("SNAPMODE_")}
    here = {"SNAPMODE_TOPOLOGY__VIRTUALENV": sys.prefix}
    name = f"ingest-{uuid4().hex[:8]}"
    cluster = Cluster({**here, **shared, **apart(), **settings}, data, name)
    if submit:
        cluster.submit()
    try:
        yield cluster
    finally:
        # One that was never submitted is no trouble here.
        cluster.snapmode("topology", "kill", name, "--wait", "0", codes=(0, 1, 2))
