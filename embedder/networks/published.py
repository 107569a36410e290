"""ImageNet's weights for torchvision's networks, from where the user has them: never downloaded."""

from pathlib import Path
from typing import Any

import torch

from snapmode.errors import ConfigError

CACHE = "cache"
"""As a setting `weights`: torchvision's own cache, ~/.cache/torch/hub/checkpoints."""


def published_weights(weights: str, architecture: str) -> dict[str, Any]:
    """The state dict of a file, or of torchvision's cache; `ConfigError` says what is missing."""
    file = _cached(architecture) if weights == CACHE else Path(weights)
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        # The restricted unpickler: tensors and containers only, no code of the file is run.
        loaded: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # what a wrong file raises is not documented
        raise ConfigError(f"[network] weights: {file} can't be loaded: {error}") from error
    return loaded


def load_into(backbone: torch.nn.Module, weights: dict[str, Any], file: str) -> None:
    """All the backbone's weights from the state dict; what it has beside them (a classifier) is
    left out.
    """
    known = backbone.state_dict()
    missing = sorted(known.keys() - weights.keys())
    if missing:
        raise ConfigError(
            f"[network] weights: {file} has no {', '.join(missing[:3])}"
            + (f" and {len(missing) - 3} others" if len(missing) > 3 else "")
        )
    try:
        backbone.load_state_dict({name: weights[name] for name in known})
    except RuntimeError as error:
        raise ConfigError(f"[network] weights: {file} is of another network: {error}") from error


def _cached(architecture: str) -> Path:
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    files = sorted(folder.glob(f"{architecture}-*.pth"))
    if len(files) != 1:
        raise ConfigError(
            f"[network] weights: {len(files)} files {architecture}-*.pth in {folder}; name one, "
            "or let torchvision fetch it there"
        )
    return files[0]
