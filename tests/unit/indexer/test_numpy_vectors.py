import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer import numpy_vectors as module
from indexer.numpy_vectors import NumpyVectors
from indexer.vector_table import read_state
from indexer.views import View
from snapmode.errors import ConfigError, TransientError
from snapmode.filters import parse_filter
from snapmode.ports import VectorRow
from tests.contract.examples import DIM, UNITS, many_units, product, row
from tests.unit.indexer.conftest import FullDisk


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "vectors"


@pytest.fixture
def index(folder: Path) -> Iterator[NumpyVectors]:
    made = NumpyVectors(folder, "model", DIM)
    yield made
    made.close()


def numbers(folder: Path) -> dict[str, int]:
    """id → row in the file, read without the adapter."""
    connection = sqlite3.connect(folder / "vectors.sqlite")
    found = dict(connection.execute("SELECT id, row FROM vectors"))
    connection.close()
    return found


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("rows-*"))


def batch(version: int, count: int = 60) -> list[VectorRow]:
    return [row(f"r{n:02}", UNITS[(n + version) % len(UNITS)], version) for n in range(count)]


def test_a_new_price_appends_nothing(index: NumpyVectors, folder: Path) -> None:
    index.upsert([row("r0", UNITS[0]), row("r1", UNITS[1])])
    before, size = numbers(folder), (folder / "rows-0.f32").stat().st_size
    for version in range(2, 50):
        dear = product(price=str(version))
        index.upsert([row("r0", UNITS[0], version, dear), row("r1", UNITS[1], version, dear)])
    assert numbers(folder) == before == {"r0": 0, "r1": 1}
    assert (folder / "rows-0.f32").stat().st_size == size
    assert index.count(parse_filter({"price": 49})) == 2


def test_what_was_never_committed_is_overwritten(index: NumpyVectors, folder: Path) -> None:
    index.upsert([row("r0", UNITS[0])])
    with (folder / "rows-0.f32").open("r+b") as file:
        file.seek(DIM * 4)
        file.write(b"\xff" * 4 * DIM * 3)
    assert len(index.search(UNITS[0], 10).hits) == 1
    index.upsert([row("r1", UNITS[1])])
    assert [hit.score for hit in index.search(UNITS[1], 10).hits] == [1.0, 0.0]


