"""The ports: what the loop needs from an engine, in words. Adapters don't inherit.

Every port is synchronous. An adapter raises only the errors of `snapmode.errors` (and `KeyError`
where a port says so): an engine that is away is a `TransientError`, input that can never be
taken is a `RejectedError`, a setting that can't work is a `ConfigError`.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from snapmode.filters import Filter
from snapmode.items import Product, Removal, Value

Vector = npt.NDArray[np.float32]
Box = tuple[float, float, float, float]
"""[x1, y1, x2, y2], each 0..1 of the picture's width or height after EXIF rotation."""
WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Picture:
    """An in-flight picture: encoded bytes (JPEG, PNG, WebP …) and the part that is meant."""

    data: bytes
    box: Box | None = None
    """None is the whole picture."""


# ------------------------------------------------------------------ log


@dataclass(frozen=True, slots=True)
class Record:
    """One message of a topic."""

    topic: str
    partition: int
    offset: int
    """Grows within a partition, not necessarily by one."""
    key: str
    value: bytes | None
    """None is a tombstone."""
    timestamp: float
    """Seconds since the epoch at `publish`."""


class Log(Protocol):
    """Topics of partitions. Records of one key share a partition and keep their order.

    One instance is one member of every consumer group it polls. A partition belongs to one member
    of a group at a time; when a member closes or dies its partitions move to the others. What was
    polled and not committed is read again by whoever gets the partition next. A group that has
    committed nothing starts at the oldest record kept. One thread at a time polls a group.
    """

    def publish(self, topic: str, messages: Iterable[tuple[str, bytes | None]]) -> None:
        """Append (key, value) messages; all of them are durable when this returns.

        A crash or an error may keep only some of them: callers order or repeat them.

        In a compacted topic (see `snapmode.topics`) only the last value of a key is certain to be
        kept, and a tombstone removes the key. An unknown topic is a `ConfigError`.
        """

    def poll(self, topic: str, group: str, limit: int, timeout: float = 0.0) -> list[Record]:
        """Up to `limit` records this member has not seen; waits up to `timeout` seconds for one."""

    def commit(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """Partition → offset: this record and all before it are done, durably.

        `TransientError` for a partition this member does not own (any more): nothing is lost, its
        records will be read again by the new owner.
        """

    def on_revoked(self, topic: str, group: str, call: Callable[[set[int]], None]) -> None:
        """Call with the partitions about to leave this member, while it may still commit them, or
        that have left it unasked: then a commit is refused, and what was not committed is lost to
        this member.

        It is called from within `poll` and `close`, in their thread.
        """

    def read_all(self, topic: str, partition: int | None = None) -> Iterator[Record]:
        """Every record kept now, oldest first within a partition; outside any group.

        In a compacted topic older values of a key may come before its last one.
        """

    def lag(self, topic: str, group: str) -> int:
        """How many records of the topic the group has not committed: never too few, 0 exactly when
        nothing is left.
        """

    def close(self) -> None:
        """Leave every group and let go of the engine. Calling it twice is harmless."""


# ------------------------------------------------------------------ pictures


class ImageStore(Protocol):
    """Content-addressed pictures: key = sha256 of the bytes in hex."""

    def put(self, data: bytes) -> str:
        """Store durably and return the key; the same bytes always give the same key."""

    def get(self, key: str) -> bytes:
        """The bytes; `KeyError` when unknown."""

    def exists(self, key: str) -> bool:
        """Whether `get` would answer."""

    def delete(self, key: str) -> None:
        """Forget the picture; unknown keys are fine."""

    def keys(self) -> Iterator[str]:
        """Every key stored, in no order."""

    def age(self, key: str) -> float:
        """Seconds since the picture was last put; `KeyError` when unknown."""


class Embedder(Protocol):
    """Pictures to unit vectors."""

    @property
    def name(self) -> str:
        """Name of the model, with the hash of its source checkpoint and preprocessing.

        Exports of one checkpoint (f32, int8, torch) share it: their vectors may be mixed.
        """

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def parts(self) -> Mapping[str, slice]:
        """Named parts of a vector, e.g. {"shape": slice(0, 128), …}; a single part is "all"."""

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        """float32 (len(pictures), dim), unit rows, independent of the batch within 1e-4.

        A picture that can't be read is a `RejectedError` and no vector is returned for any.
        """


@dataclass(frozen=True, slots=True)
class Detection:
    """A garment seen in a picture."""

    box: Box
    type: str
    score: float


class Detector(Protocol):
    """Garments in a picture, best first."""

    def detect(self, picture: Picture) -> list[Detection]:
        """Boxes, descending by score; an empty list when there is none."""


# ------------------------------------------------------------------ what is kept


@dataclass(frozen=True, slots=True)
class VectorRow:
    """One embedded picture (or part of one) of one product."""

    id: str
    """See `snapmode.ingest.vector_id`: product, picture, box and model."""
    product_id: str
    picture: str
    """Key in the image store."""
    box: Box | None
    version: int
    """The product's version this row was written for."""
    vector: Vector
    """float32 (dim,), unit length."""
    attributes: Mapping[str, Value]
    """`snapmode.items.attributes` of the product."""


@dataclass(frozen=True, slots=True)
class VectorHit:
    """A row found, without its vector."""

    id: str
    product_id: str
    picture: str
    box: Box | None
    score: float
    """Inner product with the query."""


@dataclass(frozen=True, slots=True)
class VectorsFound:
    """The hits and how they were found."""

    hits: list[VectorHit]
    mode: str
    """exact, lsh, hnsw, …"""
    exact: bool
    """Whether no better row can have been missed."""
    scanned: int
    """Rows whose score was computed."""
    index_time: datetime
    """UTC; changes made after it may not be reflected."""


class VectorIndex(Protocol):
    """Unit rows of one model, searched by inner product.

    Opened for one model: a store that holds rows of another is a `ConfigError` that says so.
    """

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        """Write rows, durably. One writer per product at a time.

        After a `TransientError` some may be written: repeat.
        A row older than the stored one of its id is ignored; an equal or newer version replaces it.
        A wrong dimension, a NaN or a vector that is not a unit (within 1e-3) is a `RejectedError`,
        and then no row is written.
        """

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        """Stored rows of any of the products or of any of the pictures, in the order of ids.

        What this instance has written is seen at once, also before `flush`.
        """

    def search(self, query: Vector, k: int, filter: Filter | None = None) -> VectorsFound:
        """The k best rows: score descending, ties by id; `k` hits whenever `k` rows match.

        The filter is applied before the limit. `query` is finite and has `dim` values, else
        `RejectedError`; it need not be a unit.
        """

    def delete(self, ids: Collection[str]) -> None:
        """Forget rows by id; unknown ids are fine."""

    def count(self, filter: Filter | None = None) -> int:
        """How many rows match."""

    def scan(self) -> Iterator[VectorRow]:
        """Every row, in the order of ids."""

    def flush(self) -> None:
        """What was written before is visible to every reader after this."""

    def close(self) -> None:
        """Let go of the engine. Calling it twice is harmless."""


@dataclass(frozen=True, slots=True)
class ProductsFound:
    """A page of products and how many there are in all."""

    products: list[Product]
    total: int


class Catalog(Protocol):
    """Products by id, with filters, facets and full text."""

    def upsert(self, products: Sequence[Product]) -> list[str]:
        """Write products durably; returns the ids that were taken, in order.

        One writer per id at a time. After a `TransientError` some may be written: repeat.
        One older than what is stored (a tombstone too) is left out; an equal version is taken.
        """

    def delete(self, removals: Sequence[Removal]) -> list[str]:
        """Put tombstones; returns the ids taken. One older than the stored product is left out."""

    def versions(self, ids: Collection[str]) -> dict[str, int]:
        """Stored version by id, tombstones included; unknown ids are absent."""

    def get(self, ids: Sequence[str]) -> list[Product]:
        """Products in the asked order; unknown and removed ids are skipped."""

    def search(
        self, text: str = "", filter: Filter | None = None, limit: int = 20, offset: int = 0
    ) -> ProductsFound:
        """Products that hold every word of `text` (best first; empty text: by id) and match."""

    def facets(
        self, fields: Sequence[str], text: str = "", filter: Filter | None = None, limit: int = 100
    ) -> dict[str, list[tuple[str, int]]]:
        """Field → (value, number of products), most frequent first, ties by value.

        A field without `facet` in `snapmode.items.FIELDS` is a `RejectedError`.
        """

    def count(self, filter: Filter | None = None) -> int:
        """How many products match, without the removed."""

    def scan(self) -> Iterator[Product]:
        """Every product, in the order of ids."""

    def flush(self) -> None:
        """What was written before is visible to every reader after this."""

    def close(self) -> None:
        """Let go of the engine. Calling it twice is harmless."""
