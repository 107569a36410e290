"""Views that went through a network's frozen blocks once, and are learned from many times.

Without a GPU most of a step is spent in early blocks that hardly change. A network with `prepare`
(see `embedder.networks.lite`) runs them once for a few views of each picture; the loop then starts
from their maps, which lie in memory-mapped files of 16-bit floats.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from embedder.training.batches import Batches, labels_of
from embedder.training.datasets import Codes, Dataset
from embedder.training.pixels import as_pixels
from embedder.training.recipe import Recipe
from embedder.whole_file import whole_file
from snapmode.errors import ConfigError

Maps = npt.NDArray[np.float16]
ROWS = 8
"""Rows prepared at once: the same ones at each try, so that a kill changes no bit."""


@dataclass(frozen=True)
class PreparedViews:
    """One batch."""

    maps: list[Maps]
    """What `prepare` gives, field by field: (n, …)."""
    kind: type[Any]
    """The named tuple that those are the fields of."""
    labels: dict[str, Codes]


class PreparedBatches:
    """Batch number n of kept views; a drop-in for `Batches`.

    Of each row there are `views` views as it is and, where the recipe dyes, as many dyed ones.
    """

    def __init__(
        self, dataset: Dataset, batches: Batches, views: int, maps: list[Maps], kind: type[Any]
    ) -> None:
        """`maps`: field by field, (rows · 2 · views, …)."""
        self._dataset = dataset
        self._batches = batches
        self._views = views
        self._maps = maps
        self._kind = kind

    def __getitem__(self, number: int) -> PreparedViews:
        plan = self._batches.sampler.plan(number)
        rng = np.random.default_rng([self._batches.seed, 4, number])
        slots = rng.integers(0, self._views, len(plan.rows))
        slots = np.where(plan.dyes > 0, self._views + plan.dyes % self._views, slots)
        at = plan.rows * 2 * self._views + slots
        identities = self._dataset.labels["identity"][plan.rows]
        dyes = [
            dye_of(int(identity), int(slot), self._views)
            for identity, slot in zip(identities, slots, strict=True)
        ]
        maps = [np.asarray(maps[at]) for maps in self._maps]
        labels = labels_of(self._dataset, plan.rows, np.array(dyes))
        return PreparedViews(maps, self._kind, labels)


def dye_of(identity: int, slot: int, views: int) -> int:
    """0 for the first `views` slots; then the dye that all pictures of a product share there."""
    if slot < views:
        return 0
    return int(np.random.default_rng([5, identity + 1, slot]).integers(1, 2**31))


def prepared(
    dataset: Dataset,
    batches: Batches,
    recipe: Recipe,
    network: Any,
    folder: Path,
    advance: Callable[[int], None] = lambda _: None,
) -> PreparedBatches:
    """Make the views that are not there yet; `advance` is told how many more rows are done."""
    views = recipe.train.views
    if not getattr(network, "prepare", None) or not getattr(network.settings, "frozen", 0):
        raise ConfigError(
            f"train.views: {views} views can be kept only by a network with frozen blocks; "
            f"{recipe.model.network} has none, see [network] frozen"
        )
    made = _Maker(dataset, batches, recipe, network, folder)
    made.fill(advance)
    return PreparedBatches(dataset, batches, views, made.maps, made.kind)


class _Maker:
    def __init__(
        self, dataset: Dataset, batches: Batches, recipe: Recipe, network: Any, folder: Path
    ) -> None:
        self._dataset = dataset
        self._batches = batches
        self._network = network
        self._views = recipe.train.views
        self._device = next(network.parameters()).device
        self._dyed = {
            dataset.words["source"].index(name)
            for draw in recipe.sampler
            if draw.recolour > 0
            for name in draw.sources or dataset.words["source"]
        }
        grey = np.full((1, batches.side, batches.side, 3), 90, np.uint8)
        self.kind = type(self._prepared(grey))
        probe = self._maps(grey)
        self._state = folder / f"{recipe.model.name}-{self._digest(recipe)}.json"
        folder.mkdir(parents=True, exist_ok=True)
        rows = len(dataset) * 2 * self._views
        self.maps = [
            self._mapped(number, (rows, *one.shape[1:])) for number, one in enumerate(probe)
        ]

    def _digest(self, recipe: Recipe) -> str:
        """Of all that decides the maps; of the network, what is frozen."""
        told = [self._dataset.digest, recipe.augment.model_dump(), self._views, sorted(self._dyed)]
        digest = hashlib.sha256(json.dumps([*told, self._batches.seed]).encode())
        for name, parameter in sorted(self._network.named_parameters()):
            if not parameter.requires_grad:
                digest.update(name.encode() + parameter.detach().cpu().numpy().tobytes())
        return digest.hexdigest()[:16]

    def _mapped(self, number: int, shape: tuple[int, ...]) -> Maps:
        file = self._state.with_suffix(f".{number}.f16")
        return np.memmap(file, np.float16, "r+" if file.is_file() else "w+", shape=shape)

    def fill(self, advance: Callable[[int], None]) -> None:
        done = json.loads(self._state.read_text())["rows"] if self._state.is_file() else 0
        advance(done)
        for start in range(done, len(self._dataset), ROWS):
            stop = min(start + ROWS, len(self._dataset))
            places = [place for row in range(start, stop) for place in self._places(row)]
            if places:
                pixels = np.stack([self._pixels(place) for place in places])
                for maps, made in zip(self.maps, self._maps(pixels), strict=True):
                    maps[places] = made
            with whole_file(self._state) as part:
                part.write_text(json.dumps({"rows": stop}))
            advance(stop - start)

    def _places(self, row: int) -> Iterator[int]:
        """Where the views of a row are kept; none of what is held out."""
        if self._dataset.held[row]:
            return
        dyed = int(self._dataset.labels["source"][row]) in self._dyed
        first = row * 2 * self._views
        yield from range(first, first + self._views * (2 if dyed else 1))

    def _pixels(self, place: int) -> npt.NDArray[np.uint8]:
        row, slot = divmod(place, 2 * self._views)
        identity = int(self._dataset.labels["identity"][row])
        rng = np.random.default_rng([self._batches.seed, 6, row, slot])
        return self._batches.view(row, dye_of(identity, slot, self._views), rng)

    def _prepared(self, pixels: npt.NDArray[np.uint8]) -> Any:
        with torch.inference_mode():
            taken = as_pixels(pixels, self._network.preprocessing, self._device)
            return self._network.prepare(taken)

    def _maps(self, pixels: npt.NDArray[np.uint8]) -> list[Maps]:
        return [one.half().cpu().numpy() for one in self._prepared(pixels)]
