"""The two steps of ingest on stores that are dictionaries."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from snapmode import metrics
from snapmode.codec import Message
from snapmode.errors import RejectedError, TransientError
from snapmode.ingest import Embedded, EmbedStep, IndexStep, embed_each, vector_id
from snapmode.items import Product, Removal
from snapmode.ports import Picture, VectorRow
from tests.fakes import FakeCatalog, FakeEmbedder, FakeImages, FakeVectors, product


@dataclass
class Stores:
    """The fakes and the two steps over them."""

    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)
    images: FakeImages = field(default_factory=FakeImages)
    vectors: FakeVectors = field(default_factory=FakeVectors)
    catalog: FakeCatalog = field(default_factory=FakeCatalog)

    def embed(self, *messages: Message) -> list[Embedded]:
        return EmbedStep(self.embedder, self.images, self.vectors, batch=3)(messages)

    def ingest(self, *messages: Message) -> list[Embedded]:
        embedded = self.embed(*messages)
        IndexStep(self.catalog, self.vectors)(embedded)
        return embedded

    def pictures(self, id: str) -> list[str]:
        return sorted(row.picture for row in self.vectors.rows(products=[id]))


@pytest.fixture
def stores() -> Stores:
    return Stores()


def test_each_picture_gets_its_own_vector(stores: Stores) -> None:
    keys = [stores.images.put(f"picture {n}".encode()) for n in range(7)]
    stores.ingest(product("a", pictures=keys[:4]), product("b", pictures=keys[4:]))
    for n, key in enumerate(keys):
        (row,) = stores.vectors.rows(pictures=[key])
        assert row.product_id == ("a" if n < 4 else "b")
        assert row.id == vector_id(row.product_id, key, None, stores.embedder.name)
        assert np.array_equal(row.vector, FakeEmbedder.vector(f"picture {n}".encode()))


def test_a_picture_of_two_products_is_embedded_once(stores: Stores) -> None:
    key = stores.images.put(b"shared")
    stores.ingest(product("a", pictures=[key]), product("b", pictures=[key]))
    stores.ingest(product("c", pictures=[key]))
    assert stores.embedder.embedded == [b"shared"]
    assert {row.product_id for row in stores.vectors.rows(pictures=[key])} == {"a", "b", "c"}


def test_a_picture_listed_twice_has_one_row(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", pictures=[key, key]))
    assert stores.vectors.count() == 1


def test_a_new_price_embeds_nothing_and_reaches_the_filter(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", 1, [key], price="10.00"))
    stores.images.delete(key)  # not even the bytes are needed
    stores.ingest(product("a", 2, [key], price="8.50"))
    assert stores.embedder.embedded == [b"front"]
    (row,) = stores.vectors.rows(products=["a"])
    assert (row.version, row.attributes["price"]) == (2, 8.5)
    assert stores.catalog.get(["a"])[0].price == "8.50"


def test_a_picture_that_left_the_product_leaves_the_index(stores: Stores) -> None:
    front, back = stores.images.put(b"front"), stores.images.put(b"back")
    stores.ingest(product("a", 1, [front, back]), product("b", 1, [back]))
    stores.ingest(product("a", 2, [front]))
    assert stores.pictures("a") == [front]
    assert stores.pictures("b") == [back]


def test_an_older_version_changes_neither_store(stores: Stores) -> None:
    front, back = stores.images.put(b"front"), stores.images.put(b"back")
    stores.ingest(product("a", 2, [front], price="2"))
    stores.ingest(product("a", 1, [back], price="1"))
    assert stores.catalog.get(["a"])[0].version == 2
    assert stores.pictures("a") == [front]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_versions_in_one_batch_the_newest_counts(
    stores: Stores, order: tuple[int, int]
) -> None:
    keys = {version: stores.images.put(b"picture %d" % version) for version in order}
    stores.ingest(*(product("a", version, [keys[version]]) for version in order))
    assert stores.catalog.get(["a"])[0].version == 2
    assert stores.pictures("a") == [keys[2]]


def test_a_removal_leaves_nothing_but_its_version(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", 1, [key]), product("b", 1, [key]))
    stores.ingest(Removal(id="a", version=2))
    assert stores.catalog.get(["a"]) == []
    assert stores.catalog.versions(["a"]) == {"a": 2}
    assert stores.pictures("a") == []
    assert stores.pictures("b") == [key]


def test_a_late_product_after_its_removal_is_ignored(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", 1, [key]))
    stores.ingest(Removal(id="a", version=3))
    stores.ingest(product("a", 2, [key]))
    assert stores.catalog.get(["a"]) == []
    assert stores.vectors.count() == 0


def test_a_late_removal_is_ignored(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", 2, [key]))
    stores.ingest(Removal(id="a", version=1))
    assert len(stores.catalog.get(["a"])) == 1
    assert stores.pictures("a") == [key]


def test_the_order_of_writes_never_lets_a_hit_point_at_nothing() -> None:
    calls: list[str] = []

    class Vectors(FakeVectors):
        def upsert(self, rows: Sequence[VectorRow]) -> None:
            calls.append("vectors.upsert")
            super().upsert(rows)

        def delete(self, ids: object) -> None:
            calls.append("vectors.delete")

    class Catalog(FakeCatalog):
        def upsert(self, products: Sequence[Product]) -> list[str]:
            calls.append("catalog.upsert")
            return super().upsert(products)

        def delete(self, removals: Sequence[Removal]) -> list[str]:
            calls.append("catalog.delete")
            return super().delete(removals)

    stores = Stores(vectors=Vectors(), catalog=Catalog())
    stores.ingest(product("a", 1, [stores.images.put(b"front")]))
    assert calls[:2] == ["catalog.upsert", "vectors.upsert"]
    calls.clear()
    stores.ingest(Removal(id="a", version=2))
    assert calls == ["vectors.delete", "catalog.delete"]


def test_poison_among_many_is_named_and_the_rest_is_embedded(stores: Stores) -> None:
    good = [stores.images.put(b"good %d" % n) for n in range(10)]
    bad, missing = stores.images.put(b"bad picture"), "0" * 64
    embedded = stores.ingest(
        product("a", pictures=[*good[:5], bad]), product("b", pictures=[missing, *good[5:]])
    )
    assert stores.pictures("a") == sorted(good[:5])
    assert stores.pictures("b") == sorted(good[5:])
    refused = [(one.product_id, one.key, one.reason) for e in embedded for one in e.rejected]
    assert refused == [
        ("a", bad, "not a picture"),
        ("b", missing, "the image store does not hold this picture"),
    ]


def test_a_product_without_a_good_picture_is_still_in_the_catalog(stores: Stores) -> None:
    stores.ingest(product("a", pictures=[stores.images.put(b"bad")]))
    assert len(stores.catalog.get(["a"])) == 1
    assert stores.vectors.count() == 0


@dataclass
class Crashing(FakeVectors):
    """Vectors whose engine goes away once, at the named call."""

    at: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def _maybe(self, call: str) -> None:
        if self.at == call:
            self.at = ""
            raise TransientError("away")

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        self._maybe("upsert")
        super().upsert(rows)

    def delete(self, ids: object) -> None:
        self._maybe("delete")
        super().delete(ids)  # type: ignore[arg-type] # the port's type is repeated in the fake


@pytest.mark.parametrize("at", ["upsert", "delete"])
def test_a_crash_between_the_stores_is_mended_by_replay(at: str) -> None:
    stores = Stores(vectors=Crashing())
    front, back = stores.images.put(b"front"), stores.images.put(b"back")
    stores.ingest(product("a", 1, [front]))
    stores.vectors.at = at  # type: ignore[attr-defined] # it is a Crashing
    batch = [product("a", 2, [back]), product("b", 1, [front])]
    with pytest.raises(TransientError):
        stores.ingest(*batch)
    stores.ingest(*batch)
    assert stores.catalog.get(["a", "b"]) == batch
    assert stores.pictures("a") == [back]
    assert stores.pictures("b") == [front]


def test_a_crash_within_a_removal_is_mended_by_replay() -> None:
    stores = Stores(vectors=Crashing())
    stores.ingest(product("a", 1, [stores.images.put(b"front")]))
    stores.vectors.at = "delete"  # type: ignore[attr-defined] # it is a Crashing
    with pytest.raises(TransientError):
        stores.ingest(Removal(id="a", version=2))
    assert len(stores.catalog.get(["a"])) == 1, "vectors first: the product is still whole"
    stores.ingest(Removal(id="a", version=2))
    assert stores.catalog.get(["a"]) == []
    assert stores.vectors.count() == 0


def test_everything_may_be_repeated(stores: Stores) -> None:
    key = stores.images.put(b"front")
    history: list[Message] = [
        product("a", 1, [key]),
        Removal(id="a", version=2),
        product("a", 3, [key]),
    ]
    for message in history:
        stores.ingest(message)
    before = (dict(stores.catalog.kept), sorted(stores.vectors.kept))
    for message in history:
        stores.ingest(message)
    assert (dict(stores.catalog.kept), sorted(stores.vectors.kept)) == before


def test_rows_of_a_part_of_the_picture_are_not_taken_for_the_whole(stores: Stores) -> None:
    key = stores.images.put(b"front")
    stores.ingest(product("a", 1, [key]))
    (row,) = stores.vectors.scan()
    stores.vectors.kept = {"part": replace(row, id="part", box=(0.0, 0.0, 0.5, 0.5))}
    assert len(stores.embed(product("b", 1, [key]))[0].rows) == 1
    assert stores.embedder.embedded == [b"front", b"front"]


def test_metrics_say_what_happened(stores: Stores) -> None:
    def counts() -> list[int]:
        return [metrics.total(metrics.INGESTED, kind) for kind in ("indexed", "stale", "removed")]

    before = counts()
    stores.ingest(product("a", 2), product("b", 1))
    stores.ingest(product("a", 1), Removal(id="b", version=2), Removal(id="a", version=0))
    assert [now - then for now, then in zip(counts(), before, strict=True)] == [2, 2, 1]


def test_embed_each_splits_until_the_bad_ones_stand_alone() -> None:
    data = [b"bad" if n in (0, 3, 4) else b"good %d" % n for n in range(9)]
    results = embed_each(FakeEmbedder(), [Picture(each) for each in data])
    assert [isinstance(result, RejectedError) for result in results] == [
        each == b"bad" for each in data
    ]
    last = results[8]
    assert not isinstance(last, RejectedError)
    assert np.array_equal(last, FakeEmbedder.vector(b"good 8"))
    assert embed_each(FakeEmbedder(), []) == []


class Overtaken(FakeVectors):
    """Before it writes or deletes, somebody else ingests a newer version: once."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self._meanwhile: list[Callable[[], object]] = [meanwhile]

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        while products and self._meanwhile:
            self._meanwhile.pop()()
        return super().rows(products, pictures)


@pytest.mark.parametrize("late", [product("a", 1, ["0" * 64]), Removal(id="a", version=1)])
def test_a_late_writer_takes_nothing_from_a_newer_version(late: Message) -> None:
    """Two processes hold one product for a moment, after a partition has moved, say."""
    stores = Stores()
    key = stores.images.put(b"newer")
    stores.vectors = Overtaken(lambda: stores.ingest(product("a", 2, [key])))
    IndexStep(stores.catalog, stores.vectors)([Embedded(late)])
    assert stores.pictures("a") == [key]
    assert stores.catalog.versions(["a"]) == {"a": 2}
