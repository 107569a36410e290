"""How much each block weighs in a row, chosen on what was held out from training.

No gradient: with rows at hand, another weight costs a matrix product. All shares on a grid are
tried, and the mean of the best ones is taken, which one lucky picture moves less than the best.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from embedder.training.validation import Validator, units
from snapmode.errors import ConfigError
from snapmode.ports import Vector

STEPS = 20
"""Of the grid: shares are multiples of 1 / STEPS, and none is 0."""
BEST = 12
"""Shares whose mean is taken."""
Blocks = Mapping[str, tuple[int, int]]


def weighable(network: Any) -> Blocks:
    """The blocks that `settings.weights` of a network weighs; `ConfigError` when it has none."""
    weights = getattr(network.settings, "weights", None)
    blocks: Blocks = getattr(network, "blocks", network.parts)
    if weights is None or set(weights.model_dump()) != set(blocks):
        raise ConfigError("train.weigh: the network has no weights of its parts; leave it out")
    return blocks


def best_weights(validator: Validator, vectors: Vector, blocks: Blocks) -> dict[str, float]:
    """Block → share, for rows (rows of the validator, dim) of any weights."""
    scored = []
    for shares in grid(len(blocks)):
        rows = weighed(vectors, blocks, dict(zip(blocks, shares, strict=True)))
        scored.append((validator.measured(rows)["score"], shares))
    scored.sort(reverse=True)
    best = np.array([shares for _, shares in scored[:BEST]]).mean(axis=0)
    return {name: round(float(share), 4) for name, share in zip(blocks, best, strict=True)}


def weighed(vectors: Vector, blocks: Blocks, weights: Mapping[str, float]) -> Vector:
    """Rows (n, dim) of any weights with these, which sum to 1."""
    rows = np.empty_like(vectors)
    for name, (start, stop) in blocks.items():
        rows[:, start:stop] = units(vectors[:, start:stop]) * np.sqrt(weights[name])
    return rows


def grid(count: int) -> Iterator[tuple[float, ...]]:
    """All shares of that many blocks."""
    for steps in product(range(1, STEPS), repeat=count - 1):
        last = STEPS - sum(steps)
        if last > 0:
            yield tuple(step / STEPS for step in (*steps, last))
