"""A row made of parts: what belongs to which part, and how much each weighs."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor


def weighted_row(parts: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Part → (n, d) unit rows → (n, sum of d), unit rows: each part times the root of its share.

    A part's share of the inner product of two rows is then its weight, divided by the sum of all.
    """
    total = sum(weights[name] for name in parts)
    return torch.cat([rows * math.sqrt(weights[name] / total) for name, rows in parts.items()], 1)
