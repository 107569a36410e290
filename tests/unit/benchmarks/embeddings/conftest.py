from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.tasks import Task
from embedder.evaluation.manifest import Item, fingerprint
from embedder.evaluation.plan import in_order, plan
from snapmode.ports import Vector
from tests.unit.embedder.evaluation.points import PointEmbedder, point

DIRECTIONS = {"a": (1, 0, 0.1, 0), "b": (0, 1, 0.1, 0), "c": (0.1, 0, 1, 0), "d": (0.1, 0, 0, 1)}
"""Identity → where its pictures point; `left` knows b alone, `right` d alone, both know all."""


class Counting(PointEmbedder):
    """How many pictures it was given."""

    def __init__(self) -> None:
        self.count = 0

    def embed(self, pictures: list) -> Vector:
        self.count += len(pictures)
        return super().embed(pictures)


@pytest.fixture
def task(tmp_path: Path) -> Task:
    """Each identity has a query and a picture in the gallery."""
    items = in_order(
        [
            Item(
                f"{side}-{name}",
                point(tmp_path, f"{side}-{name}", direction),
                side == "query",
                side == "gallery",
                {"identity": name, "kids": "no" if name in "ab" else "yes"},
            )
            for name, direction in DIRECTIONS.items()
            for side in ("query", "gallery")
        ]
    )
    made = plan(items, "identity")
    return Task("points", "R@1 of points", "recall@1", items, made, fingerprint(items), "left")


@pytest.fixture
def network() -> Callable[..., Network]:
    def make(name: str = "mine", key: str | None = "mine-1") -> Network:
        return Network(name, Counting(), key, step=7)

    return make
