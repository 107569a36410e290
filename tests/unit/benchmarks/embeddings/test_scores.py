from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.scores import (
    FEWEST,
    Score,
    best,
    by_label,
    scored,
    scored_mix,
    scored_parts,
)
from benchmarks.embeddings.tasks import Task

Make = Callable[..., Network]


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    return Rows(tmp_path / "rows")


def test_a_network_is_judged_by_the_part_that_the_task_means(
    task: Task, network: Make, rows: Rows
) -> None:
    found = scored([task], [network()], rows)["mine"]["points"]
    # To `left` alone a, c and d are the same: the first in the alphabet is found.
    assert found.values.tolist() == [1, 1, 0, 0]
    assert found.mean == 0.5


def test_parts_stand_beside_the_whole(task: Task, network: Make, rows: Rows) -> None:
    found = scored_parts([task], network(), rows)
    assert {part: each["points"].mean for part, each in found.items()} == {
        "left": 0.5,
        "right": 0.5,
        "all": 1,
    }


def test_a_mix_has_a_weight(task: Task, network: Make, rows: Rows) -> None:
    found = scored_mix([task], network(), network("other", "other-1"), rows)
    assert found["mine+other"]["points"].weight == 0.05
    assert found["mine+other"]["points"].mean == 1


def test_differences_are_paired() -> None:
    one, other = (
        Score(name, "task", np.array(values, np.float64))
        for name, values in (("one", [1, 1, 0, 1] * 9), ("other", [1, 0, 0, 0] * 9))
    )
    apart = one.over(other)
    assert apart.value == 0.5
    assert 0.25 < apart.low < 0.5 < apart.high < 0.75
    assert other.over(other) == one.over(one)
    assert (one.over(one).low, one.over(one).high) == (0, 0)


def test_the_best_is_of_one_task() -> None:
    table = {
        name: {task: Score(name, task, np.full(3, value)) for task, value in values.items()}
        for name, values in {"a": {"x": 0.1, "y": 0.9}, "b": {"x": 0.2, "y": 0.3}}.items()
    }
    assert (best(table, table, "x").contender, best(table, table, "y").contender) == ("b", "a")
    assert best(table, ["b"], "y").contender == "b"


def test_groups_are_of_queries_and_large_enough() -> None:
    values = np.arange(2 * FEWEST + 4) / 100
    labels = ["Men"] * FEWEST + ["Women"] * FEWEST + ["", "", "Unisex", "Unisex"]
    found = by_label(Score("mine", "task", values), labels)
    assert list(found) == ["Men", "Women"]
    assert found["Women"].mean == pytest.approx(values[FEWEST : 2 * FEWEST].mean())
