"""Small ONNX files, written field by field: the default suite has no package that makes them.

Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

FLOAT, INT64 = 1, 7
Shape = Sequence[int | str]


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _block(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _tensor(name: str, array: np.ndarray) -> bytes:
    kind = INT64 if array.dtype == np.int64 else FLOAT
    dims = b"".join(_number(1, size) for size in array.shape)
    return dims + _number(2, kind) + _block(8, name) + _block(9, array.tobytes())


def _value(name: str, shape: Shape, kind: int = FLOAT) -> bytes:
    sizes = (_number(1, s) if isinstance(s, int) else _block(2, s) for s in shape)
    dims = b"".join(_block(1, size) for size in sizes)
    return _block(1, name) + _block(2, _block(1, _number(1, kind) + _block(2, dims)))


def onnx_bytes(
    nodes: Sequence[tuple[str, Sequence[str], str]],
    inputs: Mapping[str, Shape],
    outputs: Mapping[str, Shape],
    constants: Mapping[str, np.ndarray] | None = None,
) -> bytes:
    """`nodes`: operator, names of its inputs, name of its output."""
    graph = _block(2, "by hand")
    for operator, given, made in nodes:
        names = b"".join(_block(1, name) for name in given)
        graph += _block(1, names + _block(2, made) + _block(4, operator))
    for name, array in (constants or {}).items():
        graph += _block(5, _tensor(name, array))
    for name, shape in inputs.items():
        graph += _block(11, _value(name, shape))
    for name, shape in outputs.items():
        graph += _block(12, _value(name, shape))
    return _number(1, 8) + _block(7, graph) + _block(8, _number(2, 17))


def write_model(folder: Path, data: bytes, toml: str) -> Path:
    """The file and a model.toml of 8 × 8 pixels; `toml` is its first lines and further tables."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.onnx").write_bytes(data)
    head, *tables = toml.split("\n[")
    text = f"""
name = "own"
file = "own.onnx"
sha256 = "{hashlib.sha256(data).hexdigest()}"
licence = "MIT"
{head}
"""
    text += "".join(f"\n[{table}" for table in tables)
    if "[preprocessing]" not in text:
        text += "\n[preprocessing]\n" + PIXELS
    path = folder / "model.toml"
    path.write_text(text)
    return path


PIXELS = "size = 8\nmean = [0.5, 0.5, 0.5]\nstd = [0.5, 0.5, 0.5]\n"
