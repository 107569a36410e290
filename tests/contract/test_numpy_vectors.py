from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from indexer.numpy_vectors import NumpyVectors
from tests.contract.durability import SharedVectorIndex
from tests.contract.examples import DIM
from tests.contract.vector_index_contract import Open, VectorIndexContract


class TestNumpyVectors(VectorIndexContract):
    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Iterator[Open]:
        opened: list[NumpyVectors] = []

        def open_one(name: str, model: str, dim: int) -> NumpyVectors:
            opened.append(NumpyVectors(tmp_path / "absent" / name, model, dim))
            return opened[-1]

        yield open_one
        for index in opened:
            index.close()


class TestNumpyVectorsOnDisk(SharedVectorIndex):
    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Callable[[], NumpyVectors]:
        return partial(NumpyVectors, tmp_path / "vectors", "model", DIM)
