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


class PartsEmbedder:
    """A file says `shape,colour,texture`, each a direction of its own part; not so with `mixed`.

    `model` mixed: what should be in the part of colour is in that of shape as well.
    """

    dim = 9
    parts: Mapping[str, slice] = {
        "shape": slice(0, 3),
        "colour": slice(3, 6),
        "finish": slice(6, 9),
    }

    def __init__(self, model: str = "clean") -> None:
        self.name = f"{model}-00000000"
        self._mixed = model == "mixed"

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        rows = np.zeros((len(pictures), 3, 3), np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            if not picture.data[:1].isdigit():
                raise RejectedError("not a garment")
            said = [int(word) for word in picture.data.split(b",")]
            row[range(3), said] = 1
            if self._mixed:
                row[0, said[1]] += 1
        unit: Vector = rows.reshape(-1, 9) / np.linalg.norm(rows, axis=(1, 2))[:, None]
        return unit


def garments(folder: Path, families: int = 6) -> Path:
    """A manifest of files for PartsEmbedder, in families that differ in one factor at a time."""
    lines = ["image,split,family,shape,colour,texture"]
    for number in range(families):
        for place, change in enumerate([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]):
            values = [(number + each) % 3 for each in change]
            said = ",".join(map(str, values))
            (folder / f"{number}-{place}").write_text(said)
            lines.append(f"{number}-{place},both,{number},{said}")
    manifest = folder / "garments.csv"
    manifest.write_text("\n".join(lines) + "\n")
    return manifest
