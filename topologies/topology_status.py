"""How a running topology is doing, as one report."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from snapmode.errors import TransientError
from snapmode.ports import Log
from topologies.drawings import DRAWING_OPTION, DRAWINGS
from topologies.on_storm import Details, Master, Running, find

ERRORS = 5
"""The newest so many are told."""


@dataclass(frozen=True, slots=True)
class Status:
    """A topology as Nimbus and the log see it."""

    running: Running
    details: Details
    slots: tuple[int, int]
    """Free and all."""
    lag: int | None = None
    """Records not yet committed; None: not known."""
    lag_problem: str = ""

    @property
    def asked(self) -> int:
        """Workers it was submitted with."""
        return int(self.details.options["topology.workers"])

    @property
    def up(self) -> bool:
        """Whether it is active and every task reports."""
        parts = self.details.components
        return (
            self.running.state == "ACTIVE"
            and bool(parts)
            and all(part.up == part.tasks for part in parts)
        )

    @property
    def waits(self) -> str:
        """What it waits for, if anything."""
        has, (free, total) = len(self.details.workers), self.slots
        if self.running.state != "ACTIVE" or (self.up and has >= self.asked):
            return ""
        if not total:
            return "waits for a supervisor: Nimbus knows none"
        if self.details.placing and not has:
            return f"waits to be placed: {self.details.placing}"
        if has < self.asked and not free and not self.details.placing:
            return f"waits for a free slot: {has} of {self.asked} workers, {total} slots in all"
        return "" if self.up else "waits for its tasks to start"

    def report(self) -> dict[str, Any]:
        """The same as JSON."""
        running = asdict(self.running)
        return {
            **running,
            "workers": self.details.workers,
            "workers_asked": self.asked,
            "up": self.up,
            "waits": self.waits,
            "components": [asdict(part) for part in self.details.components],
            "errors": [asdict(one) for one in self.details.mishaps[:ERRORS]],
            "lag": self.lag,
            "lag_problem": self.lag_problem,
        }


def observe(master: Master, name: str) -> Status:
    """What Nimbus says."""
    running = find(master, name)
    return Status(running, master.details(running.id), master.slots())


def status(master: Master, log: Log, name: str) -> Status:
    """Ask Nimbus and the log; a log that is away is part of the answer."""
    found = observe(master, name)
    drawing = DRAWINGS.get(str(found.details.options.get(DRAWING_OPTION)))
    if drawing is None:
        return replace(found, lag_problem=f"no option {DRAWING_OPTION} says what it reads")
    try:
        return replace(found, lag=log.lag(drawing.topic, drawing.group))
    except TransientError as error:
        return replace(found, lag_problem=str(error))
