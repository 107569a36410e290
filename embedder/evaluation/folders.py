"""A folder of made pictures beside one of real ones: pictures of one name are pairs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from embedder.decode import decode
from embedder.evaluation.bootstrap import intervals
from embedder.evaluation.grid import thumbnail
from embedder.evaluation.images import Levels, frechet, perceptual, psnr, samples
from embedder.evaluation.metrics import Floats
from embedder.evaluation.report import Rejected
from embedder.files import embed_files
from snapmode.errors import ConfigError, RejectedError
from snapmode.ports import Embedder, Picture, Vector
from snapmode.settings import PICTURE_FORMATS, Pictures

SUFFIXES = {f".{name.lower()}" for name in (*PICTURE_FORMATS, "jpg")}
SHOWN, ACROSS = 32, 8
"""Pairs in the grid, and in a row of it."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """The pictures of a folder that can be read, by name without its ending."""

    folder: Path
    files: dict[str, Path]
    features: Vector
    """float32 (files, dim), in the order of the files."""
    rejected: list[Rejected]


def gallery(folder: Path, embedder: Embedder, advance: Callable[[], object]) -> Gallery:
    """Embed every picture of the folder; `ConfigError` when it holds fewer than two."""
    files = pictures_of(folder)
    rows: list[Vector] = []
    kept: dict[str, Path] = {}
    rejected = []
    results = embed_files(embedder, list(files.values()))
    for (name, path), result in zip(files.items(), results, strict=True):
        if isinstance(result, RejectedError):
            rejected.append(Rejected(str(path), str(result)))
        else:
            kept[name] = path
            rows.append(result)
        advance()
    if len(rows) < 2:
        raise ConfigError(f"{folder}: {len(rows)} pictures that can be read; 2 are needed")
    return Gallery(folder, kept, np.stack(rows), rejected)


def pictures_of(folder: Path) -> dict[str, Path]:
    """Name without ending → file, in the order of names."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: not a folder")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in SUFFIXES and path.is_file():
            if path.stem in found:
                raise ConfigError(f"{folder}: {found[path.stem].name} and {path.name}: which one?")
            found[path.stem] = path
    return found


@dataclass(frozen=True, slots=True)
class Comparison:
    """Real pictures and made ones."""

    real: Gallery
    made: Gallery
    embedder: str
    """Name of the model whose features are compared."""
    limits: Pictures
    seed: int

    @property
    def pairs(self) -> list[str]:
        """Names that both have."""
        return [name for name in self.made.files if name in self.real.files]

    def as_dict(self) -> dict[str, Any]:
        """Every figure, ready for JSON; null where there are no pairs."""
        return {
            "real": str(self.real.folder),
            "generated": str(self.made.folder),
            "pictures": {"real": len(self.real.files), "generated": len(self.made.files)},
            "pairs": len(self.pairs),
            "features": self.embedder,
            "psnr_db": self._mean(self._psnr()),
            "lite0_distance": self._mean(self._perceptual()),
            "lite0_frechet": frechet(self.real.features, self.made.features),
            "rejected": [asdict(each) for each in self.rejected],
        }

    @property
    def rejected(self) -> list[Rejected]:
        """Of both folders."""
        return [*self.real.rejected, *self.made.rejected]

    def _mean(self, values: Floats) -> dict[str, float] | None:
        return asdict(intervals(values[:, None], self.seed)[0]) if len(values) else None

    def _psnr(self) -> Floats:
        values = []
        for name in self.pairs:
            made = decode(Picture(self.made.files[name].read_bytes()), self.limits)
            real = decode(Picture(self.real.files[name].read_bytes()), self.limits)
            values.append(psnr(_levels(_like(real, made)), _levels(made)))
        return np.concatenate(values) if values else np.empty(0)

    def _perceptual(self) -> Floats:
        real, made = list(self.real.files), list(self.made.files)
        first = [real.index(name) for name in self.pairs]
        second = [made.index(name) for name in self.pairs]
        return perceptual(self.real.features[first], self.made.features[second])

    def grid(self) -> Image.Image:
        """Real pictures above what was made of them; without pairs, the first of each."""
        names = self.pairs[:SHOWN]
        first = [self.real.files[name] for name in names] or list(self.real.files.values())
        second = [self.made.files[name] for name in names] or list(self.made.files.values())
        rows: list[tuple[str, Sequence[Image.Image]]] = []
        for start in range(0, SHOWN, ACROSS):
            for title, files in (("real", first), ("generated", second)):
                some = files[:SHOWN][start : start + ACROSS]
                if some:
                    rows.append((title, [self._small(file) for file in some]))
        return samples(rows)

    def _small(self, file: Path) -> Image.Image:
        return thumbnail(decode(Picture(file.read_bytes()), self.limits), 96)


def _like(real: Image.Image, made: Image.Image) -> Image.Image:
    """The real picture at the made one's size: letterboxed as a square, or just resized."""
    if real.size == made.size:
        return real
    if made.width == made.height:
        return thumbnail(real, made.width)
    return real.resize(made.size, Image.Resampling.BICUBIC)


def _levels(image: Image.Image) -> Levels:
    return np.asarray(image)[None]


def as_text(said: dict[str, Any]) -> str:
    """What `Comparison.as_dict` says, for people."""
    counts = said["pictures"]
    rows = [
        (name, f"{value['value']:.4f} [{value['low']:.4f}, {value['high']:.4f}]")
        for key, name in (("psnr_db", "PSNR, dB"), ("lite0_distance", "distance on lite0 features"))
        if (value := said[key])
    ]
    rows.append(("Fréchet distance on lite0 features", f"{said['lite0_frechet']:.4f}"))
    lines = [
        f"{said['real']}: {counts['real']} pictures; {said['generated']}: {counts['generated']}",
        f"{said['pairs']} pairs of one name; features of {said['features']}",
    ]
    return "\n".join([*lines, *(f"{name:<36}{figure}" for name, figure in rows)])
