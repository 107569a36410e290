"""The `model.toml` beside a model: what it takes, what it gives, where its weights come from."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from snapmode.errors import ConfigError
from snapmode.settings import CONFIGS, Positive, PositiveFloat, Table, checked, read_toml

MODELS = CONFIGS / "models"
"""Models that come with the program, a folder each."""
REVISION = 1
"""Of the code in `embedder.decode` and `embedder.preprocess`: raised when it changes vectors."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Level = Annotated[int, Field(ge=0, le=255)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._]*$")]
Parts = dict[str, tuple[int, int]]
"""Name → [start, stop) of its block in a vector; together the blocks cover the vector."""


class Source(Table):
    """Where the weights were published."""

    package: str
    """Name of the package, or a URL."""
    version: str
    sha256: Sha256
    """Of the checkpoint file, before any export."""
    file: str | None = None
    """The checkpoint, relative to the TOML, when it lies there: what torch and `verify` need."""


class Trained(Table):
    """How the checkpoint came about, from its header."""

    network: str
    """A name of `embedder.networks.registry`."""
    step: int
    data: str
    """sha256 of what it was trained on."""
    code: str
    """Git commit or version."""
    settings: dict[str, Any] = Field(default_factory=dict)
    """Of the network."""
    metrics: dict[str, float] = Field(default_factory=dict)
    """On the validation data, at that step."""


class Output(Table):
    """From what a model gives to unit rows, for models that do not give unit rows themselves."""

    name: str | None = None
    """Which output; not needed when there is one."""
    pooling: Literal["none", "cls", "mean"] = "none"
    """none: the output is (n, dim). cls: the first of (n, tokens, dim). mean: over all tokens, or
    over the positions of a map, which has its channels where the input's `layout` has them."""
    normalise: bool = False
    """Divide each row by its length."""


class Preprocessing(Table):
    """From an upright RGB picture to the model's input, float32 (n, 3, size, size)."""

    size: Positive
    """Pixels of a side of the square input."""
    mean: tuple[float, float, float]
    """Of red, green, blue as 0..1: input = (value - mean) / std."""
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat]
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    """Axes of the input; NHWC is (n, size, size, 3)."""
    resample: Literal["bilinear", "bicubic"] = "bicubic"
    fill: tuple[Level, Level, Level] = (255, 255, 255)
    """Colour of the letterbox around a picture that is not square: red, green, blue."""
    fit: Literal["letterbox", "stretch", "crop"] = "letterbox"
    """letterbox: the whole picture with bars. stretch: its proportions change. crop: the square in
    its middle."""


class ModelFile(Table):
    """A model that can be run; the vectors of its exports (f32, int8, torch) may be mixed."""

    name: Name
    file: str
    """The ONNX file, relative to the TOML: one input of pictures."""
    sha256: Sha256
    """Of that file."""
    precision: Literal["f32", "int8"] = "f32"
    """Of its arithmetic; the vectors are float32 either way."""
    dim: Positive
    licence: str
    parts: Parts
    """Left out: one part `all`."""
    preprocessing: Preprocessing
    source: Source | None = None
    """Left out: the ONNX file is the source."""
    output: Output | None = None
    """Left out: the one output is (n, dim), unit rows."""
    trained: Trained | None = None
    figures: dict[str, float] = Field(default_factory=dict)
    """Measured at export."""

    @model_validator(mode="before")
    @classmethod
    def _one_part_unless_said(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and "parts" not in values and "dim" in values:
            return {**values, "parts": {"all": (0, values["dim"])}}
        return values

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
        source = self.source.sha256 if self.source else self.sha256
        return identity(self.name, source, self.preprocessing, self.parts, self.output)

    @property
    def slices(self) -> Mapping[str, slice]:
        """The parts as slices of a vector."""
        return {name: slice(start, stop) for name, (start, stop) in self.parts.items()}


def identity(
    name: str,
    source: Sha256,
    preprocessing: Preprocessing,
    parts: Parts,
    output: Output | None = None,
) -> str:
    """What vectors are known by. A key that came later is left out while it has its default, so
    that the models of indexes that are out there keep their names.
    """
    pictures = preprocessing.model_dump(mode="json")
    if preprocessing.fit == "letterbox":
        del pictures["fit"]
    made_of = {
        "source": source,
        "preprocessing": pictures,
        "parts": parts,
        "revision": REVISION,
        **({"output": output.model_dump(mode="json")} if output else {}),
    }
    text = json.dumps(made_of, sort_keys=True)
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


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


def checkpoint_of(model: str) -> tuple[Path, Sha256 | None]:
    """The checkpoint a model was exported from, and its hash; or a `.safetensors` file itself.

    `ConfigError` when the model names none.
    """
    path = Path(model)
    if path.suffix == ".safetensors":
        return path, None
    toml = find_model(model)
    return source_of(toml, load_model_file(toml))


def source_of(toml: Path, model: ModelFile) -> tuple[Path, Sha256]:
    """The checkpoint that a model which was read from there names, and its hash."""
    if model.source is None or model.source.file is None:
        raise ConfigError(
            f"{toml}: source.file: names no checkpoint, and torch needs one: "
            "give a .safetensors file"
        )
    return toml.parent / model.source.file, model.source.sha256


def load_model_file(path: Path) -> ModelFile:
    """Read and check a `model.toml`; `ConfigError` names the file and the key."""
    return checked(ModelFile, read_toml(path), path)
