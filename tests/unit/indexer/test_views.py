from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer.numpy_vectors import NumpyVectors
from indexer.row_files import RowFiles
from indexer.vector_table import TABLES, State, read_state
from indexer.views import Switched, Views
from snapmode.sqlite_file import SqliteFile
from tests.contract.examples import DIM, UNITS, row


@pytest.fixture
def index(tmp_path: Path) -> Iterator[NumpyVectors]:
    made = NumpyVectors(tmp_path, "model", DIM)
    made.upsert([row("r0", UNITS[0]), row("r1", UNITS[1]), row("r2", UNITS[2])])
    yield made
    made.close()


@pytest.fixture
def file(index: NumpyVectors, tmp_path: Path) -> Iterator[SqliteFile]:
    opened = SqliteFile(tmp_path / "vectors.sqlite", TABLES, {})
    yield opened
    opened.close()


@pytest.fixture
def views(tmp_path: Path) -> Views:
    return Views(RowFiles(tmp_path, DIM), DIM)


def test_is_the_same_until_something_changes(
    index: NumpyVectors, file: SqliteFile, views: Views
) -> None:
    with file.read() as connection:
        first = views.of(connection)
        assert views.of(connection) is first
    index.delete(["r1"])
    with file.read() as connection:
        assert views.of(connection) is not first


def test_follows_without_a_new_map(index: NumpyVectors, file: SqliteFile, views: Views) -> None:
    with file.read() as connection:
        before = views.of(connection)
    index.upsert([row("r3", UNITS[3]), row("r0", UNITS[4], 2)])
    with file.read() as connection:
        after = views.of(connection)
    assert (len(before.matrix), len(after.matrix)) == (3, 5)
    assert np.shares_memory(before.matrix, after.matrix)
    assert (before.dead.tolist(), after.dead.tolist()) == ([], [0])
    index.delete(["r2"])
    with file.read() as connection:
        assert sorted(views.of(connection).dead.tolist()) == [0, 2]


def test_an_older_transaction_gets_its_own_state(
    index: NumpyVectors, file: SqliteFile, views: Views
) -> None:
    with file.read() as old:
        read_state(old)
        index.delete(["r1"])
        with file.read() as new:
            assert views.of(new).dead.tolist() == [1]
        assert views.of(old).dead.tolist() == []
        with file.read() as new:
            assert views.of(new).dead.tolist() == [1]


def test_a_file_that_is_gone_says_so(views: Views) -> None:
    with pytest.raises(Switched) as raised:
        views.matrix(State(7, 3, 1, ""))
    assert raised.value.generation == 7
    assert views.matrix(State(7, 0, 1, "")).shape == (0, DIM)
