"""Random histories of a vector index beside a dictionary."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from snapmode.filters import Filter, matches
from snapmode.ports import Vector, VectorIndex, VectorRow
from tests.contract.examples import IDS, UNITS, filters, rows

row_ids = st.sampled_from([f"r{number}" for number in range(12)])


def ranked(kept: list[VectorRow], query: Vector, filter: Filter | None) -> list[tuple[float, str]]:
    """The slow definition of a search: (score, id) of every row that matches, best first."""
    found = [row for row in kept if filter is None or matches(row.attributes, filter)]
    scores = [
        (sum(a * b for a, b in zip(row.vector.tolist(), query.tolist(), strict=True)), row.id)
        for row in found
    ]
    return sorted(scores, key=lambda pair: (-pair[0], pair[1]))


def same(found: VectorRow, expected: VectorRow) -> bool:
    """Equality of rows; that of arrays is not a bool."""
    return found.vector.tolist() == expected.vector.tolist() and all(
        getattr(found, name) == getattr(expected, name)
        for name in ("id", "product_id", "picture", "box", "version", "attributes")
    )


class VectorIndexMachine(RuleBasedStateMachine):
    """The model is id → row."""

    def __init__(self, open_index: Callable[[], VectorIndex]) -> None:
        super().__init__()
        self.open = open_index
        self.index = open_index()
        self.model: dict[str, VectorRow] = {}

    @property
    def kept(self) -> list[VectorRow]:
        return [row for _, row in sorted(self.model.items())]

    @rule(batch=st.lists(rows, max_size=5))
    def upsert(self, batch: list[VectorRow]) -> None:
        for row in batch:
            if row.id not in self.model or row.version >= self.model[row.id].version:
                self.model[row.id] = row
        self.index.upsert(batch)
        self.index.flush()

    @rule(ids=st.lists(row_ids, max_size=4))
    def delete(self, ids: list[str]) -> None:
        for key in ids:
            self.model.pop(key, None)
        self.index.delete(ids)
        self.index.flush()

    @rule(query=st.sampled_from(UNITS), k=st.integers(0, 12), filter=st.none() | filters)
    def search(self, query: Vector, k: int, filter: Filter | None) -> None:
        found = self.index.search(query, k, filter)
        expected = ranked(self.kept, query, filter)
        assert [(hit.score, hit.id) for hit in found.hits] == expected[:k]
        for hit in found.hits:
            row = self.model[hit.id]
            assert (hit.product_id, hit.picture, hit.box) == (row.product_id, row.picture, row.box)
        assert self.index.count(filter) == len(expected)

    @rule(
        products=st.sets(st.sampled_from(IDS), max_size=2),
        pictures=st.sets(st.sampled_from(["aa", "dd"])),
    )
    def rows(self, products: set[str], pictures: set[str]) -> None:
        found = sorted(self.index.rows(products, pictures), key=lambda row: row.id)
        expected = [
            row for row in self.kept if row.product_id in products or row.picture in pictures
        ]
        assert len(found) == len(expected)
        assert all(map(same, found, expected))

    @rule()
    def reopen_and_scan(self) -> None:
        self.index.close()
        self.index = self.open()
        found = list(self.index.scan())
        assert [row.id for row in found] == [row.id for row in self.kept]
        assert all(map(same, found, self.kept))

    def teardown(self) -> None:
        self.index.close()
