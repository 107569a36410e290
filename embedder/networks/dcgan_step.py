"""One step of `dcgan`: the discriminator, which is the encoder, and then the generator.

What makes the parts different is two changes of a picture that cost nothing and need no label:
**recolouring** leaves shape and texture, **shuffling** its blocks leaves colour and texture. Each
part must stay where it should stay, and be told from those of other pictures (InfoNCE, van den Oord
et al., arXiv 1807.03748) and from where it should not stay; and the generator must draw the
recoloured picture from its colour and everything else of the original.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from embedder.networks.registry import Batch

if TYPE_CHECKING:
    from embedder.networks.dcgan import Dcgan

BLOCKS = 4
"""Blocks along a side that shuffling moves about."""


class DcganStep(nn.Module):
    """See `embedder.networks.registry.Step`."""

    def __init__(self, network: "Dcgan") -> None:
        super().__init__()
        self.network = network
        self.settings = network.settings
        self.groups = {
            "discriminator": [
                *network.trunk.parameters(),
                *network.real.parameters(),
                *network.code.parameters(),
            ],
            "generator": list(network.generator.parameters()),
        }

    def step(
        self, batch: Batch, optimisers: Mapping[str, torch.optim.Optimizer]
    ) -> dict[str, float]:
        """Train on one batch."""
        for optimiser in optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        latent = self.network.drawn_latent(len(batch.pixels))
        drawn = self.network.decode(latent)
        encoder = self.encoder_losses(batch, latent, drawn.detach())
        self._weighted(encoder).backward()
        optimisers["discriminator"].step()
        generator = self.generator_losses(latent, drawn)
        self._only_generator(generator)
        optimisers["generator"].step()
        names = {**encoder, **generator}
        return {name: float(loss.detach()) for name, loss in names.items()}

    def _only_generator(self, losses: Mapping[str, Tensor]) -> None:
        """Add to the generator's gradients (which hold those of drawing real pictures again)."""
        parameters = self.groups["generator"]
        found = torch.autograd.grad(self._weighted(losses), parameters, allow_unused=True)
        for parameter, gradient in zip(parameters, found, strict=True):
            if gradient is not None:
                known = parameter.grad
                parameter.grad = gradient if known is None else known + gradient

    def _weighted(self, losses: Mapping[str, Tensor]) -> Tensor:
        weights = {
            "real_or_drawn": self.settings.adversarial,
            "fooled": self.settings.adversarial,
            "info_read": self.settings.info,
            "info_drawn": self.settings.info,
        }
        named = self.settings.model_dump()
        terms = [weights.get(name, named.get(name, 0.0)) * loss for name, loss in losses.items()]
        return torch.stack(terms).sum()

    def encoder_losses(self, batch: Batch, latent: Tensor, drawn: Tensor) -> dict[str, Tensor]:
        """What the discriminator learns from; the generator learns to draw again, too."""
        network, settings, pixels = self.network, self.settings, batch.pixels
        features = network.trunk(pixels)
        losses = {}
        code = network.as_latent(network.code(features))
        if settings.adversarial or settings.info:
            of_drawn = network.trunk(drawn)
        if settings.adversarial:
            losses["real_or_drawn"] = (
                _cross_entropy(network.real(features), 1)
                + _cross_entropy(network.real(of_drawn), 0)
            ) / 2
        if settings.info:
            losses["info_read"] = self._misread(network.code(of_drawn), latent)
        if settings.reconstruction:
            losses["reconstruction"] = (network.decode(code) - pixels).abs().mean()
        if settings.exchange or settings.separation:
            losses |= self._changed(pixels, code)
        if settings.supervision and settings.supervised:
            losses["supervised"] = self._supervised(code, batch.labels)
        return losses

    def generator_losses(self, latent: Tensor, drawn: Tensor) -> dict[str, Tensor]:
        """What the generator alone learns from."""
        losses = {"fooled": drawn.new_zeros(()) * drawn.sum()}
        if self.settings.adversarial or self.settings.info:
            features = self.network.trunk(drawn)
        if self.settings.adversarial:
            losses["fooled"] = _cross_entropy(self.network.real(features), 1)
        if self.settings.info:
            losses["info_drawn"] = self._misread(self.network.code(features), latent)
        return losses

    def _misread(self, code: Tensor, latent: Tensor) -> Tensor:
        """1 - cosine, the mean of the parts, between codes and those that were drawn from."""
        parts = len(self.network.latent_parts)
        return 1 - (self.network.as_latent(code) * latent).sum(dim=1).mean() / parts

    def _changed(self, pixels: Tensor, code: Tensor) -> dict[str, Tensor]:
        network, settings = self.network, self.settings
        recoloured = recolour(pixels)
        other = network.latent_of(recoloured)
        losses = {}
        if settings.exchange:
            colour = slice(*network.latent_parts["colour"])
            mixed = torch.cat(
                [code[:, : colour.start], other[:, colour], code[:, colour.stop :]], 1
            )
            losses["exchange"] = (network.decode(mixed) - recoloured).abs().mean()
        if settings.separation:
            third = network.latent_of(shuffle(pixels))
            cut = {name: slice(*block) for name, block in network.parts.items()}
            shape, colour, texture = cut["shape"], cut["colour"], cut["texture"]
            terms = [
                self._contrast(code[:, shape], other[:, shape], third[:, shape]),
                self._contrast(code[:, colour], third[:, colour], other[:, colour]),
                self._contrast(other[:, texture], third[:, texture]),
            ]
            losses["separation"] = torch.stack(terms).mean()
        return losses

    def _contrast(self, anchors: Tensor, same: Tensor, changed: Tensor | None = None) -> Tensor:
        """InfoNCE of unit rows (n, d): row i of `same` among all rows of it, and row i of
        `changed`.
        """
        scores = anchors @ same.T  # (n, n)
        if changed is not None:
            scores = torch.cat([scores, (anchors * changed).sum(dim=1, keepdim=True)], dim=1)
        wanted = torch.arange(len(anchors), device=anchors.device)
        return nn.functional.cross_entropy(scores / self.settings.temperature, wanted)

    def _supervised(self, code: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """Supervised contrastive (Khosla et al., arXiv 2004.11362), the mean over the parts."""
        terms = [code.sum() * 0]
        for part, label in self.settings.supervision.items():
            words = labels.get(label)
            if words is not None:
                rows = code[:, slice(*self.network.parts[part])]
                terms.append(supervised_contrastive(rows, words, self.settings.temperature))
        return torch.stack(terms).sum() / max(1, len(terms) - 1)


def supervised_contrastive(rows: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Of unit rows (n, d) and labels (n,); -1 is no label. 0 when no two are alike."""
    known = labels >= 0
    rows, labels = rows[known], labels[known]
    itself = torch.eye(len(rows), dtype=torch.bool, device=rows.device)
    alike = (labels[:, None] == labels) & ~itself
    scores = (rows @ rows.T / temperature).masked_fill(itself, -1e4)
    shares = scores - scores.logsumexp(dim=1, keepdim=True)
    count = alike.sum(dim=1)
    has = count > 0
    if not has.any():
        return rows.sum() * 0
    means = (shares * alike).sum(dim=1)[has] / count[has]
    return -means.mean()


def _cross_entropy(scores: Tensor, real: int) -> Tensor:
    wanted = torch.full_like(scores, real)
    return nn.functional.binary_cross_entropy_with_logits(scores, wanted)


def recolour(pixels: Tensor) -> Tensor:
    """Each picture (of -1..1) in other colours: hues turned by one angle, then dyed.

    White stays white, so that the page stays the page; dye colours what is grey.
    """
    n, device = len(pixels), pixels.device
    angle = torch.rand(n, 1, 1, device=device) * 2 * torch.pi
    grey = torch.full((3, 3), 1 / 3, device=device)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]], device=device) / 3**0.5
    still = torch.eye(3, device=device)
    turn = (
        angle.cos() * still + (1 - angle.cos()) * grey + angle.sin() * cross
    )  # Rodrigues' formula
    rgb = (pixels.float() + 1) / 2
    # No matrix product: autocast would make it in bfloat16.
    turned = (turn[..., None, None] * rgb[:, None]).sum(dim=2).clamp(0, 1)
    dye = 0.3 + 0.7 * torch.rand(n, 3, 1, 1, device=device)
    return (1 - (1 - turned) * dye) * 2 - 1  # what is not white takes up less dye in some channels


def shuffle(pixels: Tensor) -> Tensor:
    """Each picture's 4 × 4 blocks in another order: (n, 3, s, s) → the same."""
    n, _, size, _ = pixels.shape
    side = size // BLOCKS
    blocks = pixels.unfold(2, side, side).unfold(3, side, side)  # (n, 3, 4, 4, side, side)
    blocks = blocks.flatten(2, 3)  # (n, 3, 16, side, side)
    order = torch.rand(n, BLOCKS * BLOCKS, device=pixels.device).argsort(dim=1)
    picked = order[:, None, :, None, None].expand_as(blocks)
    moved = blocks.gather(2, picked).unflatten(2, (BLOCKS, BLOCKS))  # (n, 3, 4, 4, side, side)
    return moved.permute(0, 1, 2, 4, 3, 5).reshape(n, 3, size, size)
