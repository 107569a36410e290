from collections.abc import Iterator

import pytest

from snapmode.ports import Catalog
from tests.contract.catalog_contract import CatalogContract, Open
from tests.engines import Engines
from tests.solr import Collections

pytestmark = pytest.mark.cluster


class TestSolrCatalog(CatalogContract):
    examples = 4

    @pytest.fixture
    def open_catalog(self, engines: Engines) -> Iterator[Open]:
        with Collections(engines.settings("solr")) as collections:

            def open_one(name: str) -> Catalog:
                return collections.open(name)

            yield open_one
