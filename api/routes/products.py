"""Products: one, its likes, and search by words with filters and facets."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException

from api.answers import similar, timed_answer
from api.dependencies import (
    FilterQuery,
    HouseOf,
    LimitQuery,
    OffsetQuery,
    ProductId,
    checked_limit,
)
from api.problems import documented
from api.schemas import DEFAULT_LIMIT, FacetValue, ProductDocument, ProductsAnswer, SearchAnswer

router = APIRouter(tags=["products"], prefix="/v1/products")

Words = Annotated[str, Query(max_length=500, description="Words the product must hold.")]
Facets = Annotated[
    list[str], Query(description="Fields to count; repeat it or separate with commas.")
]


@router.get("", responses=documented(422, 503))
def find_products(
    house: HouseOf,
    filter: FilterQuery,
    q: Words = "",
    facet: Facets = [],  # noqa: B006 - FastAPI copies defaults
    limit: LimitQuery = DEFAULT_LIMIT,
    offset: OffsetQuery = 0,
) -> ProductsAnswer:
    """Products that hold every word and match the filter; all products without either."""
    found = house.catalog.search(q, filter, checked_limit(house, limit), offset)
    fields = [name.strip() for part in facet for name in part.split(",") if name.strip()]
    counted = house.catalog.facets(fields, q, filter) if fields else {}
    return ProductsAnswer(
        products=[ProductDocument.of(product) for product in found.products],
        total=found.total,
        facets={
            name: [FacetValue(value=value, count=count) for value, count in values]
            for name, values in counted.items()
        },
    )


@router.get("/{id}", responses=documented(404, 422, 503))
def one_product(house: HouseOf, id: ProductId) -> ProductDocument:
    """The product as `snapmode export` prints it."""
    products = house.catalog.get([id])
    if not products:
        raise HTTPException(404, f"no product {id}")
    return ProductDocument.of(products[0])


@router.get("/{id}/similar", responses=documented(404, 422, 503))
def similar_products(
    house: HouseOf,
    id: ProductId,
    filter: FilterQuery,
    limit: LimitQuery = DEFAULT_LIMIT,
    offset: OffsetQuery = 0,
) -> SearchAnswer:
    """Products whose pictures look like this product's main picture, without itself."""
    checked_limit(house, limit)
    return timed_answer(house, None, lambda search: similar(search, id, limit, offset, filter))
