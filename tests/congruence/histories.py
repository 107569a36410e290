"""Random histories of a shop: products that come, change, go, come late, or are no products."""

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from snapmode.codec import encode
from snapmode.filters import Filter, parse_filter
from snapmode.items import Breadcrumb, Product, Removal
from snapmode.ports import Vector
from tests.contract.examples import BRANDS, COLORS, CRUMBS, PRICES, SIZES, many_units
from tests.fakes import FakeEmbedder, product

WORDS = (
    *("dress", "Dress", "ROBE", "t-shirt", "T", "shirt", "café", "cafe", "Ärmel", "O'Neill"),
    *("x_y", "50%", "100", "北", "straße", "e\u0301te\u0301", "ﬁne", "a.b", "(red)", "AND", "*"),
)
QUERIES = (*WORDS, "dress café", "shirt t", '"dress"', "dress -robe", "name:dress", "  ", "zzz")


class Event(NamedTuple):
    """A message for the products topic."""

    key: str
    value: bytes | None


class Shop:
    """Draws events and questions; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.ids = [f"{seed}-{number}" for number in range(40)]
        self.pictures = [f"picture {seed} {number}".encode() for number in range(30)]
        self.pictures += [f"bad picture {seed} {number}".encode() for number in range(3)]

    def events(self, count: int, keys: list[str]) -> Iterator[Event]:
        """Messages, one of each product: of two, a compacted topic may keep but the last.

        `keys`: of pictures in the image stores, or not in them.
        """
        for key in self.random.sample(self.ids, count):
            version = self.random.randrange(6)
            kind = self.random.choices(("product", "removal", "poison"), (12, 2, 1))[0]
            if kind == "product":
                yield Event(key, encode(self._product(key, version, keys)))
            elif kind == "removal":
                yield Event(key, encode(Removal(id=key, version=version)))
            else:
                poison = (b"", b"{}", b"\xff\xfe", b'{"v":9,"type":"product","body":{}}')
                yield Event(f"poison-{key}", self.random.choice(poison))

    def _product(self, key: str, version: int, keys: list[str]) -> Product:
        draw = self.random
        words = " ".join(draw.choices(WORDS, k=draw.randrange(1, 5)))
        fields: dict[str, Any] = {
            "name": words,
            "description": self._maybe(WORDS),
            "brand": self._maybe(BRANDS),
            "color": self._maybe(COLORS),
            "price": self._maybe(PRICES),
            "regularPrice": self._maybe(PRICES),
            "availability": self._maybe(("InStock", "OutOfStock")),
            "sku": self._maybe(("A-1", "b 2", "C_3")),
            "sizes": tuple(draw.sample(SIZES, draw.randrange(len(SIZES)))),
            "breadcrumbs": tuple(
                Breadcrumb(name=n) for n in draw.sample(CRUMBS, draw.randrange(3))
            ),
        }
        return product(key, version, draw.sample(keys, draw.randrange(4)), **fields)

    def _maybe(self, values: tuple[str, ...]) -> str | None:
        return self.random.choice((None, *values))

    def filter(self) -> Filter:
        """Sometimes empty, sometimes met by nothing."""
        draw = self.random
        asked: dict[str, Any] = {}
        for name, values in (("brand", BRANDS), ("color", COLORS), ("sizes", SIZES)):
            if draw.random() < 0.3:
                asked[name] = draw.sample([*values, "none of ours"], draw.randrange(4))
        if draw.random() < 0.4:
            bound = draw.choice(("gt", "gte", "lt", "lte"))
            asked["price"] = {bound: float(draw.choice(PRICES))}
        if draw.random() < 0.2:
            asked["regularPrice"] = [float(price) for price in draw.sample(PRICES, 2)]
        return parse_filter(asked)

    def query(self) -> Vector:
        """A picture's own vector, or any."""
        if self.random.random() < 0.5:
            return FakeEmbedder.vector(self.random.choice(self.pictures))
        return many_units(1, FakeEmbedder.dim, self.random.randrange(10**6))[0]
