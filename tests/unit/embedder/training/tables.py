"""Small data sets made in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embedder.training.cache import Crops, Pixels
from embedder.training.datasets import Dataset, assemble
from embedder.training.recipe import Data
from embedder.training.sources import Opened, Row

SIDE = 32


def opened(name: str, rows: Sequence[Row], white: bool = False) -> Opened:
    """A source of as many crops as its rows name."""
    count = max((row.crop for row in rows), default=-1) + 1
    return Opened(name, [f"{n}.jpg 1" for n in range(count)], _never, list(rows), white)


def _never(_number: int, _side: int) -> Pixels:
    raise AssertionError("the crops are there")


def crops_of(one: Opened, seed: int = 0) -> Crops:
    """A checked square in a colour of its own on a grey ground, per crop."""
    pixels = np.full((len(one.keys), SIDE, SIDE, 4), (128, 128, 128, 0), np.uint8)
    for number, crop in enumerate(pixels):
        draw = np.random.default_rng([seed, number])
        checks = draw.integers(0, 256, 3) + draw.integers(-60, 61, (5, 4, 3))
        crop[6:26, 8:24, :3] = np.clip(checks, 0, 255).repeat(4, axis=0).repeat(4, axis=1)
        crop[6:26, 8:24, 3] = 255
    return Crops(pixels, {})


def table(sources: Mapping[str, Sequence[Row]], **settings: Any) -> Dataset:
    """All sources as one data set; `settings` are those of [data]."""
    made = [opened(name, rows) for name, rows in sources.items()]
    defaults = {"shared": (), "distinct": ("identity", "variant"), "rename": {}}
    data = Data.model_construct(**{**defaults, **settings})
    return assemble(data, made, [crops_of(one, at) for at, one in enumerate(made)])


def products(count: int, views: int = 3, held: int = 0) -> list[Row]:
    """`views` pictures of each product, in two sorts and two domains; the last `held` held out."""
    return [
        Row(
            number * views + view,
            "street" if view % 2 else "shop",
            {
                "identity": f"p{number}",
                "variant": f"p{number}",
                "category": f"sort{number % 2}",
                "colour": f"colour{number % 3}",
            },
            held=number >= count - held,
        )
        for number in range(count)
        for view in range(views)
    ]
