"""ResNet-50 as it comes: the baseline everybody compares with, 2048 dimensions.

He et al., "Deep Residual Learning for Image Recognition", CVPR 2016 (arXiv 1512.03385).

    (n, 3, 224, 224) → stem (n, 64, 56, 56) → layer 1 (n, 256, 56, 56) → 2 (n, 512, 28, 28)
      → 3 (n, 1024, 14, 14) → 4 (n, 2048, 7, 7) → mean (n, 2048)

The papers compare these features by Euclidean distance (`features`); an index holds unit rows.
"""

from typing import Annotated

import torchvision
from pydantic import Field
from torch import Tensor, nn

from embedder.model_file import Parts, Preprocessing
from embedder.networks.published import CACHE, load_into, published_weights
from snapmode.settings import Table


class Resnet50(nn.Module):
    """torchvision's, without the classifier."""

    class Settings(Table):
        """Where ImageNet's weights are."""

        size: Annotated[int, Field(ge=64, multiple_of=32)] = 224
        weights: str = CACHE
        """A file, or "cache" for torchvision's; "" starts at random."""

    float_modules: tuple[str, ...] = ()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.preprocessing = Preprocessing(
            size=settings.size, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225)
        )
        self.dim = 2048
        self.parts: Parts = {"all": (0, self.dim)}
        self.backbone = torchvision.models.resnet50(weights=None)
        self.backbone.fc = nn.Identity()

    def initialise(self) -> None:
        """ImageNet's weights, if the settings name any."""
        weights = self.settings.weights
        if weights:
            load_into(self.backbone, published_weights(weights, "resnet50"), weights)

    def features(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, 2048), of any length."""
        features: Tensor = self.backbone(pixels)
        return features.float()

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, s, s) → (n, 2048) unit rows."""
        return nn.functional.normalize(self.features(pixels))

    forward = embed
