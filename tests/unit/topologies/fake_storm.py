"""A Storm that has no processes: what its Nimbus answers, kept in a dictionary."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from topologies.on_storm import Component, Details, Mishap, Running, UnknownTopologyError


class FakeNimbus:
    """A `Master`. Two looks after a change it is done."""

    def __init__(self, slots: int = 4) -> None:
        self.address = "nimbus.example:6627"
        self.total = slots
        self.running: dict[str, Running] = {}
        self.submitted: list[dict[str, Any]] = []
        self.killed: list[tuple[str, int]] = []
        self.mishaps: list[Mishap] = []
        self._looks = 0

    def topologies(self) -> list[Running]:
        self._looks += 1
        if self._looks > 2:
            self.running = {
                name: one for name, one in self.running.items() if one.state != "KILLED"
            }
        return sorted(self.running.values(), key=lambda one: one.name)

    def slots(self) -> tuple[int, int]:
        return self.total - sum(one.workers for one in self.running.values()), self.total

    def details(self, id: str) -> Details:
        self._looks += 1
        one = self._known(id)
        up = int(one.workers > 0 and self._looks > 2)
        options = next(each["options"] for each in self.submitted if each["name"] == one.name)
        return Details(
            options=options,
            workers=[f"10.0.0.1:{6700 + number}" for number in range(one.workers)],
            components=[Component("products", 1, up, 7, 5, 1, 2.5)],
            mishaps=self.mishaps,
        )

    def submit(self, name: str, topology: Any, options: Mapping[str, Any], jar: bytes) -> None:
        self.submitted.append({"name": name, "topology": topology, "options": options, "jar": jar})
        workers = min(options["topology.workers"], self.slots()[0])
        new = f"{name}-{len(self.submitted)}"
        self.running[name] = Running(new, name, "ACTIVE", 0, workers, 1)
        self._looks = 0

    def kill(self, name: str, wait: int) -> None:
        self._looks = 0
        self.killed.append((name, wait))
        self.running[name] = replace(self.running[name], state="KILLED")

    def _known(self, id: str) -> Running:
        for one in self.running.values():
            if one.id == id:
                return one
        raise UnknownTopologyError(id)


def drawing(_table: object) -> Any:
    """Looks like a streamparse Topology of one spout and one bolt."""
    return SimpleNamespace(
        config={"topology.max.spout.pending": 64, "topology.message.timeout.secs": 120},
        thrift_topology="thrift",
        thrift_spouts={"products": SimpleNamespace(spout_object=_shell())},
        thrift_bolts={"embed": _bolt("{}"), "index": _bolt('{"topology.tick.tuple.freq.secs": 1}')},
    )


def _bolt(options: str) -> SimpleNamespace:
    common = SimpleNamespace(json_conf=options)
    return SimpleNamespace(bolt_object=_shell(), common=common)


def _shell() -> SimpleNamespace:
    return SimpleNamespace(shell=SimpleNamespace(execution_command="streamparse_run"))


CONNECTED = FakeNimbus()


@contextmanager
def connected(_address: str) -> Iterator[FakeNimbus]:
    """What stands in for a connection."""
    yield CONNECTED