def test_compacts_when_most_rows_are_dead(
    index: NumpyVectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_DEAD", 100)
    reader = NumpyVectors(folder, "model", DIM)
    for version in range(4):
        index.upsert(batch(version))
        index.flush()
        assert reader.search(UNITS[0], 100).hits == index.search(UNITS[0], 100).hits
    assert files(folder) == ["rows-1.f32"]
    assert sorted(numbers(folder).values())[-1] < 2 * 60
    for found, expected in zip(reader.scan(), batch(3), strict=True):
        assert (found.id, found.vector.tolist()) == (expected.id, expected.vector.tolist())
    assert reader.search(UNITS[0], 5, parse_filter({"id": "p0"})).scanned
    reader.close()


def test_compacts_by_itself_in_the_long_run(
    index: NumpyVectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_DEAD", 100)
    for version in range(4):
        index.upsert(batch(version))
    assert files(folder) == ["rows-1.f32"]
    index.delete([f"r{n:02}" for n in range(60)])
    index.upsert(batch(9)[:1])
    assert index.search(UNITS[0], 100).scanned < 200


def test_a_compaction_that_finds_no_room_takes_none(
    tmp_path: Path, full_disk: FullDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, vectors = NumpyVectors(tmp_path, "model", 2000), many_units(1200, 2000)
    index.upsert([row(f"r{n}", vectors[n]) for n in range(400)])
    index.upsert([row(f"r{n}", vectors[400 + n], 2) for n in range(400)])
    index.upsert([row(f"r{n}", vectors[800 + n], 3) for n in range(400)])
    monkeypatch.setattr(module, "MIN_DEAD", 100)
    with full_disk(1_000_000), pytest.raises(TransientError, match=str(tmp_path)):
        index.flush()
    assert files(tmp_path) == ["rows-0.f32"]
    assert index.search(vectors[800], 1).hits[0].id == "r0"
    index.close()
    assert files(tmp_path) == ["rows-1.f32"]


def test_compacts_to_nothing(index: NumpyVectors, folder: Path) -> None:
    ids = [f"r{n}" for n in range(module.MIN_DEAD)]
    index.upsert([row(each) for each in ids])
    index.delete(ids)
    index.close()
    assert files(folder) == ["rows-1.f32"]
    assert index.search(UNITS[0], 5).hits == []
    index.upsert([row("again")])
    assert index.search(UNITS[0], 5).scanned == 1


def test_a_compaction_that_was_killed_leaves_no_trace(
    index: NumpyVectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_DEAD", 10)
    index.upsert(batch(0))
    (folder / "rows-1.f32").write_bytes(b"\xff" * 5000)
    index.upsert(batch(1))
    index.upsert(batch(2))
    index.close()
    assert files(folder) == ["rows-1.f32"]
    assert index.search(batch(2)[0].vector, 1).hits[0].score == 1.0


def test_a_search_begun_before_a_compaction_ends_well(
    index: NumpyVectors, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading the state and opening the file, the file is replaced."""
    monkeypatch.setattr(module, "MIN_DEAD", 10)
    index.upsert(batch(0))
    reader = NumpyVectors(folder, "model", DIM)
    look = reader._views.of

    def compacted_meanwhile(connection: sqlite3.Connection) -> View:
        read_state(connection)
        monkeypatch.setattr(reader._views, "of", look)
        index.upsert(batch(1))
        index.upsert(batch(2))
        index.flush()
        assert files(folder) == ["rows-1.f32"]
        return look(connection)

    monkeypatch.setattr(reader._views, "of", compacted_meanwhile)
    assert len(reader.search(UNITS[0], 100).hits) == 60
    reader.close()


def test_a_lost_row_file_is_named(index: NumpyVectors, folder: Path) -> None:
    index.upsert([row()])
    index.close()
    (folder / "rows-0.f32").unlink()
    with pytest.raises(ConfigError, match=r"rows-0\.f32 is missing"):
        NumpyVectors(folder, "model", DIM).search(UNITS[0], 1)


@pytest.mark.parametrize(
    ("dim", "room"), [(DIM, 300_000), (2000, 3_000_000)], ids=["in SQLite", "in the row file"]
)
def test_a_full_disk_changes_nothing(
    tmp_path: Path, full_disk: FullDisk, dim: int, room: int
) -> None:
    index = NumpyVectors(tmp_path, "model", dim)
    vectors = many_units(3000, dim)
    index.upsert([row(f"r{n}", vectors[n]) for n in range(3)])
    best = index.search(vectors[0], 1).hits

    def fill() -> None:
        for start in range(3, 3000, 100):
            index.upsert([row(f"r{n}", vectors[n]) for n in range(start, start + 100)])

    with full_disk(room), pytest.raises(TransientError, match=str(tmp_path)):
        fill()
    kept = index.count()
    assert 3 <= kept < 3000
    assert kept % 100 == 3, "all or none of a batch"
    assert len(index.search(vectors[0], 5000).hits) == kept
    assert index.search(vectors[0], 1).hits == best
    index.upsert([row("r-new", vectors[-1])])
    assert index.search(vectors[-1], 1).hits[0].id == "r-new"
    index.close()


def test_many_filters_are_remembered_and_forgotten(index: NumpyVectors) -> None:
    index.upsert([row(f"r{n}", of=product(price=str(n))) for n in range(40)])
    for limit in range(40):
        cheap = parse_filter({"price": {"lt": limit}})
        for _ in range(2):
            assert len(index.search(UNITS[0], 100, cheap).hits) == limit
    assert len(index._matching) == module.KEPT_FILTERS
    index.upsert([row("r99", of=product(price="0"))])
    assert len(index.search(UNITS[0], 100, cheap).hits) == 40


def test_opening_reads_no_vector(folder: Path, index: NumpyVectors) -> None:
    """A model's name is checked in SQLite alone."""
    index.upsert([row()])
    index.close()
    np.zeros(3, np.float32).tofile(folder / "rows-0.f32")
    NumpyVectors(folder, "model", DIM).close()
