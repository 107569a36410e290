"""Views as a network takes them."""

import torch
from torch import Tensor

from embedder.model_file import Preprocessing
from embedder.training.cache import Pixels


def as_pixels(views: Pixels, preprocessing: Preprocessing, device: torch.device) -> Tensor:
    """uint8 (n, s, s, 3) → float32 (n, 3, s, s), normalised; channels last in memory, which
    convolutions on the CPU prefer.
    """
    scale = torch.tensor(preprocessing.std, device=device) * 255
    shift = torch.tensor(preprocessing.mean, device=device) * 255
    there = torch.from_numpy(views).to(device, non_blocking=True)
    return ((there.float() - shift) / scale).permute(0, 3, 1, 2)
