"""The report of an interpolation, for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from embedder.evaluation.exchange import FACTORS
from embedder.evaluation.text import interval_text, table


def as_text(said: Mapping[str, Any]) -> str:
    """The judges, what each part moved, and by how much its own factor leads."""
    head = (
        f"{said['checkpoint']} ({said['network']}, step {said['step']}): {said['pairs']} pairs "
        f"of products, {said['steps']} steps"
    )
    blocks = [
        [head],
        table(_judges(said["judges"])),
        table(_moved(said["moved"])),
        table(_leads(said["leads"])) if said["leads"] else [],
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _judges(judges: Mapping[str, Any]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [
        ("judge of", "words", "pictures", "commonest word", "right, real", "right, drawn again")
    ]
    for factor, one in judges.items():
        counts = (str(len(one["words"])), str(one["pictures"]), f"{one['commonest_word']:.3f}")
        rows.append((factor, *counts, *(interval_text(one[of]) for of in ("real", "drawn_again"))))
    return rows


def _moved(moved: Mapping[str, Any]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("part that moves", *(f"moves {factor}" for factor in FACTORS))]
    for part, factors in moved.items():
        rows.append((part, *(_figure(factors[factor]) for factor in FACTORS)))
    return rows


def _leads(leads: Mapping[str, Any]) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("", "over the strongest other part", "over its other factors")]
    for factor, lead in leads.items():
        cells = (lead["over_other_parts"], lead["over_other_factors"])
        rows.append((factor, *(interval_text(cell, sign=True) if cell else "-" for cell in cells)))
    return rows


def _figure(entry: Mapping[str, Any]) -> str:
    return f"{interval_text(entry, sign=True)} of {entry['pairs']}" if entry["pairs"] else "-"
