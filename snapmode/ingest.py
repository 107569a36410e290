"""Use case 1: from a message of the log to the stores.

Two steps, apart from any loop, so that one process and a Storm topology run the same code:
`EmbedStep` makes the rows of vectors, `IndexStep` writes. Both may be repeated at will: ids are
deterministic, versions never go back, and what is already embedded is taken from the index.
"""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from snapmode.codec import Message, decode
from snapmode.errors import RejectedError
from snapmode.items import Product, Removal, attributes, digest
from snapmode.metrics import EMBEDDED, INGESTED, STAGE_SECONDS
from snapmode.paging import pages
from snapmode.ports import (
    Box,
    Catalog,
    Embedder,
    ImageStore,
    Picture,
    Record,
    Vector,
    VectorIndex,
    VectorRow,
)

GROUP = "ingest"
"""The consumer group that reads the products topic."""
FETCHERS = 4
"""Threads that wait for an image store that is far away."""


def read_message(record: Record) -> Message:
    """What a record of the products topic says; `RejectedError` when it is no message.

    A tombstone is a removal as of its time.
    """
    if record.value is None:
        return Removal(id=record.key, version=int(record.timestamp * 1_000_000))
    return decode(record.value)


def vector_id(product_id: str, picture: str, box: Box | None, model: str) -> str:
    """The id of a row: the same picture in the same product always replaces itself."""
    return digest(product_id, picture, repr(box), model)


@dataclass(frozen=True, slots=True)
class RejectedPicture:
    """A picture of a product that could not be embedded; the product goes on without it."""

    product_id: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """A message with the rows that belong to it: what travels between the two steps."""

    message: Message
    rows: tuple[VectorRow, ...] = ()
    rejected: tuple[RejectedPicture, ...] = ()


def embed_each(embedder: Embedder, pictures: Sequence[Picture]) -> list[Vector | RejectedError]:
    """A vector or the reason why not, for each picture: one bad picture spoils no batch."""
    try:
        return list(embedder.embed(pictures)) if pictures else []
    except RejectedError as error:
        if len(pictures) == 1:
            return [error]
    half = len(pictures) // 2
    return embed_each(embedder, pictures[:half]) + embed_each(embedder, pictures[half:])


@dataclass(frozen=True, slots=True)
class EmbedStep:
    """Messages → messages with rows. A picture that has a row is never embedded again."""

    embedder: Embedder
    images: ImageStore
    vectors: VectorIndex
    batch: int = 16
    """Pictures embedded at once, while as many are fetched."""

    def __call__(self, messages: Sequence[Message]) -> list[Embedded]:
        """The messages in their order, each with its rows and its rejected pictures."""
        products = [message for message in messages if isinstance(message, Product)]
        wanted = {key for product in products for key in product.image_keys}
        known = self._known(wanted)
        refused: dict[str, str] = {}
        for fetched in self._fetched(sorted(wanted - known.keys())):
            self._embed(fetched, known, refused)
        return [self._embedded(message, known, refused) for message in messages]

    def _known(self, wanted: set[str]) -> dict[str, Vector]:
        rows = self.vectors.rows(pictures=wanted) if wanted else []
        known = {row.picture: row.vector for row in rows if row.box is None}
        EMBEDDED.labels("reused").inc(len(known))
        return known

    def _fetched(self, keys: Sequence[str]) -> Iterator[dict[str, Picture | None]]:
        """Pictures by key, a batch at a time; the next batch comes while one is worked on."""
        with ThreadPoolExecutor(FETCHERS, "fetch") as fetchers:
            coming: Iterator[tuple[str, Picture | None]] = iter(())
            for page in (*pages(keys, self.batch), ()):
                ready, coming = coming, fetchers.map(self._fetch, page)
                if fetched := dict(ready):
                    yield fetched

    def _fetch(self, key: str) -> tuple[str, Picture | None]:
        try:
            return key, Picture(self.images.get(key))
        except KeyError:
            return key, None

    def _embed(
        self,
        fetched: dict[str, Picture | None],
        known: dict[str, Vector],
        refused: dict[str, str],
    ) -> None:
        pictures = {key: picture for key, picture in fetched.items() if picture}
        with STAGE_SECONDS.labels("embed").time():
            results = embed_each(self.embedder, list(pictures.values()))
        found = dict(zip(pictures, results, strict=True))
        for key in fetched:
            result = found.get(key, RejectedError("the image store does not hold this picture"))
            if isinstance(result, RejectedError):
                refused[key] = str(result)
            else:
                known[key] = result
        rejected = len(refused.keys() & fetched.keys())
        EMBEDDED.labels("embedded").inc(len(fetched) - rejected)
        EMBEDDED.labels("rejected").inc(rejected)

    def _embedded(
        self, message: Message, known: dict[str, Vector], refused: dict[str, str]
    ) -> Embedded:
        if isinstance(message, Removal):
            return Embedded(message)
        rows = tuple(
            self._row(message, key, known[key]) for key in message.image_keys if key in known
        )
        rejected = tuple(
            RejectedPicture(message.id, key, refused[key])
            for key in message.image_keys
            if key in refused
        )
        return Embedded(message, rows, rejected)

    def _row(self, product: Product, key: str, vector: Vector) -> VectorRow:
        return VectorRow(
            id=vector_id(product.id, key, None, self.embedder.name),
            product_id=product.id,
            picture=key,
            box=None,
            version=product.version,
            vector=np.asarray(vector, dtype=np.float32),
            attributes=attributes(product),
        )


