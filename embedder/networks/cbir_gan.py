"""CBIR-GAN: a triplet of generators that draw what they embed.

"CBIR-GAN: A Triplet Generative Adversarial Network for Content-based Image Retrieval" (SSRN
4057354): three encoder-decoder generators with shared weights take an anchor, a positive and a
negative; a triplet loss acts on their embeddings, a discriminator and a perceptual loss on what
they draw, and triplets are the only supervision. The layers are DCGAN's (see `convolutions`); the
perceptual network is EfficientNet-lite0, the only one whose weights come in a package. How it is
trained: `cbir_gan_step`.

    encoder:        (n, 3, 64, 64) → (n, w, 32, 32) → (n, 2w, 16, 16) → (n, 4w, 8, 8)
                    → (n, 8w, 4, 4) → (n, 128w) → latent (n, 256): the embedding, as unit rows
    decoder:        latent (n, 256) → (n, 8w, 4, 4) → … → (n, 3, 64, 64)
    discriminator:  (n, 3, 64, 64) → … → (n, 128w) → real or drawn (n, 1)

At 128 px each has one level more. Only the encoder is exported.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field
from torch import Tensor, nn

from embedder.model_file import Parts
from embedder.networks import convolutions
from snapmode.settings import Positive, PositiveFloat, Table

if TYPE_CHECKING:
    from embedder.networks.cbir_gan_step import CbirGanStep

Weight = Annotated[float, Field(ge=0)]


class CbirGan(nn.Module):
    """Encoder, decoder and discriminator."""

    class Settings(Table):
        """Sizes and losses; a loss of weight 0 is off."""

        size: Literal[64, 128] = 64
        width: Annotated[int, Field(gt=0, multiple_of=8)] = 32
        """Channels of the maps nearest to the picture."""
        latent: Positive = 256
        label: str = "identity"
        """What makes two pictures an anchor and its positive."""
        margin: PositiveFloat = 0.5
        """Of squared distances between unit rows, which are 0..4."""
        triplet: Weight = 1.0
        reconstruction: Weight = 10.0
        """Mean squared difference of pixels, which are -1..1."""
        perceptual: Weight = 1.0
        adversarial: Weight = 0.02
        """Small: it is there for texture, and fights the reconstruction."""

    float_modules = ("project",)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.preprocessing = convolutions.preprocessing(settings.size)
        self.dim = settings.latent
        self.parts: Parts = {"all": (0, self.dim)}
        self.latent_parts: Parts = self.parts
        self.trunk, features = convolutions.down(settings.size, settings.width)
        self.project = nn.Linear(features, settings.latent)
        self.decoder = convolutions.Up(settings.latent, settings.size, settings.width)
        judge, features = convolutions.down(settings.size, settings.width)
        self.discriminator = nn.Sequential(judge, nn.Linear(features, 1))
        convolutions.initialise(self)

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, dim)."""
        return nn.functional.normalize(self.latent_of(pixels))

    forward = embed

    def latent_of(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, latent), of any length: it says how strong a picture's contrast is."""
        latent: Tensor = self.project(self.trunk(pixels))
        return latent.float()

    def decode(self, latent: Tensor) -> Tensor:
        """(n, latent) → (n, 3, s, s) in -1..1."""
        pixels: Tensor = self.decoder(latent)
        return pixels

    def training_step(self, _recipe: Any) -> "CbirGanStep":
        """See `embedder.networks.registry`; of the recipe nothing is needed."""
        from embedder.networks.cbir_gan_step import CbirGanStep

        return CbirGanStep(self)
