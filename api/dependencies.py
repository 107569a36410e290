"""What routes ask for by annotation."""

import json
from typing import Annotated, cast

from fastapi import Depends, Path, Query, Request

from api.schemas import MAX_OFFSET, FilterText
from snapmode.errors import RejectedError
from snapmode.filters import Filter, parse_filter
from snapmode.wiring import House


async def _house(request: Request) -> House:
    return cast(House, request.app.state.house)


HouseOf = Annotated[House, Depends(_house)]
ProductId = Annotated[str, Path(max_length=200, description="The product's id.")]
Key = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="sha256 of the picture.")]
LimitQuery = Annotated[int, Query(ge=1, description="Products on a page, at most.")]
OffsetQuery = Annotated[int, Query(ge=0, le=MAX_OFFSET, description="Products left out before.")]


async def _filter(
    filter: Annotated[
        FilterText | None,
        Query(
            description="JSON object: field → value, list of values, or range.",
            examples=[json.dumps({"brand": "Acme", "price": {"gte": 10, "lt": 50}})],
        ),
    ] = None,
) -> Filter:
    return parse_filter(filter)


FilterQuery = Annotated[Filter, Depends(_filter)]


def checked_limit(house: House, limit: int) -> int:
    """The limit, when the settings allow it."""
    largest = house.settings.api.max_limit
    if limit > largest:
        raise RejectedError(f"limit is at most {largest}, not {limit}")
    return limit
