"""Exact vectors in Milvus: Milvus Lite in this process (`uri` is a path ending in .db) or a server.

Only what Milvus 2.3 and Milvus Lite both have is used: one float vector, a FLAT index, scalar and
JSON fields. The model's name is kept in a collection of its own, for Lite forgets descriptions.
"""

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from pymilvus import DataType, MilvusClient, MilvusException
from pymilvus.exceptions import ParamError

from indexer.milvus_filter import EVERYTHING, FIELD, expression, filterable, one_of
from indexer.nearest import nearest, rounding
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.filters import Filter
from snapmode.items import Value
from snapmode.paging import pages
from snapmode.ports import Box, Vector, VectorHit, VectorRow, VectorsFound

MAX_HITS = 16_384
"""Milvus answers no search or query with more."""
MARGIN = 32
"""Rows asked for beyond k, so that those that nearly tie with the last can be put in order."""
STALENESS = timedelta(seconds=5)
"""Milvus' bound for a search of consistency level Bounded."""
PAGE = 500
"""Rows read at once by `scan`."""
TEXTS = {"id": 512, "product_id": 512, "picture": 512, "box": 512, "attributes": 65_535}
"""Text fields and their bytes at most; `box` and `attributes` are JSON."""
FOUND = ["id", "product_id", "picture", "box", "vector"]
WHOLE = [*FOUND, "version", "attributes"]
ADVICE = (
    "a collection holds the vectors of one model; use that model, or another collection (another "
    "--data folder) and import or crawl again"
)


