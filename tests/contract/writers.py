"""Writers in processes of their own, for stores that several processes share and that must outlive
kill -9."""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

Write = Callable[[Any, int], object]
"""(store, number of the batch): writes one batch."""


@dataclass(frozen=True)
class Writer:
    """A process that writes batches 0, 1, 2 … and says so after each."""

    process: BaseProcess
    acknowledged: Connection

    def wait_for(self, batch: int) -> None:
        """Until this batch is acknowledged."""
        while self.acknowledged.recv() < batch:
            pass

    def kill(self) -> int:
        """SIGKILL; the last batch that was acknowledged."""
        self.process.kill()
        self.process.join()
        last = -1
        try:
            while True:
                last = self.acknowledged.recv()
        except EOFError:
            return last


def _write(
    open_store: Callable[[], Any], write: Write, batches: int, acknowledge: Connection
) -> None:
    store = open_store()
    for batch in range(batches):
        write(store, batch)
        acknowledge.send(batch)


@contextmanager
def writer(open_store: Callable[[], Any], write: Write, batches: int = 10_000) -> Iterator[Writer]:
    """Starts one; both callables must be importable by name."""
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_write, args=(open_store, write, batches, send), daemon=True)
    process.start()
    send.close()
    try:
        yield Writer(process, receive)
    finally:
        process.kill()
        process.join()
        process.close()
        receive.close()
