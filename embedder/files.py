"""Vectors of picture files: from paths or a manifest, to rows in order."""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.ingest import embed_each
from snapmode.ports import Box, Embedder, Picture, Vector

BATCH = 64
"""Files in memory at once."""


def read_manifest(file: Path) -> list[Path]:
    """The pictures of a CSV, in its order: its column `image`, relative to the CSV or absolute."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            columns = table.fieldnames or []
            if "image" not in columns:
                raise ConfigError(f"{file}: no column `image`; it has {', '.join(columns)}")
            return [file.parent / (row["image"] or "") for row in table]
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not a CSV in UTF-8: {error}") from error


def embed_files(
    embedder: Embedder, paths: Sequence[Path], boxes: Sequence[Box | None] | None = None
) -> Iterator[Vector | RejectedError]:
    """For each file, in order, its vector or why there is none; read as they are asked for.

    `boxes`: the part that is meant of each; None is the whole of every picture.
    """
    files = list(zip(paths, boxes or [None] * len(paths), strict=True))
    for start in range(0, len(files), BATCH):
        read = [_read(path, box) for path, box in files[start : start + BATCH]]
        pictures = [picture for picture in read if isinstance(picture, Picture)]
        vectors = iter(embed_each(embedder, pictures))
        for item in read:
            yield item if isinstance(item, RejectedError) else next(vectors)


def _read(path: Path, box: Box | None) -> Picture | RejectedError:
    try:
        return Picture(path.read_bytes(), box)
    except OSError as error:
        return RejectedError(f"can't be read: {error.strerror}")


def choose_part(embedder: Embedder, part: str | None) -> Callable[[Vector], Vector]:
    """What takes a vector to the unit block of a part; None is the whole vector."""
    if part is None:
        return lambda vector: vector
    if part not in embedder.parts:
        raise ConfigError(
            f"--part {part}: {embedder.name} has no such part; it has {', '.join(embedder.parts)}"
        )
    block = embedder.parts[part]
    return lambda vector: vector[block] / np.linalg.norm(vector[block])


class NpyFile:
    """A float32 matrix written row by row; it appears under its name when it is complete.

    A context manager: leaving it by an error removes what was written.
    """

    def __init__(self, file: Path, rows: int, dim: int) -> None:
        self._file = file
        self._part = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            self._out = self._part.open("wb")
        except OSError as error:
            raise ConfigError(f"{file}: can't be written: {error.strerror}") from error
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows, dim)}
        np.lib.format.write_array_header_1_0(self._out, header)

    def append(self, row: Vector) -> None:
        """The next row; `TransientError` when the disk takes no more."""
        with _writing(self._file):
            self._out.write(row.astype("<f4").tobytes())

    def __enter__(self) -> "NpyFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        written = False
        try:
            with _writing(self._file), self._out:
                self._out.flush()
                os.fsync(self._out.fileno())
            written = kind is None
        finally:
            if written:
                self._part.replace(self._file)
            else:
                self._part.unlink()


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TransientError(f"{file}: can't be written: {error.strerror}") from error
