"""A report as text for people: metrics down, models across."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from embedder.evaluation.metrics import METRICS
from embedder.evaluation.report import BREAKDOWNS

SHOWN = ("recall@1", "mAP@10")
"""Metrics shown by domain and by category; the JSON has all."""
LABELS = 20
"""Domains and categories shown, those of most queries; the JSON has all."""
Lines = Iterable[Sequence[str]]
"""Of a table: its first cells are names, the others figures."""


def as_text(said: Mapping[str, Any]) -> str:
    """What `Report.as_dict` says, but for the rarer labels and their further metrics."""
    blocks = [_head(said), table(_figures(said)), _weights(said), table(_differences(said))]
    for column, name in BREAKDOWNS.items():
        blocks += [table(_breakdown(said, column, name, metric)) for metric in SHOWN]
    return "\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines)


def _head(said: Mapping[str, Any]) -> Iterable[str]:
    within = f", each query within its own {said['within']}" if said["within"] else ""
    yield (
        f"{said['manifest']}: {said['queries']} queries, {said['gallery']} pictures in the "
        f"gallery, a hit has the query's {said['relevant']}{within}"
    )
    if hopeless := said["queries_without_relevant"]:
        yield f"{len(hopeless)} more queries have nothing to find and are left out"
    if said["rejected"]:
        yield f"{len(said['rejected'])} pictures can't be read and are left out"
    covered = f"{100 * said['bootstrap']['covered']:.0f} %"
    yield f"In brackets: {covered} bootstrap interval over queries"


def _figures(said: Mapping[str, Any]) -> Lines:
    models = said["models"]
    yield ["", *(model["name"] for model in models)]
    for metric in METRICS:
        yield [metric, *(interval_text(model["metrics"][metric]) for model in models)]
    yield ["ms per picture", *(f"{model['milliseconds_per_picture']:.1f}" for model in models)]
    yield ["values per picture", *(str(model["dim"]) for model in models)]


def _weights(said: Mapping[str, Any]) -> Iterable[str]:
    for model in said["models"]:
        if "weight_chosen_by" in model:
            yield (
                f"{model['name']}: weight {model['weight']:.2f} of the second, the best by "
                f"{model['weight_chosen_by']}"
            )


def _differences(said: Mapping[str, Any]) -> Lines:
    """From the first model; the JSON has every pair."""
    first = said["models"][0]["name"]
    found = [each for each in said["differences"] if each["against"] == first]
    if found:
        yield [f"less {first}", *(each["model"] for each in found)]
        for metric in METRICS:
            yield [metric, *(interval_text(each["metrics"][metric], sign=True) for each in found)]


def _breakdown(said: Mapping[str, Any], column: str, name: str, metric: str) -> Lines:
    models = said["models"]
    labels = sorted(models[0][name].items(), key=lambda pair: (-pair[1]["queries"], pair[0]))
    if labels:
        yield [f"{metric} by {column}", *(model["name"] for model in models)]
    for label, group in labels[:LABELS]:
        values = (model[name][label]["metrics"][metric] for model in models)
        yield [f"{label} ({group['queries']})", *map(interval_text, values)]
    if len(labels) > LABELS:
        yield [f"and {len(labels) - LABELS} more"]


def table(lines: Lines) -> list[str]:
    """Lines of text, their columns one below the other."""
    rows = list(lines)
    columns = max(map(len, rows), default=0)
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(columns)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]


def interval_text(value: Mapping[str, float], sign: bool = False) -> str:
    """Mean and bounds; `sign`: always with one, as of a difference."""
    how = "+.3f" if sign else ".3f"
    # Adding 0 makes -0 to 0.
    mean, low, high = (f"{round(value[each], 3) + 0.0:{how}}" for each in ("value", "low", "high"))
    return f"{mean} [{low}, {high}]"
