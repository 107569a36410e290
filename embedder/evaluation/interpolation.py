"""One part of a latent goes from product A's to product B's: does that factor change, and no other?

    python -m embedder.evaluation.interpolation CHECKPOINT --out FOLDER

Pictures are those of studio_catalog's val split, which no network here is trained on. By a hash of
their id one half trains the judges, sharp and blurred, and the other half is interpolated. Colour
is judged by baseColour, from a histogram; shape by articleType, texture as plain or patterned (as
titles say), both from features of the frozen lite0. The grids show luma's test products, because
studio's may not be shown.
"""

import hashlib
import json as json_text
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer
from PIL import Image
from rich.progress import Progress

from embedder.evaluation.court import Court, words_of
from embedder.evaluation.exchange import (
    FACTORS,
    WHOLE,
    Exchange,
    Pairs,
    both_ways,
    choose_pairs,
    interval,
)
from embedder.evaluation.grid import Cell, grid
from embedder.evaluation.images import Levels
from embedder.evaluation.interpolation_text import as_text
from embedder.evaluation.layouts import own
from embedder.evaluation.manifest import Item, fingerprint
from embedder.evaluation.metrics import Floats
from embedder.evaluation.painter import Painter, between
from embedder.training.checkpoint import sha256_of
from embedder.training.command import PICTURES
from snapmode.errors import ConfigError
from snapmode.options import JsonOption, print_json, progress
from snapmode.ports import Vector
from snapmode.settings import Pictures

LIMITS = Pictures()
SHOWN = 4
"""Pairs in a grid."""


