"""Values watched while something goes on: their maxima."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from engines.process import Process

TICK = 0.5


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
