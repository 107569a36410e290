"""All sources of a recipe as one table of rows: what is shown, and what is known about it."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embedder.training.cache import Crops, Pixels, open_crops
from embedder.training.recipe import CatalogSource, Data, ManifestSource, Source
from embedder.training.sources import Opened, Row, open_catalog, open_manifest, open_street
from snapmode.errors import ConfigError
from snapmode.ports import Catalog, ImageStore

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Dataset:
    """Rows, in the order of the sources. All arrays are (rows,)."""

    crops: list[Crops]
    """One per source."""
    white: npt.NDArray[np.bool_]
    """(sources,): whether a source's pictures have a white page."""
    crop: Codes
    """Number of the crop in its source."""
    cut: npt.NDArray[np.bool_]
    """Shown cut out."""
    masked: npt.NDArray[np.bool_]
    """The crop is a garment in a photo."""
    held: npt.NDArray[np.bool_]
    """Only validated on."""
    labels: dict[str, Codes]
    """Label → number of its word, -1 where unknown. `identity`, `texture`, `source` and `domain`
    are always there, and `domain` and `source` are always known. What no source says of `texture`
    is that every product has its own."""
    words: dict[str, list[str]]
    """Label → its words."""
    separate: frozenset[str]
    """Labels that are compared within one source only."""
    digest: str
    """sha256 over the pictures' names and sizes and what is known about them."""
    rejected: dict[str, str] = field(default_factory=dict)
    """Picture → why it is left out."""

    def __len__(self) -> int:
        return len(self.crop)

    def pixels(self, row: int) -> Pixels:
        """(side, side, 4) of the row's crop, memory-mapped."""
        source = int(self.labels["source"][row])
        crop: Pixels = self.crops[source].pixels[self.crop[row]]
        return crop

    def rows_of(self, sources: Sequence[str], held: bool) -> Codes:
        """Rows for training (or held out) of the named sources; none named is all."""
        chosen = self.held == held
        if sources:
            wanted = [self.words["source"].index(name) for name in sources]
            chosen = chosen & np.isin(self.labels["source"], wanted)
        return np.flatnonzero(chosen)


def load_dataset(
    data: Data,
    folder: Path,
    cache: Path,
    stores: tuple[Catalog, ImageStore] | None = None,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Dataset:
    """Read the sources; decode their pictures into the cache folder where that was not done before.

    `folder`: where manifests are relative to. `stores`: of a running system, for a source of kind
    "catalog". `advance` is told how many more pictures of how many are ready.
    """
    opened = [_opened(source, folder, stores) for source in data.sources]
    total = sum(len(one.keys) for one in opened)
    crops = [_crops(one, data.side, cache, lambda done: advance(done, total)) for one in opened]
    return assemble(data, opened, crops)


def _opened(source: Source, folder: Path, stores: tuple[Catalog, ImageStore] | None) -> Opened:
    if isinstance(source, ManifestSource):
        return open_manifest(source, folder)
    if isinstance(source, CatalogSource):
        if stores is None:
            raise ConfigError(
                f"data.sources {source.name!r}: products of a running system need --from-catalog"
            )
        return open_catalog(source, *stores)
    return open_street(source, folder)


def _crops(one: Opened, side: int, cache: Path, advance: Callable[[int], None]) -> Crops:
    return open_crops(
        cache, one.name, one.keys, side, lambda number: one.render(number, side), advance
    )


def assemble(data: Data, opened: Sequence[Opened], crops: Sequence[Crops]) -> Dataset:
    """One table of all rows whose pictures could be read."""
    rows = [
        (number, row)
        for number, (one, made) in enumerate(zip(opened, crops, strict=True))
        for row in one.rows
        if row.crop not in made.rejected
    ]
    if not rows:
        raise ConfigError(f"no pictures in {', '.join(repr(one.name) for one in opened)}")
    labels, words = _labelled(data, opened, rows)
    return Dataset(
        crops=list(crops),
        white=np.array([one.white for one in opened]),
        crop=np.array([row.crop for _, row in rows], np.int64),
        cut=np.array([row.cut for _, row in rows]),
        masked=np.array([row.masked for _, row in rows]),
        held=np.array([row.held for _, row in rows]),
        labels=labels,
        words=words,
        separate=frozenset(words) - {"source", "domain", "texture", *data.shared, *data.distinct},
        digest=_digest(opened),
        rejected={
            opened[number].keys[crop]: why
            for number, made in enumerate(crops)
            for crop, why in made.rejected.items()
        },
    )


def _labelled(
    data: Data, opened: Sequence[Opened], rows: Sequence[tuple[int, Row]]
) -> tuple[dict[str, Codes], dict[str, list[str]]]:
    """Label → code of each row's word, and label → its words."""
    known = [_words(data, opened[number].name, row.labels) for number, row in rows]
    names = sorted({label for words in known for label in words} | {"identity"})
    coded = {name: _coded([words.get(name) for words in known]) for name in names}
    coded.setdefault("texture", coded["identity"])
    coded["domain"] = _coded([row.domain for _, row in rows])
    sources = np.array([number for number, _ in rows], np.int64)
    coded["source"] = sources, [one.name for one in opened]
    return (
        {name: codes for name, (codes, _) in coded.items()},
        {name: words for name, (_, words) in coded.items()},
    )


def _words(data: Data, source: str, labels: Mapping[str, str]) -> dict[str, str]:
    """Lower case and renamed; a word that is not shared belongs to its source."""
    found = {}
    for label, word in labels.items():
        ours = data.rename.get(label, {}).get(word.lower(), word.lower())
        found[label] = ours if label in data.shared else f"{source}:{ours}"
    return found


def _coded(words: Sequence[str | None]) -> tuple[Codes, list[str]]:
    known = sorted({word for word in words if word is not None})
    number = {word: at for at, word in enumerate(known)}
    codes = [-1 if word is None else number[word] for word in words]
    return np.array(codes, np.int64), known


def _digest(opened: Sequence[Opened]) -> str:
    told = [
        [
            one.name,
            one.keys,
            [[row.crop, row.domain, dict(row.labels), row.held] for row in one.rows],
        ]
        for one in opened
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
