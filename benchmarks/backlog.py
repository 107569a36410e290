"""How much of a topic is not committed, asked with as little work for the brokers as can be."""

import time

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from snapmode.ingest import GROUP
from snapmode.settings import Settings
from snapmode.topics import PRODUCTS

PAUSE = 0.1
"""Seconds between two questions."""


class Backlog:
    """Of the group that ingests."""

    def __init__(self, settings: Settings, topic: str = PRODUCTS) -> None:
        log = settings.log.arguments
        name = f"{log['prefix']}{topic}"
        self.admin = KafkaAdminClient(bootstrap_servers=log["servers"])
        self.group = f"{log['prefix']}{GROUP}.{topic}"
        self.parts = [TopicPartition(name, each) for each in range(log["partitions"])]

    def published(self) -> int:
        """Records so far."""
        found = self.admin.list_partition_offsets(dict.fromkeys(self.parts, OffsetSpec.LATEST))
        return sum(each.offset for each in found.values())

    def committed(self) -> int:
        """Records of these that are done."""
        found = self.admin.list_group_offsets({self.group: self.parts})[self.group]
        return sum(max(0, found[part].offset) for part in self.parts if part in found)

    def wait(self, left: int = 0, limit: float = 900) -> int:
        """Until at most so many of those published now are left; returns how many are."""
        published, started = self.published(), time.monotonic()
        while (waiting := published - self.committed()) > left:
            if time.monotonic() - started > limit:
                raise TimeoutError(f"{waiting} records left after {limit:.0f} s")
            time.sleep(PAUSE)
        return waiting

    def close(self) -> None:
        self.admin.close()
