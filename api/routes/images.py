"""Stored pictures."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.exceptions import HTTPException

from api.dependencies import HouseOf, Key
from api.problems import documented
from api.thumbnails import media_type, offered_width, thumbnail

router = APIRouter(tags=["images"])

FOREVER = "public, max-age=31536000, immutable"
"""A key is the hash of the bytes: what it names never changes."""
PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture.", "content": {"image/*": {}}},
    304: {"description": "The client has it already (If-None-Match)."},
}
Width = Annotated[
    int | None,
    Query(ge=1, le=10_000, description="Pixels wished; rounded up to an offered width."),
]


@router.get(
    "/v1/images/{key}",
    response_class=Response,
    responses={**PICTURE, **documented(404, 422, 503)},
)
def image(request: Request, house: HouseOf, key: Key, width: Width = None) -> Response:
    """The picture as it was stored, or a copy of a bounded width; never enlarged."""
    offered = offered_width(width) if width else None
    etag = f'"{key}-{offered}"' if offered else f'"{key}"'
    headers = {"ETag": etag, "Cache-Control": FOREVER}
    if not house.images.exists(key):
        raise HTTPException(404, f"no picture {key}")
    if _known(request, etag):
        return Response(status_code=304, headers=headers)
    try:
        data = house.images.get(key)
    except KeyError as error:
        raise HTTPException(404, f"no picture {key}") from error
    if offered is None:
        return Response(data, headers=headers, media_type=media_type(data))
    smaller, kind = thumbnail(data, offered, house.settings.pictures)
    return Response(smaller, headers=headers, media_type=kind)


def _known(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in given.split(","))
