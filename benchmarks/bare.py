"""What a person writes without us: Pillow, ONNX Runtime and faiss, called directly."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

MODEL = Path(__file__).resolve().parent.parent / "configs" / "models" / "lite0" / "model.onnx"
SIDE = 224


class BareEmbedder:
    """The committed model in a plain ONNX Runtime session.

    By default its threads spin while they wait, which takes the cores from whoever works next;
    without spinning a lone picture followed by a search is quicker, a long loop is slower.
    """

    def __init__(self, *, spinning: bool = True, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads  # 0: one per core
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spinning)))
        self.session = onnxruntime.InferenceSession(
            str(MODEL), options, providers=["CPUExecutionProvider"]
        )
        self.input = self.session.get_inputs()[0].name

    def embed(self, pictures: Sequence[bytes]) -> Any:
        """float32 (len(pictures), dim)."""
        batch = np.stack([decoded(picture) for picture in pictures])
        return self.session.run(None, {self.input: batch})[0]


def decoded(data: bytes) -> Any:
    """Letterboxed float32 (3, 224, 224), normalised as EfficientNet-lite wants it."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    image.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC)
    square = Image.new("RGB", (SIDE, SIDE), "white")
    square.paste(image, ((SIDE - image.width) // 2, (SIDE - image.height) // 2))
    pixels = (np.asarray(square, np.float32) / 255 - 0.498) / 0.502
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))
