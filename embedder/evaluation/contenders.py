"""What `--model` may say: a model, a part of one, a baseline, or two of them mixed.

lite0           a model under configs/models/, or the path of a model.toml
lite0:colour    its part of that name alone
hsv, raw        baselines (see `embedder.evaluation.baselines`)
lite0+hsv@0.45  both: similarity = 0.55 × that of lite0 + 0.45 × that of hsv
lite0+hsv       the same at every weight from 0.05 to 0.95, of which the best is reported
"""

from dataclasses import dataclass
from pathlib import Path

from embedder.evaluation.baselines import BASELINES
from snapmode.errors import ConfigError

WEIGHTS = tuple(step / 20 for step in range(1, 20))
"""Tried for a mix that names none."""


@dataclass(frozen=True, slots=True)
class Term:
    """One embedder, or a part of it."""

    model: str
    part: str | None = None

    def __str__(self) -> str:
        return f"{self.model}:{self.part}" if self.part else self.model


@dataclass(frozen=True, slots=True)
class Contender:
    """What is judged under one name."""

    name: str
    terms: tuple[Term, ...]
    """One, or the two of a mix."""
    weight: float | None = None
    """Of the second term; None: the best of WEIGHTS."""

    def weights(self, second: float) -> tuple[float, ...]:
        """Of the terms, which sum to 1."""
        return (1 - second, second) if len(self.terms) > 1 else (1.0,)


def parse(text: str, part: str | None = None) -> Contender:
    """What a `--model` says; `part` is taken of every model that names none of its own."""
    if text and Path(text).exists():
        return Contender(text, (Term(text, part),))
    mix, _, weight = text.partition("@")
    names = mix.split("+")
    if len(names) > 2 or (weight and len(names) < 2) or not all(names):
        raise ConfigError(f"--model {text}: give NAME, NAME:PART, NAME+NAME or NAME+NAME@WEIGHT")
    terms = tuple(_term(name, part) for name in names)
    return Contender(text, terms, _weight(text, weight) if weight else None)


def _term(text: str, part: str | None) -> Term:
    name, _, own = text.partition(":")
    if name in BASELINES:
        if own:
            raise ConfigError(f"--model {text}: {name} has no parts")
        return Term(name)
    return Term(name, own or part)


def _weight(text: str, weight: str) -> float:
    try:
        value = float(weight)
    except ValueError as error:
        raise ConfigError(f"--model {text}: {weight!r} is not a number") from error
    if not 0 < value < 1:
        raise ConfigError(f"--model {text}: the weight must be between 0 and 1, not {weight}")
    return value
