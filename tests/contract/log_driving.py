"""How the contract of `Log` drives a log: patient polling, and processes of their own."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from snapmode.ports import Log, Record

SECONDS = 60.0
"""How long anything may take before it counts as not happening: engines rebalance slowly."""

OPEN = """
import sys
from pathlib import Path
from snapmode.settings import load_settings
from snapmode.wiring import House
log = House(load_settings(Path(sys.argv[1]))).log
prefix = sys.argv[2]
"""
PUBLISH_FOR_EVER = """
number = 0
while True:
    log.publish("products", [(f"{prefix}{number}", b"x")])
    print(number, flush=True)
    number += 1
"""
PUBLISH_SOME = """
for number in range(60):
    log.publish("commands", [(f"{prefix}{number}", b"%d" % number)])
"""
POLL_AND_STAY = """
seen = 0
while seen < 40:
    seen += sum(record.key.startswith(prefix) for record in log.poll("products", prefix, 10, 1.0))
print("polled", flush=True)
sys.stdin.read()
"""


def is_of(record: Record, prefix: str) -> bool:
    return record.key.startswith(prefix)


def keys(records: Iterator[Record] | list[Record]) -> set[str]:
    return {record.key for record in records}


def drain(
    log: Log,
    topic: str,
    prefix: str,
    number: int,
    *,
    group: str | None = None,
    limit: int = 50,
    polls: list[list[Record]] | None = None,
) -> list[Record]:
    """Poll until `number` records of this test came and nothing is left; skip other records."""
    found: list[Record] = []
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        records = log.poll(topic, group or prefix, limit, 0.1)
        if polls is not None:
            polls.append(records)
        found += [record for record in records if is_of(record, prefix)]
        if not records and len(found) >= number:
            return found
    raise AssertionError(f"{len(found)} of {number} records came in {SECONDS:.0f} s")


def commit_all(log: Log, topic: str, group: str, records: list[Record]) -> None:
    """Everything of a group that has been drained."""
    log.commit(topic, group, {record.partition: record.offset for record in records})


def join(first: Log, second: Log, topic: str, group: str) -> None:
    """Poll and commit with both until each has a share of the partitions, and nothing is left.

    A member proves its share by getting a record that was published after it joined.
    """
    shares: dict[int, bool] = {}
    deadline = time.monotonic() + SECONDS
    while len(shares) < 2 and time.monotonic() < deadline:
        first.publish(topic, [(f"{uuid4().hex}", b"") for _ in range(20)])
        for member, log in enumerate((first, second)):
            records = log.poll(topic, group, 1000, 0.1)
            if records:
                log.commit(topic, group, {r.partition: r.offset for r in records})
                shares[member] = True
    assert len(shares) == 2, "both members read"
    while any(log.poll(topic, group, 1000, 0.5) for log in (first, second)):
        pass


def process(code: str, settings_file: Path, prefix: str) -> subprocess.Popen[str]:
    """Python on its own, with `log` opened and `prefix` set."""
    return subprocess.Popen(
        [sys.executable, "-c", OPEN + code, str(settings_file), prefix],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
