"""One step of `cbir_gan`: the discriminator, and then the three generators.

The generators share their weights, so one pass over a batch is all three: each picture of it is an
anchor, a positive or a negative of the triplets that are found in it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from embedder.networks.lite0 import Perceptual
from embedder.networks.registry import Batch
from snapmode.errors import ConfigError

if TYPE_CHECKING:
    from embedder.networks.cbir_gan import CbirGan


class CbirGanStep(nn.Module):
    """See `embedder.networks.registry.Step`."""

    def __init__(self, network: "CbirGan") -> None:
        super().__init__()
        self.network = network
        self.settings = network.settings
        self.perceptual = Perceptual() if self.settings.perceptual else None
        encoder = [*network.trunk.parameters(), *network.project.parameters()]
        self.groups = {"generator": [*encoder, *network.decoder.parameters()]}
        if self.settings.adversarial:
            self.groups["discriminator"] = list(network.discriminator.parameters())

    def step(
        self, batch: Batch, optimisers: Mapping[str, torch.optim.Optimizer]
    ) -> dict[str, float]:
        """Train on one batch."""
        pixels = batch.pixels
        latent = self.network.latent_of(pixels)
        drawn = self.network.decode(latent) if self._draws() else None
        losses = {}
        if self.settings.adversarial and drawn is not None:
            judged = self._discriminate(pixels, drawn.detach())
            losses["real_or_drawn"] = _take_step(judged, optimisers["discriminator"])
        found = self.generator_losses(pixels, latent, drawn, batch.labels)
        weighted = [getattr(self.settings, name) * loss for name, loss in found.items()]
        _take_step(torch.stack(weighted).sum(), optimisers["generator"])
        return losses | {name: float(loss.detach()) for name, loss in found.items()}

    def _draws(self) -> bool:
        settings = self.settings
        return bool(settings.reconstruction or settings.perceptual or settings.adversarial)

    def _discriminate(self, pixels: Tensor, drawn: Tensor) -> Tensor:
        judge = self.network.discriminator
        return (_cross_entropy(judge(pixels), 1) + _cross_entropy(judge(drawn), 0)) / 2

    def generator_losses(
        self, pixels: Tensor, latent: Tensor, drawn: Tensor | None, labels: Mapping[str, Tensor]
    ) -> dict[str, Tensor]:
        """Loss by the name of its weight in the settings; those that are off are left out."""
        settings, losses = self.settings, {}
        if settings.triplet:
            if settings.label not in labels:
                raise ConfigError(
                    f"[network] label: no source has {settings.label!r}; there is {sorted(labels)}"
                )
            rows = nn.functional.normalize(latent)
            losses["triplet"] = triplet_loss(rows, labels[settings.label], settings.margin)
        if drawn is None:
            return losses
        drawn = drawn.float()
        if settings.reconstruction:
            losses["reconstruction"] = (drawn - pixels).square().mean()
        if self.perceptual is not None:
            losses["perceptual"] = self.perceptual(drawn, pixels).mean()
        if settings.adversarial:
            losses["adversarial"] = _cross_entropy(self.network.discriminator(drawn), 1)
        return losses


def triplet_loss(rows: Tensor, labels: Tensor, margin: float) -> Tensor:
    """Mean of max(0, d(anchor, positive) - d(anchor, negative) + margin), d squared Euclidean.

    Over all pairs of anchor and positive (labels (n,), -1 is unknown: no anchor, but a negative),
    each with its semi-hard negative: the nearest that is farther than the positive, or, when none
    is, the farthest (Schroff et al., FaceNet, arXiv 1503.03832). 0 when there is no pair.
    """
    distances = 2 - 2 * rows @ rows.T  # (n, n)
    alike = labels[:, None] == labels
    itself = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    pairs = alike & ~itself & (labels >= 0)[:, None]
    anchors, positives = pairs.nonzero(as_tuple=True)
    others = ~alike[anchors]  # (pairs, n)
    usable = others.any(dim=1)
    anchors, positives, others = anchors[usable], positives[usable], others[usable]
    if not len(anchors):
        return rows.sum() * 0
    near = distances[anchors, positives]  # (pairs,)
    far = distances[anchors].detach()  # (pairs, n)
    farther = others & (far > near.detach()[:, None])
    semi_hard = far.masked_fill(~farther, torch.inf).argmin(dim=1)
    farthest = far.masked_fill(~others, -torch.inf).argmax(dim=1)
    negatives = torch.where(farther.any(dim=1), semi_hard, farthest)
    return (near - distances[anchors, negatives] + margin).clamp(min=0).mean()


def _cross_entropy(scores: Tensor, real: int) -> Tensor:
    wanted = torch.full_like(scores, real)
    return nn.functional.binary_cross_entropy_with_logits(scores, wanted)


def _take_step(loss: Tensor, optimiser: torch.optim.Optimizer) -> float:
    """The optimiser steps on its own parameters; what else got gradients is not asked."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
    return float(loss.detach())