class MilvusVectors:
    """Vectors in a collection; see `snapmode.ports.VectorIndex`.

    The collection is made when it is first used. One writer per id at a time: versions are compared
    here, not in Milvus. Milvus Lite can be opened by one process only. `index_time` is that of the
    search less Milvus' bound of staleness; `flush` waits until all that was written is seen.
    """

    def __init__(self, uri: str, model: str, dim: int, collection: str = "snapmode") -> None:
        self._uri = uri
        self._model = model
        self._dim = dim
        self._name = collection
        self._lock = threading.RLock()
        self._opened: MilvusClient | None = None

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        entities = {row.id: self._entity(row) for row in sorted(rows, key=lambda row: row.version)}
        with self._lock:
            stored = self._rows_of(list(entities), ["id", "version"])
            versions = {row["id"]: row["version"] for row in stored}
            taken = [
                entity
                for key, entity in entities.items()
                if entity["version"] >= versions.get(key, 0)
            ]
            if taken:
                with self._client() as client:
                    client.upsert(self._name, taken)

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        found: dict[str, VectorRow] = {}
        for field, values in (("product_id", products), ("picture", pictures)):
            for chunk in pages(sorted(values), PAGE):
                for row in self._query(one_of(field, chunk), WHOLE):
                    found[row["id"]] = _row(row)
        return [found[key] for key in sorted(found)]

    def search(self, query: Vector, k: int, filter: Filter | None = None) -> VectorsFound:
        if query.shape != (self._dim,):
            raise RejectedError(f"query has shape {query.shape}; this index has ({self._dim},)")
        if not np.isfinite(query).all():
            raise RejectedError("query holds NaN or infinite values")
        index_time = datetime.now(UTC) - STALENESS
        asked = expression(filter)
        found = self._candidates(query, k, asked) if k > 0 else []
        hits = sorted(self._hits(found, query, k), key=lambda hit: (-hit.score, hit.id))[:k]
        return VectorsFound(hits, "exact", True, self._count(asked, "Bounded"), index_time)

    def delete(self, ids: Collection[str]) -> None:
        with self._lock, self._client() as client:
            for chunk in pages(sorted(ids), PAGE):
                client.delete(self._name, filter=one_of("id", chunk))

    def count(self, filter: Filter | None = None) -> int:
        return self._count(expression(filter), "Strong")

    def scan(self) -> Iterator[VectorRow]:
        ids = sorted(row["id"] for row in self._query(EVERYTHING, ["id"]))
        for chunk in pages(ids, PAGE):
            yield from sorted(map(_row, self._rows_of(chunk, WHOLE)), key=lambda row: row.id)

    def flush(self) -> None:
        # Once a Strong read is answered, the nodes have seen everything up to it.
        self._count(EVERYTHING, "Strong")

    def close(self) -> None:
        with self._lock:
            if self._opened:
                self._opened.close()
            self._opened = None

    # ------------------------------------------------------------ engine

    @contextmanager
    def _client(self) -> Iterator[MilvusClient]:
        """The client, its collections made and loaded; an engine that is away is transient."""
        try:
            with self._lock:
                if self._opened is None:
                    self._opened = self._open()
            yield self._opened
        except ParamError:
            raise  # a wrong call: a bug
        except (MilvusException, OSError) as error:
            raise TransientError(f"Milvus at {self._uri}: {error}") from error

    def _open(self) -> MilvusClient:
        if "://" not in self._uri:
            Path(self._uri).parent.mkdir(parents=True, exist_ok=True)
        client = MilvusClient(self._uri)
        try:
            self._agree(client)
        except BaseException:
            client.close()
            raise
        return client

    def _agree(self, client: MilvusClient) -> None:
        about = f"{self._name}_meta"
        if not client.has_collection(about):
            texts = {"id": 64, "value": 512}
            self._create(client, about, texts, {}, 2)
            values = {"model": self._model, "dim": str(self._dim)}
            client.upsert(
                about, [{"id": k, "value": v, "vector": [1.0, 0.0]} for k, v in values.items()]
            )
        client.load_collection(about)
        stored = client.query(about, 'id in ["model", "dim"]', ["id", "value"], **_strong())
        held = {row["id"]: row["value"] for row in stored}
        for key, value in (("model", self._model), ("dim", str(self._dim))):
            if held.get(key) != value:
                raise ConfigError(
                    f"{self._uri} {self._name} holds {key} {held.get(key)}, "
                    f"asked for was {key} {value}: {ADVICE}"
                )
        if not client.has_collection(self._name):
            others = {"version": DataType.INT64, FIELD: DataType.JSON}
            self._create(client, self._name, TEXTS, others, self._dim)
        client.load_collection(self._name)

    @staticmethod
    def _create(
        client: MilvusClient,
        name: str,
        texts: Mapping[str, int],
        others: Mapping[str, DataType],
        dim: int,
    ) -> None:
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for field, size in texts.items():
            schema.add_field(field, DataType.VARCHAR, is_primary=field == "id", max_length=size)
        for field, kind in others.items():
            schema.add_field(field, kind)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
        index = MilvusClient.prepare_index_params()
        index.add_index("vector", index_type="FLAT", metric_type="IP")
        client.create_collection(name, schema=schema, index_params=index)

    # ------------------------------------------------------------ reading

    def _query(self, asked: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        with self._client() as client:
            found = client.query(self._name, asked, list(fields), limit=MAX_HITS, **_strong())
            if len(found) < MAX_HITS:
                return list(found)
            pages = client.query_iterator(
                self._name, filter=asked, output_fields=list(fields), **_strong()
            )
            everything: list[dict[str, Any]] = []
            while page := pages.next():
                everything += page
            pages.close()
            return everything

    def _rows_of(self, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        return [
            row for chunk in pages(ids, PAGE) for row in self._query(one_of("id", chunk), fields)
        ]

    def _count(self, asked: str, consistency: str) -> int:
        with self._client() as client:
            counted = client.query(self._name, asked, ["count(*)"], consistency_level=consistency)
        return int(counted[0]["count(*)"])

    def _candidates(self, query: Vector, k: int, asked: str) -> list[Mapping[str, Any]]:
        """The k best, and enough beyond that none which ties with the k-th is missing."""
        if k > MAX_HITS:
            return list(self._query(asked, FOUND))
        norm = float(np.linalg.norm(query.astype(np.float64)))
        unit = (query / norm if norm else query).astype(np.float32)
        limit = k
        while True:
            limit = min(limit + MARGIN, MAX_HITS)
            found = self._search(unit, limit, asked)
            if len(found) < limit:
                return [hit["entity"] for hit in found]
            gap = found[k - 1]["distance"] - found[-1]["distance"]
            if gap > rounding(self._dim):
                return [hit["entity"] for hit in found]
            if limit == MAX_HITS:
                return list(self._query(asked, FOUND))
            limit *= 4

    def _search(self, unit: Vector, limit: int, asked: str) -> Sequence[Mapping[str, Any]]:
        with self._client() as client:
            found: Sequence[Mapping[str, Any]] = client.search(
                self._name,
                data=[unit.tolist()],
                filter=asked,
                limit=limit,
                output_fields=FOUND,
                search_params={"metric_type": "IP"},
                consistency_level="Bounded",
            )[0]
        return found

    @staticmethod
    def _hits(found: Sequence[Mapping[str, Any]], query: Vector, k: int) -> Iterator[VectorHit]:
        """The k best of them and those that tie, scored anew: equal vectors have equal scores."""
        if not found:
            return
        matrix = np.array([row["vector"] for row in found], np.float32)
        best = nearest(matrix, query, k, np.empty(0, np.int64))
        for place, score in zip(best.rows.tolist(), best.scores.tolist(), strict=True):
            row = found[place]
            yield VectorHit(row["id"], row["product_id"], row["picture"], _box(row["box"]), score)

    def _entity(self, row: VectorRow) -> dict[str, Any]:
        if row.vector.shape != (self._dim,):
            raise RejectedError(
                f"vector {row.id} has shape {row.vector.shape}; this index has ({self._dim},)"
            )
        length = float(np.linalg.norm(row.vector))
        if not abs(length - 1.0) <= 1e-3:  # NaN too
            raise RejectedError(f"vector {row.id} has length {length:.4g}, not 1")
        texts = {
            "id": row.id,
            "product_id": row.product_id,
            "picture": row.picture,
            "box": "" if row.box is None else json.dumps(row.box),
            "attributes": json.dumps(row.attributes, ensure_ascii=False),
        }
        for field, text in texts.items():
            if len(text.encode()) > TEXTS[field]:
                raise RejectedError(f"vector {row.id}: {field} is longer than {TEXTS[field]} bytes")
        others = {"version": row.version, FIELD: filterable(row.attributes)}
        return {**texts, **others, "vector": row.vector.tolist()}


def _strong() -> dict[str, str]:
    return {"consistency_level": "Strong"}


def _row(row: Mapping[str, Any]) -> VectorRow:
    values: dict[str, Value] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(row["attributes"]).items()
    }
    return VectorRow(
        row["id"],
        row["product_id"],
        row["picture"],
        _box(row["box"]),
        row["version"],
        np.array(row["vector"], np.float32),
        values,
    )


def _box(text: str) -> Box | None:
    if not text:
        return None
    left, top, right, bottom = json.loads(text)
    return (left, top, right, bottom)
