"""`Embedder` on ONNX Runtime, on the CPU."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from embedder.decode import decode
from embedder.model_file import ModelFile, find_model, load_model_file
from embedder.onnx_output import as_rows, check_input, check_rows
from embedder.preprocess import as_input, needed_side
from snapmode.errors import ConfigError
from snapmode.ports import Picture, Vector
from snapmode.settings import Pictures

if TYPE_CHECKING:
    import onnxruntime


class OnnxEmbedder:
    """A model of configs/models/, or any ONNX file with a `model.toml`.

    Pictures are independent: each thread takes one from its bytes to its vector in a session of
    one thread. On two cores this beat batches of 8 in a session of two threads, idle and loaded,
    and a vector can't depend on its batch. A lone picture gets a session of all threads instead.
    """

    def __init__(
        self,
        model: str = "lite0",
        limits: Pictures = Pictures(),  # noqa: B008 - frozen
        threads: int = 0,
    ) -> None:
        """`model`: a name under configs/models/, or a path; `threads`: 0 is one per core."""
        if threads < 0:
            raise ConfigError(f"threads must be 0 (one per core) or more, not {threads}")
        path = find_model(model)
        self._model = load_model_file(path)
        self._file = path.parent / self._model.file
        if not self._file.is_file():
            raise ConfigError(f"{path}: file: {self._file} does not exist")
        self._toml = path
        self._limits = limits
        self._threads = threads or usable_cores()
        self._lock = Lock()
        self._sessions: dict[int, onnxruntime.InferenceSession] = {}

    @property
    def name(self) -> str:
        """Of the model, with the hash of its source checkpoint and preprocessing."""
        return self._model.identity

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._model.dim

    @property
    def parts(self) -> Mapping[str, slice]:
        """Named blocks of a vector."""
        return self._model.slices

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        """float32 (len(pictures), dim), unit rows; `RejectedError` when one can't be read."""
        rows = np.empty((len(pictures), self.dim), np.float32)
        if len(pictures) == 1 or self._threads == 1:
            session = self._session(self._threads)
            for row, picture in zip(rows, pictures, strict=True):
                row[:] = self._vector(session, picture)
        elif pictures:
            session = self._session(1)
            vectors = self._pool.map(lambda picture: self._vector(session, picture), pictures)
            for row, vector in zip(rows, vectors, strict=True):
                row[:] = vector
        return rows

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._threads, "embed")

    def _vector(self, session: "onnxruntime.InferenceSession", picture: Picture) -> Vector:
        wanted = self._model.preprocessing
        pixels = as_input(decode(picture, self._limits, needed_side(wanted)), wanted)
        vector: Vector = as_rows(session, pixels, self._model)[0]
        return vector

    def _session(self, threads: int) -> "onnxruntime.InferenceSession":
        with self._lock:
            if threads not in self._sessions:
                self._sessions[threads] = _open(self._toml, self._model, self._file, threads)
            return self._sessions[threads]


def usable_cores() -> int:
    """Cores this process may use: fewer than the machine has, in a container or under taskset."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open(toml: Path, model: ModelFile, file: Path, threads: int) -> "onnxruntime.InferenceSession":
    import onnxruntime  # the shared library takes a while to load: only who embeds pays

    onnxruntime.disable_telemetry_events()  # nobody's pictures or machines are anybody's business
    data = file.read_bytes()
    if (found := hashlib.sha256(data).hexdigest()) != model.sha256:
        raise ConfigError(f"{toml}: sha256: {file} has {found}, not {model.sha256}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads take the cores from whoever shares the machine, our own decoding included.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ConfigError(
            f"{toml}: file: {file} is not a model ONNX Runtime can load: {error}"
        ) from error
    check_input(toml, model, session)
    check_rows(toml, model, session)
    return session
