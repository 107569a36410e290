"""Which pairs and triplets a loss sees, and a memory of earlier batches to find them in.

Of n anchors and m others, `same` and `other` (n, m) say which belong together and which are known
not to; a pair may be neither. A triplet is three tensors of indices: anchors of the n, positives
and negatives of the m.

Schroff et al., "FaceNet", CVPR 2015 (semi-hard); Hermans et al., "In Defense of the Triplet Loss",
arXiv 1703.07737 (batch hard); Wang et al., "Cross-Batch Memory", CVPR 2020. The miners of
pytorch-metric-learning know labels only, and can't leave pairs out of comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

Triplets = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Known:
    """What is known of n rows. All tensors are (n,) int64."""

    codes: Tensor
    """Number of the label's word; -1 is unknown."""
    spaces: Tensor
    """Only rows of one space can be told apart by the label."""
    domains: Tensor

    def then(self, later: "Known") -> "Known":
        """These rows and those."""
        return Known(
            torch.cat([self.codes, later.codes]),
            torch.cat([self.spaces, later.spaces]),
            torch.cat([self.domains, later.domains]),
        )


def relations(anchors: Known, others: Known) -> tuple[Tensor, Tensor]:
    """`same` and `other`, both bool (n, m). A row that is in both is still its own positive."""
    known = (anchors.codes >= 0)[:, None] & (others.codes >= 0)[None, :]
    equal = anchors.codes[:, None] == others.codes[None, :]
    comparable = anchors.spaces[:, None] == others.spaces[None, :]
    return known & equal, known & ~equal & comparable


def across_domains(anchors: Known, others: Known) -> Tensor:
    """Bool (n, m): the two are of different domains."""
    return anchors.domains[:, None] != others.domains[None, :]


def squared_distances(anchors: Tensor, others: Tensor) -> Tensor:
    """(n, d), (m, d) unit rows → (n, m)."""
    return (2 - 2 * anchors @ others.T).clamp(min=0)


def semi_hard(distances: Tensor, same: Tensor, other: Tensor) -> Triplets:
    """For each positive pair the nearest negative that is farther than the positive.

    When none is farther, the farthest: the least wrong one, so that training does not collapse.
    """
    anchors, positives = same.nonzero(as_tuple=True)
    away = distances[anchors]  # (pairs, m)
    allowed = other[anchors]
    farther = allowed & (away > distances[anchors, positives][:, None])
    nearest = away.masked_fill(~farther, torch.inf).argmin(dim=1)
    farthest = away.masked_fill(~allowed, -torch.inf).argmax(dim=1)
    negatives = torch.where(farther.any(dim=1), nearest, farthest)
    has = allowed.any(dim=1)
    return anchors[has], positives[has], negatives[has]


def hard(distances: Tensor, same: Tensor, other: Tensor) -> Triplets:
    """For each anchor its farthest positive and its nearest negative."""
    positives = distances.masked_fill(~same, -torch.inf).argmax(dim=1)
    negatives = distances.masked_fill(~other, torch.inf).argmin(dim=1)
    anchors = (same.any(dim=1) & other.any(dim=1)).nonzero(as_tuple=True)[0]
    return anchors, positives[anchors], negatives[anchors]


def every(_distances: Tensor, same: Tensor, other: Tensor) -> Triplets:
    """All triplets there are: of the order of n · m², for small batches."""
    anchors, positives, negatives = (same[:, :, None] & other[:, None, :]).nonzero(as_tuple=True)
    return anchors, positives, negatives


MINERS = {"semi_hard": semi_hard, "hard": hard, "all": every}


class Memory(nn.Module):
    """The last `size` rows a loss has seen; its buffers are saved with a run's state."""

    def __init__(self, size: int, dim: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("rows", torch.zeros(size, dim))
        for name in ("codes", "spaces", "domains"):
            self.register_buffer(name, torch.full((size,), -1))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    def recall(self) -> tuple[Tensor, Known]:
        """(k, dim) rows, without gradient, and what is known of them."""
        filled = min(int(self.seen), self.size)
        known = Known(self.codes[:filled], self.spaces[:filled], self.domains[:filled])
        return self.rows[:filled].clone(), known

    def remember(self, rows: Tensor, known: Known) -> None:
        """Take the rows of a batch in place of the oldest."""
        kept = {"rows": rows.detach(), **_fields(known)}
        places = (torch.arange(len(rows), device=rows.device) + self.seen)[-self.size :]
        for name, values in kept.items():
            buffer = getattr(self, name)
            buffer[places % self.size] = values[-self.size :].to(buffer.dtype)
        self.seen += len(rows)


def _fields(known: Known) -> Mapping[str, Tensor]:
    return {"codes": known.codes, "spaces": known.spaces, "domains": known.domains}
