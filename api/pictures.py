"""The picture a client means: sent, or fetched from an address when that is allowed."""

from starlette.exceptions import HTTPException

from api.schemas import EmbedRequest, SearchRequest
from snapmode.errors import RejectedError, TransientError
from snapmode.fetch import fetch
from snapmode.ports import Picture
from snapmode.wiring import House


def picture_of(house: House, body: SearchRequest | EmbedRequest) -> Picture:
    """The picture and its box; too many bytes are answered with 413."""
    data = body.image if body.image is not None else _fetched(house, body.image_url or "")
    limit = house.settings.pictures.max_bytes
    if len(data) > limit:
        raise HTTPException(413, f"picture has {len(data)} bytes; at most {limit} are taken")
    return Picture(data, body.box)


def _fetched(house: House, url: str) -> bytes:
    if not house.settings.api.image_url:
        raise RejectedError("image_url is off on this server; send the picture itself")
    try:
        return fetch(url, house.settings.pictures.max_bytes, house.settings.api.fetch_timeout)
    except TransientError as error:  # the client's host is away, not one of our engines
        raise HTTPException(502, f"image_url: {error}") from error
