"""What Solr, Milvus and the picture store hold, by their own clients, for `oracle.py`."""

import json
from collections.abc import Mapping
from contextlib import closing
from typing import Any

import numpy as np
import pysolr
import s3fs
from pymilvus import MilvusClient

from tests.faults.oracle import Contents, Row

PAGE = 500
MOST = 16_384
"""Rows that Milvus answers at once."""


def cluster_contents(environ: Mapping[str, str]) -> Contents:
    return Contents(products=_products(environ), pictures=_pictures(environ), rows=_rows(environ))


def _products(environ: Mapping[str, str]) -> list[dict[str, Any]]:
    url = environ.get("SNAPMODE_CATALOG__URL", "http://127.0.0.1:8983/solr")
    solr = pysolr.Solr(f"{url}/{environ['SNAPMODE_CATALOG__COLLECTION']}", timeout=30)
    solr.commit()
    mark, bodies = "*", []
    while True:
        page = solr.search("alive:true", sort="id asc", rows=PAGE, cursorMark=mark, fl="id,body")
        # Not `in page`: that goes on to the next pages by itself.
        bodies += [json.loads(one["body"]) for one in page.docs]
        if page.nextCursorMark == mark:
            return bodies
        mark = page.nextCursorMark


def _pictures(environ: Mapping[str, str]) -> dict[str, bytes]:
    store = s3fs.S3FileSystem(
        key=environ["SNAPMODE_IMAGES__KEY"],
        secret=environ["SNAPMODE_IMAGES__SECRET"],
        endpoint_url=environ["SNAPMODE_IMAGES__ENDPOINT"],
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    files = store.find(environ["SNAPMODE_IMAGES__BUCKET"])
    return {file.rsplit("/", 1)[1]: store.cat_file(file) for file in files}


def _rows(environ: Mapping[str, str]) -> list[Row]:
    """By plain queries: the iterator of Milvus 2.3 leaves out rows."""
    name = environ["SNAPMODE_VECTORS__COLLECTION"]
    with closing(MilvusClient(environ["SNAPMODE_VECTORS__URI"])) as milvus:
        ids = [
            one["id"]
            for digit in "0123456789abcdef"
            for one in milvus.query(
                name,
                f'id like "{digit}%"',
                output_fields=["id"],
                limit=MOST,
                consistency_level="Strong",
            )
        ]
        counted = milvus.query(
            name, "version >= 0", output_fields=["count(*)"], consistency_level="Strong"
        )
        assert len(ids) == counted[0]["count(*)"], "rows that no query finds"
        rows: list[Row] = []
        for start in range(0, len(ids), PAGE):
            asked = ", ".join(f'"{each}"' for each in ids[start : start + PAGE])
            found = milvus.query(
                name,
                f"id in [{asked}]",
                output_fields=["product_id", "picture", "version", "vector"],
                consistency_level="Strong",
            )
            rows += [
                Row(
                    one["product_id"],
                    one["picture"],
                    one["version"],
                    np.array(one["vector"], np.float32),
                )
                for one in found
            ]
    return rows
