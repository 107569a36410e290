"""A `VectorRow` as an entity of a Milvus collection, and back."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from indexer.milvus_filter import FIELD, filterable
from snapmode.errors import RejectedError
from snapmode.items import Value
from snapmode.ports import Box, VectorRow

TEXTS = {"id": 512, "product_id": 512, "picture": 512, "box": 512, "attributes": 65_535}
"""Text fields and their bytes at most; `box` and `attributes` are JSON."""
FOUND = ["id", "product_id", "picture", "box", "vector"]
"""Fields a hit is made of."""
WHOLE = [*FOUND, "version", "attributes"]
"""Fields a row is made of."""


def entity(row: VectorRow, dim: int) -> dict[str, Any]:
    """What is written; `RejectedError` when it can't be."""
    if row.vector.shape != (dim,):
        raise RejectedError(
            f"vector {row.id} has shape {row.vector.shape}; this index has ({dim},)"
        )
    length = float(np.linalg.norm(row.vector))
    if not abs(length - 1.0) <= 1e-3:  # NaN too
        raise RejectedError(f"vector {row.id} has length {length:.4g}, not 1")
    texts = {
        "id": row.id,
        "product_id": row.product_id,
        "picture": row.picture,
        "box": "" if row.box is None else json.dumps(row.box),
        "attributes": json.dumps(row.attributes, ensure_ascii=False),
    }
    for field, text in texts.items():
        if len(text.encode()) > TEXTS[field]:
            raise RejectedError(f"vector {row.id}: {field} is longer than {TEXTS[field]} bytes")
    others = {"version": row.version, FIELD: filterable(row.attributes)}
    return {**texts, **others, "vector": row.vector.tolist()}


def row_of(found: Mapping[str, Any]) -> VectorRow:
    """What was written."""
    values: dict[str, Value] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(found["attributes"]).items()
    }
    return VectorRow(
        found["id"],
        found["product_id"],
        found["picture"],
        box_of(found["box"]),
        found["version"],
        np.array(found["vector"], np.float32),
        values,
    )


def box_of(text: str) -> Box | None:
    """The box of a row or of a hit."""
    if not text:
        return None
    left, top, right, bottom = json.loads(text)
    return (left, top, right, bottom)
