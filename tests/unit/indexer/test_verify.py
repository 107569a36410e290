import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.numpy_vectors import NumpyVectors
from indexer.repair import repair
from indexer.verify import Stores, check, lag
from snapmode.dead_letters import letter, put
from snapmode.errors import ConfigError
from snapmode.items import Image, Product, Removal
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.contract.examples import product
from tests.unit.indexer.conftest import ingest, publish

LONG_AGO = 1_000_000_000


@pytest.fixture
def stores(house: House) -> Stores:
    return Stores(house.catalog, house.vectors, house.images, house.log, house.embedder)


@pytest.fixture
def shop(house: House) -> dict[str, Product]:
    """Three products with two pictures each, ingested; one picture can't be embedded."""
    made = {}
    for name in ("a", "b", "c"):
        pictures = [
            f"{name} front".encode(),
            b"bad picture" if name == "c" else f"{name} back".encode(),
        ]
        images = tuple(Image(url="http://x/", key=house.images.put(data)) for data in pictures)
        made[name] = product(name, 10, images=images, brand="Acme", sizes=("S", "M"))
    publish(house, list(made.values()))
    ingest(house)
    return made


def found(stores: Stores) -> list[tuple[str, str]]:
    return [(finding.kind, finding.id) for finding in check(stores)]


def mended(stores: Stores) -> list[tuple[str, str]]:
    """What is left after a repair."""
    repair(stores, list(check(stores)))
    return found(stores)


def file_of(data: Path, key: str) -> Path:
    return data / "images" / key[:2] / key[2:4] / key


def row_of(stores: Stores, key: str) -> str:
    return stores.vectors.rows(pictures=[key])[0].id


def test_nothing_is_found_in_an_empty_house_and_nothing_is_made(stores: Stores, data: Path) -> None:
    assert found(stores) == []
    assert not (data / "vectors").exists()
    assert not (data / "images").exists()


def test_nothing_is_found_after_ingest(stores: Stores, shop: dict[str, Product]) -> None:
    assert found(stores) == []
    assert stores.vectors.count() == 5, "a picture that can't be embedded has no vector"
    assert lag(stores.log) == 0


def test_a_missing_picture_is_found_and_stays(stores: Stores, shop: dict[str, Product]) -> None:
    key = shop["a"].image_keys[0]
    stores.images.delete(key)
    assert found(stores) == [("missing_picture", key)]
    assert mended(stores) == [("missing_picture", key)]
    assert stores.vectors.count() == 5
    stores.images.put(b"a front")
    assert found(stores) == []


def test_a_corrupt_picture_is_dropped_so_that_it_is_fetched_again(
    stores: Stores, shop: dict[str, Product], data: Path
) -> None:
    key = shop["a"].image_keys[0]
    file_of(data, key).write_bytes(b"A front")
    assert found(stores) == [("corrupt_picture", key)]
    assert mended(stores) == [("missing_picture", key)]


def test_a_missing_vector_is_made(stores: Stores, shop: dict[str, Product]) -> None:
    key = shop["a"].image_keys[1]
    before = stores.vectors.rows(pictures=[key])[0]
    stores.vectors.delete([before.id])
    assert found(stores) == [("missing_vector", key)]
    assert mended(stores) == []
    after = stores.vectors.rows(pictures=[key])[0]
    assert after.vector.tolist() == before.vector.tolist()


def test_rows_of_nothing_are_deleted(stores: Stores, shop: dict[str, Product]) -> None:
    row = stores.vectors.rows(pictures=[shop["a"].image_keys[0]])[0]
    stores.vectors.upsert(
        [
            replace(row, id="of no product", product_id="gone"),
            replace(row, id="of an old picture", picture="ff" * 32),
            replace(row, id="twice"),
        ]
    )
    assert sorted(found(stores)) == [
        ("duplicate_vector", "twice"),
        ("orphan_vector", "of an old picture"),
        ("orphan_vector", "of no product"),
    ]
    assert mended(stores) == []
    assert stores.vectors.count() == 5


def test_a_row_of_another_model_is_made_anew(stores: Stores, shop: dict[str, Product]) -> None:
    key = shop["a"].image_keys[0]
    row = stores.vectors.rows(pictures=[key])[0]
    stores.vectors.delete([row.id])
    stores.vectors.upsert([replace(row, id="by another model")])
    assert found(stores) == [("orphan_vector", "by another model"), ("missing_vector", key)]
    assert mended(stores) == []
    assert row_of(stores, key) == row.id


@pytest.mark.parametrize(
    "stale",
    [{"version": 9}, {"version": 11}, {"attributes": {"brand": "Old"}}],
    ids=["older", "newer", "other attributes"],
)
def test_a_stale_row_is_written_anew(
    stores: Stores, shop: dict[str, Product], stale: dict[str, Any]
) -> None:
    row = stores.vectors.rows(pictures=[shop["a"].image_keys[0]])[0]
    stores.vectors.delete([row.id])
    stores.vectors.upsert([replace(row, **stale)])
    assert found(stores) == [("stale_vector", row.id)]
    assert mended(stores) == []
    after = stores.vectors.rows(pictures=[row.picture])[0]
    assert (after.version, after.attributes) == (row.version, row.attributes)


