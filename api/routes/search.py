"""Search by likeness to a picture, a product or a vector."""

import numpy as np
from fastapi import APIRouter

from api.answers import similar, timed_answer
from api.bodies import SearchBody, documented
from api.dependencies import HouseOf, checked_limit
from api.pictures import picture_of
from api.problems import documented as problems
from api.schemas import SearchAnswer, SearchRequest
from snapmode.filters import parse_filter
from snapmode.search import Answer, Search
from snapmode.wiring import House

router = APIRouter(tags=["search"])


@router.post(
    "/v1/search/image",
    openapi_extra=documented(SearchRequest),
    responses=problems(404, 413, 415, 422, 502, 503),
)
def search_image(house: HouseOf, body: SearchBody) -> SearchAnswer:
    """Products that look like a picture (form or JSON), a known product, or a vector."""
    checked_limit(house, body.limit)
    return timed_answer(house, body.box, lambda search: _run(house, search, body))


def _run(house: House, search: Search, body: SearchRequest) -> Answer:
    where = (body.limit, body.offset, parse_filter(body.filter))
    if body.vector is not None:
        with np.errstate(over="ignore"):  # becomes infinite, which is refused by name
            vector = np.asarray(body.vector, dtype=np.float32)
        return search.by_vector(vector, *where)
    if body.product_id is not None:
        return similar(search, body.product_id, *where)
    return search.by_picture(picture_of(house, body), *where)
