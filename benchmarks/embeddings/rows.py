"""Vectors of the test sets; what is kept in a folder is not embedded again."""

from pathlib import Path

import numpy as np

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.tasks import Task
from embedder.evaluation.judge import Embedded, embed_items
from embedder.whole_file import whole_file
from snapmode.errors import RejectedError
from snapmode.options import progress
from snapmode.ports import Vector


class Rows:
    """A folder of vectors by network and test set, so that a run that was stopped goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[tuple[str, str], Vector] = {}

    def of(self, network: Network, task: Task) -> Embedded:
        """float32 (items, dim); two tasks on the same pictures share them."""
        place = network.key or network.name, task.data
        if place not in self._known:
            self._known[place] = self._kept(network, task)
        return Embedded(network.embedder.name, self._known[place], 0.0, {})

    def _kept(self, network: Network, task: Task) -> Vector:
        if network.key is None:
            return _embedded(network, task)
        file = self._folder / f"{network.key}-{task.data[:16]}.npy"
        if not file.exists():
            found = _embedded(network, task)
            with whole_file(file) as part, part.open("wb") as out:
                np.save(out, found)
        rows: Vector = np.load(file)
        return rows


def _embedded(network: Network, task: Task) -> Vector:
    with progress() as display:
        shown = display.add_task(task.name, total=len(task.items), note=network.name)
        found = embed_items(network.embedder, task.items, lambda: display.advance(shown))
    for row, reason in found.rejected.items():
        raise RejectedError(f"{task.items[row].image}: {reason}")
    return found.rows
