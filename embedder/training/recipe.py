"""A recipe `configs/models/NAME.toml`: everything that decides what a training run gives.

Whoever has the recipe, the data and the code can train the model again.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from embedder.model_file import MODELS
from snapmode.errors import ConfigError
from snapmode.settings import Positive, PositiveFloat, Table, checked, read_toml

Share = Annotated[float, Field(ge=0, le=1)]
NotNegative = Annotated[int, Field(ge=0)]
Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Model(Table):
    """[model]: what the trained model is called and may be used for."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._]*$")]
    network: str
    """A name of `embedder.networks.registry`."""
    licence: str
    start: str | None = None
    """A checkpoint, or a model that was exported from one, whose weights training starts from."""


class Keep(Table):
    """Which rows of a manifest are trained on."""

    column: str
    values: tuple[str, ...] = ()
    sha1: Literal["even", "odd"] | None = None
    """Instead of `values`: by the last hex digit of the sha1 of the column's text."""

    @model_validator(mode="after")
    def _one_rule(self) -> Self:
        if bool(self.values) == (self.sha1 is not None):
            raise ValueError("give either values or sha1")
        return self


class Holdout(Table):
    """A share of the training rows that is only validated on, by whole values of a column."""

    column: str
    share: Share = 0.1


class ManifestSource(Table):
    """[[data.sources]] with kind = "manifest": a CSV with a column `image` relative to it."""

    kind: Literal["manifest"]
    name: Word
    manifest: Path
    """Relative to the data folder."""
    domain: str
    """Where such pictures are taken: shop, phone, street …"""
    labels: dict[Word, tuple[str, ...]]
    """Label → the columns whose values make it, e.g. variant = ["sku", "colour"]."""
    keep: Keep | None = None
    holdout: Holdout | None = None
    white: bool = False
    """Whether the pictures have a white page, which augmentation may replace."""


class StreetSource(Table):
    """[[data.sources]] with kind = "street": garments of photos with masks, in two domains.

    Each garment is a crop in the domain "street" and a cut-out on white in the domain "shop", of
    one
    `identity`. The labels `category` and `kind` are the mask's word. The photos that are
    evaluated on (`embedder.training.street.validation_photos`) are left out.
    """

    kind: Literal["street"]
    name: Word
    folder: Path
    """Relative to the data folder: images/, masks/ and annotations.json."""
    holdout: Share = 0.1
    """Share of the photos that is only validated on."""


class CatalogSource(Table):
    """[[data.sources]] with kind = "catalog": the products of a running system.

    Labels: `identity` and `variant` (the product), `category` (the last breadcrumb) and `colour`,
    where a product has them.
    """

    kind: Literal["catalog"]
    name: Word
    domain: str = "shop"
    holdout: Share = 0.1
    """Share of the products that is only validated on."""


Source = Annotated[ManifestSource | StreetSource | CatalogSource, Field(discriminator="kind")]


class Data(Table):
    """[data]: which pictures, and which labels mean the same in all of them."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    side: Positive = 192
    """Pixels of a side of the decoded crops that are kept between runs."""
    shared: tuple[Word, ...] = ()
    """Labels whose words mean the same in every source."""
    distinct: tuple[Word, ...] = ("identity", "variant")
    """Labels that never mean the same in two sources. What is neither shared nor distinct is
    compared within one source only: another source may have another word for the same thing."""
    rename: dict[Word, dict[str, str]] = Field(default_factory=dict)
    """Label → other word → our word, lower case."""

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name")
        return self


class Draw(Table):
    """[[sampler]]: a part of each batch, `p` values of a label with `k` pictures of each."""

    by: Word
    p: Positive
    k: Positive
    sources: tuple[str, ...] = ()
    """None is all that have the label."""
    across: bool = False
    """Whether the k pictures are spread over the domains that the value has."""
    recolour: Share = 0.0
    """Share of the values of which half the pictures are dyed in another colour or print, see
    `embedder.training.dyes`: then they keep their `identity`, get a `variant` of their own and lose
    `colour`; a print is their `texture`."""


class Augment(Table):
    """[augment]: how often a picture meets each of the street's troubles."""

    flip: Share = 0.5
    background: Share = 0.3
    """Of pictures on white or cut out: put before a piece of a photo."""
    warp: Share = 0.8
    """Rotation, scale, shift and perspective."""
    light: Share = 0.8
    """Brightness, contrast, gamma, white balance, saturation, and a shadow."""
    blur: Share = 0.3
    """Out of focus, or a small picture made large."""
    occlusion: Share = 0.3
    """A corner or a patch hidden."""
    jpeg: Share = 0.5
    noise: Share = 0.2
    strength: Share = 1.0
    """Of all of them: 0 changes nothing."""


class Loss(Table):
    """[losses.NAME]: one term of the loss."""

    kind: Literal["triplet", "contrastive", "cross_domain", "cross_entropy", "attract", "keep"]
    label: Word
    """What makes two pictures belong together."""
    part: str | None = None
    """Part of the vector it acts on; none is the whole vector."""
    weight: PositiveFloat = 1.0
    sources: tuple[str, ...] = ()
    """Only pictures of these; none is all that have the label."""
    margin: PositiveFloat = 1.0
    """triplet: of squared Euclidean distances."""
    mining: Literal["semi_hard", "hard", "all"] = "semi_hard"
    temperature: PositiveFloat = 0.1
    """contrastive, cross_domain."""
    smoothing: Share = 0.0
    """cross_entropy: share of the label given to all classes."""
    scale: PositiveFloat = 16.0
    """cross_entropy: what cosines to the class centres are multiplied by."""
    memory: NotNegative = 0
    """Rows of earlier batches that are compared with too."""


