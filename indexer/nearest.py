"""The rows with the largest inner products, exactly, in NumPy.

BLAS scores all rows in float32, where equal vectors may differ in the last bits by their place in
memory. So everything within the rounding error of the k-th score is scored again in float64, always
in the same order of summation: ties are real ties, and nothing is lost at the cut.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from snapmode.ports import Vector

Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
CHUNK = 4096
"""Rows gathered at once."""
FEW = 0.25
"""Share of the rows below which gathering them is quicker than scoring all."""


class Nearest(NamedTuple):
    """Rows and their scores, in no order: the k best and all that tie with the last of them."""

    rows: Rows
    scores: npt.NDArray[np.float64]
    scanned: int
    """Rows scored."""


def nearest(matrix: Matrix, query: Vector, k: int, dead: Rows, rows: Rows | None = None) -> Nearest:
    """The k best rows of `matrix` without the `dead` ones, or those among `rows` alone."""
    norm = float(np.linalg.norm(query.astype(np.float64)))
    unit = (query / norm if norm else query).astype(np.float32)
    if rows is None:
        scores = matrix @ unit
        scores[dead] = -np.inf
        rows, scanned, alive = None, len(matrix), len(matrix) - len(dead)
    elif len(rows) < FEW * len(matrix):
        scores, scanned, alive = _gathered(matrix, rows, unit), len(rows), len(rows)
    else:
        scores, scanned, alive = (matrix @ unit)[rows], len(matrix), len(rows)
    places = _candidates(scores, min(k, alive), rounding(matrix.shape[1]))
    candidates = places if rows is None else rows[places]
    exact = _exact(matrix, candidates, query)
    best = _candidates(exact, min(k, alive), 0.0)
    return Nearest(candidates[best], exact[best], scanned)


def rounding(dim: int) -> float:
    """Twice the bound of the error of a float32 inner product of unit vectors of this length."""
    return 2.0 * (dim + 4) * 2.0**-24


def _candidates(scores: npt.NDArray[np.floating], k: int, slack: float) -> Rows:
    """Places of the k largest, and of all that are less than `slack` below the k-th."""
    if k <= 0:
        return np.empty(0, np.int64)
    cut = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= float(cut) - slack)


def _gathered(matrix: Matrix, rows: Rows, unit: Vector) -> npt.NDArray[np.float32]:
    scores = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), CHUNK):
        scores[start : start + CHUNK] = matrix[rows[start : start + CHUNK]] @ unit
    return scores


def _exact(matrix: Matrix, rows: Rows, query: Vector) -> npt.NDArray[np.float64]:
    scores = np.empty(len(rows), np.float64)
    wide = query.astype(np.float64)
    for start in range(0, len(rows), CHUNK):
        block = matrix[rows[start : start + CHUNK]] * wide  # (chunk, dim) float64
        scores[start : start + CHUNK] = block.sum(axis=1)
    return scores
