"""`snapmode evaluate`: how well models find pictures, and how good made pictures are."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from embedder.evaluation.contenders import Contender, parse
from embedder.evaluation.contest import compare, contest
from embedder.evaluation.factor_report import Question, measure
from embedder.evaluation.factor_text import as_text as text_of_factors
from embedder.evaluation.folders import as_text as text_of_pictures
from embedder.evaluation.manifest import Manifest
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.output import write_contest, write_factors, write_grid
from embedder.evaluation.sources import READERS, Layout
from embedder.evaluation.text import as_text
from snapmode.errors import ConfigError
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    print_json,
)
from snapmode.settings import Settings, load_settings


class Mode(StrEnum):
    """How pictures are searched."""

    EXACT = "exact"


def evaluate(
    manifest: Annotated[
        Path | None, typer.Argument(help="CSV: image, split, identity, category …; or a folder.")
    ] = None,
    *,
    model: Annotated[
        list[str] | None,
        typer.Option(help="NAME, NAME:PART, hsv, raw, or a mix: lite0+hsv@0.45. Repeatable."),
    ] = None,
    part: Annotated[str | None, typer.Option(help="Only this part of each model.")] = None,
    layout: Annotated[Layout, typer.Option(help="What the manifest is.")] = Layout.CSV,
    relevant: Annotated[
        str | None,
        typer.Option(help="Column that makes a hit. Default: identity, or the layout's."),
    ] = None,
    within: Annotated[
        str | None, typer.Option(help="Search only items with the query's value of this column.")
    ] = None,
    mode: Annotated[Mode, typer.Option(help="How to search.")] = Mode.EXACT,
    best: Annotated[
        str, typer.Option(help="Metric by which a mix without a weight chooses one.")
    ] = METRICS[0],
    factors: Annotated[
        str | None,
        typer.Option(help="Instead: in which part of a model's rows each of these columns is."),
    ] = None,
    same: Annotated[
        str | None, typer.Option(help="With --factors: columns that a pair shares, too.")
    ] = None,
    pictures: Annotated[
        tuple[Path, Path] | None,
        typer.Option(help="Two folders instead: real pictures and generated ones."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report, contact sheets and figures by query.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap.")] = 0,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Measure how well models find pictures, or with --pictures how good generated ones are.

    With --factors shape,colour,texture: what changes where when one of them changes.

    A picture that can't be read is named on standard error and left out, and the exit code is 3.
    """
    assert mode is Mode.EXACT  # there is no other yet
    settings = load_settings(config, data)
    if (manifest is None) == (pictures is None):
        raise ConfigError("evaluate takes a manifest, or --pictures REAL GENERATED")
    if best not in METRICS:
        raise ConfigError(f"--best {best}: no such metric; there is {', '.join(METRICS)}")
    if same and not factors:
        raise ConfigError("--same is for --factors: which other columns a pair shares")
    if factors and (pictures or relevant or within or part):
        raise ConfigError("--factors goes without --pictures, --relevant, --within and --part")
    if pictures is not None:
        rejected = _pictures(settings, *pictures, seed, out, json)
    else:
        contenders = _contenders(settings, model, part)
        assert manifest is not None
        if factors:
            question = Question(_columns("--factors", factors), _columns("--same", same or ""))
            found = READERS[layout](manifest)
            rejected = _factors(settings, found, question, contenders, seed, out, json)
        else:
            chosen = _manifest(layout, manifest, relevant, within)
            rejected = _models(settings, chosen, contenders, best, seed, out, json)
    if rejected:
        raise typer.Exit(EXIT_REJECTED)


def _contenders(settings: Settings, names: list[str] | None, part: str | None) -> list[Contender]:
    """Each once; without any, the model of the settings."""
    names = names or [str(settings.embedder.arguments.get("model", "lite0"))]
    return [parse(name, part) for name in dict.fromkeys(names)]


def _manifest(layout: Layout, path: Path, relevant: str | None, within: str | None) -> Manifest:
    found = READERS[layout](path)
    relevant, within = relevant or found.relevant, within or found.within
    return replace(found, relevant=relevant, within=within).checked()


def _models(
    settings: Settings,
    manifest: Manifest,
    contenders: list[Contender],
    best: str,
    seed: int,
    out: Path | None,
    json: bool,
) -> bool:
    """Report; whether any picture was rejected."""
    report = contest(settings, manifest, contenders, best, seed)
    said = report.as_dict()
    if out:
        write_contest(out, report, said, settings.pictures)
    if json:
        print_json(said)
    else:
        typer.echo(as_text(said))
    return bool(report.rejected)


def _columns(option: str, text: str) -> tuple[str, ...]:
    """Names between commas, each once."""
    names = [name.strip() for name in text.split(",")] if text else []
    if not all(names):
        raise ConfigError(f"{option} {text}: give columns with commas between: shape,colour")
    return tuple(dict.fromkeys(names))


def _factors(
    settings: Settings,
    manifest: Manifest,
    question: Question,
    contenders: list[Contender],
    seed: int,
    out: Path | None,
    json: bool,
) -> bool:
    """Report; whether any picture was rejected."""
    report = measure(settings, manifest, question, contenders, seed)
    said = report.as_dict()
    if out:
        write_factors(out, said)
    if json:
        print_json(said)
    else:
        typer.echo(text_of_factors(said))
    return bool(report.rejected)


def _pictures(
    settings: Settings, real: Path, made: Path, seed: int, out: Path | None, json: bool
) -> bool:
    """Report; whether any picture was rejected."""
    comparison = compare(settings, real, made, seed)
    said = comparison.as_dict()
    if out:
        write_grid(out, comparison, said)
    if json:
        print_json(said)
    else:
        typer.echo(text_of_pictures(said))
    return bool(comparison.rejected)