class Optimiser(Table):
    """[optimiser]"""

    kind: Literal["adamw", "sgd"] = "adamw"
    rate: PositiveFloat = 1e-3
    backbone_rate: PositiveFloat | None = None
    """Of a pretrained backbone's weights; none: as the others."""
    weight_decay: Annotated[float, Field(ge=0)] = 1e-4
    betas: tuple[Share, Share] = (0.9, 0.999)
    warmup: NotNegative = 0
    """Steps over which the rate rises."""
    schedule: Literal["cosine", "constant"] = "cosine"
    clip: Annotated[float, Field(ge=0)] = 5.0
    """Norm of the gradient at most; 0: any."""


class Train(Table):
    """[train]: the loop."""

    steps: Positive
    seed: NotNegative = 0
    threads: NotNegative = 1
    """Of torch on the CPU; 0 is torch's own choice. One thread gives the same curve every time."""
    workers: NotNegative = 0
    """Processes that prepare batches; 0 prepares them in the loop."""
    views: NotNegative = 0
    """Views of each picture that are made once and kept as maps of the network's frozen blocks, see
    `embedder.training.prepared`; 0 makes new ones in every step."""
    precision: Literal["float32", "bfloat16"] = "float32"
    """Of the forward pass, on a GPU; the CPU always computes in float32."""
    validate_every: Positive = 200
    save_every: Positive = 100
    """Steps between two states that --resume can go on from."""
    weigh: bool = False
    """Whether the weights of the parts are chosen in the end, on what was held out; the network's
    settings have them as `weights`."""
    patience: NotNegative = 0
    """Validations without a better score before it stops; 0: never."""


class Validation(Table):
    """[[validate]]: a retrieval task on what was held out; training's score is the tasks' mean."""

    name: Word
    label: Word
    metric: Literal[
        "recall@1", "recall@5", "recall@10", "recall@20", "precision@10", "mAP@10", "nDCG@5"
    ] = "recall@1"
    part: str | None = None
    sources: tuple[str, ...] = ()
    queries: dict[Word, tuple[str, ...]] = Field(default_factory=dict)
    """Label → words of the pictures that are asked for, e.g. domain = ["street"]; none: all."""
    gallery: dict[Word, tuple[str, ...]] = Field(default_factory=dict)
    """As `queries`, of those that are searched; one that is asked for never finds itself."""
    limit: Positive = 400
    """Pictures at most."""
    weight: PositiveFloat = 1.0


class Recipe(Table):
    """A recipe, checked."""

    model: Model
    network: dict[str, Any] = Field(default_factory=dict)
    """The network's own settings."""
    data: Data
    sampler: Annotated[tuple[Draw, ...], Field(min_length=1)]
    augment: Augment = Augment()
    losses: dict[Word, Loss] = Field(default_factory=dict)
    """None for networks whose step is their own; its losses are in [network]."""
    optimiser: Optimiser = Optimiser()
    train: Train
    validate_: Annotated[tuple[Validation, ...], Field(alias="validate")] = ()

    @model_validator(mode="after")
    def _sources_exist(self) -> Self:
        known = {source.name for source in self.data.sources}
        users = [
            *((f"sampler.{at}", draw.sources) for at, draw in enumerate(self.sampler)),
            *((f"losses.{name}", loss.sources) for name, loss in self.losses.items()),
            *((f"validate.{task.name}", task.sources) for task in self.validate_),
        ]
        for where, names in users:
            for name in names:
                if name not in known:
                    raise ValueError(f"{where}.sources: {name!r} is none of {sorted(known)}")
        return self


def find_recipe(recipe: str) -> Path:
    """The file of a name under configs/models/, or of a path."""
    known = MODELS / f"{recipe}.toml"
    path = known if known.is_file() else Path(recipe)
    if path.is_file():
        return path
    names = ", ".join(sorted(file.stem for file in MODELS.glob("*.toml")))
    raise ConfigError(f"recipe {recipe!r}: no such recipe; there is {names}, or give a file")


def load_recipe(path: Path) -> Recipe:
    """Read and check; `ConfigError` names the file, the table and the key.

    With `extends = "NAME"`, tables that the file leaves out are those of that other recipe, but for
    those it names in `without` ("losses.form").
    """
    return checked(Recipe, _tables(path), path)


def _tables(path: Path) -> dict[str, Any]:
    tables = read_toml(path)
    extended, without = tables.pop("extends", None), tables.pop("without", [])
    if extended is None:
        if without:
            raise ConfigError(f"{path}: without: is for recipes that extend another")
        return tables
    beside = path.parent / f"{extended}.toml"
    other = beside if beside.is_file() else find_recipe(str(extended))
    if other.resolve() == path.resolve():
        raise ConfigError(f"{path}: extends: itself")
    theirs = _tables(other)
    for name in without:
        _drop(theirs, name, path)
    return {**theirs, **tables}


def _drop(tables: dict[str, Any], name: str, path: Path) -> None:
    *outer, last = name.split(".")
    for part in outer:
        tables = tables.get(part, {})
    if last not in tables:
        raise ConfigError(f"{path}: without: the recipe it extends has no {name}")
    del tables[last]
