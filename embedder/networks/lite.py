"""The default network: EfficientNet-lite0 with heads for shape, colour and texture.

Backbone: Tan and Le, arXiv 1905.11946, see `lite0`. The heads are ours, after measurements on
frozen features: category and instance pull against each other, so within shape they have dimensions
of their own (`kind`, `form`); colour comes from a histogram (see `colour`), texture from how the
middle maps vary over the garment, wherever it is. One attention map says where to look. `kind` and
`form` see the generalised mean of the last maps (Radenović et al., TPAMI 2019, arXiv 1711.02512),
which keeps the strong details that a mean washes out. Sorts of garments need a hidden layer; the
other heads are linear, and before training each is given the principal components of what it sees
(`fit`): their cosines are nearly those of the features themselves.

    pixels (n, 3, s, s) ─ stem, blocks 0..10 ─ middle (n, 112, s/16, s/16) ─ blocks 11..15, head ─
        last (n, 1280, s/32, s/32) ─┬ mean³ ─ (n, 1280) ─┬ (n, 512) ─ kind (n, 64)  ┐
                                    │                    └─────────── form (n, 160) ┴ shape ┐
                                    └ attention                                             │
        cells (n, 3, s/4, s/4), attention ─ histogram (n, 960) ────────── colour (n, 96)    ├ row
        middle, attention ─ mean, deviation (n, 224) ─────────────────── texture (n, 64)    ┘
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Annotated, Any, NamedTuple

import torch
from pydantic import Field
from torch import Tensor, nn

from embedder.model_file import Parts
from embedder.networks.colour import ColourHistogram
from embedder.networks.lite0 import (
    CHANNELS,
    bare_backbone,
    load_published,
    preprocessing,
    run_head,
    run_stem,
)
from embedder.networks.parts import weighted_row
from snapmode.settings import Positive, PositiveFloat, Table

MIDDLE = 10
"""The last block at 1/16 of the input's side."""
CELL = 4
"""Pixels of a side of a cell of the colour histogram."""
HIDDEN = 512
"""Between the last maps and `kind`."""
Share = Annotated[float, Field(ge=0, le=1)]


class Prepared(NamedTuple):
    """What blocks that are not trained make of pictures: a trainer may keep it between epochs."""

    maps: Tensor
    """After the frozen blocks."""
    cells: Tensor
    """sRGB 0..1, (n, 3, s/4, s/4)."""


class Weights(Table):
    """Of the blocks in a row; they are divided by their sum. Shape is kind and form."""

    kind: PositiveFloat = 0.4
    form: PositiveFloat = 0.25
    colour: PositiveFloat = 0.25
    texture: PositiveFloat = 0.1


