"""The filterable fields of a row for Milvus, and a `Filter` as an expression on them.

They lie in one JSON field: a number as it is, words as lists of digests, for Milvus Lite and the
server read quoted text differently.
"""

from collections.abc import Collection, Iterable, Mapping

from snapmode.filters import Filter, Range
from snapmode.items import Value, digest

FIELD = "filters"
"""Name of the JSON field."""
EVERYTHING = "version >= 0"
NOTHING = "version < 0"
OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def filterable(attributes: Mapping[str, Value]) -> dict[str, float | list[str]]:
    """What the JSON field holds."""
    return {name: _kept(value) for name, value in attributes.items()}


def expression(filter: Filter | None) -> str:
    """What a row must meet; an empty filter is met by all."""
    asked = filter or Filter()
    parts = [
        *(_words(name, words) for name, words in asked.words.items()),
        *(_range(name, bounds) for name, bounds in asked.ranges.items()),
        *(_numbers(name, numbers) for name, numbers in asked.numbers.items()),
    ]
    return " and ".join(f"({part})" for part in parts) or EVERYTHING


def one_of(field: str, texts: Collection[str]) -> str:
    """What a text field must be."""
    return f"{field} in [{', '.join(map(_quoted, texts))}]"


def id_ranges(number: int) -> list[str]:
    """At least so many ranges that together hold every id, in order; alike for hexadecimal ids."""
    digits = 0
    while 16**digits < number:
        digits += 1
    edges = [f"{edge:0{digits}x}" for edge in range(1, 16**digits)]
    starts = [EVERYTHING, *(f'id >= "{edge}"' for edge in edges)]
    ends = [*(f'id < "{edge}"' for edge in edges), EVERYTHING]
    return [f"{start} and {end}" for start, end in zip(starts, ends, strict=True)]


def _quoted(text: str) -> str:
    # No \u: Milvus Lite doesn't know it.
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _kept(value: Value) -> float | list[str]:
    if isinstance(value, float):
        return value
    return [digest(word) for word in (value if isinstance(value, tuple) else (value,))]


def _words(name: str, words: Iterable[str]) -> str:
    listed = ", ".join(f'"{digest(word)}"' for word in sorted(words))
    return f'json_contains_any({FIELD}["{name}"], [{listed}])' if listed else NOTHING


def _range(name: str, bounds: Range) -> str:
    limits = {bound: getattr(bounds, bound) for bound in OPERATORS}
    parts = [
        f'{FIELD}["{name}"] {OPERATORS[bound]} {limit!r}'
        for bound, limit in limits.items()
        if limit is not None
    ]
    return " and ".join(parts) or f'exists {FIELD}["{name}"]'


def _numbers(name: str, numbers: Iterable[float]) -> str:
    parts = [f'{FIELD}["{name}"] == {number!r}' for number in sorted(numbers)]
    return " or ".join(parts) or NOTHING
