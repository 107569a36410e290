"""`snapmode crawl`."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.crawl import run, trusted_names
from crawler.engine import Engine
from crawler.frontier import Frontier, Link
from crawler.job import Job
from crawler.lag_gate import LagGate
from crawler.picture_memory import PictureMemory
from crawler.publisher import Publisher
from crawler.report import Report
from crawler.site import hosts_of, read_site, seeds_of
from snapmode.errors import ConfigError, SnapModeError
from snapmode.ingest import GROUP
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    progress,
)
from snapmode.settings import Crawl
from snapmode.topics import PRODUCTS
from snapmode.wiring import House

SEED_SCORE = 10.0


def crawl(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="URL…", help="Where to begin.")
    ] = None,
    site: Annotated[
        Path | None, typer.Option(help=r"TOML: seeds, allowed_domains, \[limits], \[headers].")
    ] = None,
    max_pages: Annotated[
        int | None, typer.Option(min=1, help="Stop after this many pages.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write the report here, as JSON.")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch shops and publish their products to the log, until every page is done.

    A crawl that was interrupted is resumed by the same command; a finished one is done again.
    """
    if report and not report.absolute().parent.is_dir():
        raise ConfigError(f"--report {report}: no such folder")
    described = read_site(site)
    seeds = seeds_of(urls or [], described)
    with open_house(config, data) as house:
        limits = described.overridden(house.settings.crawl)
        if max_pages:
            limits = limits.model_copy(update={"max_pages": max_pages})
        job = asyncio.run(
            _begun(house, seeds, hosts_of(seeds, described), limits, described.headers)
        )
        try:
            _run_with_progress(job, seeds)
        finally:
            job.frontier.close()
            job.memory.close()
    _finish(job.report, report, as_json)


async def _begun(
    house: House, seeds: list[str], hosts: set[str], limits: Crawl, headers: dict[str, str]
) -> Job:
    """The job, its seeds in the frontier. Waits for engines that are away."""
    folder = house.settings.data / "crawl"
    log_engine, image_engine = Engine("log", limits), Engine("images", limits, threads=8)
    log = await log_engine.call(lambda: house.log)
    gate = LagGate(limits.max_lag, lambda: log_engine.call(lambda: log.lag(PRODUCTS, GROUP)))
    await gate.refresh()
    publisher = Publisher(log, log_engine)
    job = Job(
        hosts=hosts,
        limits=limits,
        pictures=house.settings.pictures,
        frontier=Frontier(log, publisher.publish, folder / "frontier.sqlite"),
        memory=PictureMemory(folder / "pictures.sqlite"),
        publisher=publisher,
        gate=gate,
        images=await image_engine.call(lambda: house.images),
        log_engine=log_engine,
        image_engine=image_engine,
        headers=headers,
    )
    links = [Link(seed, SEED_SCORE, seed=True) for seed in seeds]
    job.report.resumed = await job.frontier.begin(links)
    return job


def _run_with_progress(job: Job, seeds: list[str]) -> None:
    with progress() as display:
        task = display.add_task("crawl", total=None, note="")

        def show() -> None:
            report = job.report
            seen = report.outcomes.total()
            pause = job.pause()
            note = f"{len(report.published)} products" + (f"; {pause.text}" if pause else "")
            display.update(task, completed=seen, total=seen + job.frontier.unfinished(), note=note)

        job.on_visit = show
        run(job, trusted_names(seeds))


def _finish(report: Report, path: Path | None, as_json: bool) -> None:
    found = report.as_dict()
    if path:
        try:
            path.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", "utf-8")
        except OSError as error:
            raise ConfigError(f"--report {path}: can't be written: {error.strerror}") from error
    if as_json:
        print_json(found)
    else:
        typer.echo(_as_text(found))
    if report.no_seed_fetched:
        reasons = ", ".join(report.failures) or "no answer"
        raise SnapModeError(f"none of the addresses could be fetched: {reasons}")
    if report.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _as_text(found: dict[str, Any]) -> str:
    names = [name for name, value in found.items() if isinstance(value, int | float)]
    lines = [f"{name.replace('_', ' '):14} {found[name]}" for name in names]
    for table in ("pictures", "failures", "refused"):
        lines += [f"{table:14} {count} {name}" for name, count in found[table].items() if count]
    if not found["finished"]:
        lines.append("stopped before the end; the same command goes on from here")
    return "\n".join(lines)
