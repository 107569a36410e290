"""The two halves of the GANs: strided convolutions down to 4 × 4, and transposed ones back up.

Radford, Metz and Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative
Adversarial Networks", ICLR 2016 (arXiv 1511.06434): no pooling, no hidden fully connected layer,
LeakyReLU(0.2) on the way down, ReLU on the way up, tanh at the end, weights from N(0, 0.02).

One departure: on the way down we normalise by groups of channels, not by batch. The paper's
discriminator is our encoder, and a vector must not depend on the pictures it was embedded with, nor
on statistics in which drawn and real pictures are mixed.
"""

from itertools import pairwise

from torch import Tensor, nn

from embedder.model_file import Preprocessing

GROUPS = 8


def preprocessing(size: int) -> Preprocessing:
    """-1..1, what tanh gives."""
    return Preprocessing(size=size, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))


def channels(size: int, width: int) -> list[int]:
    """From the picture inwards, of the maps at size/2, size/4 … 4: doubled each time, 8 · width at
    most. At 64 px [w, 2w, 4w, 8w], at 128 px [w, 2w, 4w, 8w, 8w].
    """
    levels = size.bit_length() - 3
    return [width * min(8, 2**level) for level in range(levels)]


def down(size: int, width: int) -> tuple[nn.Sequential, int]:
    """(n, 3, size, size) → (n, features), and how many features: 4 · 4 · the last channels."""
    layers: list[nn.Module] = []
    steps = channels(size, width)
    for before, after in pairwise([3, *steps]):
        layers.append(nn.Conv2d(before, after, 4, stride=2, padding=1, bias=before == 3))
        if before != 3:  # the paper leaves the first layer alone
            layers.append(nn.GroupNorm(GROUPS, after))
        layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers, nn.Flatten()), 16 * steps[-1]


class Up(nn.Module):
    """(n, latent) → (n, 3, size, size) in -1..1."""

    def __init__(self, latent: int, size: int, width: int) -> None:
        super().__init__()
        steps = channels(size, width)[::-1]
        self.project = nn.Linear(latent, 16 * steps[0], bias=False)
        layers: list[nn.Module] = [nn.BatchNorm2d(steps[0]), nn.ReLU()]
        for before, after in pairwise(steps):
            layers += [
                nn.ConvTranspose2d(before, after, 4, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(),
            ]
        layers += [nn.ConvTranspose2d(steps[-1], 3, 4, stride=2, padding=1), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, latent: Tensor) -> Tensor:
        """(n, latent) → (n, 8w, 4, 4) → … → (n, 3, size, size)."""
        pixels: Tensor = self.layers(self.project(latent).unflatten(1, (-1, 4, 4)))
        return pixels


def initialise(network: nn.Module) -> None:
    """As the paper does: convolutions from N(0, 0.02), scales of norms from N(1, 0.02)."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(module.weight, 0, 0.02)
        elif isinstance(module, nn.BatchNorm2d | nn.GroupNorm):
            nn.init.normal_(module.weight, 1, 0.02)
