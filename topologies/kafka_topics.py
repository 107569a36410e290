"""The topics of `snapmode.topics` as topics of Kafka."""

import logging
import threading
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError

from snapmode.errors import ConfigError
from snapmode.topics import TOPICS, Topic
from topologies.kafka_brokers import MAX_MESSAGE, Brokers

LOGGER = logging.getLogger(__name__)
COMPACTION_LAG = 600.0
"""Seconds a record is certain to be kept, compacted topic or not: no reader can miss a key that is
superseded while it reads."""
DAY = 86_400


class KafkaTopics:
    """Makes topics that are missing, and looks at those that are there before they are used."""

    def __init__(
        self, brokers: Brokers, prefix: str, partitions: int, replication: int, retention: float
    ) -> None:
        self._brokers = brokers
        self._prefix = prefix
        self._partitions = partitions
        self._replication = replication
        self._retention = retention
        """Seconds."""
        self._known: dict[str, list[TopicPartition]] = {}
        self._lock = threading.Lock()

    def name(self, topic: str) -> str:
        """What it is called in Kafka; `ConfigError` when there is no such topic."""
        if topic not in TOPICS:
            raise ConfigError(f"no topic {topic!r}; there are {', '.join(TOPICS)}")
        return self._prefix + topic

    def partitions(self, topic: str) -> list[TopicPartition]:
        """Its partitions; the topic is made when it is missing.

        `ConfigError` when one that is there would lose what SnapMode needs.
        """
        name = self.name(topic)
        with self._lock:
            if name not in self._known:
                self._brokers.ask(lambda admin: self._make(admin, name, TOPICS[topic]))
                number = self._brokers.ask(lambda admin: self._look(admin, name, TOPICS[topic]))
                self._known[name] = [TopicPartition(name, each) for each in range(number)]
        return self._known[name]

    def _make(self, admin: KafkaAdminClient, name: str, topic: Topic) -> None:
        if name in admin.list_topics():
            return
        asked: dict[str, Any] = {
            "num_partitions": self._partitions,
            "replication_factor": self._replication,
            "configs": self._settings(topic),
        }
        try:
            admin.create_topics({name: asked}, timeout_ms=int(self._brokers.timeout * 1000))
        except TopicAlreadyExistsError:
            LOGGER.debug("%s was made by another process just now", name)
        admin.wait_for_topics([name], timeout_ms=int(self._brokers.timeout * 1000))

    def _settings(self, topic: Topic) -> dict[str, str]:
        retention = str(int(self._retention * 1000))
        common = {
            "max.message.bytes": str(MAX_MESSAGE + 2**16),  # and what a batch adds
            "min.insync.replicas": "2" if self._replication > 2 else "1",
        }
        if not topic.compacted:
            return {**common, "cleanup.policy": "delete", "retention.ms": retention}
        return {
            **common,
            "cleanup.policy": "compact",
            "delete.retention.ms": retention,
            "min.compaction.lag.ms": str(int(COMPACTION_LAG * 1000)),
            # Only closed segments are compacted: close them daily, or at 128 MiB.
            "segment.ms": str(DAY * 1000),
            "segment.bytes": str(128 * 2**20),
            "min.cleanable.dirty.ratio": "0.2",
        }

    def _look(self, admin: KafkaAdminClient, name: str, topic: Topic) -> int:
        resource = ConfigResource(ConfigResourceType.TOPIC, name, {"cleanup.policy": None})
        found = admin.describe_configs([resource], config_filter="all")
        settings = found["topic"][name]
        if not settings:
            # Made just now, and the broker that was asked has not heard of it yet.
            raise UnknownTopicOrPartitionError(name)
        policy = settings["cleanup.policy"]["value"]
        wanted = "compact" if topic.compacted else "delete"
        if policy != wanted:
            raise ConfigError(
                f"Kafka topic {name} has cleanup.policy={policy} and needs {wanted}, else it loses "
                f"records: kafka-configs.sh --alter --entity-type topics --entity-name {name} "
                f"--add-config cleanup.policy={wanted}"
            )
        number = len(admin.describe_topics([name])[0]["partitions"])
        if number != self._partitions:
            LOGGER.warning(
                "Kafka topic %s has %d partitions, not the %d of [log] partitions; its own count",
                name,
                number,
                self._partitions,
            )
        return number
