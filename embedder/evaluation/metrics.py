"""What is measured of a ranking: one number for each query.

Recall@k as in fashion search (DeepFashion's top-k accuracy): 1 when any of the first k is a hit.
AP@10 is the mean of the precisions at the hits, divided by min(10, relevant items), so that 1 can
be reached whatever their number. nDCG@5 has gains 0 and 1.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Hits = npt.NDArray[np.bool_]
"""(queries, DEPTH): whether the item at that rank is relevant."""
Counts = npt.NDArray[np.int64]
"""(queries,): how many relevant items there are in all."""

DEPTH = 20
"""How many of the found are looked at."""
METRICS = (
    "recall@1",
    "recall@5",
    "recall@10",
    "recall@20",
    "precision@10",
    "mAP@10",
    "nDCG@5",
)


def measure(hits: Hits, relevant: Counts) -> Mapping[str, Floats]:
    """Metric → (queries,) values in 0..1.

    Each query has at least one relevant item.
    """
    if hits.ndim != 2 or hits.shape != (len(relevant), DEPTH):
        raise ValueError(f"hits must be ({len(relevant)}, {DEPTH}), not {hits.shape}")
    if (relevant < 1).any():
        raise ValueError("a query without a relevant item can't be measured")
    values: dict[str, Floats] = {}
    for k in (1, 5, 10, 20):
        values[f"recall@{k}"] = np.asarray(hits[:, :k].any(axis=1), np.float64)
    values["precision@10"] = np.asarray(hits[:, :10].mean(axis=1))
    values["mAP@10"] = average_precision(hits, relevant)
    values["nDCG@5"] = gain(hits, relevant)
    return values


def average_precision(hits: Hits, relevant: Counts, k: int = 10) -> Floats:
    """(queries,): mean precision at the hits among the first k."""
    ranks = np.arange(1, k + 1)
    precisions = np.cumsum(hits[:, :k], axis=1) / ranks
    found: Floats = (precisions * hits[:, :k]).sum(axis=1) / np.minimum(k, relevant)
    return found


def gain(hits: Hits, relevant: Counts, k: int = 5) -> Floats:
    """(queries,): discounted gain of the first k, by that of the best order."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = np.cumsum(discounts)[np.minimum(k, relevant) - 1]
    found: Floats = (hits[:, :k] * discounts).sum(axis=1) / best
    return found
