"""Exact search among unit rows, in blocks of bounded memory; ties are in the order of ids."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from embedder.evaluation.metrics import DEPTH, Floats
from snapmode.ports import Vector

Positions = npt.NDArray[np.int64]

CELLS = 8_000_000
"""Scores in memory at once: 32 MB, with as much again for sums and masks."""
SLACK = 1e-5
"""float32 inner products of unit rows are this near to the true ones; the last step is exact."""
NOBODY = -1
"""Where fewer than DEPTH items may be found; also the code of an empty label."""


@dataclass(frozen=True, slots=True)
class Block:
    """Unit rows and how much their similarity counts."""

    rows: Vector
    """float32 (items, dim)."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may find whom. Codes of labels: equal labels have equal codes."""

    queries: Positions
    """Positions of the items that are searched for."""
    gallery: int
    """The first so many items are the gallery, in the order of their ids."""
    group: Positions
    """(items,): none of a query's own group is found; NOBODY is in no group."""
    within: Positions
    """(items,): only items of a query's own code are found."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What was found, best first."""

    order: Positions
    """(queries, DEPTH), positions of items; NOBODY where nothing is left."""
    scores: Floats
    """(queries, DEPTH), inner products; -inf where nothing is left."""


def rank(blocks: Sequence[Block], rules: Rules) -> Ranking:
    """Each query's DEPTH best items by the weighted sum of the blocks' inner products."""
    order = np.full((len(rules.queries), DEPTH), NOBODY)
    scores = np.full((len(rules.queries), DEPTH), -np.inf)
    step = max(1, CELLS // max(1, rules.gallery))
    for start in range(0, len(rules.queries), step):
        some = rules.queries[start : start + step]
        rough = _rough(blocks, some, rules)
        for row, (query, near) in enumerate(zip(some, rough, strict=True), start):
            found, exact = _best(blocks, int(query), near)
            order[row, : len(found)] = found
            scores[row, : len(found)] = exact
    return Ranking(order, scores)


def _rough(blocks: Sequence[Block], some: Positions, rules: Rules) -> Vector:
    """float32 (some, gallery): inner products, -inf where the item may not be found."""
    scores = np.zeros((len(some), rules.gallery), np.float32)
    for block in blocks:
        weighted = block.rows[some] * np.float32(block.weight)
        scores += weighted @ block.rows[: rules.gallery].T
    groups, places = rules.group[some, None], rules.within[some, None]
    scores[(groups == rules.group[: rules.gallery]) & (groups != NOBODY)] = -np.inf
    scores[(places != rules.within[: rules.gallery]) | (places == NOBODY)] = -np.inf
    itself = np.flatnonzero(some < rules.gallery)
    scores[itself, some[itself]] = -np.inf
    return scores


def _best(blocks: Sequence[Block], query: int, near: Vector) -> tuple[Positions, Floats]:
    """Positions and scores of the best, ties in order.

    The product of two matrices depends a little on where in them a row lies, so equal rows need
    not have equal scores. What may be among the best is therefore computed again, row by row.
    """
    last = max(0, len(near) - DEPTH)
    least = np.partition(near, last)[last] if len(near) else np.float32(0)
    near_enough = (near >= least - SLACK) & (near > -np.inf)
    candidates = np.flatnonzero(near_enough)
    exact = _exact(blocks, query, candidates)
    first = np.lexsort((candidates, -exact))[:DEPTH]
    return candidates[first], exact[first]


def _exact(blocks: Sequence[Block], query: int, candidates: Positions) -> Floats:
    """float64 (candidates,); in steps, for a gallery of equal pictures is all candidates."""
    scores = np.zeros(len(candidates))
    for start in range(0, len(candidates), 1024):
        some = candidates[start : start + 1024]
        for block in blocks:
            products = block.rows[some].astype(np.float64) * block.rows[query]
            scores[start : start + 1024] += block.weight * products.sum(axis=1)
    return scores
