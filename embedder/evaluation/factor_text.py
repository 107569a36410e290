"""Shares by part as text for people: factors down, parts across."""

from collections.abc import Iterable, Mapping
from typing import Any

from embedder.evaluation.text import Lines, interval_text, table

KINDS = {"row": "as served", "unit_parts": "each part a unit vector"}


def as_text(said: Mapping[str, Any]) -> str:
    """What `FactorReport.as_dict` says, but for DCI's importances and MIG by factor."""
    blocks: list[Iterable[str]] = [_head(said)]
    for model in said["models"]:
        blocks += [table(_shares(model, kind)) for kind in KINDS]
        if model["scores"]:
            blocks += [table(_known(model)), table(_scores(model["name"], model["scores"]))]
    return "\n\n".join("\n".join(lines) for lines in blocks)


def _head(said: Mapping[str, Any]) -> Iterable[str]:
    same = f", of one {' and '.join(said['same'])}" if said["same"] else ""
    yield (
        f"{said['manifest']}: {said['pictures']} pictures; pairs differ in one of "
        f"{', '.join(said['factors'])}{same}"
    )
    if said["rejected"]:
        yield f"{len(said['rejected'])} pictures can't be read and are left out"
    covered = f"{100 * said['bootstrap']['covered']:.0f} %"
    group = (said["same"] or ["group"])[0]
    yield f"In brackets: {covered} bootstrap interval over values of {group}"
    if said["no_scores"]:
        yield f"No DCI or MIG: {said['no_scores']}"


def _shares(model: Mapping[str, Any], kind: str) -> Lines:
    yield [f"{model['name']}, squared change, {KINDS[kind]}", "per pair", *model["parts"]]
    for factor, found in model["factors"].items():
        own = "" if found["part"] else "; no part of its name"
        name = f"{factor} ({found['pairs']} pairs{own})"
        shares = found[kind]["shares"] or {}
        change = f"{found[kind]['squared_change']:.3g}"
        yield [name, change, *map(interval_text, shares.values())]


def _known(model: Mapping[str, Any]) -> Lines:
    yield [f"{model['name']}, what a part tells of a factor's entropy", *model["parts"]]
    for factor, found in model["scores"]["mig"]["information"].items():
        yield [factor, *(f"{value:.3f}" for value in found.values())]


def _scores(name: str, scores: Mapping[str, Any]) -> Lines:
    yield [f"{name}, scores", ""]
    for codes in ("dimensions", "parts"):
        for score, value in (scores["dci"][codes] or {}).items():
            yield [f"DCI {score}, {codes}", f"{value:.3f}"]
    for factor, value in scores["dci"]["informativeness"].items():
        yield [f"DCI informativeness, {factor}", f"{value:.3f}"]
    if scores["mig"]["value"] is not None:
        yield ["MIG, parts", f"{scores['mig']['value']:.3f}"]
