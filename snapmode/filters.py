"""Filters: a JSON object, field → value, list of values, or range.

    {"brand": "Acme", "color": ["red", "blue"], "price": {"gte": 10, "lt": 50}}

All fields must match; a list matches when any of its values does. `parse_filter` is the one place
where bad filters are refused, so adapters only ever see a `Filter`.
"""

import json
import math
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from snapmode.errors import RejectedError
from snapmode.items import FIELD, FIELDS, Value

BOUNDS = ("gt", "gte", "lt", "lte")
FILTERABLE = tuple(info.name for info in FIELDS if info.filterable)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number; None is open."""

    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None

    def __contains__(self, number: float) -> bool:
        return (
            (self.gt is None or number > self.gt)
            and (self.gte is None or number >= self.gte)
            and (self.lt is None or number < self.lt)
            and (self.lte is None or number <= self.lte)
        )


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on filterable fields, all of which must hold. An empty one matches everything."""

    words: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """keyword field → accepted values."""
    ranges: Mapping[str, Range] = field(default_factory=dict)
    """number field → accepted range."""
    numbers: Mapping[str, frozenset[float]] = field(default_factory=dict)
    """number field → accepted values."""

    def __bool__(self) -> bool:
        return bool(self.words or self.ranges or self.numbers)

    @property
    def key(self) -> str:
        """The same text for equal filters: to cache by."""
        return repr(
            (
                sorted((name, sorted(words)) for name, words in self.words.items()),
                sorted((name, repr(bounds)) for name, bounds in self.ranges.items()),
                sorted((name, sorted(numbers)) for name, numbers in self.numbers.items()),
            )
        )


def matches(attributes: Mapping[str, Value], filter: Filter) -> bool:
    """Whether a product of these attributes (see `snapmode.items.attributes`) passes."""
    return (
        all(_any_word(attributes.get(name), words) for name, words in filter.words.items())
        and all(_number(attributes.get(name), bounds) for name, bounds in filter.ranges.items())
        and all(attributes.get(name) in numbers for name, numbers in filter.numbers.items())
    )


def _any_word(value: Value | None, words: Set[str]) -> bool:
    return any(word in words for word in value) if isinstance(value, tuple) else value in words


def _number(value: Value | None, bounds: Range) -> bool:
    return isinstance(value, float) and value in bounds


def parse_filter(raw: str | Mapping[str, Any] | None) -> Filter:
    """A filter from JSON text or an object; `RejectedError` names the field and what is wrong."""
    if raw is None or raw == "":
        return Filter()
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError as error:
            raise RejectedError(f"filter is not JSON: {error}") from error
    if not isinstance(raw, Mapping):
        raise RejectedError(f"filter must be a JSON object, not {type(raw).__name__}")
    words: dict[str, frozenset[str]] = {}
    ranges: dict[str, Range] = {}
    numbers: dict[str, frozenset[float]] = {}
    for name, condition in raw.items():
        if _kind(name) == "keyword":
            words[name] = _words(name, condition)
        elif isinstance(condition, Mapping):
            ranges[name] = _range(name, condition)
        else:
            values = condition if isinstance(condition, list) else [condition]
            numbers[name] = frozenset(_finite(name, value) for value in values)
    return Filter(words, ranges, numbers)


def _kind(name: str) -> str:
    info = FIELD.get(name)
    if info is None or not info.filterable:
        near = get_close_matches(str(name), FILTERABLE, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise RejectedError(
            f"filter: {name!r} can't be filtered on; {hint}filterable: {', '.join(FILTERABLE)}"
        )
    return info.kind


def _words(name: str, condition: object) -> frozenset[str]:
    values = condition if isinstance(condition, list) else [condition]
    for value in values:
        if not isinstance(value, str):
            raise RejectedError(f"filter: {name!r} takes a string or a list of strings")
    return frozenset(values)


def _range(name: str, condition: Mapping[str, Any]) -> Range:
    if not condition or any(bound not in BOUNDS for bound in condition):
        raise RejectedError(f"filter: {name!r} takes a range of {', '.join(BOUNDS)}")
    return Range(**{bound: _finite(name, value) for bound, value in condition.items()})


def _finite(name: str, value: object) -> float:
    # bool is an int in Python, but {"price": true} is a mistake, not a price of 1.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RejectedError(f"filter: {name!r} takes finite numbers, not {value!r}")
    return float(value)