@dataclass(frozen=True, slots=True)
class IndexStep:
    """Embedded messages → the stores: upserts catalog first, removals vectors first.

    Readers go the other way round (vectors, then catalog), so a hit never points at nothing.
    """

    catalog: Catalog
    vectors: VectorIndex

    def __call__(self, batch: Sequence[Embedded]) -> None:
        """Write the batch; of several messages for one product only the newest counts."""
        newest = _newest(batch)
        with STAGE_SECONDS.labels("index").time():
            self._upsert([item for item in newest if isinstance(item.message, Product)])
            self._remove([item.message for item in newest if isinstance(item.message, Removal)])
        _count("stale", len(batch) - len(newest))

    def _upsert(self, batch: list[Embedded]) -> None:
        if not batch:
            return
        products = [item.message for item in batch if isinstance(item.message, Product)]
        taken = set(self.catalog.upsert(products))
        rows = [row for item in batch if item.message.id in taken for row in item.rows]
        self.vectors.upsert(rows)
        kept = {row.id for row in rows}
        self._delete_rows(
            {item.id: item.version for item in products if item.id in taken}, but=kept
        )
        _count("indexed", len(taken))
        _count("stale", len(batch) - len(taken))

    def _delete_rows(self, versions: dict[str, int], but: Collection[str] = ()) -> None:
        """Rows of products up to these versions: who writes a newer one meanwhile keeps its own."""
        stored = self.vectors.rows(products=versions)
        self.vectors.delete(
            [
                row.id
                for row in stored
                if row.id not in but and row.version <= versions[row.product_id]
            ]
        )

    def _remove(self, removals: list[Removal]) -> None:
        if not removals:
            return
        versions = self.catalog.versions([removal.id for removal in removals])
        due = [removal for removal in removals if versions.get(removal.id, 0) <= removal.version]
        self._delete_rows({removal.id: removal.version for removal in due})
        self.catalog.delete(due)
        _count("removed", len(due))
        _count("stale", len(removals) - len(due))


def _newest(batch: Sequence[Embedded]) -> list[Embedded]:
    newest: dict[str, Embedded] = {}
    for item in batch:
        before = newest.get(item.message.id)
        if before is None or before.message.version <= item.message.version:
            newest[item.message.id] = item
    return list(newest.values())


def _count(outcome: str, number: int) -> None:
    if number:
        INGESTED.labels(outcome).inc(number)
