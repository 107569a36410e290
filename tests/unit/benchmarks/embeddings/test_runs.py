import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.embeddings.runs import POINTS, kept_run, read_run, thinned, usual_step


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=900))
def test_thinned_points_keep_order_and_mean(values: list[float]) -> None:
    points = thinned(list(enumerate(values)))
    steps = [step for step, _ in points]
    assert len(points) == min(POINTS, len(values))
    assert steps == sorted(set(steps))
    assert min(values) - 1 <= min(v for _, v in points) <= max(v for _, v in points)
    assert max(v for _, v in points) <= max(values) + 1


def test_few_points_stay_as_they_are() -> None:
    assert thinned([(0, 1.5), (1, 2.5)]) == [(0, 1.5), (1, 2.5)]


def test_pauses_are_no_work() -> None:
    steady = [2.0 * n for n in range(10)]
    assert usual_step([*steady, *(1000 + n for n in steady)]) == 2
    assert usual_step([5.0]) is None


def write(folder: Path, *lines: dict[str, float]) -> None:
    folder.mkdir(parents=True)
    (folder / "curve.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write(
        tmp_path / "runs" / "mine",
        {"step": 0, "train/loss": 2.0, "rate": 1.0, "cpu_seconds": 30.0},
        {"step": 1, "train/loss": 1.0, "validate/score": 0.5, "cpu_seconds": 90.0},
    )
    write(tmp_path / "runs" / "timeless", {"step": 0, "train/a": 2.0})
    write(tmp_path / "runs" / "empty")
    return tmp_path / "runs"


def test_a_run_tells_losses_validations_and_time(runs: Path) -> None:
    found = read_run(runs / "mine")
    assert found is not None
    assert (found.name, found.steps, found.minutes, found.clock) == ("mine", 2, 1.5, "cpu")
    assert found.train == {"loss": [(0, 2), (1, 1)]}
    assert found.validate == {"score": [(1, 0.5)]}


def test_a_run_without_times_says_so(runs: Path) -> None:
    found = read_run(runs / "timeless")
    assert found is not None
    assert found.minutes is None


def test_there_may_be_no_run(runs: Path) -> None:
    assert read_run(runs / "nobody") is None
    assert read_run(runs / "empty") is None


def test_a_run_that_is_gone_is_as_it_was_kept(runs: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    first = kept_run("mine", runs, kept)
    again = kept_run("mine", tmp_path, kept)
    assert first is not None
    assert again is not None
    assert (again.steps, again.minutes) == (first.steps, first.minutes)
    assert json.loads(json.dumps(first.train)) == again.train
    assert kept_run("nobody", runs, kept) is None
