"""Pictures that say their own vector, so that a search can be set up by hand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from embedder.evaluation.manifest import Item
from snapmode.errors import RejectedError
from snapmode.ports import Picture, Vector


class PointEmbedder:
    """A file that holds a JSON list is that direction; anything else is refused."""

    name = "points-00000000"
    dim = 4
    parts: Mapping[str, slice] = {"left": slice(0, 2), "right": slice(2, 4)}

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        rows = np.empty((len(pictures), self.dim), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            try:
                row[:] = json.loads(picture.data)
            except ValueError as error:
                raise RejectedError("not a point") from error
        unit: Vector = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


def point(folder: Path, name: str, direction: Sequence[float]) -> Path:
    path = folder / name
    path.write_text(json.dumps(list(direction)))
    return path


def item(
    id: str, query: bool = True, gallery: bool = True, image: Path | None = None, **labels: str
) -> Item:
    return Item(id, image or Path(id), query, gallery, labels)
