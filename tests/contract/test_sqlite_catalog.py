from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from indexer.sqlite_catalog import SqliteCatalog
from tests.contract.catalog_contract import CatalogContract, Open
from tests.contract.durability import SharedCatalog


class TestSqliteCatalog(CatalogContract):
    @pytest.fixture
    def open_catalog(self, tmp_path: Path) -> Iterator[Open]:
        opened: list[SqliteCatalog] = []

        def open_one(name: str) -> SqliteCatalog:
            opened.append(SqliteCatalog(tmp_path / "absent" / f"{name}.sqlite"))
            return opened[-1]

        yield open_one
        for catalog in opened:
            catalog.close()


class TestSqliteCatalogOnDisk(SharedCatalog):
    @pytest.fixture
    def open_catalog(self, tmp_path: Path) -> Callable[[], SqliteCatalog]:
        return partial(SqliteCatalog, tmp_path / "catalog.sqlite")
