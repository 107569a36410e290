"""How the benchmarks measure and print: medians of runs taken in turn, quoted as ratios."""

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

FULL = os.environ.get("PROFILE", "ci") == "full"
"""PROFILE=ci measures little, to see that the benchmarks run; PROFILE=full keeps its figures."""
RESULTS = Path(__file__).resolve().parent.parent / "docs" / "results"


def seconds(call: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def in_turn(rounds: int, *calls: Callable[[], object]) -> list[float]:
    """Median seconds of each call; they run A B A B …, so that a drifting machine hits both."""
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for times, call in zip(taken, calls, strict=True):
            times.append(seconds(call))
    return [statistics.median(times) for times in taken]


def report(name: str, figures: dict[str, object]) -> None:
    """Print the figures; the full profile keeps them, dated, in docs/results."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    dated = {"benchmark": name, "date": datetime.now(UTC).date().isoformat(), "machine": machine}
    print(json.dumps(dated | figures, indent=2))
    if FULL:
        RESULTS.mkdir(parents=True, exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(dated | figures, indent=2) + "\n")
