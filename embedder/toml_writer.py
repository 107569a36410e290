"""TOML of what a model.toml holds: strings, numbers, lists and tables."""

import json
import re
from collections.abc import Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(table: Mapping[str, Any], path: str = "") -> str:
    """For strings, numbers, lists of them and booleans JSON's notation is TOML's."""
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    plain = {key: value for key, value in table.items() if key not in inner}
    lines = [
        f"{_key(key)} = {json.dumps(value, ensure_ascii=False, allow_nan=False)}\n"
        for key, value in plain.items()
    ]
    head = [f"\n[{path}]\n"] if path else []
    return "".join(
        [
            *head,
            *lines,
            *(as_toml(value, f"{path}.{_key(key)}".strip(".")) for key, value in inner.items()),
        ]
    )


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)
