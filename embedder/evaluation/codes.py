"""Which part of a row says what: DCI and MIG, the usual scores of disentanglement.

DCI: Eastwood and Williams, "A framework for the quantitative evaluation of disentangled
representations", ICLR 2018. A code's importances for the factors are those of random forests, one
for each factor, which are also asked about groups they were not grown on. A code is a dimension;
and once more a part, whose importance is the sum of its dimensions'.

MIG: Chen et al., "Isolating sources of disentanglement in VAEs", arXiv 1802.04942, with a part in
place of a dimension: of the two parts that know most of a factor, what the better knows more, as
a share of the factor's entropy. What a part knows is the mutual information of the factor and its
value as a linear discriminant (Fisher; covariance shrunk as Ledoit and Wolf do) tells it from the
part, on groups that it was not fitted to. A lower bound, then, by the data processing inequality;
chance alone adds about (values - 1)² / (2 × items) nats to it.

Neither looks at how far rows move: a part that gives away a factor in its fourth decimal knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from embedder.evaluation.factors import Parts
from embedder.evaluation.metrics import Floats
from embedder.evaluation.ranking import Positions
from snapmode.ports import Vector

TREES = 50
LEAF = 5
"""Items in a leaf, at least: smaller ones split on noise."""
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Scores:
    """What DCI and MIG are made of."""

    parts: Parts
    factors: tuple[str, ...]
    importance: Floats
    """(dimensions, factors): each column sums to 1."""
    accuracy: Floats
    """(factors,): of the forests, on groups they were not grown on."""
    information: Floats
    """(parts, factors): what a part knows, as a share of the factor's entropy."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON; what needs two parts or factors is None where there is one."""
        of_parts = np.stack([self.importance[each].sum(axis=0) for each in self.parts.values()])
        gaps = gap(self.information)
        return {
            "dci": {
                "dimensions": dci(self.importance),
                "parts": dci(of_parts),
                "informativeness": self._by_factor(self.accuracy),
                "importance": self._by_part(of_parts),
            },
            "mig": {
                "value": None if gaps is None else float(gaps.mean()),
                "factors": None if gaps is None else self._by_factor(gaps),
                "information": self._by_part(self.information),
            },
        }

    def _by_factor(self, values: Floats) -> dict[str, float]:
        return dict(zip(self.factors, values.tolist(), strict=True))

    def _by_part(self, values: Floats) -> dict[str, dict[str, float]]:
        """Of (parts, factors): factor → part → value."""
        columns = zip(self.factors, values.T.tolist(), strict=True)
        return {name: dict(zip(self.parts, column, strict=True)) for name, column in columns}


def dci(importance: Floats) -> dict[str, float] | None:
    """Of (codes, factors): how far a code is important for one factor alone, and the reverse.

    None when there is one code or one factor only.
    """
    if min(importance.shape) < 2:
        return None
    return {
        "disentanglement": _focus(importance),
        "completeness": _focus(importance.T),
    }


def _focus(importance: Floats) -> float:
    """1 less the entropy of each row, to the base of its length; the mean by the rows' sums."""
    sums = importance.sum(axis=1)
    share = importance[sums > 0] / sums[sums > 0, None]
    logs = np.log(share, where=share > 0, out=np.zeros_like(share))
    focus = 1 + (share * logs).sum(axis=1) / np.log(share.shape[1])
    return float(focus @ sums[sums > 0] / sums.sum())


def gap(information: Floats) -> Floats | None:
    """(factors,) of (parts, factors): what the best part knows more than the second."""
    if len(information) < 2:
        return None
    ordered = np.sort(information, axis=0)
    gaps: Floats = ordered[-1] - ordered[-2]
    return gaps


def why_not(values: Mapping[str, Positions], groups: Positions) -> str | None:
    """What is missing for scores; None when nothing is."""
    if find_spec("sklearn") is None:
        return "they need scikit-learn: pip install 'snapmode[train]'"
    if len(values) < 2:
        return "they need two factors"
    if len(np.unique(groups)) < FOLDS:
        return f"they need {FOLDS} groups"
    return None


def scores(
    rows: Vector, parts: Parts, values: Mapping[str, Positions], groups: Positions, seed: int
) -> Scores:
    """Of (items, dim) and the code of each item's value of each factor.

    `groups`: items of equal ones are on one side of every split.
    """
    forests = [_forest(rows, each, groups, seed) for each in values.values()]
    return Scores(
        parts,
        tuple(values),
        np.stack([importance for importance, _ in forests], axis=1),
        np.array([accuracy for _, accuracy in forests]),
        np.array(
            [
                [_known(rows[:, block], each, groups) for each in values.values()]
                for block in parts.values()
            ]
        ),
    )


def _forest(rows: Vector, values: Positions, groups: Positions, seed: int) -> tuple[Floats, float]:
    """(dim,) importances, and the accuracy on a quarter of the groups."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import GroupShuffleSplit

    split = GroupShuffleSplit(1, test_size=0.25, random_state=seed)
    train, test = next(split.split(rows, groups=groups))
    # Every split chooses among all dimensions: of a few, it may have none that says anything.
    forest = RandomForestClassifier(
        TREES, max_features=None, min_samples_leaf=LEAF, random_state=seed
    ).fit(rows[train], values[train])
    return forest.feature_importances_, float(forest.score(rows[test], values[test]))


def _known(rows: Vector, values: Positions, groups: Positions) -> float:
    """Mutual information of the values and what is told from the rows, by the values' entropy."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.metrics import mutual_info_score
    from sklearn.model_selection import GroupKFold, cross_val_predict

    teller = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    told = cross_val_predict(teller, rows, values, groups=groups, cv=GroupKFold(FOLDS))
    return float(mutual_info_score(values, told) / mutual_info_score(values, values))
