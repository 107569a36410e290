"""Models over a manifest: each embeds the items once, searches, and is measured."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from embedder.evaluation.contenders import WEIGHTS, Contender, Term
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import METRICS, Floats
from embedder.evaluation.plan import Plan
from embedder.evaluation.ranking import Block, Ranking, rank
from embedder.files import choose_part, embed_files
from snapmode.errors import RejectedError
from snapmode.ports import Embedder, Vector


@dataclass(frozen=True, slots=True)
class Embedded:
    """What one embedder made of the items."""

    model: str
    """The embedder's own name, with its hash."""
    rows: Vector
    """float32 (items, dim), unit rows; zeros where an item was rejected."""
    seconds: float
    """A picture's reading, decoding and embedding, on average over the run."""
    rejected: Mapping[int, str]
    """Position of an item → why it has no row."""

    def without(self, rejected: Sequence[int]) -> "Embedded":
        """The same of the other items."""
        if not rejected:
            return self
        return replace(self, rows=np.delete(self.rows, rejected, axis=0), rejected={})


@dataclass(frozen=True, slots=True)
class Judged:
    """How one contender did."""

    name: str
    models: tuple[str, ...]
    """The embedders' own names."""
    dim: int
    seconds: float
    """Per picture, of all its embedders."""
    values: Floats
    """(queries, METRICS), each 0..1."""
    ranking: Ranking
    weight: float | None = None
    """Of the second embedder of a mix."""
    tried: Mapping[float, float] | None = None
    """Weight → mean of the metric it was chosen by, on these very queries."""


def embed_items(
    embedder: Embedder, items: Sequence[Item], advance: Callable[[], object]
) -> Embedded:
    """Rows of the items in their order; `advance` is called after each."""
    rows = np.zeros((len(items), embedder.dim), np.float32)
    rejected: dict[int, str] = {}
    paths, boxes = [item.image for item in items], [item.box for item in items]
    list(embed_files(embedder, paths[:1], boxes[:1]))  # loading the model is not timed
    started = time.perf_counter()
    results = embed_files(embedder, paths, boxes)
    for position, result in enumerate(results):
        if isinstance(result, RejectedError):
            rejected[position] = str(result)
        else:
            rows[position] = result
        advance()
    return Embedded(embedder.name, rows, (time.perf_counter() - started) / len(items), rejected)


def part_of(embedded: Embedded, embedder: Embedder, part: str | None) -> Embedded:
    """The rows of one part alone, as unit rows; None is the whole."""
    if part is None:
        return embedded
    chosen = choose_part(embedder, part)
    return replace(embedded, rows=np.stack([chosen(row) for row in embedded.rows]))


def judge(contender: Contender, embedded: Mapping[Term, Embedded], plan: Plan, best: str) -> Judged:
    """Search and measure; `best`: the metric by which a mix without a weight chooses one."""
    parts = [embedded[term] for term in contender.terms]
    weight, tried = contender.weight, None
    if len(parts) > 1 and weight is None:
        column = METRICS.index(best)
        tried = {
            each: float(plan.measured(_ranked(contender, parts, each, plan))[:, column].mean())
            for each in WEIGHTS
        }
        weight = max(tried, key=tried.__getitem__)
    ranking = _ranked(contender, parts, weight or 0, plan)
    return Judged(
        contender.name,
        tuple(part.model for part in parts),
        sum(part.rows.shape[1] for part in parts),
        sum(part.seconds for part in parts),
        plan.measured(ranking),
        ranking,
        weight,
        tried,
    )


def _ranked(contender: Contender, parts: Sequence[Embedded], weight: float, plan: Plan) -> Ranking:
    weights = contender.weights(weight)
    return rank(
        [Block(part.rows, share) for part, share in zip(parts, weights, strict=True)], plan.rules
    )
