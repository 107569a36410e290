"""What an embedded store must do beside its contract: outlive kill -9, serve several processes."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from snapmode.items import Removal
from snapmode.ports import Catalog, VectorIndex
from tests.contract.examples import UNITS, product, row
from tests.contract.writers import writer

FIXED = 4
"""Items that every batch replaces; each batch also adds as many new ones."""


def write_vectors(index: VectorIndex, batch: int, name: str = "") -> None:
    fixed = [row(f"{name}fixed{n}", UNITS[(batch + n) % len(UNITS)], batch) for n in range(FIXED)]
    new = [row(f"{name}new{batch}-{n}", UNITS[n], batch) for n in range(FIXED)]
    index.upsert([*fixed, *new])


def write_products(catalog: Catalog, batch: int, name: str = "") -> None:
    catalog.upsert(
        [
            *(product(f"{name}fixed{n}", batch, name=f"batch{batch}") for n in range(FIXED)),
            *(product(f"{name}new{batch}-{n}", batch, name="new") for n in range(FIXED)),
        ]
    )
    catalog.delete([Removal(id=f"{name}new{batch}-0", version=batch)])


class DurableVectorIndex:
    @pytest.fixture
    def open_index(self, tmp_path: Path) -> Callable[[], VectorIndex]:
        """Opens the one store of the test; it can be pickled."""
        raise NotImplementedError

    @pytest.mark.parametrize("batches", [0, 3, 17])
    def test_all_or_none_of_a_batch_outlives_a_kill(
        self, open_index: Callable[[], VectorIndex], batches: int
    ) -> None:
        with writer(open_index, write_vectors) as child:
            child.wait_for(batches)
            acknowledged = max(batches, child.kill())
        index = open_index()
        fixed = {item.id: item for item in index.scan() if item.id.startswith("fixed")}
        last = fixed["fixed0"].version
        assert acknowledged <= last <= acknowledged + 1
        assert index.count() == FIXED * (last + 2)
        for n in range(FIXED):
            assert fixed[f"fixed{n}"].version == last
            assert fixed[f"fixed{n}"].vector.tolist() == UNITS[(last + n) % len(UNITS)].tolist()
        write_vectors(index, last + 1)
        assert index.count() == FIXED * (last + 3)
        index.close()


class SharedVectorIndex(DurableVectorIndex):
    """One that several processes may open at once."""

    def test_readers_follow_a_writer(self, open_index: Callable[[], VectorIndex]) -> None:
        reader = open_index()
        assert reader.count() == 0
        with writer(open_index, write_vectors, 12) as child:
            for batch in range(12):
                child.wait_for(batch)
                hits = reader.search(UNITS[0], 1000).hits
                assert len(hits) >= FIXED * (batch + 2)
                assert f"new{batch}-0" in {hit.id for hit in hits}
        reader.close()

    def test_two_writers_both_succeed(self, open_index: Callable[[], VectorIndex]) -> None:
        index = open_index()
        with writer(open_index, partial(write_vectors, name="a"), 20) as child:
            for batch in range(20):
                write_vectors(index, batch, "b")
            child.wait_for(19)
        assert index.count() == 2 * FIXED * 21
        index.close()


class SharedCatalog:
    @pytest.fixture
    def open_catalog(self, tmp_path: Path) -> Callable[[], Catalog]:
        """Opens the one catalog of the test; it can be pickled."""
        raise NotImplementedError

    @pytest.mark.parametrize("batches", [0, 3, 17])
    def test_all_or_none_of_a_batch_outlives_a_kill(
        self, open_catalog: Callable[[], Catalog], batches: int
    ) -> None:
        with writer(open_catalog, write_products) as child:
            child.wait_for(batches)
            acknowledged = max(batches, child.kill())
        catalog = open_catalog()
        fixed = [item for item in catalog.scan() if item.id.startswith("fixed")]
        last = fixed[0].version
        assert acknowledged <= last <= acknowledged + 1
        assert [item.version for item in fixed] == FIXED * [last]
        assert catalog.search(f"batch{last}").total == FIXED
        removed = catalog.get([f"new{last}-0"])
        assert catalog.count() == FIXED + (FIXED - 1) * (last + 1) + len(removed)
        catalog.close()

    def test_readers_follow_a_writer(self, open_catalog: Callable[[], Catalog]) -> None:
        reader = open_catalog()
        assert reader.count() == 0
        with writer(open_catalog, write_products, 12) as child:
            for batch in range(12):
                child.wait_for(batch)
                assert reader.versions([f"new{batch}-0"]) == {f"new{batch}-0": batch}
                assert reader.search("new", limit=100).total >= (FIXED - 1) * (batch + 1)
        reader.close()

    def test_two_writers_both_succeed(self, open_catalog: Callable[[], Catalog]) -> None:
        catalog = open_catalog()
        with writer(open_catalog, partial(write_products, name="a"), 20) as child:
            for batch in range(20):
                write_products(catalog, batch, "b")
            child.wait_for(19)
        assert catalog.count() == 2 * (FIXED + (FIXED - 1) * 20)
        catalog.close()
