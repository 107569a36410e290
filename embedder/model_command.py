"""`snapmode model list|show|export|verify`: the models there are, what they are and come from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from embedder.files import read_manifest
from embedder.model_check import check_model
from embedder.model_file import MODELS, find_model, identity, load_model_file
from embedder.networks.registry import NETWORKS, require_torch
from embedder.training.checkpoint import read_checkpoint, sha256_of
from snapmode.errors import ConfigError
from snapmode.options import ConfigOption, DataOption, JsonOption, print_json, stderr
from snapmode.settings import load_settings, read_toml

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
Model = Annotated[
    str, typer.Argument(help="Name under configs/models/, path of a model.toml or a .safetensors.")
]


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, json: JsonOption = False) -> None:
    """Models that come along, yours in the data folder, runs of `snapmode train`, and recipes."""
    folder = load_settings(config, data).data
    entries = [_entry(path) for path in _known(folder)]
    if json:
        print_json(entries)
        return
    for entry in entries:
        said = "; ".join(f"{key} {value}" for key, value in entry.items() if key != "name")
        typer.echo(f"{entry['name']}: {said}")


def _known(data: Path) -> Iterator[Path]:
    yield from sorted(MODELS.glob("*/model.toml"))
    yield from sorted((data / "models").glob("*/model.toml"))
    runs = [*(data / "models").glob("*/*.safetensors"), *data.glob("training/*/*.safetensors")]
    yield from sorted(run for run in runs if not run.name.endswith(".resume.safetensors"))
    yield from sorted(MODELS.glob("*.toml"))


def _entry(path: Path) -> dict[str, Any]:
    """One line of the list; what can't be read is told as such, and the others are listed."""
    kind = "checkpoint" if path.suffix == ".safetensors" else "model"
    try:
        if path.parent == MODELS:
            network = read_toml(path).get("model", {}).get("network")
            return {"name": path.stem, "kind": "recipe", "network": network, "path": str(path)}
        said = _described(path)
    except ConfigError as error:
        return {"name": path.parent.name, "kind": "broken", "problem": str(error)}
    chosen = {key: said[key] for key in ("identity", "dim", "parts", "licence", "path")}
    return {"name": said["name"], "kind": kind, **chosen}


@app.command()
def show(model: Model, json: JsonOption = False) -> None:
    """All that is known of a model or a checkpoint: hashes, settings, data, metrics, code."""
    said = _described(_find(model))
    if json:
        print_json(said)
        return
    for key, value in said.items():
        if isinstance(value, dict):
            typer.echo(f"{key}:")
            for inner, text in value.items():
                typer.echo(f"  {inner}: {text}")
        else:
            typer.echo(f"{key}: {value}")


def _find(model: str) -> Path:
    path = Path(model)
    return path if path.suffix == ".safetensors" else find_model(model)


def _described(path: Path) -> dict[str, Any]:
    if path.suffix == ".safetensors":
        sha256 = sha256_of(path)
        header = read_checkpoint(path)
        known = identity(header.name, sha256, header.preprocessing, header.parts)
        first = {"name": header.name, "identity": known, "sha256": sha256, "dim": header.dim}
        return {**first, **header.model_dump(mode="json"), "path": str(path)}
    model = load_model_file(path)
    said = model.model_dump(mode="json", exclude_none=True)
    return {"name": model.name, "identity": model.identity, **said, "path": str(path)}


@app.command()
def export(
    model: Annotated[
        str, typer.Argument(help=f"A .safetensors, or a network: {', '.join(NETWORKS)}.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for model.onnx, model.toml and card.md.")],
    calibrate: Annotated[
        Path | None, typer.Option(help="CSV with a column `image`: makes int8, calibrated on them.")
    ] = None,
    serve: Annotated[
        Literal["f32", "int8"], typer.Option(help="Which form becomes model.toml.")
    ] = "f32",
    weights: Annotated[
        str | None, typer.Option(help="Of a network: a file, or `cache` for torchvision's.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Of a network's published weights.")] = None,
    half: Annotated[
        bool,
        typer.Option("--half", help="Weights as 16-bit floats, also in a copy of the checkpoint."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Make an ONNX model of a checkpoint, or of a network's published weights. Needs `train`."""
    require_torch()
    from embedder import export as exporting

    if Path(model).suffix == ".safetensors":
        if weights is not None or licence is not None:
            raise ConfigError("--weights, --licence: a checkpoint has its own; leave them out")
        chosen = exporting.from_checkpoint(Path(model), out, half)
    else:
        if licence is None:
            raise ConfigError(
                "--licence: say under which the published weights are, e.g. Apache-2.0"
            )
        settings = {} if weights is None else {"weights": weights}
        chosen = exporting.from_published(model, settings, licence, out)
    pictures = read_manifest(calibrate) if calibrate else []
    forms = exporting.export(chosen, out, pictures, serve, half)
    report = [{**_entry(out / "model.toml"), "figures": forms[0].figures}] + [
        {"name": form.name, "precision": form.precision, "figures": form.figures}
        for form in forms[1:]
    ]
    if json:
        print_json(report)
        return
    for form in forms:
        typer.echo(f"{out / form.file}: {form.identity}, {form.precision}, {form.figures}")


@app.command()
def verify(
    model: Annotated[str, typer.Argument(help="Name under configs/models/, or a model.toml.")],
    checkpoint: Annotated[
        Path | None, typer.Option(help="To compare with, where the model.toml names none.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a model's hashes, and that its ONNX file says what its checkpoint says."""
    report = check_model(find_model(model), checkpoint)
    if json:
        print_json(report)
    else:
        for what in report["left_out"]:
            stderr.print(f"not checked: {what}", markup=False, highlight=False)
        for problem in report["problems"]:
            stderr.print(problem, markup=False, highlight=False, soft_wrap=True)
        drift = f", drift {report['drift']:.2g}" if "drift" in report else ""
        state = "is not as described" if report["problems"] else "is as described"
        typer.echo(f"{report['model']} {state}{drift}")
    if report["problems"]:
        raise typer.Exit(1)
