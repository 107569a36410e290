"""The loop: batches, steps, validation, checkpoints.

A run is killed at any moment and goes on as if nothing had happened: what a step does depends on
the recipe, the step's number and the state saved before it, and on nothing else.
"""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from embedder.model_file import checkpoint_of
from embedder.networks.registry import make_network
from embedder.training.batches import Batches, Views
from embedder.training.curve import Curve
from embedder.training.datasets import Dataset
from embedder.training.losses import EmbeddingStep
from embedder.training.optimisers import make_optimisers, set_rates
from embedder.training.pixels import as_pixels
from embedder.training.prepared import PreparedViews, prepared
from embedder.training.processes import Processes
from embedder.training.recipe import Recipe
from embedder.training.run_files import Progress, RunFiles, load_into, put_into
from embedder.training.samplers import Sampler
from embedder.training.taught import fit_heads, taught
from embedder.training.validation import Validator
from embedder.training.weighing import best_weights, weighable, weighed
from snapmode.errors import ConfigError

Notify = Callable[[int, Mapping[str, float]], None]
"""Told the number of a step that is done, and its figures."""


@dataclass(frozen=True)
class Batch:
    """See `embedder.networks.registry.Batch`."""

    pixels: Any
    """As a tensor, or as what the network's `prepare` makes of it."""
    labels: dict[str, Tensor]


