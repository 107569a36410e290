"""What a broker says of a topic that was made a moment ago; no server is needed for it."""

from typing import Any

import pytest
from kafka.errors import RetriableError

from topologies.kafka_topics import KafkaTopics

pytestmark = pytest.mark.cluster


class LateAdmin:
    """The topic is there, but the broker that is asked for its settings hears of it later."""

    def __init__(self, late: int) -> None:
        self.late = late

    def list_topics(self) -> list[str]:
        return ["products"]

    def describe_configs(self, resources: object, config_filter: str) -> dict[str, Any]:
        self.late -= 1
        settings = {"cleanup.policy": {"value": "compact"}} if self.late < 0 else {}
        return {"topic": {"products": settings}}

    def describe_topics(self, names: list[str]) -> list[dict[str, Any]]:
        return [{"name": name, "partitions": [{}, {}]} for name in names]


class PatientBrokers:
    """Asks again, as `Brokers` does."""

    timeout = 1.0

    def __init__(self, admin: LateAdmin) -> None:
        self.admin = admin
        self.refused = 0

    def ask(self, question: Any) -> Any:
        while True:
            try:
                return question(self.admin)
            except RetriableError:
                self.refused += 1


def test_a_broker_that_has_not_heard_of_a_topic_is_asked_again() -> None:
    brokers = PatientBrokers(LateAdmin(late=2))
    topics = KafkaTopics(brokers, "", partitions=2, replication=1, retention=60)
    assert [each.partition for each in topics.partitions("products")] == [0, 1]
    assert brokers.refused == 2
