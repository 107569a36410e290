"""What the engines and the processes say of themselves, asked with nothing of ours."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engines.process import Process

TICK = 0.5


def lag(environ: Mapping[str, str]) -> int:
    """Records of the products topic that the group `ingest` has not committed."""
    from kafka import KafkaConsumer, TopicPartition  # the extra `cluster`

    prefix = environ["SNAPMODE_LOG__PREFIX"]
    consumer = KafkaConsumer(
        bootstrap_servers=environ["SNAPMODE_LOG__SERVERS"].split(","),
        group_id=f"{prefix}ingest",
        enable_auto_commit=False,
    )
    try:
        topic = f"{prefix}products"
        parts = [
            TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()
        ]
        ends, starts = consumer.end_offsets(parts), consumer.beginning_offsets(parts)
        return sum(ends[part] - (consumer.committed(part) or starts[part]) for part in parts)
    finally:
        consumer.close()


class Maxima:
    """The largest value seen of each name."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = defaultdict(float)

    def note(self, name: str, value: float) -> None:
        self.seen[name] = max(self.seen[name], value)


@contextmanager
def watched(look: Callable[[Maxima], None]) -> Iterator[Maxima]:
    """`look` is called all the while, in a thread."""
    maxima, stop = Maxima(), threading.Event()
    troubles: list[Exception] = []

    def watch() -> None:
        while not stop.wait(TICK):
            try:
                look(maxima)
            except Exception as error:  # noqa: BLE001 - told to the test below
                troubles.append(error)
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield maxima
    finally:
        stop.set()
        thread.join()
    if troubles:
        raise troubles[0]


def note_memory(maxima: Maxima, processes: Mapping[str, Process]) -> None:
    for name, process in processes.items():
        maxima.note(name, process.memory)
