"""The judges together: each factor by features that can see it."""

from collections.abc import Mapping, Sequence

from embedder.evaluation.baselines import HsvHistogram
from embedder.evaluation.exchange import FACTORS
from embedder.evaluation.images import Levels, features
from embedder.evaluation.judges import Judge, fit, texture_of
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import Floats
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Embedder, Vector
from snapmode.settings import Pictures


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
        """Train the judges."""
        seen = self.seen(pictures)
        self.judges = {name: fit(seen[self.looks[name]], words[name]) for name in FACTORS}

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
