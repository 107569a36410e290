"""What Storm says about topologies, and what it is asked: known here without any client."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from snapmode.errors import SnapModeError


class UnknownTopologyError(SnapModeError):
    """Nimbus knows no topology of this name."""


@dataclass(frozen=True, slots=True)
class Running:
    """A topology that Nimbus knows."""

    id: str
    name: str
    state: str
    """ACTIVE, INACTIVE, REBALANCING or KILLED."""
    uptime: int
    """Seconds."""
    workers: int
    """Slots it has now."""
    tasks: int


@dataclass(frozen=True, slots=True)
class Component:
    """What a spout or bolt has done since it started."""

    name: str
    tasks: int
    up: int
    """Tasks whose worker reports."""
    emitted: int
    acked: int
    failed: int
    latency_ms: float
    """Of a spout, until a message is acked; of a bolt, until it acks one."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """An error that a component reported."""

    component: str
    at: int
    """Seconds since the epoch."""
    host: str
    error: str

    @property
    def summary(self) -> str:
        """Its last line, which of a traceback is the exception."""
        return self.error.splitlines()[-1] if self.error else ""


@dataclass(frozen=True, slots=True)
class Details:
    """A topology at work."""

    options: Mapping[str, Any]
    """What it was submitted with, and Storm's defaults."""
    workers: list[str]
    """host:port of each slot it has."""
    components: list[Component]
    """Spouts, then bolts."""
    mishaps: list[Mishap]
    """Newest first."""
    placing: str = ""
    """What Storm's scheduler says of it; most schedulers say nothing."""


class Master(Protocol):
    """Storm's Nimbus, or what stands in for it."""

    address: str

    def topologies(self) -> list[Running]:
        """Every topology, by name."""

    def slots(self) -> tuple[int, int]:
        """Free and all slots of the supervisors."""

    def details(self, id: str) -> Details:
        """How a topology and its components are doing; `UnknownTopologyError`."""

    def submit(self, name: str, topology: Any, options: Mapping[str, Any], jar: bytes) -> None:
        """Upload the jar and start a topology (streamparse's `thrift_topology`)."""

    def kill(self, name: str, wait: int) -> None:
        """Stop its spouts now, and all of it after `wait` seconds; `UnknownTopologyError`."""


def find(master: Master, name: str) -> Running:
    """The topology of this name; `UnknownTopologyError` names those there are."""
    known = {each.name: each for each in master.topologies()}
    if name not in known:
        raise UnknownTopologyError(
            f"no topology {name!r} on {master.address}; there are: {', '.join(known) or 'none'}"
        )
    return known[name]
