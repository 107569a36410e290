"""Whether the forms of one model say the same: int8 and f32, a batch and one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.scores import Score, score, whole
from benchmarks.embeddings.tasks import Task
from benchmarks.pictures import drawn
from embedder.evaluation.bootstrap import Interval
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Picture

PICTURES = 16


@dataclass(frozen=True, slots=True)
class Agreement:
    """int8 beside f32 on one task."""

    task: str
    cosine: float
    """Mean over the pictures."""
    least: float
    """Of any picture."""
    f32: Score
    int8: Score

    @property
    def loss(self) -> Interval:
        """What int8 costs of the metric."""
        return self.f32.over(self.int8)


def agreement(forms: Sequence[Network], tasks: Sequence[Task], rows: Rows) -> list[Agreement]:
    """On each task; nothing where there is one form only."""
    by_precision = {form.file.precision: form for form in forms if form.file}
    if len(by_precision) < 2:
        return []
    return [_agreement(by_precision["f32"], by_precision["int8"], task, rows) for task in tasks]


def _agreement(f32: Network, int8: Network, task: Task, rows: Rows) -> Agreement:
    products = (rows.of(f32, task).rows * rows.of(int8, task).rows).sum(axis=1)
    scores = (score(task, whole(form, task), {form.name: form}, rows) for form in (f32, int8))
    return Agreement(task.name, float(products.mean()), float(products.min()), *scores)


def batch_difference(toml: Path) -> float:
    """Largest difference of a value between a picture among others and the same picture alone."""
    embedder = OnnxEmbedder(str(toml), threads=2)
    pictures = [Picture(one) for one in drawn(PICTURES)]
    together = embedder.embed(pictures)
    alone = np.concatenate([embedder.embed([one]) for one in pictures])
    return float(np.abs(together - alone).max())


def folder_bytes(toml: Path) -> int:
    """Of all that is committed of a model."""
    return sum(file.stat().st_size for file in toml.parent.iterdir() if file.is_file())
