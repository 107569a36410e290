"""A checkpoint of a network that does not exist, for what never builds it."""

import numpy as np

from embedder.model_file import Preprocessing
from embedder.training.checkpoint import Checkpoint

HEADER = Checkpoint(
    name="mine",
    network="dcgan",
    settings={"size": 64, "weights": {"shape": 0.5}},
    preprocessing=Preprocessing(size=64, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
    parts={"shape": (0, 3), "colour": (3, 4)},
    licence="Apache-2.0",
    data="0" * 64,
    metrics={"recall@1": 0.5},
    code="abc",
    step=7,
)
WEIGHTS = {
    "trunk.0.weight": np.arange(6, dtype=np.float32).reshape(2, 3).T,  # not in C order
    "steps": np.array(3),
    "flags": np.array([True, False]),
}
