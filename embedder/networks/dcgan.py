"""DCGAN with a structured latent code: shape, colour and texture of a garment, apart.

Radford, Metz and Chintala, arXiv 1511.06434 (the layers, see `convolutions`); Chen et al.,
"InfoGAN", NIPS 2016 (arXiv 1606.03657: a head of the discriminator reads the code back from what
was drawn); the use for fashion search follows the SnapMode paper (arXiv 2204.03998): features that
separate what a garment is from how it is coloured. How it is trained: `dcgan_step`.

    generator:      latent (n, 128 + 16) = shape 64 | colour 32 | texture 32 | rest 16, each a unit
                    → (n, 8w, 4, 4) → (n, 4w, 8, 8) → (n, 2w, 16, 16) → (n, w, 32, 32)
                    → (n, 3, 64, 64)
    discriminator:  (n, 3, 64, 64) → (n, w, 32, 32) → (n, 2w, 16, 16) → (n, 4w, 8, 8)
                    → (n, 8w, 4, 4) → (n, 128w) ─┬ real or drawn (n, 1)
                                                 └ code (n, 144): the embedding, and rest

At 128 px both have one level more. `rest` holds what a vector should not know, such as the pose.
"""

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from embedder.model_file import Parts
from embedder.networks import convolutions
from embedder.networks.parts import weighted_row
from snapmode.settings import Positive, PositiveFloat, Table

if TYPE_CHECKING:
    from embedder.networks.dcgan_step import DcganStep

Weight = Annotated[float, Field(ge=0)]


class Weights(Table):
    """Of the parts in a row; they are divided by their sum."""

    shape: PositiveFloat = 0.5
    colour: PositiveFloat = 0.3
    texture: PositiveFloat = 0.2


class Dcgan(nn.Module):
    """Generator, and discriminator with a head that encodes."""

    class Settings(Table):
        """Sizes as in the paper (its width is 64; 32 is four times as fast), and the losses."""

        size: Literal[64, 128] = 64
        width: Annotated[int, Field(gt=0, multiple_of=8)] = 64
        """Channels of the maps nearest to the picture."""
        shape: Positive = 64
        colour: Positive = 32
        texture: Positive = 32
        rest: Positive = 16
        weights: Weights = Weights()
        adversarial: Weight = 1.0
        info: Weight = 1.0
        """InfoGAN: the code of a drawn picture is read back."""
        reconstruction: Weight = 10.0
        """Real pictures are drawn again from their code: mean absolute difference."""
        exchange: Weight = 5.0
        """As above, of a recoloured picture, from its own colour and the rest of the original's."""
        separation: Weight = 1.0
        """Recolouring leaves shape and texture, shuffling leaves colour and texture: contrastive,
        without any label."""
        supervision: dict[Literal["shape", "colour", "texture"], str] = Field(default_factory=dict)
        """Part → label whose words it should tell apart, where a batch has it."""
        supervised: Weight = 0.5
        """Of all of them together."""
        temperature: PositiveFloat = 0.1

    float_modules = ("code",)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.preprocessing = convolutions.preprocessing(settings.size)
        names = ("shape", "colour", "texture", "rest")
        sizes = [settings.shape, settings.colour, settings.texture, settings.rest]
        edges = pairwise(accumulate(sizes, initial=0))
        self.latent_parts: Parts = dict(zip(names, edges, strict=True))
        self.parts: Parts = {name: self.latent_parts[name] for name in names[:3]}
        self.dim = self.parts["texture"][1]
        self.generator = convolutions.Up(sum(sizes), settings.size, settings.width)
        self.trunk, features = convolutions.down(settings.size, settings.width)
        self.real = nn.Linear(features, 1)
        self.code = nn.Linear(features, sum(sizes))
        convolutions.initialise(self)

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, dim)."""
        code = self.latent_of(pixels)
        parts = {name: code[:, slice(*block)] for name, block in self.parts.items()}
        return weighted_row(parts, self.settings.weights.model_dump())

    forward = embed

    def latent_of(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, latent): each of `latent_parts` a unit."""
        return self.as_latent(self.code(self.trunk(pixels)))

    def as_latent(self, code: Tensor) -> Tensor:
        """Each part divided by its length."""
        parts = [code[:, start:stop].float() for start, stop in self.latent_parts.values()]
        return torch.cat([nn.functional.normalize(part) for part in parts], dim=1)

    def decode(self, latent: Tensor) -> Tensor:
        """(n, latent), its parts units → (n, 3, s, s) in -1..1."""
        pixels: Tensor = self.generator(latent)
        return pixels

    def drawn_latent(self, n: int) -> Tensor:
        """Codes from the prior, uniform on each part's sphere."""
        wide = self.latent_parts["rest"][1]
        return self.as_latent(torch.randn(n, wide, device=self.code.weight.device))

    def training_step(self, _recipe: Any) -> "DcganStep":
        """See `embedder.networks.registry`; of the recipe nothing is needed."""
        from embedder.networks.dcgan_step import DcganStep

        return DcganStep(self)
