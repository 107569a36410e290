"""Use case 2: from a picture, a product or words to products.

Vectors are read before the catalog. Hits are grouped by product: its best picture speaks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from snapmode.errors import RejectedError
from snapmode.filters import Filter
from snapmode.items import Product
from snapmode.metrics import STAGE_SECONDS
from snapmode.ports import (
    Box,
    Catalog,
    Embedder,
    Picture,
    Vector,
    VectorHit,
    VectorIndex,
    VectorsFound,
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One product found."""

    product: Product
    score: float
    """Inner product of the query with the product's best picture."""
    picture: str
    """Key of that picture."""
    box: Box | None
    """The part of that picture that was matched; None is the whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Products in the order of their score and how they were found."""

    hits: list[Hit]
    mode: str
    exact: bool
    scanned: int
    index_time: datetime


@dataclass(frozen=True, slots=True)
class Search:
    """The readers' side of the stores."""

    embedder: Embedder
    vectors: VectorIndex
    catalog: Catalog

    def by_picture(
        self, picture: Picture, limit: int, offset: int = 0, filter: Filter | None = None
    ) -> Answer:
        """Products that look like the picture; `RejectedError` when it can't be read."""
        with STAGE_SECONDS.labels("search_embed").time():
            vector = self.embedder.embed([picture])[0]
        return self.by_vector(vector, limit, offset, filter)

    def by_vector(
        self, vector: Vector, limit: int, offset: int = 0, filter: Filter | None = None
    ) -> Answer:
        """Products near a vector of this model; `RejectedError` when it can't be one."""
        self._check(vector)
        return self._grouped(vector, limit, offset, filter, without=None)

    def similar(
        self, product_id: str, limit: int, offset: int = 0, filter: Filter | None = None
    ) -> Answer:
        """Products that look like this one, without itself.

        `KeyError` when there is no such product, `RejectedError` when it has no
        picture that could be embedded.
        """
        products = self.catalog.get([product_id])
        if not products:
            raise KeyError(product_id)
        stored = {row.picture: row.vector for row in self.vectors.rows(products=[product_id])}
        main = next((stored[key] for key in products[0].image_keys if key in stored), None)
        if main is None:
            raise RejectedError(f"product {product_id} has no picture to compare")
        return self._grouped(main, limit, offset, filter, without=product_id)

    def _check(self, vector: Vector) -> None:
        if vector.shape != (self.embedder.dim,):
            raise RejectedError(
                f"vector has {vector.size} values; {self.embedder.name} has {self.embedder.dim}"
            )
        if not np.isfinite(vector).all() or not np.any(vector):
            raise RejectedError("vector must hold finite numbers, not all zero")

    def _grouped(
        self, vector: Vector, limit: int, offset: int, filter: Filter | None, without: str | None
    ) -> Answer:
        # A product has several pictures and a found row's product may just have been removed: ask
        # for more rows until the page is full or nothing is left, so that `limit` hits are always
        # `limit` products.
        rows = 4 * (limit + offset) + 16
        while True:
            with STAGE_SECONDS.labels("search_vectors").time():
                found = self.vectors.search(vector, rows, filter)
            hits = self._with_products(_best_per_product(found.hits, without), limit + offset)
            if len(hits) >= limit + offset or len(found.hits) < rows:
                break
            rows *= 4
        return _answer(hits[offset : offset + limit], found)

    def _with_products(self, best: Sequence[VectorHit], wanted: int) -> list[Hit]:
        hits: list[Hit] = []
        for start in range(0, len(best), wanted):
            if len(hits) >= wanted:
                break
            page = best[start : start + wanted]
            products = {p.id: p for p in self.catalog.get([hit.product_id for hit in page])}
            hits += [
                Hit(products[hit.product_id], hit.score, hit.picture, hit.box)
                for hit in page
                if hit.product_id in products
            ]
        return hits


def _best_per_product(hits: Sequence[VectorHit], without: str | None) -> list[VectorHit]:
    best: dict[str, VectorHit] = {}
    for hit in hits:
        if hit.product_id != without:
            best.setdefault(hit.product_id, hit)
    return list(best.values())


def _answer(hits: list[Hit], found: VectorsFound) -> Answer:
    return Answer(hits, found.mode, found.exact, found.scanned, found.index_time)
