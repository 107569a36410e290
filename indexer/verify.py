"""Do catalog, vectors, pictures and log agree? What does not is a `Finding`."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from snapmode.dead_letters import read as read_letters
from snapmode.errors import RejectedError
from snapmode.ingest import GROUP, embed_each, read_message, vector_id
from snapmode.items import Product, attributes
from snapmode.paging import pages
from snapmode.ports import Catalog, Embedder, ImageStore, Log, Picture, VectorIndex, VectorRow
from snapmode.topics import PRODUCTS

Kind = Literal[
    "missing_picture",
    "corrupt_picture",
    "orphan_picture",
    "missing_vector",
    "damaged_vector",
    "stale_vector",
    "duplicate_vector",
    "orphan_vector",
    "log_mismatch",
]
GRACE = 3600.0
"""Seconds a picture may wait for its product to be published and indexed."""
UNIT = 1e-3
"""How far a vector's length may be from 1, as in `VectorIndex.upsert`."""
PAGE = 200
"""Products looked at together."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree."""

    kind: Kind
    id: str
    """Of a vector's row, a picture (its key) or a product, by the kind: see `check`."""
    detail: str
    """One line for a person."""
    product: str | None = None
    """The product it is about, when there is one."""


@dataclass(frozen=True, slots=True)
class Stores:
    """All that must agree."""

    catalog: Catalog
    vectors: VectorIndex
    images: ImageStore
    log: Log
    embedder: Embedder
    grace: float = GRACE


@dataclass(slots=True)
class Last:
    """What the log said last about a product."""

    version: int | None
    """None: the record is no message, or a dead letter holds it."""
    pictures: tuple[str, ...]


@dataclass(slots=True)
class Known:
    """What is collected on the way through the stores."""

    last: dict[str, Last] = field(default_factory=dict)
    """Product id → the log's last word."""
    pending: set[str] = field(default_factory=set)
    """Products whose last record is still to be ingested: no findings."""
    products: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    """Keys of pictures that a product or a record names."""


def check(stores: Stores, watch: Callable[[str], None] = lambda _: None) -> Iterator[Finding]:
    """Every disagreement; `watch` hears "catalog", "vectors" or "pictures" for each item seen.

    missing_picture (id: key): the catalog names a picture that is not stored.
    corrupt_picture (key): the bytes are not those of the key.
    orphan_picture (key): no product and no record names it, and it is older than `grace`.
    missing_vector (key): a stored picture of a product has no row, though it can be embedded.
    damaged_vector (row): its values are no longer finite or of unit length.
    stale_vector (row): version or attributes are not the product's.
    duplicate_vector (row): the picture of the product has its proper row besides.
    orphan_vector (row): its product, or the picture in it, is gone; or another model made it.
    log_mismatch (product): the log's last version is not the catalog's, though nothing is pending.

    Run it while nothing is ingested: what is being written meanwhile may be reported.
    """
    known = Known(last=_read_log(stores.log))
    yield from _log(stores, known)
    yield from _catalog(stores, known, watch)
    yield from _vectors(stores, known, watch)
    yield from _pictures(stores, known, watch)


def lag(log: Log) -> int:
    """Records of the products topic that are still to be ingested."""
    return log.lag(PRODUCTS, GROUP)


def _read_log(log: Log) -> dict[str, Last]:
    aside = {(one.key, one.value) for one in read_letters(log) if one.stage in ("decode", "ingest")}
    last: dict[str, Last] = {}
    for record in log.read_all(PRODUCTS):
        try:
            message = read_message(record)
        except RejectedError:
            last[record.key] = Last(None, ())
            continue
        version = None if (record.key, record.value) in aside else message.version
        pictures = message.image_keys if isinstance(message, Product) else ()
        last[record.key] = Last(version, pictures)
    return last