class Trainer:
    """One run of a recipe over a data set, in a folder."""

    def __init__(
        self,
        recipe: Recipe,
        dataset: Dataset,
        folder: Path,
        processes: Processes,
        cache: Path | None = None,
    ) -> None:
        """`cache`: where prepared views are kept for other runs too; none: in the folder."""
        if recipe.train.views and processes.count > 1:
            raise ConfigError("train.views: is for one process; set it to 0")
        self._cache = cache or folder / "views"
        self._recipe = recipe
        self._dataset = dataset
        self._folder = folder
        self._files = RunFiles(folder, recipe, dataset.digest, processes.count)
        self._processes = processes
        _seed(recipe.train.seed, 0)
        self._network = make_network(recipe.model.network, recipe.network).train()
        self._step = self._made_step().to(processes.device)
        self._optimisers = make_optimisers(self._step.groups, recipe.optimiser, processes.average)
        blocks = {**self._network.parts, **getattr(self._network, "blocks", {})}
        self._validator = Validator(dataset, recipe.validate_, blocks)
        self.progress = Progress()
        if recipe.train.weigh:
            weighable(self._network)  # before hours of training
            if not self._validator:
                raise ConfigError("train.weigh: there is nothing to validate on")

    @property
    def file(self) -> Path:
        """The checkpoint: of the best validation, or of the last step when there is none."""
        return self._files.checkpoint

    @property
    def _taught(self) -> Path:
        return self._folder / f"taught.{self._processes.rank}.npy"

    def _made_step(self) -> Any:
        own = getattr(self._network, "training_step", None)
        if own is not None:
            if self._recipe.losses:
                name = self._recipe.model.network
                raise ConfigError(f"losses: {name} has its own, in [network]; leave [losses] empty")
            return own(self._recipe)
        if not self._recipe.losses:
            raise ConfigError("losses: none; the network learns nothing without one")
        return EmbeddingStep(self._network, self._recipe.losses, self._dataset)

    # -------------------------------------------------------------- start and resume

    def start(self) -> None:
        """Published weights, or those of the checkpoint the recipe starts from."""
        self._files.refuse_another()
        self._begin()

    def _begin(self) -> None:
        self._taught.unlink(missing_ok=True)  # of a run that was killed before its first state
        _seed(self._recipe.train.seed, 0)
        if self._recipe.model.start is not None:
            load_into(self._network, *checkpoint_of(self._recipe.model.start))
        elif hasattr(self._network, "initialise"):
            self._network.initialise()
        device = self._processes.device
        self._network.to(device)
        if self._recipe.model.start is None and hasattr(self._network, "fit"):
            fit_heads(self._network, self._dataset, self._recipe.train.seed, device)
        self._processes.agree(self._step)
        if self._processes.first:
            self._files.begin()

    def resume(self) -> None:
        """Go on from the last state saved, or from the start when it was killed before the first.

        `ConfigError` when there is no run, or one of another recipe or other data.
        """
        state = self._files.load_state()
        if state is None:
            self._begin()
            return
        self.progress = Progress(**state["progress"])
        for name, module in self._modules().items():
            put_into(module, state[name], self._files.state)
        for name, optimiser in self._optimisers.items():
            optimiser.load_state_dict(state["optimisers"][name])
        self._processes.agree(self._step)

    def _modules(self) -> dict[str, Any]:
        """All that is trained or remembers; the networks' own steps hold nothing of that kind."""
        own = isinstance(self._step, EmbeddingStep)
        return {"network": self._network, **({"terms": self._step.terms} if own else {})}

    # -------------------------------------------------------------- the loop

    def run(
        self,
        notify: Notify = lambda _step, _figures: None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> Progress:
        """Train to the end, or until it gets no better; returns how it went.

        `advance` is told of how many rows more the views are prepared, if the recipe keeps any.
        """
        train = self._recipe.train
        before = time.process_time() - self.progress.cpu_seconds
        self._network.train()
        self._teach()
        with self._curve() as curve:
            for views in self._batches(self.progress.step, advance):
                step = self.progress.step
                if self.progress.stopped:
                    break
                figures = self._trained(views, step)
                self.progress.step = done = step + 1
                if done % train.validate_every == 0 or done == train.steps:
                    figures |= self._validated()
                self.progress.cpu_seconds = time.process_time() - before
                curve(step, figures | {"cpu_seconds": self.progress.cpu_seconds})
                if done % train.save_every == 0 or done == train.steps or self.progress.stopped:
                    self._save_state()
                notify(done, figures)
        if train.weigh and self._processes.first:
            self._weigh()
        return self.progress

    def _weigh(self) -> None:
        """Give the checkpoint the weights of its parts that are best on what was held out."""
        network, device = self._network, self._processes.device
        load_into(network, self.file)
        vectors = self._validator.embedded(network, device)
        blocks = weighable(network)
        weights = best_weights(self._validator, vectors, blocks)
        settings = network.settings.model_dump() | {"weights": weights}
        network.settings = type(network.settings).model_validate(settings)
        self.progress.metrics = self._validator.measured(weighed(vectors, blocks, weights))
        # Its weights are those of the best validation, which need not be the last step's.
        self._files.save_checkpoint(network, replace(self.progress, step=self.progress.best_step))

    def _teach(self) -> None:
        """Before the first step; a run that goes on is taught the same."""
        if isinstance(self._step, EmbeddingStep) and self._step.keeps:
            device = self._processes.device
            self._step.teach(taught(self._network, self._dataset, self._taught, device))

    def _curve(self) -> Any:
        if self._processes.first:
            return _Written(Curve(self._folder, self.progress.step))
        return _Written(None)

    def _batches(
        self, start: int, advance: Callable[[int], None]
    ) -> Iterator[Views | PreparedViews]:
        """Those of this process, from a step on; prepared ahead by workers where there are any."""
        recipe, count, rank = self._recipe, self._processes.count, self._processes.rank
        seed, side = recipe.train.seed, self._network.preprocessing.size
        sampler = Sampler(self._dataset, recipe.sampler, seed)
        made: Any = Batches(self._dataset, sampler, recipe.augment, side, seed)
        if recipe.train.views:
            made = prepared(self._dataset, made, recipe, self._network, self._cache, advance)
        numbers = range(start * count + rank, recipe.train.steps * count, count)
        loader = torch.utils.data.DataLoader(
            made,
            batch_size=None,
            sampler=numbers,
            num_workers=recipe.train.workers,
            collate_fn=_as_it_is,
        )
        yield from loader

    def _trained(self, views: Views | PreparedViews, step: int) -> dict[str, float]:
        recipe, device = self._recipe, self._processes.device
        _seed(recipe.train.seed, step + 1, self._processes.rank)
        share = set_rates(self._optimisers, recipe.optimiser, step, recipe.train.steps)
        labels = {name: torch.from_numpy(codes).to(device) for name, codes in views.labels.items()}
        batch = Batch(self._pixels(views), labels)
        mixed = device.type == "cuda" and recipe.train.precision == "bfloat16"
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            figures: dict[str, float] = self._step.step(batch, self._optimisers)
        bad = [name for name, value in figures.items() if not np.isfinite(value)]
        if bad:
            raise ConfigError(f"step {step}: {bad[0]} is {figures[bad[0]]}: try a lower rate")
        return {**{f"train/{name}": value for name, value in figures.items()}, "rate": share}

    def _pixels(self, views: Views | PreparedViews) -> Any:
        device = self._processes.device
        if isinstance(views, Views):
            return as_pixels(views.pixels, self._network.preprocessing, device)
        return views.kind(*(torch.from_numpy(maps).to(device).float() for maps in views.maps))

    def _validated(self) -> dict[str, float]:
        """Figures of a validation; the best network so far becomes the checkpoint."""
        figures: dict[str, float] = {}
        progress = self.progress
        if self._processes.first:
            if self._validator:
                figures = self._validator.figures(self._network, self._processes.device)
            if not figures or progress.best is None or figures["score"] > progress.best:
                progress.best, progress.best_step = figures.get("score"), progress.step
                progress.metrics, progress.stale = figures, 0
                self._files.save_checkpoint(self._network, progress)
            else:
                progress.stale += 1
        patience = self._recipe.train.patience
        progress.stopped = self._processes.told(0 < patience <= progress.stale)
        return {f"validate/{name}": value for name, value in figures.items()}

    def _save_state(self) -> None:
        if not self._processes.first:
            return
        modules = {name: dict(module.state_dict()) for name, module in self._modules().items()}
        optimisers = {name: each.state_dict() for name, each in self._optimisers.items()}
        self._files.save_state(self.progress, {**modules, "optimisers": optimisers})


class _Written:
    """A curve of the first process, and nothing for the others."""

    def __init__(self, curve: Curve | None) -> None:
        self._curve = curve

    def __enter__(self) -> Callable[[int, Mapping[str, float]], None]:
        if self._curve is None:
            return lambda _step, _figures: None
        return self._curve.__enter__().add

    def __exit__(self, *error: Any) -> None:
        if self._curve is not None:
            self._curve.__exit__(*error)


def _as_it_is(views: Views | PreparedViews) -> Views | PreparedViews:
    return views


def _seed(*numbers: int) -> None:
    """All generators that a step may draw from, from these numbers alone."""
    words = np.random.SeedSequence(numbers).generate_state(2)
    torch.manual_seed(int(words[0]) << 32 | int(words[1]))
    np.random.seed(int(words[0]))  # for libraries that draw from the global one
    random.seed(int(words[1]))
