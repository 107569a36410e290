"""What an evaluation says: as JSON with every figure, and as text for people."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from embedder.evaluation.bootstrap import COVERED, RESAMPLES, intervals
from embedder.evaluation.judge import Judged
from embedder.evaluation.manifest import Manifest
from embedder.evaluation.metrics import METRICS, Floats
from embedder.evaluation.plan import Plan
from embedder.evaluation.ranking import Positions

BREAKDOWNS = {"domain": "domains", "category": "categories"}
"""Label of a query → key of the report under which its values stand."""
SHOWN = ("recall@1", "recall@5", "mAP@10")
"""What the text shows of each domain and category; the JSON has all."""
NAME = 24


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


def as_text(said: Mapping[str, Any]) -> str:
    """What `Report.as_dict` says, for people: metrics down, models across."""
    return "\n".join([*_head(said), *_figures(said), *_differences(said), *_breakdowns(said)])


def _head(said: Mapping[str, Any]) -> Iterable[str]:
    within = f", each query within its own {said['within']}" if said["within"] else ""
    yield (
        f"{said['manifest']}: {said['queries']} queries, {said['gallery']} pictures in the "
        f"gallery, a hit has the query's {said['relevant']}{within}"
    )
    if said["queries_without_relevant"]:
        yield (
            f"{len(said['queries_without_relevant'])} queries have nothing to find and are left out"
        )
    if said["rejected"]:
        yield f"{len(said['rejected'])} pictures can't be read and are left out"
    covered = f"{100 * said['bootstrap']['covered']:.0f} %"
    yield f"In brackets: {covered} bootstrap interval over queries"


def _figures(said: Mapping[str, Any]) -> Iterable[str]:
    models = said["models"]
    yield ""
    yield _line("", [model["name"] for model in models])
    for metric in METRICS:
        yield _line(metric, [_interval(model["metrics"][metric]) for model in models])
    yield _line("ms per picture", [f"{m['milliseconds_per_picture']:.1f}" for m in models])
    yield _line("values per picture", [str(model["dim"]) for model in models])
    for model in models:
        if "weight_chosen_by" in model:
            yield (
                f"{model['name']}: weight {model['weight']:.2f} of the second, the best by "
                f"{model['weight_chosen_by']}"
            )


def _differences(said: Mapping[str, Any]) -> Iterable[str]:
    first = said["models"][0]["name"]
    found = [each for each in said["differences"] if each["against"] == first]
    if found:
        yield ""
        yield _line(f"less {first}", [each["model"] for each in found])
    for metric in METRICS if found else ():
        yield _line(metric, [_interval(each["metrics"][metric], sign=True) for each in found])


def _breakdowns(said: Mapping[str, Any]) -> Iterable[str]:
    models = said["models"]
    for column, name in BREAKDOWNS.items():
        for metric in SHOWN if models[0][name] else ():
            yield ""
            yield _line(f"{metric} by {column}", [model["name"] for model in models])
            for label, group in models[0][name].items():
                values = [model[name][label]["metrics"][metric] for model in models]
                yield _line(
                    f"  {label} ({group['queries']})", [_interval(value) for value in values]
                )


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<{NAME}}" + "".join(f"  {cell:<20}" for cell in cells).rstrip()


def _interval(value: Mapping[str, float], sign: bool = False) -> str:
    how = "+.3f" if sign else ".3f"
    return f"{value['value']:{how}} [{value['low']:{how}}, {value['high']:{how}}]"
