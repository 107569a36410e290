"""The networks, small enough for one core; torch is imported by those who call."""

from pathlib import Path
from typing import Any

SMALL: dict[str, dict[str, Any]] = {
    "cbir_gan": {"width": 8, "latent": 32},
    "dcgan": {"width": 8},
    "inception_triplet": {"size": 64},
    "lite": {"size": 96},
    "lite0": {},
    "resnet50": {"size": 64, "weights": ""},
}


def network(name: str, seed: int = 0) -> Any:
    """Published weights where they are in a package, else random ones."""
    import torch

    from embedder.networks.registry import make_network

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    made = make_network(name, SMALL[name])
    made.initialise() if hasattr(made, "initialise") else None
    return made.eval()


def checkpoint(folder: Path, name: str) -> Path:
    """A network of `SMALL`, saved."""
    from embedder.training.checkpoint import Checkpoint, as_arrays, save_checkpoint

    made = network(name)
    header = Checkpoint(
        name=f"small_{name}",
        network=name,
        settings=made.settings.model_dump(mode="json"),
        preprocessing=made.preprocessing,
        parts=made.parts,
        licence="Apache-2.0",
    )
    file = folder / f"small_{name}.safetensors"
    save_checkpoint(file, header, as_arrays(made.state_dict()))
    return file
