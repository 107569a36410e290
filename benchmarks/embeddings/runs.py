"""How the networks were trained: thinned curves that are committed, and the time it took."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from embedder.training.curve import read_curve

POINTS = 200
"""Of a curve that is kept, at most."""
Points = list[tuple[float, float]]
"""(step, value)."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a run."""

    name: str
    steps: int
    minutes: float | None
    """None where nothing tells."""
    clock: str
    """cpu: what the run has noted. wall: its steps times the median step, validation left out."""
    train: dict[str, Points]
    """Name of a loss → means over as many steps each."""
    validate: dict[str, Points]


def read_run(folder: Path) -> Run | None:
    """From the run's folder; None where there is none, or no step."""
    if not (folder / "curve.jsonl").exists():
        return None
    lines = read_curve(folder)
    if not lines:
        return None
    minutes, clock = _minutes(folder, lines)
    steps = int(lines[-1]["step"]) + 1
    train, validate = _series(lines, "train/"), _series(lines, "validate/")
    return Run(folder.name, steps, minutes, clock, train, validate)


def kept_run(name: str, runs: Path, kept: Path) -> Run | None:
    """A run as it is now, which is then kept; else as it was kept."""
    file = kept / f"{name}.json"
    found = read_run(runs / name)
    if found is not None:
        kept.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    elif file.exists():
        found = Run(**json.loads(file.read_text(encoding="utf-8")))
    return found


def thinned(points: Sequence[tuple[float, float]], most: int = POINTS) -> Points:
    """At most so many, each the mean of its neighbours."""
    groups = np.array_split(np.array(points, np.float64), min(most, len(points)))
    means = (group.mean(axis=0).tolist() for group in groups)
    return [(round(step, 1), float(f"{value:.4g}")) for step, value in means]


def _series(lines: Sequence[dict[str, float]], prefix: str) -> dict[str, Points]:
    names = dict.fromkeys(name for line in lines for name in line if name.startswith(prefix))
    return {
        name.removeprefix(prefix): thinned(
            [(line["step"], line[name]) for line in lines if name in line]
        )
        for name in names
    }


def _minutes(folder: Path, lines: Sequence[dict[str, float]]) -> tuple[float | None, str]:
    if "cpu_seconds" in lines[-1]:
        return round(lines[-1]["cpu_seconds"] / 60, 1), "cpu"
    step = usual_step(_times(folder / "tensorboard"))
    return (None if step is None else round(step * len(lines) / 60, 1)), "wall"


def usual_step(times: Sequence[float]) -> float | None:
    """Median seconds between the steps' times: pauses and busy minutes count for little."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(times))]
    return median(gaps) if gaps else None


def _times(board: Path) -> list[float]:
    """When each step was written to TensorBoard's files."""
    if not board.is_dir():
        return []
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(board), size_guidance={"scalars": 0})
    read.Reload()
    tags = read.Tags()["scalars"]
    return [event.wall_time for event in read.Scalars(tags[0])] if tags else []
