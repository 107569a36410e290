"""Batches as arrays: the sampler's rows, augmented, with what is known about each view."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from embedder.training.augment import Look, Rng, augmented, plain
from embedder.training.cache import Pixels
from embedder.training.datasets import Codes, Dataset
from embedder.training.dyes import Dye, dye, print_of
from embedder.training.recipe import Augment
from embedder.training.samplers import Sampler

MADE = np.int64(1) << 40
"""Above every code of what is in a manifest: codes of variants and textures that dyes make."""


@dataclass(frozen=True)
class Views:
    """One batch, not yet normalised."""

    pixels: Pixels
    """(n, side, side, 3)."""
    labels: dict[str, Codes]
    """Label → (n,), -1 where unknown."""


class Batches:
    """Batch number n, made from scratch: the same for the same seed, in any process."""

    def __init__(
        self, dataset: Dataset, sampler: Sampler, settings: Augment, side: int, seed: int
    ) -> None:
        self.sampler = sampler
        self.side = side
        self.seed = seed
        self._dataset = dataset
        self._settings = settings
        self._photos = _photos(dataset)

    def __getitem__(self, number: int) -> Views:
        plan = self.sampler.plan(number)
        pixels = np.empty((len(plan.rows), self.side, self.side, 3), np.uint8)
        for at, (row, dye_number) in enumerate(zip(plan.rows, plan.dyes, strict=True)):
            rng = np.random.default_rng([self.seed, 2, number, at])
            pixels[at] = self.view(int(row), int(dye_number), rng)
        return Views(pixels, labels_of(self._dataset, plan.rows, plan.dyes))

    def view(self, row: int, number: int, rng: Rng) -> Pixels:
        """(side, side, 3): a row, dyed unless the dye's number is 0, with the troubles that the
        generator draws.
        """
        look = look_at(self._dataset, row, self.side, dye(number) if number else None)
        return augmented(
            self._dataset.pixels(row), look, self._settings, rng, lambda: self._photo(rng)
        )

    def _photo(self, rng: Rng) -> Image.Image:
        """A piece of any photo, to be put behind a garment."""
        row = int(rng.choice(self._photos))
        photo = Image.fromarray(self._dataset.pixels(row)[..., :3])
        width = int(photo.width * rng.uniform(0.3, 1.0))
        left, upper = rng.integers(0, photo.width - width + 1, 2)
        return photo.crop((int(left), int(upper), int(left) + width, int(upper) + width))


def _photos(dataset: Dataset) -> Codes:
    """Training rows with surroundings of their own; all rows when there are none."""
    sources = dataset.labels["source"]
    photos = ~dataset.cut & ~dataset.white[sources] & ~dataset.held
    found = np.flatnonzero(photos)
    return found if len(found) else np.arange(len(dataset))


def labels_of(dataset: Dataset, rows: Codes, dyes: Codes) -> dict[str, Codes]:
    """What is known of views of the rows, dyed by these numbers; `row` is the row itself.

    A dyed view has a variant of its own, known by product and dye, and no named colour; a print is
    a texture, whoever wears it.
    """
    labels = {name: codes[rows] for name, codes in dataset.labels.items()} | {"row": rows}
    if "variant" in labels:
        known = labels["variant"] >= 0
        labels["variant"] = np.where((dyes > 0) & known, MADE + dyes, labels["variant"])
    if "colour" in labels:
        labels["colour"] = np.where(dyes > 0, -1, labels["colour"])
    prints = np.array([print_of(int(number)) if number else -1 for number in dyes], np.int64)
    labels["texture"] = np.where(prints >= 0, MADE + prints, labels["texture"])
    return labels


def look_at(dataset: Dataset, row: int, side: int, dye: Dye | None = None) -> Look:
    """How a row is shown."""
    return Look(
        side=side,
        cut=bool(dataset.cut[row]),
        white=bool(dataset.white[dataset.labels["source"][row]]),
        masked=bool(dataset.masked[row]),
        dye=dye,
    )


def plain_views(dataset: Dataset, rows: Codes, side: int) -> Pixels:
    """(n, side, side, 3): the rows without augmentation."""
    views = np.empty((len(rows), side, side, 3), np.uint8)
    for at, row in enumerate(rows):
        views[at] = plain(dataset.pixels(int(row)), look_at(dataset, int(row), side))
    return views
