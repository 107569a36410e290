"""Search by picture at 50,000 vectors, beside decode + embed + bare faiss in the same run."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import faiss
import numpy as np

from benchmarks.bare import BareEmbedder
from benchmarks.figures import FULL, in_turn, report
from benchmarks.pictures import drawn
from benchmarks.products import PER_PRODUCT, product
from snapmode.ingest import vector_id
from snapmode.items import Product, attributes
from snapmode.ports import Picture, VectorRow
from snapmode.search import Search
from snapmode.settings import load_settings
from snapmode.wiring import House

ROWS = 50_000
QUERIES = 60 if FULL else 10
LIMIT = 20


def unit_rows(rows: int, dim: int) -> np.ndarray:
    """float32 (rows, dim), seeded, unit length."""
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((rows, dim), dtype=np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


def fill(house: House, matrix: np.ndarray) -> None:
    """Every PER_PRODUCT rows are the pictures of one product."""
    keys = [f"{row:064x}" for row in range(len(matrix))]
    for start in range(0, len(matrix), 3000):
        products = [
            product(n, keys[n : n + PER_PRODUCT])
            for n in range(start, min(start + 3000, len(matrix)), PER_PRODUCT)
        ]
        house.catalog.upsert(products)
        house.vectors.upsert([row for one in products for row in rows_of(one, house, matrix)])
    house.vectors.flush()


def rows_of(one: Product, house: House, matrix: np.ndarray) -> Iterator[VectorRow]:
    for key in one.image_keys:
        row_id = vector_id(one.id, key, None, house.embedder.name)
        yield VectorRow(
            row_id, one.id, key, None, one.version, matrix[int(key, 16)], attributes(one)
        )


def main() -> None:
    with TemporaryDirectory() as folder, House(load_settings(data=Path(folder))) as house:
        matrix = unit_rows(ROWS, house.embedder.dim)
        fill(house, matrix)
        pictures = drawn(QUERIES)
        bare, index = BareEmbedder(spinning=False), faiss.IndexFlatIP(house.embedder.dim)
        index.add(matrix)
        search = Search(house.embedder, house.vectors, house.catalog)
        turns = iter(pictures * 3)

        def bare_search() -> None:
            vector = bare.embed([next(turns)])
            faiss.omp_set_num_threads(1)  # one query gains nothing from a team: see decision 1
            index.search(vector, LIMIT)

        def our_search() -> None:
            search.by_picture(Picture(next(turns)), LIMIT)

        bare_search(), our_search()
        bare_seconds, our_seconds = in_turn(QUERIES, bare_search, our_search)
        report(
            "search",
            {
                "vectors": ROWS,
                "dim": house.embedder.dim,
                "bare_decode_embed_faiss_ms": round(bare_seconds * 1e3, 1),
                "snapmode_by_picture_ms": round(our_seconds * 1e3, 1),
                "ratio": round(our_seconds / bare_seconds, 3),
                "required": "at most 1.25",
            },
        )


if __name__ == "__main__":
    main()
