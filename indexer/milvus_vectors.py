"""Exact vectors in Milvus: Milvus Lite in this process (`uri` is a path ending in .db) or a server.

Only what Milvus 2.3 and Milvus Lite both have is used: one float vector, a FLAT index, scalar and
JSON fields.
"""

import logging
import re
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from grpc import RpcError, StatusCode
from pymilvus import DataType, MilvusClient, MilvusException
from pymilvus.exceptions import ParamError

from indexer.milvus_filter import EVERYTHING, FIELD, NOTHING, expression, id_ranges, one_of
from indexer.milvus_rows import FOUND, TEXTS, WHOLE, box_of, entity, row_of
from indexer.nearest import nearest, rounding
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.filters import Filter
from snapmode.paging import pages
from snapmode.ports import Vector, VectorHit, VectorRow, VectorsFound

MAX_HITS = 16_384
"""Milvus answers no search with more."""
MARGIN = 32
"""Rows asked for beyond k, so that those that nearly tie with the last can be put in order."""
STALENESS = timedelta(seconds=5)
"""Milvus' bound for a read of consistency level Bounded."""
PAGE = 500
"""Rows written, deleted or read at once."""
MANY = 4096
"""Rows read at once when fewer are expected: with long vectors they still fit into an answer."""
IDS = 100_000
"""Ids read at once."""
CONNECTION = {
    # After a server or a link has come back; without them gRPC may wait for two minutes.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.min_reconnect_backoff_ms": 2000,
    "grpc.max_reconnect_backoff_ms": 2000,
}
ADDRESS = re.compile(r"(https?|tcp)://.|unix:.|.*\.db$")
ADVICE = (
    "a collection holds the vectors of one model; use that model, or another collection (another "
    "--data folder) and import or crawl again"
)
REFUSED = (StatusCode.UNAUTHENTICATED, StatusCode.PERMISSION_DENIED)


