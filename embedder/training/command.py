"""`snapmode train`: a recipe, its data and a folder become a checkpoint."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.progress import Progress, TaskID

from embedder.networks.registry import require_torch
from embedder.training.datasets import Dataset, load_dataset
from embedder.training.recipe import Recipe, find_recipe, load_recipe
from snapmode.errors import ConfigError
from snapmode.options import (
    ConfigOption,
    DataOption,
    JsonOption,
    open_house,
    print_json,
    progress,
)
from snapmode.ports import Catalog, ImageStore
from snapmode.settings import CONFIGS

if TYPE_CHECKING:
    from embedder.training.trainer import Trainer

Stores = tuple[Catalog, ImageStore]

PICTURES = CONFIGS.parent.parent / "shared" / "data"
"""Where manifests are when nothing else is said; see SNAPMODE_DATA."""


def train(  # noqa: PLR0917 - options, which typer passes by name
    recipe: Annotated[
        str | None, typer.Argument(help="Name under configs/models/, or path of a recipe.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run. Default: training/NAME in the data.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the run in the folder.")
    ] = False,
    from_catalog: Annotated[
        bool,
        typer.Option(
            "--from-catalog", help="On the products of the running system; recipe `catalog`."
        ),
    ] = False,
    steps: Annotated[int | None, typer.Option(help="In place of the recipe's.", min=1)] = None,
    threads: Annotated[int | None, typer.Option(help="In place of the recipe's.", min=0)] = None,
    cpu: Annotated[bool, typer.Option("--cpu", help="Even where there is a GPU.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Train a model.

    Pictures are under $SNAPMODE_DATA (default: ../shared/data beside the checkout). On several
    GPUs: torchrun --nproc-per-node N -m snapmode train RECIPE.
    """
    if recipe is None and not from_catalog:
        raise ConfigError("train takes a recipe, or --from-catalog")
    chosen = _overridden(load_recipe(find_recipe(recipe or "catalog")), steps, threads)
    with open_house(config, data) as house:
        home = house.settings.data / "training"
        how = _How(out or home / chosen.model.name, home / "crops", resume, cpu)
        report = _run(chosen, how, (house.catalog, house.images) if from_catalog else None)
    if report is not None:
        _print(report, json)


class _How(NamedTuple):
    folder: Path
    cache: Path
    resume: bool
    cpu: bool


def _overridden(recipe: Recipe, steps: int | None, threads: int | None) -> Recipe:
    changed = {"steps": steps, "threads": threads}
    train = recipe.train.model_copy(update={k: v for k, v in changed.items() if v is not None})
    return recipe.model_copy(update={"train": train})


def _run(recipe: Recipe, how: _How, stores: Stores | None) -> dict[str, Any] | None:
    """The report; None from all processes but the first."""
    require_torch()
    import torch  # a second and several GB: only who trains pays

    from embedder.training.processes import joined, keep_memory
    from embedder.training.trainer import Trainer

    if recipe.train.threads:
        torch.set_num_threads(recipe.train.threads)
    keep_memory()
    with joined(how.cpu) as processes:
        display = progress()
        display.disable = not processes.first
        with display:
            dataset = processes.after_first(lambda: _loaded(recipe, how, stores, display))
            if stores is not None:
                recipe = _for_this_shop(recipe, dataset, display)
            trainer = Trainer(recipe, dataset, how.folder, processes, how.cache)
            if how.resume:
                trainer.resume()
            else:
                trainer.start()
            report = _trained(trainer, recipe, dataset, display)
    return {**report, "device": str(processes.device)} if processes.first else None


def _for_this_shop(recipe: Recipe, dataset: Dataset, display: Progress) -> Recipe:
    """Without the validations for which a small shop has nothing to ask."""
    from embedder.training.validation import answerable

    kept = answerable(dataset, recipe.validate_)
    for task in recipe.validate_:
        if task not in kept:
            display.console.print(
                f"validate.{task.name}: left out: nothing that is held out has a match by "
                f"{task.label}: the checkpoint will be that of the last step",
                markup=False,
                highlight=False,
            )
    return recipe.model_copy(update={"validate_": kept})


def _loaded(recipe: Recipe, how: _How, stores: Stores | None, display: Progress) -> Dataset:
    task = display.add_task("decode", total=None, note="")
    pictures = Path(os.environ.get("SNAPMODE_DATA", PICTURES))

    def advance(done: int, total: int) -> None:
        display.update(task, advance=done, total=total)

    dataset = load_dataset(recipe.data, pictures, how.cache, stores, advance)
    for picture, why in dataset.rejected.items():
        display.console.print(f"{picture}: left out: {why}", markup=False, highlight=False)
    return dataset


def _trained(
    trainer: "Trainer", recipe: Recipe, dataset: Dataset, display: Progress
) -> dict[str, Any]:
    started, first = time.perf_counter(), trainer.progress.step
    kept = recipe.train.views > 0
    views = display.add_task("views", total=len(dataset), note="", visible=kept)
    task = display.add_task("train", total=recipe.train.steps, completed=first, note="")
    ended = trainer.run(
        lambda step, figures: _show(display, task, step, figures),
        lambda done: display.advance(views, done),
    )
    seconds = time.perf_counter() - started
    return {
        "checkpoint": str(trainer.file),
        "steps": ended.step,
        "stopped_early": ended.stopped,
        "best_step": ended.best_step,
        "metrics": ended.metrics,
        "rows": len(dataset),
        "rejected": len(dataset.rejected),
        "data": dataset.digest,
        "seconds": round(seconds, 1),
        "steps_per_second": round((ended.step - first) / seconds, 3),
    }


def _show(display: Progress, task: TaskID, step: int, figures: Mapping[str, float]) -> None:
    loss = figures.get("train/loss", next(iter(figures.values())))
    note = f"loss {loss:.3f}"
    if "validate/score" in figures:
        scores = " ".join(
            f"{name.removeprefix('validate/')} {value:.3f}"
            for name, value in figures.items()
            if name.startswith("validate/")
        )
        display.console.print(f"step {step}: {note}, {scores}", markup=False, highlight=False)
    display.update(task, completed=step, note=note)


def _print(report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
        return
    early = ", stopped early" if report["stopped_early"] else ""
    typer.echo(
        f"{report['checkpoint']}: best of step {report['best_step']} of {report['steps']}{early}, "
        f"{report['rows']} rows, {report['seconds']} s"
    )
    for name, value in report["metrics"].items():
        typer.echo(f"  {name}: {value:.4f}")
