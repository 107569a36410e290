"""The index bolt over its pipe: what the embed bolt said ends in the stores."""

import numpy as np
import pytest

from snapmode.codec import encode
from snapmode.dead_letters import read
from snapmode.errors import TransientError
from snapmode.ingest import Embedded
from snapmode.items import Product, Removal, attributes
from snapmode.ports import Record, VectorRow
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import FakeEmbedder, product
from tests.storm.conftest import Pipe
from topologies.storm.index_bolt import IndexBolt
from topologies.storm.tuples import embedded_text, record_values

pytestmark = pytest.mark.cluster


@pytest.fixture
def pipe(house: House) -> Pipe:
    return Pipe(IndexBolt, house)


def values(message: Product | Removal, offset: int, scale: float = 1.0) -> list[str]:
    rows = ()
    if isinstance(message, Product):
        vector = FakeEmbedder.vector(message.id.encode()) * np.float32(scale)
        row = VectorRow(
            message.id, message.id, "0" * 64, None, message.version, vector, attributes(message)
        )
        rows = (row,)
    record = Record(PRODUCTS, 0, offset, message.id, encode(message), 1.0)
    return [*record_values(record, 0), embedded_text(Embedded(message, rows))]


def test_products_are_written_and_removals_removed(house: House, pipe: Pipe) -> None:
    a, b = product("a"), product("b", brand="Acme")
    pipe.tuples(values(a, 1), values(b, 2))
    pipe.component.work()
    assert [each["id"] for each in pipe.heard("ack")] == ["t0:1", "t0:2"]
    assert list(house.catalog.scan()) == [a, b]
    assert [row.id for row in house.vectors.scan()] == ["a", "b"]
    pipe.tuples(values(Removal(id="a", version=2), 3))
    pipe.component.work()
    assert list(house.catalog.scan()) == [b]


def test_of_one_product_the_newest_in_a_batch_wins(house: House, pipe: Pipe) -> None:
    pipe.tuples(values(product("a", 2), 1), values(product("a", 3), 2), values(product("a", 1), 3))
    pipe.component.work()
    assert house.catalog.versions(["a"]) == {"a": 3}
    assert len(pipe.heard("ack")) == 3


def test_what_a_store_refuses_is_put_aside_and_the_rest_written(house: House, pipe: Pipe) -> None:
    pipe.tuples(
        values(product("a"), 1), values(product("b"), 2, scale=2.0), values(product("c"), 3)
    )
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["ack"] * 3
    assert [row.id for row in house.vectors.scan()] == ["a", "c"]
    (one,) = read(house.log)
    assert (one.stage, one.key) == ("ingest", "b")


def test_a_store_that_is_away_is_waited_for(
    house: House, pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter(range(3))
    upsert = house.catalog.upsert

    def away(products: list[Product]) -> list[str]:
        if next(failures, None) is not None:
            raise TransientError("Solr is away")
        return upsert(products)

    monkeypatch.setattr(house.catalog, "upsert", away)
    pipe.tuples(values(product("a"), 1))
    pipe.component.work()
    assert [each["command"] for each in pipe.said()] == ["error"] * 3 + ["ack"]
    assert [row.id for row in house.vectors.scan()] == ["a"]
