"""Inception with a triplet loss: 128 dimensions.

"Large Scale Fashion Search System with Deep Learning and Quantization Indexing" (SoICT 2018, DOI
10.1145/3287921.3287964): an Inception network, FC512, FC128, triplet loss on squared Euclidean
distances with margin 1.0 (the recipe's [losses] say so). We take the first Inception, GoogLeNet
(Szegedy et al., "Going deeper with convolutions", CVPR 2015, arXiv 1409.4842), whose checkpoint is
a quarter of Inception v3's.

    (n, 3, s, s) → stem (n, 192, s/8, s/8) → inception 3a..3b (n, 480, s/8, s/8)
      → 4a..4e (n, 832, s/16, s/16) → 5a..5b (n, 1024, s/32, s/32) → mean (n, 1024)
      → FC (n, 512) → ReLU → FC (n, 128) → unit rows
"""

from typing import Annotated

import torchvision
from pydantic import Field
from torch import Tensor, nn

from embedder.model_file import Parts, Preprocessing
from embedder.networks.published import load_into, published_weights
from snapmode.settings import Positive, Table


class InceptionTriplet(nn.Module):
    """GoogLeNet and two fully connected layers."""

    class Settings(Table):
        """Sizes as in the papers."""

        size: Annotated[int, Field(ge=64, multiple_of=32)] = 224
        hidden: Positive = 512
        dim: Positive = 128
        weights: str = ""
        """ImageNet's, to start from: a file, or "cache" for torchvision's; "" starts at random."""

    float_modules = ("head",)

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        # What GoogLeNet's published weights take: torchvision's `transform_input` makes it of its
        # usual normalisation.
        self.preprocessing = Preprocessing(
            size=settings.size, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)
        )
        self.dim = settings.dim
        self.parts: Parts = {"all": (0, settings.dim)}
        self.backbone = torchvision.models.googlenet(
            weights=None, aux_logits=False, init_weights=True
        )
        self.backbone.fc = nn.Identity()
        self.head = nn.Sequential(
            nn.Linear(1024, settings.hidden), nn.ReLU(), nn.Linear(settings.hidden, settings.dim)
        )

    def initialise(self) -> None:
        """ImageNet's weights, if the settings name any."""
        weights = self.settings.weights
        if weights:
            load_into(self.backbone, published_weights(weights, "googlenet"), weights)

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, dim)."""
        return nn.functional.normalize(self.head(self.backbone(pixels)).float())

    forward = embed
