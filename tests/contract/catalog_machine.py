"""Random histories of a catalog beside a dictionary."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from snapmode.filters import Filter, matches
from snapmode.items import Product, Removal, attributes
from snapmode.ports import Catalog
from tests.contract.examples import IDS, filters, products

removals = st.builds(Removal, id=st.sampled_from(IDS), version=st.integers(0, 5))


class CatalogMachine(RuleBasedStateMachine):
    """The model is id → (version, product or None for a tombstone)."""

    def __init__(self, open_catalog: Callable[[], Catalog]) -> None:
        super().__init__()
        self.catalog = open_catalog()
        self.model: dict[str, tuple[int, Product | None]] = {}

    def _take(self, id: str, version: int, kept: Product | None) -> bool:
        taken = version >= self.model.get(id, (0, None))[0]
        if taken:
            self.model[id] = (version, kept)
        return taken

    @property
    def alive(self) -> list[Product]:
        return [kept for _, (_, kept) in sorted(self.model.items()) if kept]

    @rule(batch=st.lists(products, max_size=4, unique_by=lambda item: item.id))
    def upsert(self, batch: list[Product]) -> None:
        taken = [item.id for item in batch if self._take(item.id, item.version, item)]
        assert self.catalog.upsert(batch) == taken
        self.catalog.flush()

    @rule(batch=st.lists(removals, max_size=4, unique_by=lambda item: item.id))
    def delete(self, batch: list[Removal]) -> None:
        taken = [item.id for item in batch if self._take(item.id, item.version, None)]
        assert self.catalog.delete(batch) == taken
        self.catalog.flush()

    @rule(ids=st.lists(st.sampled_from((*IDS, "unknown"))))
    def get(self, ids: list[str]) -> None:
        alive = {item.id: item for item in self.alive}
        assert self.catalog.get(ids) == [alive[key] for key in ids if key in alive]
        versions = {key: self.model[key][0] for key in ids if key in self.model}
        assert self.catalog.versions(ids) == versions

    @rule(filter=filters, limit=st.integers(0, 5), offset=st.integers(0, 5))
    def search(self, filter: Filter, limit: int, offset: int) -> None:
        expected = [item for item in self.alive if matches(attributes(item), filter)]
        found = self.catalog.search("", filter, limit, offset)
        assert found.products == expected[offset : offset + limit]
        assert found.total == self.catalog.count(filter) == len(expected)

    @rule()
    def scan(self) -> None:
        assert list(self.catalog.scan()) == self.alive

    def teardown(self) -> None:
        self.catalog.close()