class MilvusVectors:
    """Vectors in a collection; see `snapmode.ports.VectorIndex`.

    The collection is made when it is first used. One writer per id at a time: versions are compared
    here, not in Milvus. Milvus Lite can be opened by one process only. `index_time` is that of the
    search less Milvus' bound of staleness; `flush` waits until all that was written is seen.

    A read that must see what other processes have just written (Strong) waits for the server's next
    tick, 200 ms by default (its setting proxy.timeTickInterval): one for each call of `upsert`, of
    `rows` by product and of `count`. `search` does not wait (Bounded), nor does `rows` by picture
    where nothing was written; who writes sees it at once. (Session misses deletes.)

    A server that does not answer within `timeout` seconds is away. `token` is "user:password" or an
    API key; `shards` counts when the collection is made, `replicas` when it is loaded.
    """

    def __init__(
        self,
        uri: str,
        model: str,
        dim: int,
        collection: str = "snapmode",
        token: str = "",
        timeout: float = 10.0,
        shards: int = 1,
        replicas: int = 1,
    ) -> None:
        self._uri = uri
        self._model = model
        self._dim = dim
        self._name = collection
        self._token = token
        self._patience = timeout
        self._shards = shards
        self._replicas = replicas
        self._writing = threading.Lock()
        self._opening = threading.Lock()
        self._opened: MilvusClient | None = None
        self._agreed = False
        self._failed = 0.0  # monotonic seconds
        self._wrote = False

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        newest = sorted(rows, key=lambda row: row.version)
        entities = {row.id: entity(row, self._dim) for row in newest}
        with self._writing:
            stored = self._rows_of(list(entities), ["id", "version"])
            versions = {row["id"]: row["version"] for row in stored}
            taken = [
                each for key, each in entities.items() if each["version"] >= versions.get(key, 0)
            ]
            for chunk in pages(taken, PAGE):
                self._wrote = True
                self._call("upsert", data=chunk)

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        found: dict[str, VectorRow] = {}
        for field, values, consistency in (
            ("product_id", products, "Strong"),
            # Who does not see the vector that another has written embeds the picture once more, to
            # the same end.
            ("picture", pictures, "Strong" if self._wrote else "Bounded"),
        ):
            for chunk in pages(sorted(values), PAGE):
                for row in self._matching(one_of(field, chunk), WHOLE, consistency):
                    found[row["id"]] = row_of(row)
        return [found[key] for key in sorted(found)]

    def search(self, query: Vector, k: int, filter: Filter | None = None) -> VectorsFound:
        if query.shape != (self._dim,):
            raise RejectedError(f"query has shape {query.shape}; this index has ({self._dim},)")
        if not np.isfinite(query).all():
            raise RejectedError("query holds NaN or infinite values")
        index_time = datetime.now(UTC) - STALENESS
        asked = expression(filter)
        found = self._candidates(query, k, asked) if k > 0 else []
        hits = sorted(_hits(found, query, k), key=lambda hit: (-hit.score, hit.id))[:k]
        return VectorsFound(hits, "exact", True, self._count(asked, "Bounded"), index_time)

    def delete(self, ids: Collection[str]) -> None:
        with self._writing:
            for chunk in pages(sorted(ids), PAGE):
                self._wrote = True
                self._call("delete", filter=one_of("id", chunk))

    def count(self, filter: Filter | None = None) -> int:
        return self._count(expression(filter), "Strong")

    def scan(self) -> Iterator[VectorRow]:
        return map(row_of, self._scanned(EVERYTHING, WHOLE))

    def flush(self) -> None:
        # Once a Strong read is answered, the node that did has seen everything up to it.
        self._query(NOTHING, ["id"])
        if self._replicas > 1:
            time.sleep(STALENESS.total_seconds())  # the others may be behind by so much

    def close(self) -> None:
        with self._opening:
            if self._opened:
                self._opened.close()
            self._opened, self._agreed = None, False

    # ------------------------------------------------------------ engine

    def _call(self, method: str, **arguments: Any) -> Any:
        """Call the client for our collection."""
        with self._errors():
            client = self._client()
            call = getattr(client, method)
            return call(self._name, timeout=self._patience, **arguments)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What Milvus and gRPC raise, as ours; after it everything is looked at anew."""
        try:
            yield
        except ParamError:
            raise  # a wrong call: a bug
        except (MilvusException, RpcError, OSError) as error:
            self._agreed = False
            if refusal := _refusal(error):
                raise ConfigError(
                    f"Milvus at {self._where}: refused, check token: {refusal}"
                ) from error
            raise TransientError(f"Milvus at {self._where}: {_reason(error)}") from error

    @property
    def _where(self) -> str:
        return re.sub(r"//[^/@]*@", "//", self._uri)  # without a password

    def _client(self) -> MilvusClient:
        """The client, once the collections are there and loaded."""
        asked = time.monotonic()
        with self._opening:
            if self._opened is not None and self._agreed:
                return self._opened
            if self._failed > asked:
                raise OSError("away a moment ago, as another thread has found")
            try:
                self._opened = self._opened or self._connect()
                self._agree(self._opened)
            except BaseException:
                self._failed = time.monotonic()
                raise
            self._agreed = True
            return self._opened

    def _connect(self) -> MilvusClient:
        # It logs every error that it raises too, with its traceback.
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        if not ADDRESS.match(self._uri):
            raise ConfigError(f"Milvus at {self._where}: no http:// address, nor a path in .db")
        if "://" not in self._uri:
            Path(self._uri).parent.mkdir(parents=True, exist_ok=True)
        client = MilvusClient(
            self._uri,
            token=self._token,
            timeout=self._patience,
            dedicated=True,
            grpc_options=CONNECTION,
        )
        # gRPC connects anew by itself; the client would do it once more, one thread after another.
        client._handler._on_rpc_error = lambda _error: False  # noqa: SLF001 - there is no option
        return client

    def _agree(self, client: MilvusClient) -> None:
        """Make what is missing, step by step: whoever is killed between two is no harm.

        What the collection is for stands in the name of an empty one beside it: rows can be read
        late after a crash, names can't, and Milvus Lite forgets descriptions.
        """
        wait = {"timeout": self._patience}
        start = f"{self._name}_of_"
        ours = f"{start}{self._model.encode().hex()}_{self._dim}"
        notes = [each for each in client.list_collections(**wait) if each.startswith(start)]
        for note in notes:
            if note != ours:
                model, dim = note.removeprefix(start).split("_")
                raise ConfigError(
                    f"{self._where} {self._name} holds {dim} dimensions of model "
                    f"{bytes.fromhex(model).decode()}, asked for were {self._dim} of model "
                    f"{self._model}: {ADVICE}"
                )
        if ours not in notes:
            client.create_collection(ours, schema=_schema({"id": 64}, {}, 2), **wait)
        self._make(client)

    def _make(self, client: MilvusClient) -> None:
        """The collection with its index, loaded; what is there stays as it is."""
        name, wait = self._name, {"timeout": self._patience}
        if not client.has_collection(name, **wait):
            others = {"version": DataType.INT64, FIELD: DataType.JSON}
            schema = _schema(TEXTS, others, self._dim)
            client.create_collection(name, schema=schema, num_shards=self._shards, **wait)
        if not client.list_indexes(name, "vector", **wait):
            index = MilvusClient.prepare_index_params()
            index.add_index("vector", index_type="FLAT", metric_type="IP")
            # To wait for a FLAT index is to wait for nothing, and without a deadline at that.
            client.create_index(name, index, sync=False, **wait)
        client.load_collection(name, replica_number=self._replicas, **wait)
        # Who opens it sees what was written before, also by a search, which may lag.
        client.query(name, NOTHING, ["id"], consistency_level="Strong", **wait)

    # ------------------------------------------------------------ reading

    def _query(
        self, asked: str, fields: Sequence[str], consistency: str = "Strong", **options: object
    ) -> list[dict[str, Any]]:
        return list(
            self._call(
                "query",
                filter=asked,
                output_fields=list(fields),
                consistency_level=consistency,
                **options,
            )
        )

    def _matching(
        self, asked: str, fields: Sequence[str], consistency: str = "Strong"
    ) -> list[dict[str, Any]]:
        """All that match, in no order."""
        found = self._query(asked, fields, consistency, limit=MANY)
        return found if len(found) < MANY else list(self._scanned(asked, fields))

    def _scanned(self, asked: str, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
        """All that match, in the order of ids, never many at once.

        Milvus' own iterator is no help: that of 2.3 leaves out rows and is behind, and a limit
        without it promises no order. So ids come first, a range at a time.
        """
        for part in id_ranges(self._count(asked, "Strong") // IDS + 1):
            ids = sorted(row["id"] for row in self._query(f"({asked}) and ({part})", ["id"]))
            for chunk in pages(ids, PAGE):
                # Bounded: what answered the Strong reads just now has seen all of these.
                rows = self._query(one_of("id", chunk), fields, "Bounded")
                yield from sorted(rows, key=lambda row: row["id"])

    def _rows_of(self, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        return [
            row for chunk in pages(ids, PAGE) for row in self._query(one_of("id", chunk), fields)
        ]

    def _count(self, asked: str, consistency: str) -> int:
        return int(self._query(asked, ["count(*)"], consistency)[0]["count(*)"])

    def _candidates(self, query: Vector, k: int, asked: str) -> list[Mapping[str, Any]]:
        """The k best, and enough beyond that none which ties with the k-th is missing."""
        if k > MAX_HITS:
            return list(self._scanned(asked, FOUND))
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
                return list(self._scanned(asked, FOUND))
            limit *= 4

    def _search(self, unit: Vector, limit: int, asked: str) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self._call(
            "search",
            data=[unit.tolist()],
            filter=asked,
            limit=limit,
            output_fields=FOUND,
            search_params={"metric_type": "IP"},
            consistency_level="Bounded",
        )[0]
        return found


def _hits(found: Sequence[Mapping[str, Any]], query: Vector, k: int) -> Iterator[VectorHit]:
    """The k best of them and those that tie, scored anew: equal vectors have equal scores."""
    if not found:
        return
    matrix = np.array([row["vector"] for row in found], np.float32)
    best = nearest(matrix, query, k, np.empty(0, np.int64))
    for place, score in zip(best.rows.tolist(), best.scores.tolist(), strict=True):
        row = found[place]
        yield VectorHit(row["id"], row["product_id"], row["picture"], box_of(row["box"]), score)


def _schema(texts: Mapping[str, int], others: Mapping[str, DataType], dim: int) -> Any:
    """Of a collection: texts and their bytes at most, other fields, a vector."""
    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    for field, size in texts.items():
        schema.add_field(field, DataType.VARCHAR, is_primary=field == "id", max_length=size)
    for field, kind in others.items():
        schema.add_field(field, kind)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dim)
    return schema


def _refusal(error: BaseException | None) -> str:
    """What the server says when it does not let us in, anywhere in the chain of causes."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # pymilvus raises errors from themselves
        if isinstance(error, RpcError) and error.code() in REFUSED:
            return str(error.details())
        seen.add(id(error))
        error = error.__cause__
    return ""


def _reason(error: Exception) -> str:
    """In one line: gRPC's own text has a dozen."""
    if isinstance(error, RpcError):
        return f"{error.code().name}: {error.details()}"
    return str(error)
