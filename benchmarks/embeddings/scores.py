"""How every contender does on every task, and how far apart two of them are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.tasks import Task
from embedder.evaluation.bootstrap import Interval, intervals
from embedder.evaluation.contenders import Contender, Term
from embedder.evaluation.judge import judge, part_of
from embedder.evaluation.metrics import METRICS, Floats

SEED = 0
"""Of the bootstrap: the same for all, so that differences are paired."""
FEWEST = 10
"""Queries of a group that is told apart."""


@dataclass(frozen=True, slots=True)
class Score:
    """One contender on one task."""

    contender: str
    task: str
    values: Floats
    """(queries,), of the task's metric."""
    weight: float | None = None
    """Of the second of a mix, the best on these very queries."""

    @property
    def mean(self) -> float:
        """What is compared."""
        return float(self.values.mean())

    @property
    def interval(self) -> Interval:
        """The mean, and where it would fall 95 times of 100."""
        return intervals(self.values[:, None], SEED)[0]

    def over(self, other: "Score") -> Interval:
        """How much better it is than another on the same queries."""
        return intervals((self.values - other.values)[:, None], SEED)[0]


Table = Mapping[str, Mapping[str, Score]]
"""Contender → task → score."""


def score(task: Task, contender: Contender, networks: Mapping[str, Network], rows: Rows) -> Score:
    """Search with it and measure."""
    embedded = {
        term: part_of(rows.of(networks[term.model], task), networks[term.model].embedder, term.part)
        for term in contender.terms
    }
    judged = judge(contender, embedded, task.plan, task.metric)
    values = judged.values[:, METRICS.index(task.metric)]
    return Score(contender.name, task.name, values, judged.weight)


def whole(network: Network, task: Task) -> Contender:
    """As the task wants it judged: by all of its vector, or by the part that is meant."""
    part = task.part if task.part in network.parts else None
    return Contender(network.name, (Term(network.name, part),))


def mixed(first: Network, second: Network) -> Contender:
    """Both together, at the weight that is best on the very queries it is judged by."""
    name = f"{first.name}+{second.name}"
    return Contender(name, (Term(first.name), Term(second.name)))


def scored(tasks: Sequence[Task], networks: Iterable[Network], rows: Rows) -> Table:
    """Each network on each task."""
    return {
        network.name: {
            task.name: score(task, whole(network, task), {network.name: network}, rows)
            for task in tasks
        }
        for network in networks
    }


def scored_mix(tasks: Sequence[Task], first: Network, second: Network, rows: Rows) -> Table:
    """Two networks together on each task."""
    known = {first.name: first, second.name: second}
    contender = mixed(first, second)
    return {contender.name: {task.name: score(task, contender, known, rows) for task in tasks}}


def scored_parts(tasks: Sequence[Task], network: Network, rows: Rows) -> Table:
    """Each part of a network alone, and all of its vector."""
    known = {network.name: network}
    return {
        part or "all": {
            task.name: score(
                task, Contender(part or "all", (Term(network.name, part),)), known, rows
            )
            for task in tasks
        }
        for part in (*network.parts, None)
    }


def best(table: Table, names: Iterable[str], task: str) -> Score:
    """The contender with the highest mean."""
    return max((table[name][task] for name in names), key=lambda score: score.mean)


def by_label(score: Score, labels: Sequence[str]) -> dict[str, Score]:
    """The queries of each label apart, where there are enough; the gallery is the same for all."""
    given = np.array(labels)
    groups = {str(label): score.values[given == label] for label in np.unique(given) if label}
    return {
        label: Score(score.contender, f"{score.task} {label}", values)
        for label, values in groups.items()
        if len(values) >= FEWEST
    }
