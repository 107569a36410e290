"""`snapmode embed`: the vectors of pictures, as text, as JSON, or as rows of a .npy file."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from embedder.files import NpyFile, choose_part, embed_files, read_manifest
from snapmode.errors import ConfigError, RejectedError
from snapmode.options import (
    EXIT_REJECTED,
    ConfigOption,
    DataOption,
    JsonOption,
    print_json,
    print_jsonl,
    progress,
    stderr,
)
from snapmode.ports import Embedder, Vector
from snapmode.settings import load_settings
from snapmode.wiring import House


def embed(
    pictures: Annotated[list[Path] | None, typer.Argument(help="Picture files.")] = None,
    manifest: Annotated[
        Path | None, typer.Option(help="CSV whose column `image` holds paths relative to it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="With --manifest: .npy file of float32 rows in its order.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Name under configs/models/, or path of a model.toml.")
    ] = None,
    part: Annotated[str | None, typer.Option(help="Only this part of each vector.")] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Print or save the vectors of pictures.

    A picture that can't be read is reported, its row is NaN, and the exit code is 3.
    """
    if bool(pictures) == bool(manifest) or bool(manifest) != bool(out):
        raise ConfigError("embed takes pictures, or --manifest with --out")
    embedder = _embedder(config, data, model)
    if manifest and out:
        rejected = _save(embedder, manifest, out, part, json)
    else:
        rejected = _print(embedder, pictures or [], part, json)
    if rejected:
        raise typer.Exit(EXIT_REJECTED)


def _embedder(config: Path | None, data: Path | None, model: str | None) -> Embedder:
    settings = load_settings(config, data)
    if model is not None:
        chosen = settings.embedder.model_copy(update={"model": model})
        settings = settings.model_copy(update={"embedder": chosen})
    return House(settings).embedder


def _embedded(
    embedder: Embedder, paths: Sequence[Path], part: str | None
) -> Iterator[Vector | RejectedError]:
    """Like `embed_files`, of the chosen part; reports what is rejected."""
    chosen = choose_part(embedder, part)
    for path, result in zip(paths, embed_files(embedder, paths), strict=True):
        if isinstance(result, RejectedError):
            stderr.print(f"{path}: {result}", markup=False, highlight=False, soft_wrap=True)
            yield result
        else:
            yield chosen(result)


def _print(embedder: Embedder, paths: Sequence[Path], part: str | None, json: bool) -> bool:
    """Vectors to standard output; whether any picture was rejected."""
    report: list[dict[str, Any]] = []
    for path, result in zip(paths, _embedded(embedder, paths, part), strict=True):
        entry: dict[str, Any] = {"image": str(path), "model": embedder.name}
        if isinstance(result, RejectedError):
            report.append({**entry, "dim": None, "vector": None, "reason": str(result)})
            continue
        report.append({**entry, "dim": len(result), "vector": result.tolist()})
        if not json:
            start = ", ".join(f"{value:.4f}" for value in result[:4])
            typer.echo(f"{path}: {embedder.name}, {len(result)} values: {start}, …")
    if json:
        print_jsonl(report)  # one line: a vector is long
    return any(entry["vector"] is None for entry in report)


def _save(embedder: Embedder, manifest: Path, out: Path, part: str | None, json: bool) -> bool:
    """Rows to a .npy file and a report; whether any picture was rejected."""
    paths = read_manifest(manifest)
    results = _embedded(embedder, paths, part)
    dim = len(choose_part(embedder, part)(np.ones(embedder.dim, np.float32)))
    rejected = []
    started = time.perf_counter()
    with NpyFile(out, len(paths), dim) as file, progress() as display:
        task = display.add_task("embed", total=len(paths), note="")
        for row, result in enumerate(results):
            if isinstance(result, RejectedError):
                rejected.append({"row": row, "image": str(paths[row]), "reason": str(result)})
                result = np.full(dim, np.nan, np.float32)  # noqa: PLW2901 - the row of a rejected picture
            file.append(result)
            display.advance(task)
    seconds = time.perf_counter() - started
    report = {
        "rows": len(paths),
        "rejected": rejected,
        "model": embedder.name,
        "dim": dim,
        "seconds": round(seconds, 3),
        "pictures_per_second": round(len(paths) / seconds, 1),
    }
    if json:
        print_json(report)
    else:
        typer.echo(
            f"{out}: {len(paths)} rows of {dim}, {len(rejected)} rejected, {embedder.name}, "
            f"{report['pictures_per_second']} pictures/s"
        )
    return bool(rejected)
