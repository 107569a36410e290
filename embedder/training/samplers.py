"""Which rows make batch number n: decided by the seed and n alone, so that resuming goes on the
same way, and every process of a distributed run knows its own batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedder.training.datasets import Codes, Dataset
from embedder.training.recipe import Draw
from snapmode.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Plan:
    """One batch."""

    rows: Codes
    """(n,) of the data set."""
    dyes: Codes
    """(n,): 0 as it is, else the number of the colour that the garment is dyed in. Rows of one
    value of the label (one product, say) and one number look alike."""


class Sampler:
    """Batches made of draws: p values of a label, k rows of each.

    The values come in an order that is shuffled anew when all of them were seen, the rows of one
    value at random, none twice before all of that value.
    """

    def __init__(self, dataset: Dataset, draws: Sequence[Draw], seed: int) -> None:
        self._drawers = [_Drawer(dataset, draw, seed, number) for number, draw in enumerate(draws)]

    def plan(self, number: int) -> Plan:
        """Batch `number`, from 0."""
        plans = [drawer.plan(number) for drawer in self._drawers]
        return Plan(
            np.concatenate([plan.rows for plan in plans]),
            np.concatenate([plan.dyes for plan in plans]),
        )


class _Drawer:
    def __init__(self, dataset: Dataset, draw: Draw, seed: int, number: int) -> None:
        self._draw = draw
        self._seed = (seed, number)
        if draw.by not in dataset.labels:
            raise ConfigError(
                f"sampler.{number}.by: no source has a label {draw.by!r}; "
                f"there is {', '.join(dataset.labels)}"
            )
        rows = dataset.rows_of(draw.sources, held=False)
        codes = dataset.labels[draw.by][rows]
        self._values = _grouped(rows[codes >= 0], codes[codes >= 0])
        self._domains = dataset.labels["domain"]
        if not self._values:
            raise ConfigError(f"sampler.{number}: no picture to train on has {draw.by!r}")
        self._order = (-1, rows)
        """The last epoch asked for and its order, kept because the next place is likely in it."""

    def plan(self, number: int) -> Plan:
        rng = np.random.default_rng([*self._seed, 1, number])
        first = number * self._draw.p
        rows, dyes = [], []
        for place in range(first, first + self._draw.p):
            rows.append(self._rows(self._value(place), rng))
            dyes.append(self._dyes(rng))
        return Plan(np.concatenate(rows), np.concatenate(dyes))

    def _value(self, place: int) -> Codes:
        """Rows of the value at a place of the endless order."""
        epoch, at = divmod(place, len(self._values))
        if self._order[0] != epoch:
            rng = np.random.default_rng([*self._seed, 0, epoch])
            self._order = (epoch, rng.permutation(len(self._values)))
        rows: Codes = self._values[self._order[1][at]]
        return rows

    def _rows(self, rows: Codes, rng: np.random.Generator) -> Codes:
        shuffled = rng.permutation(rows)
        if self._draw.across:
            shuffled = _dealt(shuffled, self._domains[shuffled])
        return np.resize(shuffled, self._draw.k)  # repeats them in order when there are too few

    def _dyes(self, rng: np.random.Generator) -> Codes:
        dye, dyed = int(rng.integers(1, 2**31)), rng.random() < self._draw.recolour
        half = np.arange(self._draw.k) % 2 == 1
        return np.where(half & dyed, dye, 0).astype(np.int64)


def _grouped(rows: Codes, codes: Codes) -> list[Codes]:
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order])) + 1
    return [group for group in np.split(rows[order], starts) if len(group)]


def _dealt(rows: Codes, domains: Codes) -> Codes:
    """One of each domain in turn, as long as they last; within a domain in the given order."""
    turn = np.empty(len(rows), np.int64)
    for domain in np.unique(domains):
        of_it = np.flatnonzero(domains == domain)
        turn[of_it] = np.arange(len(of_it))
    return rows[np.argsort(turn, kind="stable")]
