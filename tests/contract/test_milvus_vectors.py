from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from snapmode.ports import VectorIndex
from tests.contract.durability import DurableVectorIndex
from tests.contract.examples import DIM
from tests.contract.vector_index_contract import Open, VectorIndexContract
from tests.engines import Engines

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


def open_server(uri: str, collection: str, model: str, dim: int) -> VectorIndex:
    from indexer.milvus_vectors import MilvusVectors

    return MilvusVectors(uri, model, dim, collection)


def drop(uri: str, start: str) -> None:
    """Drop the collections whose names start like this."""
    from pymilvus import MilvusClient

    client = MilvusClient(uri)
    for name in client.list_collections():
        if name.startswith(start):
            client.drop_collection(name)
    client.close()


@pytest.fixture
def server(engines: Engines) -> Iterator[tuple[str, str]]:
    """The server's URI and a start of names that nobody else has; dropped afterwards."""
    uri = str(engines.settings("milvus").vectors.arguments["uri"])
    start = f"t{uuid4().hex[:12]}"
    yield uri, start
    drop(uri, start)


class TestMilvusServer(VectorIndexContract):
    examples = 4

    @pytest.fixture
    def open_index(self, server: tuple[str, str]) -> Iterator[Open]:
        opened: list[VectorIndex] = []

        def open_one(name: str, model: str, dim: int) -> VectorIndex:
            opened.append(open_server(server[0], f"{server[1]}_{name}", model, dim))
            return opened[-1]

        yield open_one
        for index in opened:
            index.close()


class TestMilvusServerOutlivesItsWriters(DurableVectorIndex):
    @pytest.fixture
    def open_index(self, server: tuple[str, str]) -> Callable[[], VectorIndex]:
        return partial(open_server, *server, "model", DIM)
