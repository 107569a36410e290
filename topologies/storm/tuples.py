"""What travels between spout and bolts: references to pictures and their vectors, never bytes.

A tuple holds strings alone, so that Storm need not understand them. A record passes through the
embed bolt as it came; what the bolt made of it travels beside it. Vectors are base64 of little
endian float32: bit for bit, and twenty times faster than lists of numbers.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from snapmode.codec import Message
from snapmode.ingest import Embedded
from snapmode.items import Product, attributes
from snapmode.ports import Record, Vector, VectorRow

VERSION = 1
RECORD_FIELDS = ("product_id", "message_id", "record")
"""From the spout; `product_id` is the record's key, by which the stream is grouped."""
EMBEDDED_FIELDS = (*RECORD_FIELDS, "embedded")
"""From the embed bolt."""


class UnknownTupleError(Exception):
    """Another version of this code has made the tuple: sent again, it may be understood."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A record under way."""

    record: Record
    attempts: int = 0
    """How often a bolt has failed it before."""
    embedded: str | None = None
    """What the embed bolt made of it: see `read_embedded`."""

    @property
    def id(self) -> str:
        """See `message_id`."""
        return message_id(self.record)


def message_id(record: Record) -> str:
    """The same record always has the same id."""
    return f"{record.partition}:{record.offset}"


def record_values(record: Record, attempts: int) -> list[str]:
    """The values of `RECORD_FIELDS`."""
    body = {
        "v": VERSION,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "attempts": attempts,
        "value": None if record.value is None else b64encode(record.value).decode(),
    }
    return [record.key, message_id(record), json.dumps(body)]


def parcel(values: Sequence[str]) -> Parcel:
    """From the values of `RECORD_FIELDS` or `EMBEDDED_FIELDS`."""
    key, _, text, *embedded = values
    body = _body(text)
    try:
        value = None if body["value"] is None else b64decode(body["value"])
        place = (body["topic"], body["partition"], body["offset"])
        return Parcel(
            Record(*place, key=key, value=value, timestamp=body["timestamp"]),
            body["attempts"],
            *embedded,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownTupleError(f"not a record of a SnapMode tuple: {error!r}") from error


def embedded_text(embedded: Embedded) -> str:
    """The rows, without what the message says of each; rejected pictures are letters by now."""
    rows = [
        {"id": row.id, "picture": row.picture, "box": row.box, "vector": _packed(row.vector)}
        for row in embedded.rows
    ]
    return json.dumps({"v": VERSION, "rows": rows})


def read_embedded(text: str, message: Message) -> Embedded:
    """The message with its rows, as they went into `embedded_text`."""
    body = _body(text)
    try:
        rows = (_row(each, message) for each in body["rows"] if isinstance(message, Product))
        return Embedded(message, tuple(rows))
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownTupleError(f"not the vectors of a SnapMode tuple: {error!r}") from error


def _body(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
        version = body["v"]
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownTupleError(f"not a SnapMode tuple: {error!r}") from error
    if version != VERSION:
        raise UnknownTupleError(f"tuple of version {version}; this code reads {VERSION}")
    found: dict[str, Any] = body
    return found


def _row(body: dict[str, Any], product: Product) -> VectorRow:
    return VectorRow(
        id=body["id"],
        product_id=product.id,
        picture=body["picture"],
        box=None if body["box"] is None else tuple(body["box"]),
        version=product.version,
        vector=_unpacked(body["vector"]),
        attributes=attributes(product),
    )


def _packed(vector: Vector) -> str:
    return b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()


def _unpacked(text: str) -> Vector:
    return np.frombuffer(b64decode(text), dtype="<f4").astype(np.float32)