def halves(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """For the judges, and to be interpolated; the same whatever else is in the list."""
    found: tuple[list[Item], list[Item]] = ([], [])
    for item in items:
        digest = hashlib.sha1(item.label("id").encode(), usedforsecurity=False).digest()
        found[digest[-1] % 2].append(item)
    return found


@dataclass(frozen=True)
class Trial:
    """A painter before the court."""

    painter: Painter
    court: Court
    items: Sequence[Item]
    """To be interpolated."""
    most: int
    steps: int
    seed: int

    @cached_property
    def pictures(self) -> Levels:
        return self.painter.read([item.image for item in self.items], LIMITS)

    @cached_property
    def latents(self) -> Vector:
        return self.painter.latents(self.pictures)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Factor → place of each item's word among the judge's, -1 where it has none."""
        words = words_of(self.items)
        return {name: judge.known(words[name]) for name, judge in self.court.judges.items()}

    @cached_property
    def pairs(self) -> Pairs:
        """Of products whose words the judges know."""
        known = {
            name: [self.court.judges[name].words[at] if at >= 0 else "" for at in places]
            for name, places in self.places.items()
        }
        return choose_pairs(known, self.most, self.seed)

    def accuracies(self) -> dict[str, Any]:
        """Of the judges: on real pictures of products they were not trained on, and as drawn."""
        drawn = self.painter.paint(self.latents)
        probabilities = [self.court.probabilities(some) for some in (self.pictures, drawn)]
        return {name: self._accuracy(name, *probabilities) for name in FACTORS}

    def _accuracy(
        self, factor: str, real: Mapping[str, Floats], drawn: Mapping[str, Floats]
    ) -> dict[str, Any]:
        places = np.asarray(self.places[factor])
        known = places >= 0
        right = [some[factor][known].argmax(axis=1) == places[known] for some in (real, drawn)]
        commonest = np.bincount(places[known]).max() / known.sum()
        return {
            "features": self.court.looks[factor],
            "words": list(self.court.judges[factor].words),
            "pictures": int(known.sum()),
            "commonest_word": float(commonest),
            "real": interval(right[0].astype(np.float64), self.seed),
            "drawn_again": interval(right[1].astype(np.float64), self.seed),
        }

    def exchange(self, display: Progress) -> Exchange:
        """Every part alone, and all of them, from A to B and from B to A."""
        pairs = np.concatenate([self.pairs, self.pairs[:, ::-1]])
        rows = {**self.painter.parts, WHOLE: slice(None)}
        task = display.add_task("judge", total=len(rows) * self.steps, note="")
        fall: dict[str, dict[str, Floats]] = {}
        rise: dict[str, dict[str, Floats]] = {}
        for part, block in rows.items():
            judged = []
            for latents in walk(self.latents, pairs, block, self.steps):
                judged.append(self.court.probabilities(self.painter.paint(latents)))
                display.advance(task)
            fall[part] = self._followed(judged, pairs[:, 0], pairs)
            rise[part] = self._followed(judged, pairs[:, 1], pairs)
        return Exchange(fall, rise)

    def _followed(
        self,
        judged: Sequence[Mapping[str, Floats]],
        whose: npt.NDArray[np.int64],
        pairs: Pairs,
    ) -> dict[str, Floats]:
        """Factor → (pairs, steps): how likely the words of these products are."""
        found = {}
        for factor, places in self.places.items():
            first, second = (np.asarray(places)[pairs[:, side]] for side in (0, 1))
            differ = (first >= 0) & (second >= 0) & (first != second)
            place = np.asarray(places)[whose]
            likely = np.stack([each[factor][np.arange(len(place)), place] for each in judged], 1)
            found[factor] = both_ways(np.where(differ[:, None], likely, np.nan))
        return found


def walk(latents: Vector, pairs: Pairs, block: slice, steps: int) -> Iterator[Vector]:
    """Step by step, (pairs, latent): the block goes from A's to B's, the rest stays A's."""
    for step in range(steps):
        first, second = latents[pairs[:, 0]], latents[pairs[:, 1]]
        first[:, block] = between(first[:, block], second[:, block], step / (steps - 1))
        yield first


def shown_pairs(items: Sequence[Item], seed: int) -> list[tuple[Item, Item]]:
    """Of luma's test products, as their main pictures show them; colour and category differ."""
    main = [item for item in items if item.gallery]
    colours, kinds = ([item.label(name) for item in main] for name in ("colour", "category"))
    words = {"shape": kinds, "colour": colours, "texture": [""] * len(main)}
    return [(main[a], main[b]) for a, b in choose_pairs(words, SHOWN, seed)]


def grids(
    painter: Painter, pairs: Sequence[tuple[Item, Item]], steps: int
) -> Iterator[tuple[str, Image.Image]]:
    """Part → its grid: a row a pair, from the photo of A over the steps to the photo of B."""
    photos = painter.read([item.image for pair in pairs for item in pair], LIMITS)
    latents = painter.latents(photos)
    places = np.arange(len(photos)).reshape(-1, 2)
    for part, block in {**painter.parts, WHOLE: slice(None)}.items():
        drawn = [painter.paint(some) for some in walk(latents, places, block, steps)]
        rows = []
        for number, (first, second) in enumerate(places):
            cells = [photos[first], *(step[number] for step in drawn), photos[second]]
            rows.append(("", [Cell(Image.fromarray(cell)) for cell in cells]))
        yield part, grid(rows, painter.size).quantize(256)


def tried(
    checkpoint: Path, data: Path, pairs: int, steps: int, seed: int
) -> tuple[dict[str, Any], dict[str, Image.Image]]:
    """The report, and a grid for each part."""
    painter = Painter(checkpoint)
    studio = own.studio(data / "studio_catalog").items
    taught, items = halves(studio)
    court = Court()
    court.learn(painter.read([item.image for item in taught], LIMITS), words_of(taught))
    trial = Trial(painter, court, items, pairs, steps, seed)
    if not len(trial.pairs):
        raise ConfigError(f"{data}: no two products differ in what the judges know")
    with progress() as display:
        exchange = trial.exchange(display)
    report = {
        "checkpoint": checkpoint.name,
        "sha256": sha256_of(checkpoint),
        "network": painter.checkpoint.network,
        "step": painter.checkpoint.step,
        "data": fingerprint(studio),
        "judges_trained_on": len(taught),
        "interpolated": len(items),
        "pairs": len(trial.pairs),
        "steps": steps,
        "seed": seed,
        "judges": trial.accuracies(),
        **exchange.as_dict(seed),
    }
    luma = own.luma(data / "luma_products").items
    return report, dict(grids(painter, shown_pairs(luma, seed), steps))


def main(
    checkpoint: Annotated[Path, typer.Argument(help="A .safetensors of a network that decodes.")],
    out: Annotated[Path, typer.Option(help="Folder for report.json and a grid for each part.")],
    pairs: Annotated[int, typer.Option(min=1, help="Of products, at most.")] = 200,
    steps: Annotated[int, typer.Option(min=2, help="From A to B, both included.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Of the pairs and the bootstrap.")] = 0,
    json: JsonOption = False,
) -> None:
    """Judge what parts of a latent change in the pictures a network decodes."""
    data = Path(os.environ.get("SNAPMODE_DATA", PICTURES))
    report, pictures = tried(checkpoint, data, pairs, steps, seed)
    out.mkdir(parents=True, exist_ok=True)
    text = json_text.dumps(report, ensure_ascii=False, indent=2)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")
    for part, picture in pictures.items():
        picture.save(out / f"{part}.png", optimize=True)
    if json:
        print_json(report)
    else:
        typer.echo(as_text(report))


if __name__ == "__main__":
    typer.run(main)
