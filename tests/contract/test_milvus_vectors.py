from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from snapmode.ports import VectorIndex
from tests.contract.durability import DurableVectorIndex
from tests.contract.examples import DIM
from tests.contract.vector_index_contract import Open, VectorIndexContract

pytestmark = pytest.mark.cluster


def open_lite(path: Path, model: str, dim: int) -> VectorIndex:
    """Imported here: pymilvus is not there without the extra `cluster`."""
    from indexer.milvus_vectors import MilvusVectors

    return MilvusVectors(str(path), model, dim)


class TestMilvusVectors(VectorIndexContract):
    examples = 4

    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Iterator[Open]:
        opened: list[VectorIndex] = []

        def open_one(name: str, model: str, dim: int) -> VectorIndex:
            opened.append(open_lite(tmp_path / "absent" / f"{name}.db", model, dim))
            return opened[-1]

        yield open_one
        for index in opened:
            index.close()


class TestMilvusLiteOnDisk(DurableVectorIndex):
    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Callable[[], VectorIndex]:
        return partial(open_lite, tmp_path / "vectors.db", "model", DIM)
