"""How well a network retrieves what was held out, while it is trained."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from embedder.evaluation.metrics import measure
from embedder.evaluation.ranking import NOBODY, Block, Rules, rank
from embedder.training.batches import plain_views
from embedder.training.datasets import Codes, Dataset
from embedder.training.pixels import as_pixels
from embedder.training.recipe import Validation
from snapmode.errors import ConfigError
from snapmode.ports import Vector

BATCH = 32


class Validator:
    """The tasks of a recipe, each over the same held-out rows every time."""

    def __init__(
        self, dataset: Dataset, tasks: Sequence[Validation], blocks: dict[str, tuple[int, int]]
    ) -> None:
        for task in tasks:
            if task.part is not None and task.part not in blocks:
                raise ConfigError(
                    f"validate.{task.name}.part: the network has no part {task.part!r}; "
                    f"it has {', '.join(blocks)}"
                )
        self._dataset = dataset
        self._blocks = blocks
        self._tasks = [_Task(dataset, task) for task in tasks]
        for made in self._tasks:
            if not made:
                raise ConfigError(
                    f"validate.{made.settings.name}: nothing that is held out has a match by "
                    f"{made.settings.label!r}"
                )
        chosen = [task.rows for task in self._tasks]
        self._rows = np.unique(np.concatenate(chosen)) if chosen else np.empty(0, np.int64)

    def __bool__(self) -> bool:
        return bool(self._tasks)

    def figures(self, network: Any, device: torch.device) -> dict[str, float]:
        """Task → its metric, and `score`, their weighted mean."""
        return self.measured(self.embedded(network, device))

    def measured(self, vectors: Vector) -> dict[str, float]:
        """The figures of rows that are `embedded`."""
        found = {}
        for task in self._tasks:
            rows = vectors[np.searchsorted(self._rows, task.rows)]
            if task.settings.part is not None:
                rows = rows[:, slice(*self._blocks[task.settings.part])]
            found[task.settings.name] = task.figure(units(rows))
        weights = [task.settings.weight for task in self._tasks]
        score = float(np.average(list(found.values()), weights=weights))
        return {**found, "score": score}

    def embedded(self, network: Any, device: torch.device) -> Vector:
        """(rows, dim) of all that the tasks need, by a network in whatever mode."""
        preprocessing = network.preprocessing
        was_training = network.training
        network.eval()
        made = []
        with torch.inference_mode():
            for start in range(0, len(self._rows), BATCH):
                rows = self._rows[start : start + BATCH]
                views = plain_views(self._dataset, rows, preprocessing.size)
                pixels = as_pixels(views, preprocessing, device)
                made.append(network.embed(pixels).float().cpu().numpy())
        network.train(was_training)
        return np.concatenate(made)


def answerable(dataset: Dataset, tasks: Sequence[Validation]) -> tuple[Validation, ...]:
    """Those for which something that is held out has a match."""
    return tuple(task for task in tasks if _Task(dataset, task))


class _Task:
    """One retrieval task: its rows, the gallery first, and who is asked for."""

    def __init__(self, dataset: Dataset, settings: Validation) -> None:
        self.settings = settings
        if settings.label not in dataset.labels:
            raise ConfigError(
                f"validate.{settings.name}.label: no source has a label {settings.label!r}; "
                f"there is {', '.join(dataset.labels)}"
            )
        rows = _some(dataset, settings)
        where = f"validate.{settings.name}"
        queries = _matching(dataset, settings.queries, f"{where}.queries", rows)
        gallery = _matching(dataset, settings.gallery, f"{where}.gallery", rows)
        self.rows = np.concatenate([rows[gallery], rows[queries & ~gallery]])
        self._gallery = int(gallery.sum())
        self._codes = dataset.labels[settings.label][self.rows]
        separate = settings.label in dataset.separate
        sources = dataset.labels["source"][self.rows]
        self._within = sources if separate else np.zeros_like(sources)
        asked = np.concatenate([queries[gallery], np.ones(int((queries & ~gallery).sum()), bool)])
        places = np.arange(len(self.rows))
        equal = self._codes[:, None] == self._codes[: self._gallery]
        relevant = equal.sum(axis=1) - (places < self._gallery)
        self._queries = np.flatnonzero(asked & (relevant > 0))
        self._relevant = relevant[self._queries].astype(np.int64)

    def __bool__(self) -> bool:
        """Whether anything can be asked for."""
        return len(self._queries) > 0

    def figure(self, vectors: Vector) -> float:
        """The task's metric for unit rows (rows, dim)."""
        nobody = np.full(len(self.rows), NOBODY)
        rules = Rules(self._queries, self._gallery, nobody, self._within)
        order = rank([Block(vectors)], rules).order
        hits = (self._codes[order] == self._codes[self._queries, None]) & (order != NOBODY)
        return float(measure(hits, self._relevant)[self.settings.metric].mean())


def _some(dataset: Dataset, settings: Validation) -> Codes:
    """Held-out rows that have the label, whole identities at a time, up to the limit."""
    rows = dataset.rows_of(settings.sources, held=True)
    rows = rows[dataset.labels[settings.label][rows] >= 0]
    order = np.random.default_rng(0).permutation(len(dataset.words["identity"]) + 1)
    turn = order[dataset.labels["identity"][rows]]  # -1 takes the last, which is no identity's
    return np.sort(rows[np.argsort(turn, kind="stable")][: settings.limit])


def _matching(
    dataset: Dataset, wanted: Mapping[str, Sequence[str]], where: str, rows: Codes
) -> npt.NDArray[np.bool_]:
    """(rows,): those with any of the words of each label."""
    chosen = np.ones(len(rows), bool)
    for label, words in wanted.items():
        known = dataset.words.get(label, [])
        codes = [at for at, word in enumerate(known) if word in words]
        if not codes:
            raise ConfigError(f"{where}.{label}: none of {', '.join(words)}; there is {known[:20]}")
        chosen &= np.isin(dataset.labels[label][rows], codes)
    return chosen


def units(rows: Vector) -> Vector:
    """Each row divided by its length; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Vector = rows / np.maximum(lengths, 1e-12)
    return found
