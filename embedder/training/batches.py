"""Batches as arrays: the sampler's rows, augmented, with what is known about each view."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from embedder.training.augment import Colour, Look, Rng, augmented, plain
from embedder.training.cache import Pixels
from embedder.training.datasets import Codes, Dataset
from embedder.training.recipe import Augment
from embedder.training.samplers import Sampler


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
        for at, (row, dye) in enumerate(zip(plan.rows, plan.dyes, strict=True)):
            rng = np.random.default_rng([self.seed, 2, number, at])
            pixels[at] = self.view(int(row), int(dye), rng)
        labels = {name: codes[plan.rows] for name, codes in self._dataset.labels.items()}
        return Views(pixels, with_dyes(labels, plan.dyes))

    def view(self, row: int, dye: int, rng: Rng) -> Pixels:
        """(side, side, 3): a row with the troubles that the generator draws."""
        look = look_at(self._dataset, row, self.side, _colour(dye) if dye else None)
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


def _colour(dye: int) -> Colour:
    red, green, blue = np.random.default_rng([3, dye]).integers(15, 241, 3).tolist()
    return red, green, blue


def with_dyes(labels: dict[str, Codes], dyes: Codes) -> dict[str, Codes]:
    """A dyed view has a variant of its own, known by product and dye, and no named colour."""
    labels = dict(labels)
    if "variant" in labels:
        # Above every real variant; the same for views of one product with one dye.
        made = (np.int64(1) << 40) + dyes
        known = labels["variant"] >= 0
        labels["variant"] = np.where((dyes > 0) & known, made, labels["variant"])
    if "colour" in labels:
        labels["colour"] = np.where(dyes > 0, -1, labels["colour"])
    return labels


def look_at(dataset: Dataset, row: int, side: int, colour: Colour | None = None) -> Look:
    """How a row is shown."""
    return Look(
        side=side,
        cut=bool(dataset.cut[row]),
        white=bool(dataset.white[dataset.labels["source"][row]]),
        masked=bool(dataset.masked[row]),
        colour=colour,
    )


def plain_views(dataset: Dataset, rows: Codes, side: int) -> Pixels:
    """(n, side, side, 3): the rows without augmentation."""
    views = np.empty((len(rows), side, side, 3), np.uint8)
    for at, row in enumerate(rows):
        views[at] = plain(dataset.pixels(int(row)), look_at(dataset, int(row), side))
    return views
