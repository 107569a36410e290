"""The judges together: each factor by features that can see it."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageFilter

from embedder.evaluation.baselines import HsvHistogram
from embedder.evaluation.exchange import FACTORS
from embedder.evaluation.images import Levels, features
from embedder.evaluation.judges import LEAST, Judge, fit, texture_of
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import Floats
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Embedder, Vector
from snapmode.settings import Pictures

BLURS = (0, 1, 2)
"""Pixels of Gaussian blur: decoded pictures are soft, and a judge of sharp ones alone is lost."""


class Court:
    """A judge for each factor, on the features it looks at."""

    def __init__(self) -> None:
        kinds: Embedder = OnnxEmbedder("lite0", threads=1)
        self._eyes: Mapping[str, Embedder] = {"lite0": kinds, "hsv": HsvHistogram(Pictures())}
        self.looks = {"shape": "lite0", "colour": "hsv", "texture": "lite0"}
        self.judges: dict[str, Judge] = {}

    def seen(self, pictures: Levels) -> dict[str, Vector]:
        """Name of the features → (n, dim)."""
        return {name: features(eye, pictures) for name, eye in self._eyes.items()}

    def learn(self, pictures: Levels, words: Mapping[str, Sequence[str]]) -> None:
        """Train the judges on the pictures and on blurred copies of them."""
        copies = [self.seen(blurred(pictures, radius)) for radius in BLURS]
        for factor in FACTORS:
            rows = np.concatenate([copy[self.looks[factor]] for copy in copies])
            self.judges[factor] = fit(rows, [*words[factor]] * len(BLURS), LEAST * len(BLURS))

    def probabilities(self, pictures: Levels) -> dict[str, Floats]:
        """Factor → (n, words of its judge)."""
        seen = self.seen(pictures)
        return {
            name: one.probabilities(seen[self.looks[name]]) for name, one in self.judges.items()
        }


def words_of(items: Sequence[Item]) -> dict[str, list[str]]:
    """Factor → word of each item, "" where there is none."""
    return {
        "shape": [item.label("articleType") for item in items],
        "colour": [item.label("baseColour") for item in items],
        "texture": [texture_of(item.label("title")) for item in items],
    }


def blurred(pictures: Levels, radius: float) -> Levels:
    """The same, softer."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(picture).filter(blur)) for picture in pictures])
