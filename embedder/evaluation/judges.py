"""What a picture's colour, kind or texture is called, by classifiers that no generator has taught.

Logistic regression over fixed features: few hundred pictures train it, and it says how likely each
word is, so that a picture between two products can be seen to be between them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embedder.evaluation.metrics import Floats
from snapmode.errors import ConfigError
from snapmode.ports import Vector

LEAST = 10
"""Pictures of a word, below which it is not judged."""
STRENGTH = 0.1
"""How strongly weights are held back; from 0.001 to 0.1 it moved the accuracies by few points."""
STEPS = 400

_PATTERNED = re.compile(r"\b(strip\w*|check\w*|print\w*|polka\w*|floral\w*|graphic\w*)\b", re.I)
_PLAIN = re.compile(r"\b(solid|plain)\b", re.I)


@dataclass(frozen=True, slots=True)
class Judge:
    """Rows of features to the probability of each word."""

    words: tuple[str, ...]
    """In the order of the alphabet."""
    mean: Floats
    scale: float
    weights: Floats
    """(dim + 1, words); the last row is for the constant."""

    def probabilities(self, rows: Vector) -> Floats:
        """(n, dim) → (n, words); a row sums to 1."""
        return _softmax(_input(rows, self.mean, self.scale) @ self.weights)

    def known(self, words: Sequence[str]) -> list[int]:
        """Position of each in `words`, -1 where this judge knows no such word."""
        places = {word: place for place, word in enumerate(self.words)}
        return [places.get(word, -1) for word in words]


def fit(rows: Vector, words: Sequence[str], least: int = LEAST) -> Judge:
    """Of (n, dim) rows and a word for each; "" and words of fewer than `least` rows are left out.

    `ConfigError` when fewer than two words are left.
    """
    counts = Counter(word for word in words if word)
    names = tuple(sorted(word for word, count in counts.items() if count >= least))
    if len(names) < 2:
        raise ConfigError(
            f"a judge needs {least} pictures of each of two words or more; there are "
            f"{dict(counts.most_common(3))}"
        )
    chosen = [place for place, word in enumerate(words) if word in names]
    seen = np.asarray(rows[chosen], np.float64)
    mean = seen.mean(axis=0)
    scale = float(seen.std(axis=0).mean()) or 1.0
    truth = np.eye(len(names))[[names.index(words[place]) for place in chosen]]
    return Judge(names, mean, scale, _trained(_input(seen, mean, scale), truth))


def texture_of(title: str) -> str:
    """`patterned` or `plain`, as a product's title says; "" when it says neither."""
    if _PATTERNED.search(title):
        return "patterned"
    return "plain" if _PLAIN.search(title) else ""


def _input(rows: Vector | Floats, mean: Floats, scale: float) -> Floats:
    there: Floats = (rows - mean) / scale
    return np.hstack([there, np.ones((len(there), 1))])


def _trained(rows: Floats, truth: Floats) -> Floats:
    """Weights of least cross-entropy, by Nesterov's accelerated descent; the problem is convex.

    They lie in the span of the rows, so there are never more numbers to find than rows.
    """
    if len(rows) < rows.shape[1]:
        across, upper = np.linalg.qr(rows.T)
        found: Floats = across @ _trained(upper.T, truth)
        return found
    steepest = np.linalg.norm(rows, 2) ** 2 / 2 / len(rows) + STRENGTH
    weights = ahead = np.zeros((rows.shape[1], truth.shape[1]))
    for step in range(STEPS):
        slope = rows.T @ (_softmax(rows @ ahead) - truth) / len(rows) + STRENGTH * ahead
        before, weights = weights, ahead - slope / steepest
        ahead = weights + step / (step + 3) * (weights - before)
    return weights


def _softmax(scores: Floats) -> Floats:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    found: Floats = shares / shares.sum(axis=1, keepdims=True)
    return found
