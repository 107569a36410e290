"""Files of float32 rows, one per generation: `rows-<generation>.f32`, little-endian, row after row.

Rows are only ever appended. The file may be longer than its rows: how many count is for the owner
to know. Readers map it into memory, so processes share one copy and opening costs nothing.
"""

import mmap
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
"""float32 (rows, dim)."""
MIN_GROWTH = 1 << 20
"""Bytes a file grows by, at least: readers map it anew only when it has grown."""


class RowFiles:
    """The generations in one folder; every method may raise `OSError`."""

    def __init__(self, folder: Path, dim: int) -> None:
        self._folder = folder
        self._dim = dim

    def path(self, generation: int) -> Path:
        return self._folder / f"rows-{generation}.f32"

    def map(self, generation: int) -> Matrix:
        """(capacity, dim), read only: what is in the file now and, up to its length, will be."""
        with self.path(generation).open("rb") as file:
            rows = os.fstat(file.fileno()).st_size // (4 * self._dim)
            if rows == 0:
                return np.empty((0, self._dim), np.float32)
            mapped = mmap.mmap(file.fileno(), rows * 4 * self._dim, access=mmap.ACCESS_READ)
        return np.frombuffer(mapped, "<f4").reshape(rows, self._dim)

    def write(self, generation: int, start: int, blocks: Iterable[Matrix]) -> None:
        """Put blocks of rows at row `start` and after it, durably."""
        path = self.path(generation)
        is_new = not path.exists()
        with path.open("wb" if is_new else "r+b") as file:
            size = os.fstat(file.fileno()).st_size
            file.seek(start * 4 * self._dim)
            for block in blocks:
                file.write(np.ascontiguousarray(block, "<f4").data)
            file.flush()
            if file.tell() > size:
                file.truncate(file.tell() + max(MIN_GROWTH, file.tell() // 4))
            os.fsync(file.fileno())
        if is_new:
            self._sync()

    def remove(self, generation: int) -> None:
        """Forget one generation; who has mapped it keeps it until done."""
        self.path(generation).unlink(missing_ok=True)

    def remove_before(self, generation: int) -> None:
        """Forget all generations older than this one."""
        for path in self._folder.glob("rows-*.f32"):
            number = path.stem.removeprefix("rows-")
            if number.isdecimal() and int(number) < generation:
                path.unlink(missing_ok=True)

    def _sync(self) -> None:
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
