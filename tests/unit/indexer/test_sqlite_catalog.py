import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.sqlite_catalog import SqliteCatalog
from indexer.sqlite_fields import MARK
from snapmode.errors import ConfigError, TransientError
from tests.contract.examples import product
from tests.unit.indexer.conftest import FullDisk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "absent" / "catalog.sqlite"


@pytest.fixture
def catalog(file: Path) -> Iterator[SqliteCatalog]:
    made = SqliteCatalog(file)
    yield made
    made.close()


def test_other_fields_are_refused(catalog: SqliteCatalog, file: Path) -> None:
    catalog.upsert([product()])
    catalog.close()
    connection = sqlite3.connect(file)
    connection.execute("UPDATE meta SET value = 'older' WHERE key = 'fields'")
    connection.commit()
    connection.close()
    with pytest.raises(ConfigError, match=f"holds fields older.*{MARK.value}.*--data"):
        SqliteCatalog(file)


def test_a_full_disk_loses_nothing(catalog: SqliteCatalog, full_disk: FullDisk) -> None:
    catalog.upsert([product("p0")])

    def fill() -> None:
        for start in range(1, 5000, 50):
            batch = range(start, start + 50)
            catalog.upsert([product(f"p{n}", description=f"long {n} " * 20) for n in batch])

    with full_disk(500_000), pytest.raises(TransientError, match=r"catalog\.sqlite"):
        fill()
    kept = catalog.count()
    assert kept % 50 == 1, "all or none of a batch"
    assert len(list(catalog.scan())) == catalog.search("Product", limit=1).total == kept
    assert catalog.upsert([product("p-new")]) == ["p-new"]


def test_scans_in_pages_while_it_is_written(catalog: SqliteCatalog) -> None:
    catalog.upsert([product(f"p{n:04}") for n in range(1100)])
    seen = []
    for found in catalog.scan():
        seen.append(found.id)
        if found.id == "p0100":
            catalog.upsert([product("p0050a"), product("p1099a")])
    assert seen == [*(f"p{n:04}" for n in range(1100)), "p1099a"]


def test_text_that_is_no_unicode_is_taken_as_it_can_be(catalog: SqliteCatalog) -> None:
    catalog.upsert([product("p0", name="red shirt")])
    assert catalog.search("re\ud800d").total == 1
    assert catalog.search("red\0shirt").total == 1


def test_old_words_are_forgotten(catalog: SqliteCatalog) -> None:
    catalog.upsert([product("p0", 1, name="red shirt", sizes=("S",))])
    catalog.upsert([product("p0", 2, name="blue shirt", sizes=("M",))])
    assert catalog.search("red").total == 0
    assert catalog.search("blue").total == 1
    assert catalog.facets(["sizes"]) == {"sizes": [("M", 1)]}
