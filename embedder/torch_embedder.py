"""`Embedder` on torch: a checkpoint as it was trained, on a GPU if there is one.

Its vectors agree with those of the checkpoint's ONNX file within `CPU_BOUND` (largest difference of
a value) on the CPU, and within a cosine of `CUDA_BOUND` in bfloat16 on a GPU, so they may be mixed.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from embedder.decode import decode
from embedder.model_file import (
    Parts,
    Preprocessing,
    Sha256,
    find_model,
    identity,
    load_model_file,
    source_of,
)
from embedder.networks.registry import load_network
from embedder.onnx_embedder import usable_cores
from embedder.preprocess import as_input, needed_side
from embedder.training.checkpoint import read_checkpoint, sha256_of
from snapmode.errors import ConfigError
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures

if TYPE_CHECKING:
    import torch

LOGGER = logging.getLogger(__name__)
CPU_BOUND = 1e-4
CUDA_BOUND = 0.998
WARM_UP = 3
"""Runs before a CUDA graph is recorded: libraries choose their kernels in the first ones."""


class _Known(NamedTuple):
    """A checkpoint, and what its vectors are known by."""

    file: Path
    sha256: Sha256
    name: str
    preprocessing: Preprocessing
    parts: Parts


class _Forward(Protocol):
    def __call__(self, pixels: npt.NDArray[np.float32]) -> Vector:
        """(n, 3, s, s), at most a batch → (n, dim)."""


class TorchEmbedder:
    """A checkpoint (`.safetensors`), or the one that a `model.toml` names as its source."""

    def __init__(
        self,
        model: str,
        limits: Pictures = Pictures(),  # noqa: B008 - frozen
        device: Literal["auto", "cpu", "cuda"] = "auto",
        threads: int = 0,
        batch: int = 64,
    ) -> None:
        """`threads`: that decode, 0 is one per core; `batch`: pictures on a GPU at once."""
        if threads < 0 or batch < 1:
            raise ConfigError(f"threads {threads} must be 0 or more, batch {batch} 1 or more")
        self._known = _find(model)
        self._limits = limits
        self._device = device
        self._threads = threads or usable_cores()
        self._batch = batch
        self._lock = Lock()
        self._loaded: _Forward | None = None

    @property
    def name(self) -> str:
        """Of the model, with the hash of the checkpoint and its preprocessing."""
        return self._known.name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return max(stop for _, stop in self._known.parts.values())

    @property
    def parts(self) -> Mapping[str, slice]:
        """Named blocks of a vector."""
        return {name: slice(start, stop) for name, (start, stop) in self._known.parts.items()}

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        """float32 (len(pictures), dim), unit rows; `RejectedError` when one can't be read."""
        rows = np.empty((len(pictures), self.dim), np.float32)
        decoded = self._pool.map(self._pixels, pictures)  # goes on while the device computes
        done = 0
        for pixels in _batches(decoded, self._batch):
            with self._lock:  # a CUDA graph has one input and one output
                rows[done : done + len(pixels)] = self._forward(pixels)
            done += len(pixels)
        return rows

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "decode")

    def _pixels(self, picture: Picture) -> npt.NDArray[np.float32]:
        wanted = self._known.preprocessing
        return as_input(decode(picture, self._limits, needed_side(wanted)), wanted)

    @property
    def _forward(self) -> _Forward:
        if self._loaded is None:
            network, _ = load_network(self._known.file, self._known.sha256)
            self._loaded = _on_device(network, self._device, self._batch)
        return self._loaded


def _find(model: str) -> _Known:
    """By the header or the TOML alone: torch is not needed to know a model's name."""
    path = Path(model)
    if path.suffix == ".safetensors":
        sha256 = sha256_of(path)
        header = read_checkpoint(path, sha256)
        name = identity(header.name, sha256, header.preprocessing, header.parts)
        return _Known(path, sha256, name, header.preprocessing, header.parts)
    toml = find_model(model)
    described = load_model_file(toml)
    return _Known(
        *source_of(toml, described),
        described.identity,
        described.preprocessing,
        described.parts,
    )


def _batches(
    decoded: Iterator[npt.NDArray[np.float32]], size: int
) -> Iterator[npt.NDArray[np.float32]]:
    while chunk := list(islice(decoded, size)):
        yield np.concatenate(chunk)


def _on_device(network: Any, device: str, batch: int) -> _Forward:
    """On the GPU if it is wanted and works; else on the CPU, with a warning if it was asked for."""
    import torch

    if device != "cpu" and torch.cuda.is_available():
        try:
            return _CudaForward(network, batch)
        except RuntimeError as error:  # out of memory, a driver that is too old, …
            LOGGER.warning("The GPU can't be used, embedding goes on on the CPU: %s", error)
    elif device == "cuda":
        LOGGER.warning("There is no GPU that torch can use, embedding goes on on the CPU")
    return _CpuForward(network.float().cpu())


class _CpuForward:
    """float32, channels last, which is about 1.7 times as fast as channels first on the CPU."""

    def __init__(self, network: Any) -> None:
        import torch

        self._network = network.to(memory_format=torch.channels_last)

    def __call__(self, pixels: npt.NDArray[np.float32]) -> Vector:
        import torch

        with torch.inference_mode():
            given = torch.from_numpy(pixels).contiguous(memory_format=torch.channels_last)
            rows: Vector = self._network.embed(given).float().numpy()
        return rows


class _CudaForward:
    """bfloat16, channels last, as one recorded CUDA graph over pinned memory.

    The graph always runs a full batch, whose unused rows hold old pictures: one launch in place of
    hundreds, and the same kernels for a picture alone as for one among many.
    """

    def __init__(self, network: Any, batch: int) -> None:
        import torch

        side = network.preprocessing.size
        self._network = network.to("cuda", memory_format=torch.channels_last)
        self._pinned = torch.zeros((batch, 3, side, side), pin_memory=True)
        self._given = torch.zeros_like(self._pinned, device="cuda").contiguous(
            memory_format=torch.channels_last
        )
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                self._run()
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._rows = self._run()

    def _run(self) -> "torch.Tensor":
        import torch

        # Autocast may keep no copies of weights: a graph would go on reading freed memory.
        with (
            torch.inference_mode(),
            torch.autocast("cuda", torch.bfloat16, cache_enabled=False),
        ):
            rows: torch.Tensor = self._network.embed(self._given).float()
        return rows

    def __call__(self, pixels: npt.NDArray[np.float32]) -> Vector:
        import torch

        count = len(pixels)
        self._pinned[:count].copy_(torch.from_numpy(pixels))
        self._given[:count].copy_(self._pinned[:count], non_blocking=True)
        self._graph.replay()
        rows: Vector = self._rows[:count].cpu().numpy()
        return rows