class Lite(nn.Module):
    """Pixels to rows of three parts, or to the `heads` they are made of."""

    class Settings(Table):
        """Sizes and default weights."""

        size: Annotated[int, Field(gt=0, multiple_of=32)] = 224
        kind: Positive = 64
        """Dimensions that say which sort of garment."""
        form: Positive = 160
        """Dimensions that tell one product from another of its sort."""
        colour: Positive = 96
        texture: Positive = 64
        weights: Weights = Weights()
        page: Share = 0.05
        """Weight of a white cell in the colour histogram."""
        frozen: Annotated[int, Field(ge=0, le=MIDDLE + 1)] = 0
        """Blocks, from the stem on, that keep their weights and statistics; 0 trains all."""

    float_modules = ("attention", "histogram", "kind", "form", "colour", "texture")

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.preprocessing = preprocessing(settings.size)
        self.backbone = bare_backbone()
        self.attention = nn.Conv2d(1280, 1, kernel_size=1)
        self.histogram = ColourHistogram(settings.size // CELL, settings.page)
        self.kind = nn.Sequential(
            nn.Linear(1280, HIDDEN), nn.ReLU(), nn.Dropout(0.3), nn.Linear(HIDDEN, settings.kind)
        )
        self.form = nn.Linear(1280, settings.form)
        self.colour = nn.Linear(self.histogram.width, settings.colour)
        self.texture = nn.Linear(2 * CHANNELS[MIDDLE], settings.texture)
        self.spread = nn.LayerNorm(2 * CHANNELS[MIDDLE])
        nn.init.zeros_(self.attention.weight)  # everywhere the same, before training
        nn.init.zeros_(self.attention.bias)
        nn.init.orthogonal_(self.colour.weight)  # keeps the histograms' similarities, roughly
        nn.init.zeros_(self.colour.bias)
        sizes = [settings.kind, settings.form, settings.colour, settings.texture]
        edges = list(pairwise(accumulate(sizes, initial=0)))
        self.blocks: Parts = dict(zip(("kind", "form", "colour", "texture"), edges, strict=True))
        shape = (0, settings.kind + settings.form)
        self.parts: Parts = {"shape": shape, "colour": edges[2], "texture": edges[3]}
        self.dim = sum(sizes)

    def initialise(self) -> None:
        """ImageNet's weights for the backbone."""
        load_published(self.backbone)

    def train(self, mode: bool = True) -> "Lite":
        """Frozen blocks stay as they are: their batch norms learn nothing new either."""
        super().train(mode)
        if self.settings.frozen:
            for module in self._frozen():
                module.requires_grad_(requires_grad=False).eval()
        return self

    def _frozen(self) -> list[Any]:
        backbone = self.backbone
        stem = [backbone._conv_stem, backbone._bn0]  # noqa: SLF001 - the package has no door
        return [*stem, *backbone._blocks[: self.settings.frozen]]  # noqa: SLF001

    def prepare(self, pixels: Tensor) -> Prepared:
        """What the frozen blocks make of (n, 3, s, s); with `frozen` = 0 only the stem runs."""
        maps = run_stem(self.backbone, pixels)
        for block in self.backbone._blocks[: self.settings.frozen]:  # noqa: SLF001
            maps = block(maps)
        mean, std = self.preprocessing.mean[0], self.preprocessing.std[0]
        return Prepared(maps, nn.functional.avg_pool2d(pixels * std + mean, CELL))

    def heads(self, prepared: Prepared) -> dict[str, Tensor]:
        """Block → (n, d) unit rows."""
        seen = self._seen(prepared)
        return {
            name: nn.functional.normalize(getattr(self, name)(features).float())
            for name, features in seen.items()
        }

    def _seen(self, prepared: Prepared) -> dict[str, Tensor]:
        """Block → the features (n, …) that its head projects."""
        maps = middle = prepared.maps
        for at, block in enumerate(self.backbone._blocks):  # noqa: SLF001
            if at >= self.settings.frozen:
                maps = block(maps)
            if at == MIDDLE:
                middle = maps  # (n, 112, s/16, s/16)
        last = run_head(self.backbone, maps)  # (n, 1280, s/32, s/32)
        attention = torch.sigmoid(self.attention(last))  # (n, 1, s/32, s/32)
        pooled = _generalised_mean(last)
        return {
            "kind": pooled,
            "form": pooled,
            "colour": self._colours(prepared.cells, attention),
            "texture": self.spread(_statistics(middle, attention)),
        }

    def fit(self, samples: Iterable[Prepared]) -> None:
        """Make linear heads project on the principal components of what they see in pictures."""
        with torch.no_grad():
            seen = [self._seen(prepared) for prepared in samples]
            for name in ("form", "colour", "texture"):
                _fit(getattr(self, name), torch.cat([features[name] for features in seen]).float())

    def _colours(self, cells: Tensor, attention: Tensor) -> Tensor:
        # Colours in bfloat16 would mistake one shade for the next.
        with torch.autocast(cells.device.type, enabled=False):
            look = _enlarged(attention.float(), 32 // CELL)
            rows: Tensor = self.histogram(cells.float(), look)
        return rows

    def row(self, heads: dict[str, Tensor]) -> Tensor:
        """The weighted concatenation, (n, dim)."""
        return weighted_row(heads, self.settings.weights.model_dump())

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, dim)."""
        return self.row(self.heads(self.prepare(pixels)))

    forward = embed


def _fit(head: nn.Linear, features: Tensor) -> None:
    """(m, features) → the components of largest variance; those that m rows don't have stay 0."""
    centre = features.mean(dim=0)
    # Columns of a tall matrix's right side, from its small Gram matrix: (features, features).
    centred = (features - centre).double()
    _, components = torch.linalg.eigh(centred.T @ centred)  # in the order of rising variance
    head.weight.copy_(components[:, -head.out_features :].flip(1).T)
    head.bias.copy_(-head.weight @ centre)


def _generalised_mean(maps: Tensor) -> Tensor:
    """(n, c, h, w), none negative → (n, c): the cube root of the mean of cubes."""
    maps = maps.float().clamp(min=0)
    return (maps * maps * maps).mean(dim=(2, 3)).clamp(min=1e-9).pow(1 / 3)


def _statistics(maps: Tensor, attention: Tensor) -> Tensor:
    """Mean and deviation of each channel where attention looks: (n, c, h, w) → (n, 2c)."""
    look = _enlarged(attention, 2)
    look = look / look.sum(dim=(2, 3), keepdim=True)  # a sigmoid is never 0 everywhere
    mean = (maps * look).sum(dim=(2, 3), keepdim=True)
    variance = ((maps - mean).square() * look).sum(dim=(2, 3))
    return torch.cat([mean.flatten(1), (variance + 1e-6).sqrt()], dim=1)


def _enlarged(attention: Tensor, times: int) -> Tensor:
    return nn.functional.interpolate(
        attention, scale_factor=times, mode="bilinear", align_corners=False
    )
