"""How far a mean over queries would move with other queries: percentile bootstrap.

Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979). The same
seed and the same number of queries draw the same samples, so the means of two models are paired:
the interval of a difference is that of the queries' own differences.
"""

from dataclasses import dataclass

import numpy as np

from embedder.evaluation.metrics import Floats

RESAMPLES = 1000
COVERED = 0.95
"""Part of the resampled means that lies within the interval."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it would fall 95 times of 100."""

    value: float
    low: float
    high: float


def intervals(values: Floats, seed: int, resamples: int = RESAMPLES) -> list[Interval]:
    """One for each column of (queries, columns)."""
    if not len(values):
        raise ValueError("no query to resample")
    return _around(values.mean(axis=0), resampled_means(values, seed, resamples))


def shares(values: Floats, seed: int, resamples: int = RESAMPLES) -> list[Interval]:
    """One for each column of (groups, columns): its part of the sum of all values.

    None is negative, and not all are 0. Groups are resampled, and their sums divided.
    """
    values = values[values.sum(axis=1) > 0]  # else a resample could be all zeros
    if not len(values):
        raise ValueError("no group to resample")
    means = resampled_means(values, seed, resamples)
    return _around(values.sum(axis=0) / values.sum(), means / means.sum(axis=1, keepdims=True))


def _around(found: Floats, resampled: Floats) -> list[Interval]:
    """(columns,), each with the percentiles of (resamples, columns)."""
    tail = 50 * (1 - COVERED)
    low, high = np.percentile(resampled, (tail, 100 - tail), axis=0)
    return [
        Interval(float(value), float(least), float(most))
        for value, least, most in zip(found, low, high, strict=True)
    ]


def resampled_means(values: Floats, seed: int, resamples: int) -> Floats:
    """(resamples, columns): means over as many queries, drawn with replacement."""
    draw = np.random.default_rng(seed)
    queries = len(values)
    means = np.empty((resamples, values.shape[1]))
    for row in means:
        # How often each query was drawn: cheaper than gathering its row as often.
        drawn = np.bincount(draw.integers(queries, size=queries), minlength=queries)
        row[:] = drawn @ values / queries
    return means
