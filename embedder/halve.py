"""Weights in half the bytes: 16-bit floats in the files, computed with as 32-bit ones.

A weight loses a part in 2,000 at most, far less than what int8 takes; what few numbers there are of
(biases, norms, statistics) keep theirs.
"""

from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from embedder.training.checkpoint import load_weights, save_checkpoint

FEW = 2048
"""Values of a tensor that is left as it is."""


def halve_checkpoint(file: Path, out: Path) -> None:
    """Write the checkpoint with its matrices and kernels as float16."""
    checkpoint, weights = load_weights(file)
    halved = {
        name: array.astype(np.float16) if array.dtype == np.float32 and array.ndim > 1 else array
        for name, array in weights.items()
    }
    save_checkpoint(out, checkpoint, halved)


def halve_onnx(file: Path) -> None:
    """Store large weights as float16, each with a cast that is folded away when it is loaded."""
    model = onnx.load(file)
    graph = model.graph
    casts = []
    for weight in graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype != np.float32 or array.size <= FEW:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, file)
