"""`snapmode verify`: check that the stores agree, and repair them."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from indexer.repair import repair as mend
from indexer.verify import GRACE, Finding, Stores, check, lag
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    progress,
)

SHOWN = 50
"""Findings printed in full; JSON has them all."""


def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended.")] = False,
    grace: Annotated[
        float, typer.Option(min=0, help="Seconds before a picture nobody names is a finding.")
    ] = GRACE,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Check that catalog, vectors, pictures and log agree, and repair them.

    Exit code 3 when something was found that is not repaired. Run it while nothing is ingested;
    what waits in the log is counted as lag and is no finding.
    """
    with open_house(config, data) as house:
        stores = Stores(
            house.catalog, house.vectors, house.images, house.log, house.embedder, grace
        )
        findings = _watched(stores, "checking")
        left = findings
        if repair and findings:
            mend(stores, findings)
            left = _watched(stores, "checking again")
        behind = lag(stores.log)
    if json:
        print_json(_report(findings, left, behind))
    else:
        _print(findings, left, behind)
    if left:
        raise typer.Exit(EXIT_REJECTED)


def _watched(stores: Stores, title: str) -> list[Finding]:
    with progress() as shown:
        return list(check(stores, _Watch(shown, stores, title)))


class _Watch:
    """A bar per store."""

    def __init__(self, shown: Progress, stores: Stores, title: str) -> None:
        totals = {"catalog": stores.catalog.count(), "vectors": stores.vectors.count()}
        self._shown = shown
        self._tasks = {
            store: shown.add_task(f"{title}: {store}", total=totals.get(store), note="")
            for store in ("catalog", "vectors", "pictures")
        }

    def __call__(self, store: str) -> None:
        self._shown.advance(self._tasks[store])


def _report(findings: list[Finding], left: list[Finding], behind: int) -> dict[str, object]:
    return {
        "findings": [{"kind": f.kind, "id": f.id, "detail": f.detail} for f in findings],
        "counts": dict(Counter(finding.kind for finding in findings)),
        "repaired": len(set(findings) - set(left)),
        "left": len(left),
        "lag": behind,
    }


def _print(findings: list[Finding], left: list[Finding], behind: int) -> None:
    console = Console()
    if findings:
        console.print(_table(findings, set(left)))
    if len(findings) > SHOWN:
        console.print(f"… and {len(findings) - SHOWN} more; --json lists them all")
    repaired = len(set(findings) - set(left))
    console.print(f"{len(findings)} findings, {repaired} repaired, {len(left)} left")
    if behind:
        console.print(f"{behind} records are still to be ingested: run `snapmode ingest`")


def _table(findings: list[Finding], left: set[Finding]) -> Table:
    table = Table("kind", "id", "detail", "repaired")
    for row in _rows(findings[:SHOWN], left):
        table.add_row(*row)
    return table


def _rows(findings: list[Finding], left: set[Finding]) -> Iterator[tuple[str, str, str, str]]:
    for finding in findings:
        done = "no" if finding in left else "yes"
        yield finding.kind, escape(finding.id), escape(finding.detail), done
