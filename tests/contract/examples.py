"""Random products, filters and rows of vectors, made so that they often meet."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from snapmode.filters import Filter, parse_filter
from snapmode.items import Breadcrumb, Product, Value, attributes
from snapmode.ports import WHOLE, Vector, VectorRow

BRANDS = ("Acme", "Æther", "北", 'Quote"s', "O'Neill", "a|b", "", "acme")
COLORS = ("red", "blau", "a\nb", "{x}", "50%")
SIZES = ("S", "M", "L", "XL", '3"')
CRUMBS = ("Women", "Men", "Shoes", "Ärmel")
PRICES = ("0", "9.99", "10", "10.00", "19.950000", "100000000000.25")
IDS = tuple(f"p{number}" for number in range(12))


def product(id: str = "p0", version: int = 1, **fields: Any) -> Product:
    """A product with what one must have; `fields` are those of `Product`."""
    given = {
        "url": f"http://shop.example/{id}",
        "name": f"Product {id}",
        "source": "shop.example",
        "fetched_at": datetime(2026, 1, 2, tzinfo=UTC),
    }
    return Product.model_validate({**given, "id": id, "version": version, **fields})


def maybe(values: tuple[str, ...]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


products = st.builds(
    product,
    id=st.sampled_from(IDS),
    version=st.integers(0, 5),
    brand=maybe(BRANDS),
    color=maybe(COLORS),
    price=maybe(PRICES),
    regularPrice=maybe(PRICES),
    availability=maybe(("InStock", "OutOfStock")),
    sizes=st.lists(st.sampled_from(SIZES), max_size=3).map(tuple),
    breadcrumbs=st.lists(st.sampled_from(CRUMBS), max_size=2).map(
        lambda names: tuple(Breadcrumb(name=name) for name in names)
    ),
)


def _words(values: tuple[str, ...]) -> st.SearchStrategy[Any]:
    known = st.sampled_from((*values, "nothing of ours"))
    return known | st.lists(known, max_size=3)


_number = st.sampled_from([float(price) for price in PRICES]) | st.floats(0, 30)
_range = st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte"]), _number, min_size=1)
filters: st.SearchStrategy[Filter] = st.fixed_dictionaries(
    {},
    optional={
        "id": _words(IDS),
        "brand": _words(BRANDS),
        "color": _words(COLORS),
        "sizes": _words(SIZES),
        "breadcrumbs": _words(CRUMBS),
        "price": _range | _number | st.lists(_number, max_size=3),
        "regularPrice": _range,
    },
).map(parse_filter)

DIM = 4
_halves = [
    np.array([a / 2, b / 2, c / 2, d / 2], np.float32)
    for a in (-1, 1)
    for b in (-1, 1)
    for c in (-1, 1)
    for d in (-1, 1)
]
UNITS: tuple[Vector, ...] = (*np.eye(DIM, dtype=np.float32), *_halves)
"""Unit vectors whose inner products are multiples of 1/4: exact in any arithmetic, often tied."""


def row(
    id: str = "r0",
    vector: Vector = UNITS[0],
    version: int = 1,
    of: Product | None = None,
    picture: str = "aa",
    attributes_: Mapping[str, Value] | None = None,
) -> VectorRow:
    """A row of the product `of` (by default one of the id p0)."""
    owner = of or product()
    known = attributes(owner) if attributes_ is None else attributes_
    return VectorRow(id, owner.id, picture, None, version, vector, known)


rows = st.builds(
    VectorRow,
    id=st.sampled_from([f"r{number}" for number in range(10)]),
    product_id=st.sampled_from(IDS),
    picture=st.sampled_from(["aa", "bb", "cc"]),
    box=st.sampled_from([None, WHOLE, (0.1, 0.2, 0.30000000000000004, 1.0)]),
    version=st.integers(0, 3),
    vector=st.sampled_from(UNITS),
    attributes=products.map(attributes),
)


def many_units(count: int, dim: int, seed: int = 0) -> Vector:
    """float32 (count, dim): random unit vectors."""
    drawn = np.random.default_rng(seed).standard_normal((count, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)
