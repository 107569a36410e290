"""Pictures decoded once: a memory-mapped file of square crops, so that an epoch costs little CPU.

A crop is uint8 (side, side, 4): red, green, blue, and what belongs to the garment (255) or not (0).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from embedder.whole_file import whole_file
from snapmode.errors import ConfigError, RejectedError

Pixels = npt.NDArray[np.uint8]
REVISION = 1
"""Of the code that makes crops: raised when it makes other ones."""
SAVED_EVERY = 256
"""Crops between two notes of how far it is: what a kill may cost."""


@dataclass(frozen=True)
class Crops:
    """The crops of one source."""

    pixels: npt.NDArray[np.uint8]
    """(n, side, side, 4), memory-mapped, read only."""
    rejected: dict[int, str]
    """Number of a picture that can't be read → why; its crop is black."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process maps the file again: sent whole, it would be gigabytes."""
        if not isinstance(self.pixels, np.memmap):
            return Crops, (self.pixels, self.rejected)
        return _mapped, (self.pixels.filename, self.pixels.shape, self.rejected)


def _mapped(file: Path, shape: tuple[int, ...], rejected: dict[int, str]) -> Crops:
    return Crops(np.memmap(file, np.uint8, "r", shape=shape), rejected)


def open_crops(
    folder: Path,
    name: str,
    keys: Sequence[str],
    side: int,
    render: Callable[[int], Pixels],
    advance: Callable[[int], None] = lambda _: None,
) -> Crops:
    """The crops of the pictures named by `keys`, made by `render` where they are not there yet.

    A run that was killed goes on where it was. `advance` is told how many more are done.
    """
    if not keys:
        return Crops(np.empty((0, side, side, 4), np.uint8), {})  # no file can be mapped
    digest = hashlib.sha256(json.dumps([REVISION, side, *keys]).encode()).hexdigest()[:16]
    file = folder / f"{name}-{side}-{digest}.u8"
    state = _State(file.with_suffix(".json"))
    shape = (len(keys), side, side, 4)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if state.done < len(keys):
            _fill(file, shape, state, render, advance)
        else:
            advance(len(keys))
        return _mapped(file, shape, state.rejected)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{file}: can't be used as a cache: {error}") from error


class _State:
    """How far a file of crops is, beside it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        kept: dict[str, Any] = json.loads(file.read_text()) if file.is_file() else {}
        self.done: int = kept.get("done", 0)
        self.rejected = {int(number): why for number, why in kept.get("rejected", {}).items()}

    def save(self) -> None:
        with whole_file(self._file) as part:
            part.write_text(json.dumps({"done": self.done, "rejected": self.rejected}))


def _fill(
    file: Path,
    shape: tuple[int, ...],
    state: _State,
    render: Callable[[int], Pixels],
    advance: Callable[[int], None],
) -> None:
    pixels = np.memmap(file, np.uint8, "r+" if file.is_file() else "w+", shape=shape)
    advance(state.done)
    while state.done < shape[0]:
        stop = min(state.done + SAVED_EVERY, shape[0])
        for number in range(state.done, stop):
            try:
                pixels[number] = render(number)
            except RejectedError as error:
                state.rejected[number] = str(error)
            advance(1)
        pixels.flush()
        state.done = stop
        state.save()


def on_white(pixels: npt.NDArray[np.uint8], level: int = 236) -> npt.NDArray[np.bool_]:
    """What stands before the white page of a picture (h, w, 3): (h, w).

    The page is what a straight line of near-white leads to, from the left, right, top or bottom.
    """
    white = pixels.min(axis=2) >= level
    page = np.zeros_like(white)
    for axis in (0, 1):
        page |= np.logical_and.accumulate(white, axis=axis)
        back = np.logical_and.accumulate(np.flip(white, axis), axis=axis)
        page |= np.flip(back, axis)
    before: npt.NDArray[np.bool_] = ~page
    return before
