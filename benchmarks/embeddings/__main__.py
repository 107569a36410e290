"""Every network on the same galleries: `python -m benchmarks.embeddings`.

Needs the extra `train`. Reads $SNAPMODE_DATA (default ../shared/data); writes embeddings.md, and
beside it a folder of curves. Vectors are kept in --work, so that a run that was stopped goes on,
and a model that did not change costs nothing.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.embeddings import origin, page
from benchmarks.embeddings.bench import Bench
from benchmarks.embeddings.factors import Factors
from benchmarks.embeddings.rows import Rows
from benchmarks.embeddings.tasks import tasks
from benchmarks.figures import RESULTS
from snapmode.errors import SnapModeError

DATA = Path(os.environ.get("SNAPMODE_DATA", "../shared/data"))


def main(
    runs: Annotated[Path, typer.Option(help="Folder of training runs.")] = Path("var/training"),
    out: Annotated[Path, typer.Option(help="Folder for the page.")] = RESULTS,
    model: Annotated[
        list[Path] | None, typer.Option(help="One elsewhere; may replace one of its name.")
    ] = None,
    only: Annotated[list[str] | None, typer.Option(help="Trained networks; default: all.")] = None,
    work: Annotated[Path, typer.Option(help="Vectors, made pictures.")] = Path("var/embeddings"),
    threads: Annotated[int, typer.Option(help="That embed; 0: one per core.", min=0)] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="An eighth, to try it.")] = False,
) -> None:
    """Measure, and write embeddings.md."""
    head = origin.head() + (" **A trial on an eighth of the data.**" if quick else "")
    bench = Bench(
        tasks(DATA, work, quick),
        Rows(work / "rows"),
        Factors(DATA, work, quick),
        runs,
        out / "embeddings",
        model or (),
        only or (),
        threads,
        rounds=3 if quick else 20,
    )
    text = page.page(head, bench.sections())
    out.mkdir(parents=True, exist_ok=True)
    (out / "embeddings.md").write_text(text, encoding="utf-8")
    typer.echo(out / "embeddings.md")


if __name__ == "__main__":
    try:
        typer.run(main)
    except SnapModeError as error:
        sys.exit(str(error))
