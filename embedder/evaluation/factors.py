"""Into which parts of a row a factor's change falls.

Two pictures that differ in one factor alone have rows that differ too: the squared difference of a
part, over that of the whole row, is the part's share. Of all pairs it is the ratio of the sums, so
that pairs which change more count for more.

It is given of rows as they are served, where a part's weight counts, and with each part as a unit
vector, where none does.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from embedder.evaluation.bootstrap import Interval, shares
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import Floats
from embedder.evaluation.ranking import Positions
from snapmode.ports import Vector

Parts = Mapping[str, slice]
NOTHING = 1e-12
"""Squared change, per pair, below which a row did not change: it is float32's rounding."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Items that may differ in one factor only."""

    rows: Positions
    values: Positions
    """(rows,): code of the factor's value."""
    group: str
    """What is resampled: equal ones are drawn together."""

    @property
    def pairs(self) -> int:
        """How many two of them differ."""
        counts = np.bincount(self.values)
        return int(len(self.rows) ** 2 - counts @ counts) // 2

    def change(self, rows: Floats) -> float:
        """Squared differences of (items, d), summed over those pairs."""
        own = rows[self.rows]
        within = sum(_scatter(own[self.values == value]) for value in np.unique(self.values))
        return max(0.0, _scatter(own) - within)  # rounding may leave less than nothing


def _scatter(rows: Floats) -> float:
    """Squared differences of all pairs, summed: as many times that from the mean."""
    return len(rows) * float(np.square(rows - rows.mean(axis=0)).sum())


def alike(items: Sequence[Item], factor: str, same: Sequence[str]) -> list[Alike]:
    """All sets of items that have values of `factor`, several, and equal ones of the others.

    `same`: the other columns; items with an empty one are in no set. The first is the group.
    """
    sets: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row, item in enumerate(items):
        key = tuple(item.label(column) for column in same)
        if item.label(factor) and all(key):
            sets[key].append(row)
    found = []
    for key, rows in sets.items():
        names, values = np.unique([items[row].label(factor) for row in rows], return_inverse=True)
        if len(names) > 1:
            found.append(Alike(np.array(rows), values, key[0] if key else ""))
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What one factor changes."""

    parts: tuple[str, ...]
    pairs: int
    values: Floats
    """(groups, parts): squared change, summed over a group's pairs."""

    @property
    def mean(self) -> float:
        """Squared change of a row, per pair."""
        return float(self.values.sum()) / self.pairs

    def shares(self, seed: int) -> Mapping[str, Interval] | None:
        """Part → its share of the change; None where nothing changes."""
        if self.mean < NOTHING:
            return None
        return dict(zip(self.parts, shares(self.values, seed), strict=True))


def change(rows: Vector, parts: Parts, sets: Sequence[Alike]) -> Change:
    """What the factor by which `sets` were made changes in (items, dim)."""
    groups: dict[str, Floats] = defaultdict(lambda: np.zeros(len(parts)))
    exact = np.asarray(rows, np.float64)
    for each in sets:
        groups[each.group] += [each.change(exact[:, block]) for block in parts.values()]
    return Change(tuple(parts), sum(each.pairs for each in sets), np.array(list(groups.values())))


def unit_parts(rows: Vector, parts: Parts) -> Vector:
    """(items, dim) with each part a unit vector; one that is all zeros stays so."""
    unit = np.empty_like(rows)
    for block in parts.values():
        lengths = np.linalg.norm(rows[:, block], axis=1, keepdims=True)
        unit[:, block] = rows[:, block] / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit
