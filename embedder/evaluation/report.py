"""What an evaluation says: every figure, ready for JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from embedder.evaluation.bootstrap import COVERED, RESAMPLES, intervals
from embedder.evaluation.judge import Judged
from embedder.evaluation.manifest import Manifest, fingerprint
from embedder.evaluation.metrics import METRICS, Floats
from embedder.evaluation.plan import Plan
from embedder.evaluation.ranking import Positions

BREAKDOWNS = {"domain": "domains", "category": "categories"}
"""Label of a query → key of the report under which its values stand."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item whose picture a model could not read: in no gallery, no query, no figure."""

    image: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """Several contenders over the same plan."""

    manifest: Manifest
    plan: Plan
    judged: Sequence[Judged]
    rejected: Sequence[Rejected]
    best: str
    """The metric by which the weight of a mix was chosen."""
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Every figure, ready for JSON."""
        return {
            "manifest": str(self.manifest.source),
            "data": fingerprint(self.manifest.items),
            "mode": "exact",
            "relevant": self.manifest.relevant,
            "within": self.manifest.within,
            "pictures": len(self.plan.items),
            "gallery": self.plan.rules.gallery,
            "queries": len(self.plan.relevant),
            "queries_without_relevant": [item.id for item in self.plan.hopeless],
            "rejected": [asdict(each) for each in self.rejected],
            "bootstrap": {"resamples": RESAMPLES, "covered": COVERED, "seed": self.seed},
            "models": [self._model(each) for each in self.judged],
            "differences": [
                {
                    "model": better.name,
                    "against": other.name,
                    "metrics": self._metrics(better.values - other.values),
                }
                for other, better in combinations(self.judged, 2)
            ],
        }

    def _model(self, judged: Judged) -> dict[str, Any]:
        said: dict[str, Any] = {
            "name": judged.name,
            "embedders": list(judged.models),
            "dim": judged.dim,
            "milliseconds_per_picture": round(1000 * judged.seconds, 3),
            "metrics": self._metrics(judged.values),
        }
        if judged.weight is not None:
            said["weight"] = judged.weight
        if judged.tried is not None:
            said["weight_chosen_by"] = f"{self.best} on these queries"
            said["weights_tried"] = {f"{key:.2f}": value for key, value in judged.tried.items()}
        for column, name in BREAKDOWNS.items():
            said[name] = {
                label: {"queries": len(rows), "metrics": self._metrics(judged.values[rows])}
                for label, rows in self._by(column).items()
            }
        return said

    def _metrics(self, values: Floats) -> dict[str, dict[str, float]]:
        found = intervals(values, self.seed)
        return {name: asdict(each) for name, each in zip(METRICS, found, strict=True)}

    def _by(self, column: str) -> dict[str, Positions]:
        """Label → rows of the queries that have it, in the order of labels."""
        labels = np.array(
            [self.plan.items[query].label(column) for query in self.plan.rules.queries]
        )
        return {str(each): np.flatnonzero(labels == each) for each in np.unique(labels) if each}
