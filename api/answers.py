"""From what a search found to what the API answers."""

import time
import uuid
from collections.abc import Callable

from starlette.exceptions import HTTPException

from api.schemas import FoundHit, FoundObject, ProductDocument, SearchAnswer
from snapmode.filters import Filter
from snapmode.ports import WHOLE, Box
from snapmode.search import Answer, Hit, Search
from snapmode.wiring import House


def image_path(key: str) -> str:
    """Where the API serves a stored picture."""
    return f"/v1/images/{key}"


def search_of(house: House) -> Search:
    """The readers' side of the house."""
    return Search(house.embedder, house.vectors, house.catalog)


def similar(search: Search, id: str, limit: int, offset: int, filter: Filter) -> Answer:
    """`Search.similar`, with 404 for a product that is not there."""
    try:
        return search.similar(id, limit, offset, filter)
    except KeyError as error:
        raise HTTPException(404, f"no product {id}") from error


def timed_answer(house: House, box: Box | None, run: Callable[[Search], Answer]) -> SearchAnswer:
    """Run a search and wrap its answer: one object, until garments are detected."""
    start = time.perf_counter()
    found = run(search_of(house))
    seen = FoundObject(
        box=box or WHOLE,
        type="box" if box else "whole",
        score=1.0,
        hits=[_hit(hit) for hit in found.hits],
    )
    return SearchAnswer(
        query_id=uuid.uuid4().hex,
        model=house.embedder.name,
        mode=found.mode,
        exact=found.exact,
        scanned=found.scanned,
        index_time=found.index_time,
        took_ms=round(1000 * (time.perf_counter() - start), 1),
        objects=[seen],
    )


def _hit(hit: Hit) -> FoundHit:
    return FoundHit(
        product_id=hit.product.id,
        score=round(hit.score, 6),
        image=image_path(hit.picture),
        product=ProductDocument.of(hit.product),
    )
