"""Embedders with a fault, for workers to be told to use."""

import os
import time
from collections.abc import Sequence

from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Picture, Vector

TIMES_SLOWER = 10
DEADLY = b"this picture kills"


class SlowEmbedder(OnnxEmbedder):
    """Takes ten times as long."""

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        start = time.monotonic()
        vectors = super().embed(pictures)
        time.sleep((TIMES_SLOWER - 1) * (time.monotonic() - start))
        return vectors


class MortalEmbedder(OnnxEmbedder):
    """Dies of a picture that has `DEADLY` in its bytes, as a bug in a decoder would make it."""

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        if any(DEADLY in picture.data for picture in pictures):
            os.abort()
        return super().embed(pictures)
