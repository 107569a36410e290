from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.embeddings.networks import Network
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.tasks import Task
from snapmode.errors import RejectedError

Make = Callable[..., Network]


def test_what_is_kept_is_not_embedded_again(task: Task, network: Make, tmp_path: Path) -> None:
    first, second = network(), network()
    rows = Rows(tmp_path / "rows").of(first, task).rows
    again = Rows(tmp_path / "rows").of(second, task).rows
    assert rows.shape == (8, 4)
    assert np.array_equal(rows, again)
    assert (first.embedder.count > 0, second.embedder.count) == (True, 0)


def test_other_weights_and_other_data_are_embedded(
    task: Task, network: Make, tmp_path: Path
) -> None:
    kept, other = Rows(tmp_path / "rows"), network(key="mine-2")
    kept.of(network(), task)
    kept.of(other, task)
    once = other.embedder.count
    kept.of(other, replace(task, data="0" * 64))
    assert other.embedder.count == 2 * once > 0


def test_what_has_no_key_is_not_kept(task: Task, network: Make, tmp_path: Path) -> None:
    Rows(tmp_path / "rows").of(network(key=None), task)
    assert not (tmp_path / "rows").exists()


def test_a_picture_that_can_not_be_read_is_named(task: Task, network: Make, tmp_path: Path) -> None:
    task.items[3].image.write_text("no picture")
    with pytest.raises(RejectedError, match=task.items[3].image.name):
        Rows(tmp_path / "rows").of(network(), task)
    assert not list(tmp_path.glob("rows/*"))
