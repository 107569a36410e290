"""The oracle: opens the stores with sqlite3, numpy, Pillow and ONNX Runtime, and nothing of ours.

It reads the formats that the adapters document and compares them with what the demo shop wrote.
"""

import hashlib
import io
import json
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

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


class Contents:
    """Everything the stores of one data folder hold."""

    def __init__(self, data: Path) -> None:
        self.products = [
            json.loads(body)
            for (body,) in _query(data / "catalog.sqlite", "SELECT body FROM products")
            if body is not None
        ]
        self.pictures = {
            path.name: path for path in (data / "images").glob("*/*/*") if path.is_file()
        }
        vectors = data / "vectors" / "vectors.sqlite"
        ((generation, rows),) = _query(vectors, "SELECT generation, rows FROM state")
        dim = int(dict(_query(vectors, "SELECT key, value FROM meta"))["dim"])
        self.matrix = np.fromfile(data / "vectors" / f"rows-{generation}.f32", "<f4")
        self.matrix = self.matrix[: rows * dim].reshape(rows, dim)
        self.vectors = _query(vectors, "SELECT row, product_id, picture, version FROM vectors")
        self.dead = [row for (row,) in _query(vectors, "SELECT row FROM dead")]


def _query(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return db.execute(sql).fetchall()


def problems(found: Contents, truth: list[dict[str, Any]]) -> list[str]:
    """What is lost, doubled, wrong or misaligned; an empty list when all is as it should be."""
    return [*_products(found, truth), *_pictures(found, truth), *_vectors(found)]


def _products(found: Contents, truth: list[dict[str, Any]]) -> Iterator[str]:
    urls = Counter(product["url"] for product in found.products)
    true = {product["url"]: product for product in truth}
    yield from (f"product lost: {url}" for url in true.keys() - urls.keys())
    yield from (f"no such product: {url}" for url in urls.keys() - true.keys())
    yield from (f"product {times} times: {url}" for url, times in urls.items() if times > 1)
    for product in found.products:
        for field in FIELDS:
            expected = true.get(product["url"], product)[field]
            if product[field] != expected:
                yield f"{product['url']} {field}: {product[field]!r}, in truth {expected!r}"


def _pictures(found: Contents, truth: list[dict[str, Any]]) -> Iterator[str]:
    for key, path in found.pictures.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != key:
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
    stored = Counter((product, picture) for _, product, picture, _ in found.vectors)
    yield from (f"vector lost: {pair}" for pair in wanted.keys() - stored.keys())
    yield from (f"vector of nothing: {pair}" for pair in stored.keys() - wanted.keys())
    yield from (f"{times} vectors: {pair}" for pair, times in stored.items() if times > 1)
    versions = {product["id"]: product["version"] for product in found.products}
    for _, product, picture, version in found.vectors:
        if versions.get(product) != version:
            current = versions.get(product)
            yield f"vector {product} {picture} of version {version}, product {current}"
    living = [row for row, *_ in found.vectors]
    if sorted(living + found.dead) != list(range(len(found.matrix))):
        yield "rows of the file that are neither alive nor dead, or both"
    yield from _misaligned(found)


def _misaligned(found: Contents, sample: int = 60) -> Iterator[str]:
    session = onnxruntime.InferenceSession(str(MODEL / "model.onnx"))
    for row, _, picture, _ in found.vectors[:: max(1, len(found.vectors) // sample)]:
        pixels = _pixels(found.pictures[picture].read_bytes())
        (vector,) = session.run(None, {session.get_inputs()[0].name: pixels[np.newaxis]})[0]
        alike = float(vector @ found.matrix[row])
        if alike < ALIKE:
            yield f"row {row} is not the vector of picture {picture}: cosine {alike:.4f}"


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
