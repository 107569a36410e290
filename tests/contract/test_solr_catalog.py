import os
from collections.abc import Callable, Iterator
from functools import partial
from uuid import uuid4

import pytest

from snapmode.ports import Catalog
from tests.contract.catalog_contract import CatalogContract, Open

pytestmark = pytest.mark.cluster

URL = os.environ.get("SNAPMODE_CATALOG__URL", "http://127.0.0.1:8983/solr")


def open_solr(collection: str) -> Catalog:
    """Imported here: pysolr is not there without the extra `cluster`."""
    from indexer.solr_catalog import SolrCatalog

    return SolrCatalog(URL, collection)


class TestSolrCatalog(CatalogContract):
    examples = 4

    @pytest.fixture
    def open_catalog(self) -> Iterator[Open]:
        opened: list[Catalog] = []
        test = uuid4().hex[:8]

        def open_one(name: str) -> Catalog:
            opened.append(open_solr(f"test-{test}-{name}"))
            return opened[-1]

        yield open_one
        for catalog in opened:
            catalog.close()
