"""`snapmode ingest`: read the log, embed pictures, index products."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.progress import Progress

from snapmode import metrics
from snapmode.ingest import GROUP, EmbedStep, IndexStep
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    progress,
)
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from topologies.local import LocalIngest

REFRESH_SECONDS = 0.5
"""Pause between two updates of the display; each asks the log for its lag."""

UntilIdleOption = Annotated[
    bool, typer.Option("--until-idle", help="End when the log is drained, rather than run on.")
]


def ingest(
    until_idle: UntilIdleOption = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Read the log: embed pictures, index products.

    Ends on Ctrl-C or SIGTERM after the batch at hand.
    """
    tally = Tally()
    with open_house(config, data) as house, _stop_on_signals() as stop, progress() as display:
        loop = local_ingest(house, stop)
        loop.on_batch = Display(loop, tally, display).update
        loop.run(until_idle)
    report = tally.report()
    if json:
        print_json(report)
    else:
        typer.echo(", ".join(f"{name.replace('_', ' ')}: {n}" for name, n in report.items()))
    if report["dead_letters"]:
        raise typer.Exit(EXIT_REJECTED)


def local_ingest(house: House, stop: threading.Event | None = None) -> LocalIngest:
    """The loop over the adapters of a house."""
    return LocalIngest(
        log=house.log,
        embed=EmbedStep(house.embedder, house.images, house.vectors),
        index=IndexStep(house.catalog, house.vectors),
        settings=house.settings.ingest,
        stop=stop or threading.Event(),
    )


class Tally:
    """What this run has counted: the metrics now, less the metrics at its start."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._before = self._counts()

    @staticmethod
    def _counts() -> dict[str, int]:
        return {
            "products": metrics.total(metrics.INGESTED, "indexed"),
            "removed": metrics.total(metrics.INGESTED, "removed"),
            "stale": metrics.total(metrics.INGESTED, "stale"),
            "pictures_embedded": metrics.total(metrics.EMBEDDED, "embedded"),
            "pictures_reused": metrics.total(metrics.EMBEDDED, "reused"),
            "rejected": metrics.total(metrics.EMBEDDED, "rejected"),
            "dead_letters": sum(
                metrics.total(metrics.DEAD_LETTERS, stage)
                for stage in ("decode", "embed", "ingest")
            ),
        }

    def report(self) -> dict[str, Any]:
        """The counts, the seconds and the rate."""
        counts = {name: n - self._before[name] for name, n in self._counts().items()}
        seconds = time.monotonic() - self._started
        return {
            **counts,
            "seconds": round(seconds, 3),
            "pictures_per_second": round(counts["pictures_embedded"] / seconds, 2),
        }


class Display:
    """The progress of a run: messages done of those there are, pictures and their rate."""

    def __init__(self, loop: LocalIngest, tally: Tally, progress: Progress) -> None:
        self._loop = loop
        self._tally = tally
        self._progress = progress
        self._task = progress.add_task("ingest", total=None, note="")
        self._shown = 0.0

    def update(self) -> None:
        """Show how far the run is, now and then: each time asks the log for its lag."""
        if time.monotonic() - self._shown < REFRESH_SECONDS:
            return
        lag, report = self._loop.lag(), self._tally.report()
        metrics.LAG.labels(PRODUCTS, GROUP).set(lag)
        done = report["products"] + report["removed"] + report["stale"]
        note = f"{report['pictures_embedded']} pictures, {report['pictures_per_second']:.0f}/s"
        self._progress.update(self._task, completed=done, total=done + lag, note=note)
        self._shown = time.monotonic()


@contextmanager
def _stop_on_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; a second one ends the process as usual."""
    stop = threading.Event()
    handlers = {int(number): signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, handlers[number])

    for number in handlers:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
