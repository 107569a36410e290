"""What a picture costs on one thread, beside ResNet-50 in eager torch in the same run.

CPU time, not wall time: others on the machine disturb it little.
"""

import io
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import median

import numpy as np
import onnxruntime
from PIL import Image

from benchmarks.embeddings.networks import Network
from benchmarks.pictures import drawn
from snapmode.ports import Embedder, Picture

BATCH = 8
"""Pictures that eager torch also takes at once."""
PICTURES = 24
RESNET = "ResNet-50, eager torch"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of a picture."""

    whole: float
    """From encoded bytes to the vector."""
    network: float | None = None
    """Without decoding and resizing."""
    batched: float | None = None
    """The same, of one among BATCH."""


def measure(forms: Sequence[Network], others: Sequence[Network], rounds: int) -> dict[str, Cost]:
    """Name → cost. All take turns, so that a drifting machine hits all alike.

    Embedders must have one thread. Of `forms` also the network alone is measured, in ONNX Runtime.
    """
    pictures = drawn(PICTURES)
    calls: dict[tuple[str, str], Callable[[], object]] = dict(_resnet(pictures))
    for network in (*forms, *others):
        calls[network.name, "whole"] = _embedding(network.embedder, pictures)
    for network in forms:
        calls[network.name, "network"] = _bare(network)
    for call in calls.values():
        call()
    taken: dict[tuple[str, str], list[float]] = {place: [] for place in calls}
    for _ in range(rounds):
        for place, call in calls.items():
            taken[place].append(1e3 * cpu_seconds(call))
    return costs_of({place: median(times) for place, times in taken.items()})


def cpu_seconds(call: Callable[[], object]) -> float:
    """CPU seconds of this process in one call."""
    before = time.process_time()
    call()
    return time.process_time() - before


def costs_of(taken: Mapping[tuple[str, str], float]) -> dict[str, Cost]:
    """From the milliseconds of each measure of each name."""
    costs = {}
    for name in dict.fromkeys(name for name, _ in taken):
        batch = taken.get((name, "batched"))
        costs[name] = Cost(
            taken[name, "whole"],
            taken.get((name, "network")),
            None if batch is None else batch / BATCH,
        )
    return costs


def _embedding(embedder: Embedder, pictures: Sequence[bytes]) -> Callable[[], object]:
    turns = cycle(pictures)
    return lambda: embedder.embed([Picture(next(turns))])


def _bare(network: Network) -> Callable[[], object]:
    """The graph alone, on one thread, as the embedder runs it."""
    assert network.toml is not None
    assert network.file is not None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        network.toml.parent / network.file.file, options, providers=["CPUExecutionProvider"]
    )
    side, (given,) = network.file.preprocessing.size, session.get_inputs()
    pixels = np.random.default_rng(0).standard_normal((1, 3, side, side), np.float32)
    return lambda: session.run(None, {given.name: pixels})


def _resnet(pictures: Sequence[bytes]) -> dict[tuple[str, str], Callable[[], object]]:
    """As tutorials write it; weights are random, which costs the same."""
    import torch
    from torchvision import models, transforms

    torch.set_num_threads(1)
    network = models.resnet50(weights=None).eval()
    network.fc = torch.nn.Identity()
    prepare = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    turns = cycle(pictures)
    one, several = torch.randn(1, 3, 224, 224), torch.randn(BATCH, 3, 224, 224)

    def run(pixels: "torch.Tensor") -> object:
        with torch.inference_mode():
            return network(pixels)

    def whole() -> object:
        return run(prepare(Image.open(io.BytesIO(next(turns))).convert("RGB"))[None])

    return {
        (RESNET, "whole"): whole,
        (RESNET, "network"): lambda: run(one),
        (RESNET, "batched"): lambda: run(several),
    }
