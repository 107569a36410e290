"""Checkpoints: one `.safetensors` file of weights whose header says what they are.

The format holds numbers and strings only, so that loading a stranger's file runs nothing of theirs;
no pickle is read or written anywhere. Reading needs numpy, not torch.
"""

import hashlib
import json
import os
import struct
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from subprocess import DEVNULL, PIPE, run
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from embedder.model_file import Name, Parts, Preprocessing, Sha256
from embedder.whole_file import whole_file
from snapmode.errors import ConfigError
from snapmode.settings import Table, checked

Arrays = Mapping[str, npt.NDArray[Any]]
KEY = "snapmode"
"""Of the file's metadata: JSON of a `Checkpoint`."""
STATE = "snapmode_state"
"""Of a resume file's metadata: JSON whose `{"array": name}` stand for its tensors."""


class Checkpoint(Table):
    """What a checkpoint's header says of its weights."""

    name: Name
    """Of the model; it becomes the first half of what its vectors are known by."""
    network: str
    """A name of `embedder.networks.registry`."""
    settings: dict[str, Any]
    """Of the network."""
    preprocessing: Preprocessing
    parts: Parts
    licence: str
    data: str = ""
    """sha256 of the manifests and the pictures' names and sizes it was trained on; "" is none."""
    metrics: dict[str, float] = Field(default_factory=dict)
    """On the validation data, at this step."""
    code: str = ""
    """Git commit or version of the code that trained it."""
    step: Annotated[int, Field(ge=0)] = 0

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return max(stop for _, stop in self.parts.values())


def save_checkpoint(file: Path, checkpoint: Checkpoint, weights: Arrays) -> str:
    """Write the file, whole or not at all; returns its sha256. The same content, the same bytes."""
    _write(file, weights, {KEY: checkpoint.model_dump_json()})
    return sha256_of(file)


def read_checkpoint(file: Path, sha256: Sha256 | None = None) -> Checkpoint:
    """What the header says; `ConfigError` when it is no checkpoint or its hash is another."""
    return _described(file, _metadata(_verified(file, sha256), file))


def load_weights(
    file: Path, sha256: Sha256 | None = None
) -> tuple[Checkpoint, dict[str, npt.NDArray[Any]]]:
    """The header and the weights as arrays; the bytes that were hashed are those that are read."""
    data = _verified(file, sha256)
    return _described(file, _metadata(data, file)), _arrays(data, file)


def sha256_of(file: Path) -> str:
    """Of a file's bytes, in hex; `ConfigError` when it can't be read."""
    return hashlib.sha256(_read(file)).hexdigest()


def as_arrays(state: Mapping[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """A `state_dict()` of torch as arrays on the CPU, bfloat16 and float16 widened to float32."""
    return {name: _array(tensor) for name, tensor in state.items()}


# ------------------------------------------------------------------ resuming


def resume_file(file: Path) -> Path:
    """Beside a checkpoint: the state of optimisers, schedules and random numbers."""
    return file.with_name(f"{file.stem}.resume.safetensors")


def save_resume(file: Path, state: Mapping[str, Any]) -> None:
    """Write `resume_file(file)`: nested dicts, lists, tuples, numbers, strings, None and tensors.

    `optimiser.state_dict()`, `random.getstate()` and numpy's `bit_generator.state` are such.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    text = json.dumps(_packed(dict(state), arrays))
    _write(resume_file(file), arrays, {STATE: text})


def load_resume(file: Path) -> dict[str, Any]:
    """What `save_resume` was given, with arrays (copies) in place of tensors."""
    path = resume_file(file)
    data = _read(path)
    metadata = _metadata(data, path)
    if STATE not in metadata:
        raise ConfigError(f"{path}: no state to resume from")
    state: dict[str, Any] = _unpacked(json.loads(metadata[STATE]), _arrays(data, path))
    return state


def _packed(value: Any, arrays: dict[str, npt.NDArray[Any]]) -> Any:
    """As JSON; a dict as pairs, because its keys may be numbers (those of an optimiser are)."""
    if isinstance(value, Mapping):
        return {"dict": [[key, _packed(inner, arrays)] for key, inner in value.items()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(inner, arrays) for inner in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    name = f"array{len(arrays)}"
    arrays[name] = _array(value)
    return {"array": name}


def _unpacked(value: Any, arrays: Arrays) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "array":
        return arrays[inner]
    if kind == "dict":
        return {key: _unpacked(item, arrays) for key, item in inner}
    items = [_unpacked(item, arrays) for item in inner]
    return tuple(items) if kind == "tuple" else items


# ------------------------------------------------------------------ which code


@lru_cache(maxsize=1)
def code_version() -> str:
    """The git commit this file is of (`+` behind it: with changes), else the package's version."""
    here = Path(__file__).parent
    commit = _git(here, "rev-parse", "HEAD")
    if commit:
        changed = _git(here, "status", "--porcelain", "--untracked-files=no")
        return commit + ("+" if changed else "")
    try:
        return version("snapmode")
    except PackageNotFoundError:
        return "unknown"


def _git(folder: Path, *words: str) -> str:
    command = ["git", *words]
    try:
        done = run(command, cwd=folder, stdout=PIPE, stderr=DEVNULL, check=False)  # noqa: S603 - no input of anybody's
    except FileNotFoundError:
        return ""
    return done.stdout.decode().strip() if done.returncode == 0 else ""


# ------------------------------------------------------------------ the file


def _write(file: Path, arrays: Arrays, metadata: dict[str, str]) -> None:
    from safetensors.numpy import save

    # It writes the memory as it lies, whatever the strides say.
    in_order = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    with whole_file(file) as part, part.open("wb") as out:
        out.write(save(in_order, metadata))
        out.flush()
        os.fsync(out.fileno())


def _array(tensor: Any) -> npt.NDArray[Any]:
    """In memory of its own; a number stays a number (`ascontiguousarray` makes it a row)."""
    if isinstance(tensor, np.ndarray):
        return tensor.copy(order="C")
    on_cpu = tensor.detach().cpu()
    if on_cpu.is_floating_point() and on_cpu.element_size() < 4:
        on_cpu = on_cpu.float()
    array: npt.NDArray[Any] = on_cpu.numpy().copy(order="C")
    return array


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error


def _verified(file: Path, sha256: Sha256 | None) -> bytes:
    data = _read(file)
    if sha256 is not None and (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise ConfigError(f"{file}: its sha256 is {found}, not {sha256}: these are other weights")
    return data


def _arrays(data: bytes, file: Path) -> dict[str, npt.NDArray[Any]]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return {name: array.copy() for name, array in load(data).items()}
    except (SafetensorError, KeyError) as error:
        raise ConfigError(f"{file}: not a safetensors file: {error}") from error


def _metadata(data: bytes, file: Path) -> dict[str, str]:
    """The header's strings. The file starts with the header's length and its JSON."""
    try:
        (length,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + length])
        return dict(header.get("__metadata__", {}))
    except (struct.error, ValueError, AttributeError) as error:
        raise ConfigError(f"{file}: not a safetensors file: {error}") from error


def _described(file: Path, metadata: Mapping[str, str]) -> Checkpoint:
    if KEY not in metadata:
        raise ConfigError(f"{file}: weights without a description: not a checkpoint of SnapMode")
    return checked(Checkpoint, json.loads(metadata[KEY]), file)
