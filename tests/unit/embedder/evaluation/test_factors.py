"""Shares of a change, against the slow loop over pairs and against rows whose answer is known."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.evaluation.factors import Change, alike, change, unit_parts
from embedder.evaluation.manifest import Item
from snapmode.ports import Vector
from tests.unit.embedder.evaluation.points import item

FACTORS = ("shape", "colour", "texture")
PARTS = {"shape": slice(0, 6), "colour": slice(6, 9), "texture": slice(9, 13)}
Seeds = st.integers(0, 2**32 - 1)


def garments(families: int = 6) -> list[Item]:
    """Every one a first garment and two changes of each factor."""
    found = []
    for number in range(families):
        first = {name: f"{name}{number % 4}" for name in FACTORS}
        changed = [{**first, name: f"{name}{number % 4 + by}"} for name in FACTORS for by in (1, 2)]
        for place, labels in enumerate([first, *changed]):
            found.append(item(f"{number}-{place}", family=str(number), **labels))
    return found


def perfect(items: Sequence[Item], rng: np.random.Generator) -> Vector:
    """Each part says its factor and nothing else."""
    rows = np.zeros((len(items), 13), np.float32)
    for name, block in PARTS.items():
        said = {item.label(name): rng.normal(size=block.stop - block.start) for item in items}
        rows[:, block] = [said[item.label(name)] for item in items]
    return unit_parts(rows, PARTS) / np.sqrt(np.float32(3))


def changes(
    items: Sequence[Item], rows: Vector, same: tuple[str, ...] = ("family",)
) -> list[Change]:
    found = []
    for factor in FACTORS:
        others = tuple(name for name in FACTORS if name != factor)
        found.append(change(rows, PARTS, alike(items, factor, (*same, *others))))
    return found


def share(found: Change, part: str) -> float:
    shares = found.shares(seed=0)
    assert shares is not None
    return shares[part].value


@settings(max_examples=25)
@given(Seeds)
def test_a_part_for_each_factor_has_all_of_its_change(seed: int) -> None:
    items = garments()
    for name, found in zip(
        FACTORS, changes(items, perfect(items, np.random.default_rng(seed))), strict=True
    ):
        shares = found.shares(seed=0)
        assert shares is not None
        assert (shares[name].low, shares[name].high) == pytest.approx((1, 1))
        assert sum(each.value for each in shares.values()) == pytest.approx(1)


@settings(max_examples=25)
@given(Seeds)
def test_turned_rows_have_less_though_they_know_as_much(seed: int) -> None:
    items, rng = garments(), np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(13, 13)))
    rows = perfect(items, rng)
    straight = changes(items, rows)
    turned = changes(items, (rows @ turn).astype(np.float32))
    for name, before, after in zip(FACTORS, straight, turned, strict=True):
        assert share(after, name) < 0.99
        assert after.mean == pytest.approx(before.mean, rel=1e-4)  # a turn keeps distances


@settings(max_examples=25)
@given(Seeds)
def test_the_order_of_items_is_nothing(seed: int) -> None:
    items, rng = garments(), np.random.default_rng(seed)
    rows = rng.normal(size=(len(items), 13)).astype(np.float32)
    order = rng.permutation(len(items))
    mixed = changes([items[row] for row in order], rows[order])
    for before, after in zip(changes(items, rows), mixed, strict=True):
        assert after.pairs == before.pairs
        assert after.values.sum(axis=0) == pytest.approx(before.values.sum(axis=0))


@settings(max_examples=25)
@given(Seeds, st.booleans())
def test_the_same_as_a_loop_over_pairs(seed: int, families: bool) -> None:
    rng = np.random.default_rng(seed)
    items = [
        item(
            str(row),
            family=str(rng.integers(3)),
            **{n: "ab "[rng.integers(3)].strip() for n in FACTORS},
        )
        for row in range(30)
    ]
    rows = rng.normal(size=(30, 13)).astype(np.float32)
    same = ("family",) if families else ()
    for factor, found in zip(FACTORS, changes(items, rows, same), strict=True):
        others = (*same, *(name for name in FACTORS if name != factor))
        pairs = [
            (one, other)
            for one, other in combinations(range(30), 2)
            if items[one].label(factor) and items[other].label(factor)
            if items[one].label(factor) != items[other].label(factor)
            if all(items[one].label(n) == items[other].label(n) != "" for n in others)
        ]
        slow = [
            sum(
                float(np.square(rows[one, block] - rows[other, block]).sum())
                for one, other in pairs
            )
            for block in PARTS.values()
        ]
        assert found.pairs == len(pairs)
        assert found.values.sum(axis=0) == pytest.approx(slow if pairs else 0, rel=1e-4)


def test_pairs_that_change_more_count_for_more() -> None:
    items = [item(str(n), of="ab"[n // 2], colour=str(n)) for n in range(4)]
    rows = np.array([[0, 0], [3, 0], [0, 0], [0, 1]], np.float32)
    parts = {"left": slice(0, 1), "right": slice(1, 2)}
    found = change(rows, parts, alike(items, "colour", ("of",)))
    assert found.mean == 5
    assert share(found, "left") == 0.9


def test_weights_count_as_served_and_not_in_unit_parts() -> None:
    """A change of one length in two parts, one of which weighs nine times the other."""
    items = [item("a", of="x", colour="red"), item("b", of="x", colour="blue")]
    parts = {"colour": slice(0, 2), "shape": slice(2, 4)}
    rows = np.array([[3, 0, 1, 0], [0, 3, 0, 1]], np.float32) / np.sqrt(np.float32(10))
    sets = alike(items, "colour", ("of",))
    assert share(change(rows, parts, sets), "colour") == pytest.approx(0.9)
    assert share(change(unit_parts(rows, parts), parts, sets), "colour") == pytest.approx(0.5)


def test_nothing_that_changes_has_no_shares() -> None:
    items = garments()
    rows = np.tile(np.linspace(-1, 1, 13, dtype=np.float32), (len(items), 1))
    assert [each.shares(seed=0) for each in changes(items, rows)] == [None] * 3


def test_a_part_of_zeros_stays_so() -> None:
    rows = np.array([[0, 0, 3, 4]], np.float32)
    unit = unit_parts(rows, {"a": slice(0, 2), "b": slice(2, 4)})
    assert unit.tolist() == [[0, 0, pytest.approx(0.6), pytest.approx(0.8)]]


def test_groups_are_the_first_column_that_is_shared() -> None:
    items = [item(f"{n}", sku="AB"[n // 4], view=str(n // 2), colour=str(n % 2)) for n in range(8)]
    assert [each.group for each in alike(items, "colour", ("sku", "view"))] == ["A", "A", "B", "B"]
    rows = np.arange(8, dtype=np.float32)[:, None]
    found = change(rows, {"all": slice(0, 1)}, alike(items, "colour", ("sku", "view")))
    assert found.values.tolist() == [[2], [2]]
