"""The losses of a recipe, composed: each acts on a named part of the vectors, by a named label.

Distances and sums are those of pytorch-metric-learning; what is compared with what is ours, for
words of different sources can't be compared (see `embedder.training.mining`).
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from embedder.training.datasets import Dataset
from embedder.training.mining import (
    MINERS,
    Known,
    Memory,
    across_domains,
    relations,
    squared_distances,
)
from embedder.training.recipe import Loss
from snapmode.errors import ConfigError

Blocks = Mapping[str, tuple[int, int]]


def triplet_loss(
    rows: Tensor, others: Tensor, same: Tensor, other: Tensor, margin: float, mining: str
) -> Tensor:
    """Mean of max(0, |a - p|² - |a - n|² + margin) over the mined triplets where it is not 0.

    rows (n, d) and others (m, d) are units; same and other are (n, m).
    """
    from pytorch_metric_learning.distances import DotProductSimilarity
    from pytorch_metric_learning.losses import TripletMarginLoss

    distances = squared_distances(rows.detach(), others.detach())
    triplets = MINERS[mining](distances, same, other)
    # Of units |a - b|² is 2 - 2 a·b; products need no square root, whose slope at 0 is infinite.
    products = DotProductSimilarity(normalize_embeddings=False)
    loss = TripletMarginLoss(margin=margin / 2, distance=products)
    return 2 * loss(rows, indices_tuple=triplets, ref_emb=others)


def contrastive_loss(
    rows: Tensor, others: Tensor, same: Tensor, other: Tensor, temperature: float
) -> Tensor:
    """Supervised contrastive loss: Khosla et al., NeurIPS 2020 (arXiv 2004.11362), L_out.

    Mean over the anchors that have a positive of -mean over positives p of
    log(exp(a·p / t) / sum over all positives and negatives x of exp(a·x / t)). With one positive
    it is InfoNCE. Shapes as for `triplet_loss`.
    """
    from pytorch_metric_learning.losses import SupConLoss

    pairs = (*same.nonzero(as_tuple=True), *other.nonzero(as_tuple=True))
    return SupConLoss(temperature=temperature)(rows, indices_tuple=pairs, ref_emb=others)


def attraction(rows: Tensor, others: Tensor, same: Tensor) -> Tensor:
    """Mean squared distance of the pairs that belong together; 0 when there are none."""
    apart = squared_distances(rows, others)[same]
    return apart.mean() if len(apart) else rows.sum() * 0


def keeping(rows: Tensor, taught: Tensor, pairs: Tensor) -> Tensor:
    """Mean squared difference of the cosines of rows (n, d) and of taught (n, e), both units, over
    the chosen pairs, bool (n, n): what was alike stays as alike as it was. 0 without pairs.

    Tung and Mori, "Similarity-preserving knowledge distillation", ICCV 2019 (arXiv 1907.09682).
    """
    apart = (rows @ rows.T - taught @ taught.T)[pairs]
    return apart.square().mean() if len(apart) else rows.sum() * 0


class Classes(nn.Module):
    """Cross entropy of cosines to a learned centre per class.

    Classes of different groups never compete: a row is told apart within the group of its class.
    """

    def __init__(self, dim: int, groups: list[int], scale: float, smoothing: float) -> None:
        """`groups`: the group of each class."""
        super().__init__()
        self.centres = nn.Parameter(torch.randn(len(groups), dim) / dim**0.5)
        self.register_buffer("groups", torch.tensor(groups), persistent=False)
        self.scale = scale
        self.smoothing = smoothing

    def forward(self, rows: Tensor, codes: Tensor) -> Tensor:
        """Of rows (n, d), units, and codes (n,) → mean over the rows whose class is known."""
        known = (codes >= 0) & (codes < len(self.centres))  # a dyed variant has no centre
        rows, codes = rows[known], codes[known]
        logits = self.scale * rows @ normalize(self.centres).T  # (n, classes)
        total = rows.sum() * 0
        for group in self.groups[codes].unique():
            mine, classes = self.groups[codes] == group, self.groups == group
            place = classes.cumsum(0) - 1  # number of a class within its group
            total = total + cross_entropy(
                logits[mine][:, classes],
                place[codes[mine]],
                label_smoothing=self.smoothing,
                reduction="sum",
            )
        return total / max(len(rows), 1)


class Term(nn.Module):
    """One loss of a recipe."""

    def __init__(self, name: str, settings: Loss, blocks: Blocks, dim: int, data: Dataset) -> None:
        super().__init__()
        self.settings = settings
        self.block = _block(name, settings, blocks, dim)
        self.separate = settings.label in data.separate
        self.sources = [data.words["source"].index(source) for source in settings.sources]
        width = self.block[1] - self.block[0]
        self.memory = Memory(settings.memory, width) if settings.memory else None
        self.taught: Tensor | None = None
        """(rows of the data set, width), units: what `keep` keeps."""
        self.classes = None
        if settings.kind == "cross_entropy":
            groups = _groups(data, settings.label) if self.separate else None
            count = len(data.words[settings.label])
            self.classes = Classes(width, groups or [0] * count, settings.scale, settings.smoothing)

    def forward(self, rows: Tensor, labels: Mapping[str, Tensor]) -> Tensor:
        """Of rows (n, dim), the whole vector → the loss, before its weight."""
        rows = normalize(rows[:, slice(*self.block)].float())
        known = self._known(labels)
        if self.settings.kind == "keep":
            return self._kept(rows, known, labels["row"])
        if self.classes is not None:
            loss: Tensor = self.classes(rows, known.codes)
            return loss
        others, theirs = rows, known
        if self.memory is not None:
            earlier, of_them = self.memory.recall()
            others, theirs = torch.cat([rows, earlier]), known.then(of_them)
            self.memory.remember(rows, known)
        return self._compared(rows, known, others, theirs)

    def _known(self, labels: Mapping[str, Tensor]) -> Known:
        codes, sources = labels[self.settings.label], labels["source"]
        if self.sources:
            mine = torch.isin(sources, torch.tensor(self.sources, device=sources.device))
            codes = torch.where(mine, codes, -1)
        spaces = sources if self.separate else torch.zeros_like(sources)
        return Known(codes, spaces, labels["domain"])

    def teach(self, rows: Tensor) -> None:
        """`rows`: (rows of the data set, dim), what is to be kept."""
        self.taught = normalize(rows[:, slice(*self.block)].float())

    def _kept(self, rows: Tensor, known: Known, numbers: Tensor) -> Tensor:
        if self.taught is None:
            raise ConfigError("losses: kind keep: nothing was taught")
        mine = known.codes >= 0
        # What belongs together may come closer than it was.
        apart = known.codes[:, None] != known.codes[None, :]
        return keeping(rows, self.taught[numbers], apart & mine[:, None] & mine[None, :])

    def _compared(self, rows: Tensor, known: Known, others: Tensor, theirs: Known) -> Tensor:
        same, other = relations(known, theirs)
        same[:, : len(rows)].fill_diagonal_(False)  # nobody is its own positive
        settings = self.settings
        if settings.kind == "triplet":
            return triplet_loss(rows, others, same, other, settings.margin, settings.mining)
        if settings.kind == "attract":
            return attraction(rows, others, same)
        if settings.kind == "cross_domain":
            across = across_domains(known, theirs)
            same, other = same & across, other & across
        return contrastive_loss(rows, others, same, other, settings.temperature)


def _block(name: str, settings: Loss, blocks: Blocks, dim: int) -> tuple[int, int]:
    if settings.part is None:
        return 0, dim
    if settings.part not in blocks:
        raise ConfigError(
            f"losses.{name}.part: the network has no part {settings.part!r}; "
            f"it has {', '.join(blocks)}"
        )
    return blocks[settings.part]


def _groups(data: Dataset, label: str) -> list[int]:
    """Source of each word of a label that is compared within one source only."""
    sources = data.words["source"]
    return [sources.index(word.split(":", 1)[0]) for word in data.words[label]]


class EmbeddingStep(nn.Module):
    """A `Step` (see `embedder.networks.registry`) for networks that embed and nothing else."""

    def __init__(self, network: Any, losses: Mapping[str, Loss], data: Dataset) -> None:
        super().__init__()
        for name, settings in losses.items():
            if settings.label not in data.labels:
                raise ConfigError(
                    f"losses.{name}.label: no source has a label {settings.label!r}; "
                    f"there is {', '.join(data.labels)}"
                )
        blocks = {**network.parts, **getattr(network, "blocks", {})}
        self.network = network
        self.terms = nn.ModuleDict(
            {name: Term(name, loss, blocks, network.dim, data) for name, loss in losses.items()}
        )
        pretrained = getattr(network, "backbone", nn.Module())
        known = {id(value) for value in pretrained.parameters()}
        trained = [value for value in self.parameters() if value.requires_grad]
        groups = {
            "backbone": [value for value in trained if id(value) in known],
            "heads": [value for value in trained if id(value) not in known],
        }
        self.groups = {name: values for name, values in groups.items() if values}

    @property
    def keeps(self) -> bool:
        """Whether a loss needs to be taught."""
        return any(term.settings.kind == "keep" for term in self.terms.values())

    def teach(self, rows: Tensor) -> None:
        """`rows` (rows of the data set, dim): vectors whose cosines the losses `keep` keep."""
        for term in self.terms.values():
            if term.settings.kind == "keep":
                term.teach(rows)

    def step(self, batch: Any, optimisers: Mapping[str, torch.optim.Optimizer]) -> dict[str, float]:
        """Train on one batch; each loss before its weight, and `loss`, their weighted sum."""
        rows = self._embedded(batch.pixels)
        losses = {name: term(rows, batch.labels) for name, term in self.terms.items()}
        total = sum(self.terms[name].settings.weight * loss for name, loss in losses.items())
        for optimiser in optimisers.values():
            optimiser.zero_grad(set_to_none=True)
        total.backward()
        for optimiser in optimisers.values():
            optimiser.step()
        figures = torch.stack([total, *losses.values()]).tolist()
        return dict(zip(["loss", *losses], figures, strict=True))

    def _embedded(self, pixels: Any) -> Tensor:
        """(n, dim), from pixels or from what `prepare` made of them."""
        network = self.network
        prepared = not isinstance(pixels, Tensor)
        rows: Tensor = network.row(network.heads(pixels)) if prepared else network.embed(pixels)
        return rows
