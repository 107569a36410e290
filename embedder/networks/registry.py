"""Networks by name. What a network must offer, and how a trainer drives it, is written here.

**A network** is a `torch.nn.Module` with `Settings`, `preprocessing`, `parts`, `dim` and `embed`,
see `Network`. It is made from its settings alone, with random weights, so that a checkpoint can be
put into it anywhere. Optionally it has

- `initialise() -> None`: loads published weights its settings name (ImageNet). The trainer calls it
  once, before step 0 of a fresh run; never when it resumes or when a checkpoint is loaded.
- `prepare(pixels) -> NamedTuple`, `heads` and `row`: what frozen blocks make of pictures, and the
  way from there, see `embedder.networks.lite` and `embedder.training.prepared`.
- `fit(samples: Iterable[NamedTuple]) -> None`: gives the heads a start from what `prepare` makes of
  training pictures. Called once after `initialise`, unless training starts from a checkpoint.
- `blocks: dict[str, tuple[int, int]]`: a finer division of the vector than `parts`, so that a loss
  can be put on some dimensions only; cut out and normalised, each block is a unit row.
- `backbone: nn.Module`: the submodule whose weights are pretrained, for a learning rate of its own.
- `decode(latent: (n, latent)) -> (n, 3, s, s)`: pixels as `preprocessing` says. GANs only.
  `latent_of(pixels) -> (n, latent)` is its inverse as far as the network knows one, and
  `latent_parts: dict[str, tuple[int, int]]` says which columns of a latent are which part.
- `training_step(recipe) -> Step`: adversarial networks only, see below.
- `float_modules: tuple[str, ...]`: names of submodules that int8 leaves in float.

**The trainer** calls `network.training_step(recipe)` if the network has it and follows `Step`;
otherwise it composes the recipe's losses on `network.embed(batch.pixels)`.

What an adversarial network's step is made of (weights of its losses, the label that makes triplets)
is in the network's own settings, `[network]` of the recipe, so that a checkpoint tells how it was
trained; the recipe's `[losses]` stay empty. A loss of weight 0 is off and costs nothing; that is
how ablations are written. `recipe.train.steps` is how long a schedule inside a step lasts.

    step = network.training_step(recipe).to(device)
    optimisers = {name: AdamW(parameters, …) for name, parameters in step.groups.items()}
    network.train()
    for batch in batches:
        with torch.autocast(device, torch.bfloat16, enabled=mixed):
            figures = step.step(batch, optimisers)

A step zeroes gradients, goes backward and steps the optimisers itself, because a GAN does so twice;
it scales no gradients, so mixed precision means bfloat16.
In DDP, average the gradients in `optimiser.register_step_pre_hook`: that fits any step. All that is
trained is inside `network.state_dict()`; a step may hold frozen helpers (the perceptual network).
"""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from embedder.model_file import Parts, Preprocessing, Sha256
from embedder.training.checkpoint import Checkpoint, load_weights
from snapmode.codec import first_problem
from snapmode.errors import ConfigError
from snapmode.settings import Table
from snapmode.wiring import resolve

if TYPE_CHECKING:
    import torch

NETWORKS = {
    "cbir_gan": "embedder.networks.cbir_gan:CbirGan",
    "dcgan": "embedder.networks.dcgan:Dcgan",
    "inception_triplet": "embedder.networks.inception_triplet:InceptionTriplet",
    "lite": "embedder.networks.lite:Lite",
    "lite0": "embedder.networks.lite0:Lite0",
    "resnet50": "embedder.networks.resnet50:Resnet50",
}
"""Name → dotted path; a path of your own is taken in place of a name."""


class Network(Protocol):
    """Pixels to unit rows. Row i depends on picture i alone when the module is in `eval()`."""

    Settings: type[Table]
    """Hyper-parameters, all with defaults; the instance is `self.settings`."""
    settings: Table
    preprocessing: Preprocessing
    parts: Parts
    """Name → [start, stop) of a row. A row is the concatenation of unit parts, each times the
    square root of its weight; the weights sum to 1."""
    dim: int

    def embed(self, pixels: "torch.Tensor") -> "torch.Tensor":
        """(n, 3, s, s) float32, normalised as `preprocessing` says → (n, dim) unit rows."""


class Batch(Protocol):
    """What a trainer hands to a `Step`."""

    pixels: "torch.Tensor"
    """(n, 3, s, s) float32 on the network's device, normalised as its `preprocessing` says."""
    labels: "Mapping[str, torch.Tensor]"
    """Label of the recipe's sources (`identity`, `category`, …) → (n,) int64, -1 where unknown."""


class Step(Protocol):
    """How one step of an adversarial network is trained; an `nn.Module`, so that it can move."""

    groups: "dict[str, list[torch.nn.Parameter]]"
    """Name of an optimiser → what it trains; `step` expects optimisers of these names."""

    def to(self, device: Any) -> "Step":
        """Move the network and what the step holds besides it."""

    def step(
        self, batch: Batch, optimisers: "Mapping[str, torch.optim.Optimizer]"
    ) -> dict[str, float]:
        """Train on one batch; figures for the log, each loss before its weight."""


def require_torch() -> None:
    """`ConfigError` where the train extra is not installed."""
    if find_spec("torch") is None:
        raise ConfigError(
            "torch is not installed, and networks need it: pip install snapmode[train]"
        )


def network_class(name: str) -> type[Any]:
    """The class of a name, or of a dotted path `module:Class`; `ConfigError` when there is none."""
    if name not in NETWORKS and ":" not in name:
        raise ConfigError(
            f"network {name!r}: no such network; there is {', '.join(NETWORKS)}, "
            "or give module:Class"
        )
    require_torch()
    loaded: type[Any] = resolve(NETWORKS.get(name, name))
    return loaded


def make_network(name: str, settings: Mapping[str, Any]) -> Any:
    """A `Network` with random weights; `ConfigError` names a key that does not fit."""
    chosen = network_class(name)
    try:
        return chosen(chosen.Settings.model_validate(settings))
    except ValidationError as error:
        raise ConfigError(f"network {name}: {first_problem(error)}") from error


def load_network(file: Path, sha256: Sha256 | None = None) -> tuple[Any, Checkpoint]:
    """The `Network` of a checkpoint in `eval()`, and its header.

    `ConfigError` when the hash is another, or the code has changed since and no longer fits.
    """
    require_torch()
    import torch

    checkpoint, weights = load_weights(file, sha256)
    network = make_network(checkpoint.network, checkpoint.settings)
    for what in ("preprocessing", "parts"):
        said, has = getattr(checkpoint, what), getattr(network, what)
        if said != has:
            raise ConfigError(f"{file}: {what}: the checkpoint has {said}, the network {has}")
    try:
        network.load_state_dict({k: torch.from_numpy(array) for k, array in weights.items()})
    except RuntimeError as error:
        raise ConfigError(f"{file}: its weights don't fit {checkpoint.network}: {error}") from error
    return network.eval(), checkpoint
