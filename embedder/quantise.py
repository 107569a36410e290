"""Static int8 of an ONNX model, calibrated on pictures; needs the `train` extra.

Weights get a scale per channel, maps one each. What decides by small differences (heads, colour
statistics) stays in float32: it costs nothing beside the convolutions.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

Pixels = npt.NDArray[np.float32]
MAPS = ("Conv", "Add", "Clip", "Relu", "LeakyRelu", "MaxPool", "Concat")
"""Operations on maps that ONNX Runtime computes in int8; all others stay in float."""


class _Pictures(CalibrationDataReader):
    def __init__(self, pictures: Iterable[Pixels], name: str) -> None:
        self._left = iter(pictures)
        self._name = name

    def get_next(self) -> dict[str, Pixels] | None:
        pixels = next(self._left, None)
        return None if pixels is None else {self._name: pixels}


def write_int8(
    f32: Path, int8: Path, pictures: Iterable[Pixels], float_modules: Sequence[str]
) -> None:
    """`pictures`: inputs (n, 3, s, s); `float_modules`: submodules that stay as they are."""
    with TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(f32, prepared, skip_symbolic_shape=True)
        graph = onnx.load(prepared).graph
        quantize_static(
            prepared,
            int8,
            _Pictures(pictures, graph.input[0].name),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(MAPS),
            nodes_to_exclude=[n.name for n in graph.node if _belongs(n.name, float_modules)],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            calibrate_method=CalibrationMethod.MinMax,
        )


def _belongs(node: str, modules: Sequence[str]) -> bool:
    """Whether it is inside one of them, or in none: nodes are named `/attention/Conv`."""
    outside = node.count("/") < 2  # what puts rows together, after all modules
    return outside or any(f"/{module}/" in node or f"/{module}." in node for module in modules)
