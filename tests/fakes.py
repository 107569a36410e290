"""Small real stand-ins for the ports, kept in dictionaries: for tests of what lies above them."""

import hashlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from snapmode.errors import RejectedError
from snapmode.filters import Filter, matches
from snapmode.items import FIELD, Image, Product, Removal, attributes
from snapmode.ports import (
    Picture,
    ProductsFound,
    Vector,
    VectorHit,
    VectorRow,
    VectorsFound,
)


def product(id: str, version: int = 1, pictures: Sequence[str] = (), **fields: object) -> Product:
    """A product as short as it can be; `pictures` are keys in the image store."""
    return Product.model_validate(
        {
            "id": id,
            "version": version,
            "url": f"https://shop.example/{id}",
            "name": f"Product {id}",
            "source": "shop.example",
            "fetched_at": datetime(2025, 1, 1, tzinfo=UTC),
            "images": [Image(url=f"https://shop.example/{key}.jpg", key=key) for key in pictures],
            **fields,
        }
    )


class FakeEmbedder:
    """A unit vector made of the sha256 of the bytes; bytes that start with b"bad" are refused."""

    name = "fake-00000000"
    dim = 8
    parts: Mapping[str, slice] = {"all": slice(0, 8)}

    def __init__(self) -> None:
        self.embedded: list[bytes] = []
        """Every picture ever embedded, in order."""

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        for picture in pictures:
            if picture.data.startswith(b"bad"):
                raise RejectedError("not a picture")
        self.embedded += [picture.data for picture in pictures]
        rows = [self.vector(picture.data) for picture in pictures]
        return np.array(rows, dtype=np.float32).reshape(len(pictures), self.dim)

    @classmethod
    def vector(cls, data: bytes) -> Vector:
        words = np.frombuffer(hashlib.sha256(data).digest(), dtype=np.uint32).astype(np.float64)
        centred = words - 2.0**31
        return (centred / np.linalg.norm(centred)).astype(np.float32)


class FakeImages:
    """`ImageStore` in a dictionary."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[bytes, float]] = {}

    def put(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        self._kept[key] = (data, time.time())
        return key

    def get(self, key: str) -> bytes:
        return self._kept[key][0]

    def exists(self, key: str) -> bool:
        return key in self._kept

    def delete(self, key: str) -> None:
        self._kept.pop(key, None)

    def keys(self) -> Iterator[str]:
        return iter(list(self._kept))

    def age(self, key: str) -> float:
        return time.time() - self._kept[key][1]


class FakeVectors:
    """`VectorIndex` in a dictionary, searched by a loop."""

    def __init__(self) -> None:
        self.kept: dict[str, VectorRow] = {}

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        for row in rows:
            if not np.isfinite(row.vector).all() or abs(np.linalg.norm(row.vector) - 1) > 1e-3:
                raise RejectedError(f"row {row.id}: not a unit vector")
        for row in rows:
            if row.id not in self.kept or self.kept[row.id].version <= row.version:
                self.kept[row.id] = row

    def rows(
        self, products: Collection[str] = (), pictures: Collection[str] = ()
    ) -> list[VectorRow]:
        return [row for row in self.scan() if row.product_id in products or row.picture in pictures]

    def search(self, query: Vector, k: int, filter: Filter | None = None) -> VectorsFound:
        found = [row for row in self.scan() if matches(row.attributes, filter or Filter())]
        hits = [
            VectorHit(row.id, row.product_id, row.picture, row.box, float(row.vector @ query))
            for row in found
        ]
        hits.sort(key=lambda hit: (-hit.score, hit.id))
        return VectorsFound(hits[:k], "exact", True, len(found), datetime.now(UTC))

    def delete(self, ids: Collection[str]) -> None:
        for each in ids:
            self.kept.pop(each, None)

    def count(self, filter: Filter | None = None) -> int:
        return sum(matches(row.attributes, filter or Filter()) for row in self.kept.values())

    def scan(self) -> Iterator[VectorRow]:
        return iter([self.kept[each] for each in sorted(self.kept)])

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


class FakeCatalog:
    """`Catalog` in a dictionary; full text is "every word occurs in name, brand or description"."""

    def __init__(self) -> None:
        self.kept: dict[str, Product | Removal] = {}

    def upsert(self, products: Sequence[Product]) -> list[str]:
        return self._put(products)

    def delete(self, removals: Sequence[Removal]) -> list[str]:
        return self._put(removals)

    def _put(self, items: Sequence[Product] | Sequence[Removal]) -> list[str]:
        taken = []
        for item in items:
            if item.id not in self.kept or self.kept[item.id].version <= item.version:
                self.kept[item.id] = item
                taken.append(item.id)
        return taken

    def versions(self, ids: Collection[str]) -> dict[str, int]:
        return {each: self.kept[each].version for each in ids if each in self.kept}

    def get(self, ids: Sequence[str]) -> list[Product]:
        found = [self.kept.get(each) for each in ids]
        return [item for item in found if isinstance(item, Product)]

    def search(
        self, text: str = "", filter: Filter | None = None, limit: int = 20, offset: int = 0
    ) -> ProductsFound:
        found = self._found(text, filter)
        return ProductsFound(found[offset : offset + limit], len(found))

    def _found(self, text: str, filter: Filter | None) -> list[Product]:
        words = text.lower().split()
        return [
            item
            for item in self.scan()
            if matches(attributes(item), filter or Filter())
            and all(
                word in f"{item.name} {item.brand} {item.description}".lower() for word in words
            )
        ]

    def facets(
        self, fields: Sequence[str], text: str = "", filter: Filter | None = None, limit: int = 100
    ) -> dict[str, list[tuple[str, int]]]:
        answer = {}
        for field in fields:
            if field not in FIELD or not FIELD[field].facet:
                raise RejectedError(f"no facet {field!r}")
            counts: dict[str, int] = {}
            for item in self._found(text, filter):
                value = attributes(item).get(field, ())
                for word in value if isinstance(value, tuple) else (str(value),):
                    counts[word] = counts.get(word, 0) + 1
            answer[field] = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
        return answer

    def count(self, filter: Filter | None = None) -> int:
        return len(self._found("", filter))

    def scan(self) -> Iterator[Product]:
        kept = [self.kept[each] for each in sorted(self.kept)]
        return iter([item for item in kept if isinstance(item, Product)])

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
