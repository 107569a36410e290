"""What it does to one factor's judgement when one part of a latent goes from A's to B's.

A pair is judged both ways (A to B, and B to A) and counts once; pairs share no product, so that a
bootstrap over pairs is one over products.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from embedder.evaluation.bootstrap import intervals
from embedder.evaluation.metrics import Floats

FACTORS = ("shape", "colour", "texture")
WHOLE = "all"
"""The row where every part moves: as much as this decoder can change."""
Pairs = npt.NDArray[np.int64]
"""(pairs, 2): positions of two products."""


def choose_pairs(words: Mapping[str, Sequence[str]], most: int, seed: int) -> Pairs:
    """At most so many pairs that differ in texture, or in shape and colour; none shares a product.

    `words`: factor → word of each product, "" where it is unknown. Pairs that differ in everything
    come first, then those in texture, because few titles speak of it.
    """
    draw = np.random.default_rng(seed)
    left = draw.permutation(len(words["shape"])).tolist()
    pairs: list[tuple[int, int]] = []
    for factors in (FACTORS, ("texture",), ("shape", "colour")):
        pairs += _matched(left, factors, words)
        taken = {product for pair in pairs for product in pair}
        left = [product for product in left if product not in taken]
    return np.asarray(pairs[:most], np.int64).reshape(-1, 2)


def _matched(
    products: Sequence[int], factors: Sequence[str], words: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, int]]:
    """Each with the first behind it that is free, and differs in every factor."""
    taken: set[int] = set()
    for place, first in enumerate(products):
        if first in taken:
            continue
        for second in products[place + 1 :]:
            if second not in taken and all(_differ(words[f], first, second) for f in factors):
                taken |= {first, second}
                yield first, second
                break


def _differ(words: Sequence[str], first: int, second: int) -> bool:
    return bool(words[first] and words[second] and words[first] != words[second])


@dataclass(frozen=True, slots=True)
class Exchange:
    """How judgements of some factors went as parts went from A to B, step by step."""

    fall: Mapping[str, Mapping[str, Floats]]
    """Part → factor → (pairs, steps): probability of A's word; NaN where the pair has no words, or
    twice the same."""
    rise: Mapping[str, Mapping[str, Floats]]
    """The same of B's word."""

    def moved(self, part: str, factor: str) -> Floats:
        """(pairs,): mean of what A's word lost and B's gained, -1..1; NaN as above."""
        fall, rise = self.fall[part][factor], self.rise[part][factor]
        found: Floats = (fall[:, 0] - fall[:, -1] + rise[:, -1] - rise[:, 0]) / 2
        return found

    def as_dict(self, seed: int) -> dict[str, Any]:
        """Means with bootstrap intervals over pairs; `leads` are paired differences."""
        return {
            "moved": {
                part: {factor: self._entry(part, factor, seed) for factor in FACTORS}
                for part in self.fall
            },
            "leads": {
                factor: {
                    "over_other_parts": self._over_parts(factor, seed),
                    "over_other_factors": self._over_factors(factor, seed),
                }
                for factor in FACTORS
                if factor in self.fall
            },
            "curves": {
                part: {
                    factor: {
                        "first": _means(self.fall[part][factor]),
                        "second": _means(self.rise[part][factor]),
                    }
                    for factor in FACTORS
                }
                for part in self.fall
            },
        }

    def _entry(self, part: str, factor: str, seed: int) -> dict[str, Any]:
        values = self.moved(part, factor)
        fall, rise = _means(self.fall[part][factor]), _means(self.rise[part][factor])
        return {
            **(interval(values, seed) or {}),
            "fell": fall[0] - fall[-1] if fall else None,
            "rose": rise[-1] - rise[0] if rise else None,
            "pairs": int((~np.isnan(values)).sum()),
        }

    def _over_parts(self, factor: str, seed: int) -> dict[str, float] | None:
        """How much more its own part moves a factor than the other part that moves it most."""
        others = [part for part in self.fall if part not in (factor, WHOLE)]
        if not others:
            return None
        moves = [self.moved(part, factor) for part in others]
        strongest = max(moves, key=_mean)
        return interval(self.moved(factor, factor) - strongest, seed)

    def _over_factors(self, factor: str, seed: int) -> dict[str, float] | None:
        """How much more a part moves its own factor than the mean of the others."""
        others = np.stack([self.moved(factor, other) for other in FACTORS if other != factor])
        known = ~np.isnan(others)
        count = known.sum(axis=0)
        mean = np.where(known, others, 0).sum(axis=0) / np.where(count, count, np.nan)
        return interval(self.moved(factor, factor) - mean, seed)


def both_ways(values: Floats) -> Floats:
    """(2 · pairs, steps), first all one way and then all the other → (pairs, steps)."""
    pairs = len(values) // 2
    found: Floats = (values[:pairs] + values[pairs:]) / 2
    return found


def interval(values: Floats, seed: int) -> dict[str, float] | None:
    """Mean and bounds of what is no NaN; None when nothing is."""
    there = values[~np.isnan(values)]
    return asdict(intervals(there[:, None], seed)[0]) if len(there) else None


def _mean(values: Floats) -> float:
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else -np.inf


def _means(values: Floats) -> list[float]:
    """Of each step, over the pairs that have words."""
    there = values[~np.isnan(values[:, 0])]
    return [float(mean) for mean in there.mean(axis=0)] if len(there) else []
