"""What `snapmode evaluate --factors` says: which part of a model's rows each factor changes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from embedder.evaluation.bootstrap import COVERED, RESAMPLES
from embedder.evaluation.codes import Scores, scores, why_not
from embedder.evaluation.contenders import Contender
from embedder.evaluation.contest import embed_all, embedder_of
from embedder.evaluation.factors import Alike, Change, Parts, alike, change, unit_parts
from embedder.evaluation.judge import Embedded
from embedder.evaluation.manifest import Item, Manifest, fingerprint
from embedder.evaluation.plan import codes
from embedder.evaluation.ranking import Positions
from embedder.evaluation.report import Rejected
from snapmode.errors import ConfigError
from snapmode.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """Which columns are factors, and which further ones two pictures of a pair share."""

    factors: tuple[str, ...]
    same: tuple[str, ...] = ()
    """The first is what is resampled, and never on both sides of a split."""

    def others(self, factor: str) -> tuple[str, ...]:
        """All columns that are equal where only this factor differs."""
        return (*self.same, *(each for each in self.factors if each != factor))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the factors change in one model's rows."""

    name: str
    model: str
    """The embedder's own name."""
    parts: Parts
    served: Mapping[str, Change]
    """By factor, of rows as they are served."""
    unit: Mapping[str, Change]
    """By factor, with each part a unit vector."""
    scores: Scores | None

    def as_dict(self, seed: int) -> dict[str, Any]:
        """Every figure, ready for JSON."""
        return {
            "name": self.name,
            "embedder": self.model,
            "parts": {name: [each.start, each.stop] for name, each in self.parts.items()},
            "factors": {factor: self._factor(factor, seed) for factor in self.served},
            "scores": self.scores and self.scores.as_dict(),
        }

    def _factor(self, factor: str, seed: int) -> dict[str, Any]:
        return {
            "part": factor if factor in self.parts else None,
            "pairs": self.served[factor].pairs,
            "groups": len(self.served[factor].values),
            "row": _said(self.served[factor], seed),
            "unit_parts": _said(self.unit[factor], seed),
        }


def _said(change: Change, seed: int) -> dict[str, Any]:
    found = change.shares(seed)
    return {
        "squared_change": change.mean,
        "shares": found and {part: asdict(each) for part, each in found.items()},
    }


@dataclass(frozen=True, slots=True)
class FactorReport:
    """Several models on the same pairs."""

    manifest: Manifest
    question: Question
    pictures: int
    answers: Sequence[Answer]
    no_scores: str | None
    """Why there is neither DCI nor MIG."""
    rejected: Sequence[Rejected]
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Every figure, ready for JSON."""
        return {
            "manifest": str(self.manifest.source),
            "data": fingerprint(self.manifest.items),
            "factors": list(self.question.factors),
            "same": list(self.question.same),
            "pictures": self.pictures,
            "rejected": [asdict(each) for each in self.rejected],
            "bootstrap": {"resamples": RESAMPLES, "covered": COVERED, "seed": self.seed},
            "no_scores": self.no_scores,
            "models": [each.as_dict(self.seed) for each in self.answers],
        }


def measure(
    settings: Settings,
    manifest: Manifest,
    question: Question,
    contenders: Sequence[Contender],
    seed: int,
) -> FactorReport:
    """Embed, and compare the rows of pictures that differ in one factor alone."""
    models = {each.name: _whole(each) for each in contenders}
    _sets(manifest, manifest.items, question)  # what can't be asked: before the work
    embedders = {model: embedder_of(settings, model) for model in models.values()}
    items, rows, rejected = embed_all(embedders, manifest.items)
    sets = _sets(manifest, items, question)
    labelled = [row for row, item in enumerate(items) if all(map(item.label, question.factors))]
    values, groups = _coded([items[row] for row in labelled], question)
    reason = why_not(values, groups)

    def answer(name: str, found: Embedded, parts: Parts) -> Answer:
        unit = unit_parts(found.rows, parts)
        scored = None if reason else scores(found.rows[labelled], parts, values, groups, seed)
        served = {factor: change(found.rows, parts, each) for factor, each in sets.items()}
        alone = {factor: change(unit, parts, each) for factor, each in sets.items()}
        return Answer(name, found.model, parts, served, alone, scored)

    answers = [answer(name, rows[model], embedders[model].parts) for name, model in models.items()]
    return FactorReport(manifest, question, len(items), answers, reason, rejected, seed)


def _whole(contender: Contender) -> str:
    """The name of its one model."""
    if len(contender.terms) > 1 or contender.terms[0].part:
        raise ConfigError(f"--model {contender.name}: --factors compares the parts of whole models")
    return contender.terms[0].model


def _sets(manifest: Manifest, items: Sequence[Item], question: Question) -> dict[str, list[Alike]]:
    """By factor; `ConfigError` names the column by which nothing can be compared."""
    if len(question.factors) + len(question.same) < 2:
        raise ConfigError("--factors with one column needs --same: what else pictures must share")
    for both in set(question.factors) & set(question.same):
        raise ConfigError(f"--same {both}: {both} can't differ and be the same")
    for column in (*question.factors, *question.same):
        if not any(item.label(column) for item in items):
            raise ConfigError(f"{manifest.source}: no column `{column}` with any value in it")
    found = {each: alike(items, each, question.others(each)) for each in question.factors}
    for factor, sets in found.items():
        if not sets:
            others = ", ".join(question.others(factor))
            raise ConfigError(
                f"{manifest.source}: no two pictures differ in {factor} and share {others}"
            )
    return found


def _coded(items: Sequence[Item], question: Question) -> tuple[dict[str, Positions], Positions]:
    """Codes of the items' values by factor, and of their groups."""
    alone = np.arange(len(items))
    groups = codes(items, question.same[0]) if question.same else alone
    return {factor: codes(items, factor) for factor in question.factors}, groups