@pytest.mark.parametrize("byte", [b"\xff", b"\x00", b"\x3f"])
def test_a_damaged_vector_is_made_anew(
    stores: Stores, shop: dict[str, Product], data: Path, byte: bytes
) -> None:
    (file,) = (data / "vectors").glob("rows-*.f32")
    row = 4 * stores.embedder.dim
    with file.open("r+b") as rows:
        rows.seek(row)
        rows.write(byte * row)
    assert [kind for kind, _ in found(stores)] == ["damaged_vector"]
    assert mended(stores) == []
    assert stores.vectors.count() == 5


def test_a_row_file_that_was_cut_off_is_named(
    stores: Stores, shop: dict[str, Product], data: Path
) -> None:
    (file,) = (data / "vectors").glob("rows-*.f32")
    os.truncate(file, 4 * stores.embedder.dim)
    name, dim = stores.embedder.name, stores.embedder.dim
    with pytest.raises(ConfigError, match=r"rows-0\.f32 was cut off: 1 of 5 rows"):
        NumpyVectors(data / "vectors", name, dim).search(np.ones(dim, np.float32), 3)


def test_an_orphan_picture_is_deleted_after_its_grace(
    stores: Stores, shop: dict[str, Product], data: Path
) -> None:
    key = stores.images.put(b"nobody's")
    assert found(stores) == []
    os.utime(file_of(data, key), (LONG_AGO, LONG_AGO))
    assert found(stores) == [("orphan_picture", key)]
    findings = list(check(stores))
    stores.images.put(b"nobody's")
    repair(stores, findings)
    assert stores.images.exists(key), "it was put again since"
    os.utime(file_of(data, key), (LONG_AGO, LONG_AGO))
    assert mended(stores) == []
    assert not stores.images.exists(key)


def test_what_waits_in_the_log_is_lag_and_no_finding(
    house: House, stores: Stores, shop: dict[str, Product], data: Path
) -> None:
    key = stores.images.put(b"new picture")
    os.utime(file_of(data, key), (LONG_AGO, LONG_AGO))
    new = product("new", 20, images=(Image(url="http://x/", key=key),))
    newer = shop["a"].model_copy(update={"version": 20, "price": "5"})
    publish(house, [new, newer])
    house.log.publish(PRODUCTS, [("b", None)])
    assert lag(stores.log) == 3
    assert found(stores) == []
    ingest(house)
    assert found(stores) == []
    assert lag(stores.log) == 0


def test_a_lost_product_is_ingested_again(
    house: House, stores: Stores, shop: dict[str, Product]
) -> None:
    publish(house, [product("lost", 5), shop["a"].model_copy(update={"version": 30})])
    skip_what_waits(house)
    assert found(stores) == [("log_mismatch", "lost"), ("log_mismatch", "a")] or sorted(
        found(stores)
    ) == [("log_mismatch", "a"), ("log_mismatch", "lost")]
    assert mended(stores) == []
    assert stores.catalog.versions(["a", "lost"]) == {"a": 30, "lost": 5}


def test_a_log_that_is_behind_is_told(
    house: House, stores: Stores, shop: dict[str, Product]
) -> None:
    stores.catalog.delete([Removal(id="a", version=40)])
    stores.catalog.upsert([shop["b"].model_copy(update={"version": 40})])
    kinds = found(stores)
    assert ("log_mismatch", "a") in kinds
    assert ("log_mismatch", "b") in kinds
    repair(stores, list(check(stores)))
    ingest(house)
    assert found(stores) == []
    assert [item.id for item in stores.catalog.scan()] == ["b", "c"]


def test_a_dead_letter_explains_a_missing_product(
    house: House, stores: Stores, shop: dict[str, Product]
) -> None:
    house.log.publish(PRODUCTS, [("poison", b"no message")])
    publish(house, [product("refused", 5)])
    refused = next(r for r in house.log.read_all(PRODUCTS) if r.key == "refused")
    put(house.log, [letter("ingest", PRODUCTS, "refused", refused.value, reason="it crashed")])
    skip_what_waits(house)
    assert found(stores) == []


def test_a_product_without_pictures_is_fine(house: House, stores: Stores) -> None:
    publish(house, [product("plain", 1)])
    ingest(house)
    assert found(stores) == []


def skip_what_waits(house: House) -> None:
    """As if it had been ingested and the stores had lost it."""
    while records := house.log.poll(PRODUCTS, "ingest", 100):
        house.log.commit(PRODUCTS, "ingest", {r.partition: r.offset for r in records})
