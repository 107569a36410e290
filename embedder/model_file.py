"""The `model.toml` beside a model: what it takes, what it gives, where its weights come from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from snapmode.errors import ConfigError
from snapmode.settings import CONFIGS, Positive, PositiveFloat, Table, checked, read_toml

MODELS = CONFIGS / "models"
"""Models that come with the program, a folder each."""
REVISION = 1
"""Of the code in `embedder.decode` and `embedder.preprocess`: raised when it changes vectors."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Level = Annotated[int, Field(ge=0, le=255)]


class Source(Table):
    """Where the weights were published."""

    package: str
    """Name of the package, or a URL."""
    version: str
    sha256: Sha256
    """Of the checkpoint file, before any export."""


class Preprocessing(Table):
    """From an upright RGB picture to the model's input, float32 (n, 3, size, size)."""

    size: Positive
    """Pixels of a side of the square input."""
    mean: tuple[float, float, float]
    """Of red, green, blue as 0..1: input = (value - mean) / std."""
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat]
    layout: Literal["NCHW"] = "NCHW"
    resample: Literal["bilinear", "bicubic"] = "bicubic"
    fill: tuple[Level, Level, Level] = (255, 255, 255)
    """Colour of the letterbox around a picture that is not square: red, green, blue."""


class ModelFile(Table):
    """A model that can be run; the vectors of its exports (f32, int8, torch) may be mixed."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._]*$")]
    file: str
    """The ONNX file, relative to the TOML: one input of pictures, one output of unit rows."""
    sha256: Sha256
    """Of that file."""
    dim: Positive
    licence: str
    parts: dict[str, tuple[int, int]]
    """Name → [start, stop) of its block in a vector; together the blocks cover the vector."""
    source: Source
    preprocessing: Preprocessing
    figures: dict[str, float] = Field(default_factory=dict)
    """Measured at export."""

    @model_validator(mode="after")
    def _parts_cover_the_vector(self) -> Self:
        blocks = sorted(self.parts.values())
        edges = [0, *(stop for _, stop in blocks)]
        if edges[-1] != self.dim or any(
            start != edge or stop <= start
            for (start, stop), edge in zip(blocks, edges, strict=False)
        ):
            raise ValueError(f"parts: the blocks must cover 0..{self.dim} without gap or overlap")
        return self

    @property
    def identity(self) -> str:
        """The name and a hash of source checkpoint and preprocessing: what vectors are known by."""
        made_of = {
            "source": self.source.sha256,
            "preprocessing": self.preprocessing.model_dump(mode="json"),
            "parts": self.parts,
            "revision": REVISION,
        }
        text = json.dumps(made_of, sort_keys=True)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    @property
    def slices(self) -> Mapping[str, slice]:
        """The parts as slices of a vector."""
        return {name: slice(start, stop) for name, (start, stop) in self.parts.items()}


def find_model(model: str) -> Path:
    """The `model.toml` of a name under configs/models/, of a folder, or of a path to the file."""
    known = MODELS / model / "model.toml"
    if known.is_file():
        return known
    path = Path(model)
    path = path / "model.toml" if path.is_dir() else path
    if path.is_file():
        return path
    names = ", ".join(sorted(file.parent.name for file in MODELS.glob("*/model.toml")))
    raise ConfigError(f"model {model!r}: no such model; there is {names}, or give a model.toml")


def load_model_file(path: Path) -> ModelFile:
    """Read and check a `model.toml`; `ConfigError` names the file and the key."""
    return checked(ModelFile, read_toml(path), path)
