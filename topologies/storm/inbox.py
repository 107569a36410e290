"""What a bolt has in its hands: one item for each message, however many tuples brought it.

A message that is held for long times out and is sent again: its new tuple joins the old one, so
that nothing is done twice and both are acknowledged.
"""

import threading
import time
from collections import deque
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
PAUSES = 10
"""The input pauses when nothing comes for this part of the patience."""


@dataclass(slots=True)
class Held(Generic[T]):
    """A message and the tuples that brought it."""

    id: str
    parcel: T
    tuples: list[object] = field(default_factory=list)


class Inbox(Generic[T]):
    """Filled by the thread that listens to Storm, emptied in order by the one that works."""

    def __init__(self, batch: int, patience: float) -> None:
        """`patience`: seconds to wait, at most, for a batch to fill."""
        self._batch = batch
        self._patience = patience
        self._changed = threading.Condition()
        self._waiting: deque[Held[T]] = deque()
        self._held: dict[str, Held[T]] = {}

    def put(self, id: str, parcel: T, arrived: object) -> None:
        """A tuple has arrived."""
        with self._changed:
            if id not in self._held:
                self._held[id] = Held(id, parcel)
                self._waiting.append(self._held[id])
                self._changed.notify()
            self._held[id].tuples.append(arrived)

    def take(self, alone: Container[str] = ()) -> list[Held[T]]:
        """The next batch, in order; blocks until there is one. `alone`: ids that share none.

        A batch is full, or as much as came until the input paused.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            self._fill()
            taken = [self._waiting.popleft()]
            if taken[0].id not in alone:
                while self._may_join(taken, alone):
                    taken.append(self._waiting.popleft())
            return taken

    def _may_join(self, taken: list[Held[T]], alone: Container[str]) -> bool:
        room = len(taken) < self._batch
        return room and bool(self._waiting) and self._waiting[0].id not in alone

    def _fill(self) -> None:
        deadline = time.monotonic() + self._patience
        while len(self._waiting) < self._batch:
            left = min(self._patience / PAUSES, deadline - time.monotonic())
            if left <= 0 or not self._changed.wait(left):
                return

    def release(self, id: str) -> list[object]:
        """The message is done with: the tuples that brought it, to be acknowledged or failed."""
        with self._changed:
            return self._held.pop(id).tuples