def _log(stores: Stores, known: Known) -> Iterator[Finding]:
    is_behind = lag(stores.log) > 0
    for page in pages(known.last, PAGE):
        versions = stores.catalog.versions(page)
        for key in page:
            said, stored = known.last[key], versions.get(key)
            known.used.update(said.pictures)
            if said.version is None or said.version == stored:
                continue
            if is_behind:
                known.pending.add(key)
            else:
                detail = f"the log's last version is {said.version}, the catalog's {stored}"
                yield Finding("log_mismatch", key, detail, key)


def _catalog(stores: Stores, known: Known, watch: Callable[[str], None]) -> Iterator[Finding]:
    for page in pages(stores.catalog.scan(), PAGE):
        rows: dict[str, list[VectorRow]] = defaultdict(list)
        for row in stores.vectors.rows(products=[product.id for product in page]):
            rows[row.product_id].append(row)
        for product in page:
            watch("catalog")
            known.products.add(product.id)
            known.used.update(product.image_keys)
            if product.id not in known.pending:
                yield from _product(stores, product, rows[product.id])


def _product(stores: Stores, product: Product, rows: list[VectorRow]) -> Iterator[Finding]:
    proper = {row.id for row in rows if row.id == _proper_id(stores, row)}
    for row in rows:
        if row.picture not in product.image_keys:
            detail = f"product {product.id} no longer has picture {row.picture}"
            yield Finding("orphan_vector", row.id, detail, product.id)
        elif row.id not in proper:
            yield _misnamed(stores, row, proper)
        elif not _is_unit(row):
            detail = f"picture {row.picture} of product {product.id} has a vector that is no unit"
            yield Finding("damaged_vector", row.id, detail, product.id)
        elif row.version != product.version or row.attributes != attributes(product):
            detail = f"of version {row.version} of product {product.id}, now {product.version}"
            yield Finding("stale_vector", row.id, detail, product.id)
    for key in product.image_keys:
        has_row = vector_id(product.id, key, None, stores.embedder.name) in proper
        if not stores.images.exists(key):
            detail = f"product {product.id} names a picture that is not stored: crawl it again"
            yield Finding("missing_picture", key, detail, product.id)
        elif not has_row and _can_be_embedded(stores, key):
            detail = f"picture {key} of product {product.id} has no vector"
            yield Finding("missing_vector", key, detail, product.id)


def _proper_id(stores: Stores, row: VectorRow) -> str:
    return vector_id(row.product_id, row.picture, row.box, stores.embedder.name)


def _is_unit(row: VectorRow) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        # Not `abs(…) > …`: a NaN compares as neither.
        return bool(abs(np.linalg.norm(row.vector) - 1) < UNIT)


def _misnamed(stores: Stores, row: VectorRow, proper: set[str]) -> Finding:
    where = f"picture {row.picture} of product {row.product_id}"
    if _proper_id(stores, row) in proper:
        return Finding("duplicate_vector", row.id, f"a second row of {where}", row.product_id)
    return Finding("orphan_vector", row.id, f"{where}, by another model", row.product_id)


def _can_be_embedded(stores: Stores, key: str) -> bool:
    try:
        picture = Picture(stores.images.get(key))
    except KeyError:
        return False
    return not isinstance(embed_each(stores.embedder, [picture])[0], RejectedError)


def _vectors(stores: Stores, known: Known, watch: Callable[[str], None]) -> Iterator[Finding]:
    for row in stores.vectors.scan():
        watch("vectors")
        if row.product_id not in known.products and row.product_id not in known.pending:
            detail = f"the catalog has no product {row.product_id}"
            yield Finding("orphan_vector", row.id, detail, row.product_id)


def _pictures(stores: Stores, known: Known, watch: Callable[[str], None]) -> Iterator[Finding]:
    for key in stores.images.keys():  # noqa: SIM118 -- a method of ours, not a mapping's
        watch("pictures")
        try:
            is_whole = hashlib.sha256(stores.images.get(key)).hexdigest() == key
            age = stores.images.age(key)
        except KeyError:
            continue  # deleted since it was listed
        if not is_whole:
            yield Finding("corrupt_picture", key, "the bytes are not those of the key")
        elif key not in known.used and age > stores.grace:
            yield Finding("orphan_picture", key, f"nothing names it; put {age:.0f} s ago")
