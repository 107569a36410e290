"""The oracle: what the stores hold against what the demo shop wrote, with nothing of ours.

It reads the formats that the adapters document: `embedded_contents.py` opens files with sqlite3 and
numpy, `cluster_contents.py` asks the engines through their own clients. Pictures are embedded anew
with Pillow and ONNX Runtime.
"""

import hashlib
import io
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from PIL import Image

MODEL = Path(__file__).resolve().parents[2] / "configs" / "models" / "lite0"
FIELDS = (
    *("name", "brand", "price", "regularPrice", "currency", "availability", "sku", "gtin"),
    *("description", "color", "material", "source"),
)
ALIKE = 0.999
"""Cosine of a stored vector with one made here: another picture's is far below."""


class Row(NamedTuple):
    """A vector as it is stored."""

    product: str
    picture: str
    version: int
    vector: Any


@dataclass
class Contents:
    """Everything the stores hold."""

    products: list[dict[str, Any]]
    pictures: dict[str, bytes]
    rows: list[Row]
    damage: list[str] = field(default_factory=list)
    """What was wrong already when it was read."""


def problems(found: Contents, truth: list[dict[str, Any]]) -> list[str]:
    """What is lost, doubled, wrong or misaligned; an empty list when all is as it should be."""
    return [
        *found.damage,
        *_products(found, truth),
        *_pictures(found, truth),
        *_vectors(found),
    ]


def _products(found: Contents, truth: list[dict[str, Any]]) -> Iterator[str]:
    urls = Counter(product["url"] for product in found.products)
    true = {product["url"]: product for product in truth}
    yield from (f"product lost: {url}" for url in true.keys() - urls.keys())
    yield from (f"no such product: {url}" for url in urls.keys() - true.keys())
    yield from (f"product {times} times: {url}" for url, times in urls.items() if times > 1)
    for product in found.products:
        for name in FIELDS:
            expected = true.get(product["url"], product)[name]
            if product[name] != expected:
                yield f"{product['url']} {name}: {product[name]!r}, in truth {expected!r}"


def _pictures(found: Contents, truth: list[dict[str, Any]]) -> Iterator[str]:
    for key, data in found.pictures.items():
        if hashlib.sha256(data).hexdigest() != key:
            yield f"picture {key} holds other bytes"
    shown = {product["url"]: [i["key"] for i in product["images"]] for product in found.products}
    for product in truth:
        keys = [image["sha256"] for image in product["images"]]
        if shown.get(product["url"]) != keys:
            yield f"{product['url']}: pictures {shown.get(product['url'])}, in truth {keys}"
        yield from (f"picture lost: {key}" for key in keys if key not in found.pictures)


def _vectors(found: Contents) -> Iterator[str]:
    wanted = Counter(
        (product["id"], image["key"]) for product in found.products for image in product["images"]
    )
    stored = Counter((row.product, row.picture) for row in found.rows)
    yield from (f"vector lost: {pair}" for pair in wanted.keys() - stored.keys())
    yield from (f"vector of nothing: {pair}" for pair in stored.keys() - wanted.keys())
    yield from (f"{times} vectors: {pair}" for pair, times in stored.items() if times > 1)
    versions = {product["id"]: product["version"] for product in found.products}
    for row in found.rows:
        if versions.get(row.product) != row.version:
            current = versions.get(row.product)
            yield f"vector {row.product} {row.picture} of version {row.version}, product {current}"
    yield from _misaligned(found)


def _misaligned(found: Contents, sample: int = 60) -> Iterator[str]:
    session = onnxruntime.InferenceSession(str(MODEL / "model.onnx"))
    for row in found.rows[:: max(1, len(found.rows) // sample)]:
        if row.picture not in found.pictures:
            continue  # said before: the picture is lost
        pixels = _pixels(found.pictures[row.picture])
        (vector,) = session.run(None, {session.get_inputs()[0].name: pixels[np.newaxis]})[0]
        alike = float(vector @ row.vector)
        if alike < ALIKE:
            yield f"a row of {row.product} is not of picture {row.picture}: cosine {alike:.4f}"


def _pixels(data: bytes) -> Any:
    """float32 (3, side, side): the picture in a white square, normalised by the model's file."""
    wanted = tomllib.loads((MODEL / "model.toml").read_text())["preprocessing"]
    side = wanted["size"]
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = side / max(image.size)
    small = image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC
    )
    square = Image.new("RGB", (side, side), "white")
    square.paste(small, ((side - small.width) // 2, (side - small.height) // 2))
    pixels = np.asarray(square, np.float32) / 255
    normal = (pixels - np.float32(wanted["mean"])) / np.float32(wanted["std"])
    return np.ascontiguousarray(normal.transpose(2, 0, 1), np.float32)
