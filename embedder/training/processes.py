"""One process, or several that train together (`torchrun`), on GPUs where there are any."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
from torch import distributed, nn

T = TypeVar("T")
PATIENCE = timedelta(hours=12)
"""How long others wait while the first process decodes pictures or validates."""


@dataclass(frozen=True)
class Processes:
    """One process among all that train."""

    rank: int
    count: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this one writes, validates and reports."""
        return self.rank == 0

    def average(self, parameters: list[nn.Parameter]) -> None:
        """Gradients become their mean over the processes; one that has none counts as zero."""
        if self.count == 1:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        flat = torch.cat([parameter.grad.flatten() for parameter in parameters])
        distributed.all_reduce(flat)
        flat /= self.count
        start = 0
        for parameter in parameters:
            stop = start + parameter.numel()
            parameter.grad.copy_(flat[start:stop].view_as(parameter))
            start = stop

    def agree(self, network: nn.Module) -> None:
        """All weights and statistics become those of the first process."""
        if self.count > 1:
            for tensor in network.state_dict().values():
                distributed.broadcast(tensor, 0)

    def after_first(self, make: Callable[[], T]) -> T:
        """What `make` gives; the first process makes it before the others do."""
        made = make() if self.first else None
        self.told(value=True)
        return make() if made is None else made

    def told(self, value: bool) -> bool:
        """What the first process says."""
        if self.count == 1:
            return value
        flag = torch.tensor(int(value), device=self.device)
        distributed.broadcast(flag, 0)
        return bool(flag)


M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""Of glibc's malloc.h."""


def keep_memory() -> None:
    """Memory that a tensor leaves is kept for the next one, where the C library is glibc.

    It gives large blocks back at once, and the kernel clears every page that is asked for again:
    with batches of 80 pictures that took 1.7 times what the early blocks of a network took.
    """
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_MMAP_MAX, 0)
            mallopt(M_TRIM_THRESHOLD, -1)


@contextmanager
def joined(cpu: bool = False) -> Iterator[Processes]:
    """What `torchrun` says of this process, on its GPU if it has one and `cpu` is not asked for."""
    gpu = torch.cuda.is_available() and not cpu
    local = int(os.environ.get("LOCAL_RANK", "0"))
    device = torch.device("cuda", local) if gpu else torch.device("cpu")
    if "WORLD_SIZE" not in os.environ:
        yield Processes(0, 1, device)
        return
    if gpu:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if gpu else "gloo", timeout=PATIENCE)
    try:
        yield Processes(distributed.get_rank(), distributed.get_world_size(), device)
    finally:
        distributed.destroy_process_group()
