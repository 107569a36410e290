"""From items to a search that can be judged: who asks, and how many there are to find."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import Floats, Hits, measure
from embedder.evaluation.ranking import NOBODY, Positions, Ranking, Rules


@dataclass(frozen=True, slots=True)
class Plan:
    """A search whose every query has something to find."""

    items: Sequence[Item]
    """In the order of `in_order`."""
    rules: Rules
    label: Positions
    """(items,): code of the label that makes a hit; NOBODY is no hit for anyone."""
    relevant: Positions
    """(queries,): how many items of the gallery are relevant, at least 1."""
    hopeless: tuple[Item, ...]
    """Queries without any relevant item: left out."""

    def hits(self, ranking: Ranking) -> Hits:
        """(queries, DEPTH): whether what was found at that rank is relevant."""
        own = self.label[self.rules.queries, None]
        hits: Hits = (ranking.order != NOBODY) & (self.label[ranking.order] == own)
        return hits

    def measured(self, ranking: Ranking) -> Floats:
        """(queries, metrics), in the order of METRICS."""
        return np.stack(list(measure(self.hits(ranking), self.relevant).values()), axis=1)


def in_order(items: Sequence[Item]) -> list[Item]:
    """The gallery first, each half in the order of ids: so that position decides ties."""
    return sorted(items, key=lambda item: (not item.gallery, item.id))


def plan(items: Sequence[Item], relevant: str, within: str | None = None) -> Plan:
    """The search among items that are in order."""
    label, group = codes(items, relevant), codes(items, "group")
    place = codes(items, within) if within else np.zeros(len(items), np.int64)
    gallery = sum(item.gallery for item in items)
    asked = np.flatnonzero([item.query for item in items])
    counts = _relevant(asked, gallery, label, group, place)
    return Plan(
        items,
        Rules(asked[counts > 0], gallery, group, place),
        label,
        counts[counts > 0],
        tuple(items[position] for position in asked[counts == 0]),
    )


def codes(items: Sequence[Item], column: str) -> Positions:
    """(items,): equal labels have equal codes; an empty one has NOBODY."""
    known: dict[str, int] = {"": NOBODY}
    return np.array([known.setdefault(item.label(column), len(known)) for item in items], np.int64)


def _relevant(
    asked: Positions, gallery: int, label: Positions, group: Positions, place: Positions
) -> Positions:
    """(asked,): how many of the gallery are relevant, without itself and without its own group."""
    kinds = list(zip(label.tolist(), place.tolist(), group.tolist(), strict=True))
    alike = Counter((what, where) for what, where, _ in kinds[:gallery])
    own = Counter(kinds[:gallery])
    counts = []
    for query in asked.tolist():
        what, where, who = kinds[query]
        if NOBODY in (what, where):
            counts.append(0)
            continue
        # A query of a group that is in the gallery is in its own group: left out once.
        left_out = own[kinds[query]] if who != NOBODY else int(query < gallery)
        counts.append(alike[what, where] - left_out)
    return np.array(counts, np.int64)
