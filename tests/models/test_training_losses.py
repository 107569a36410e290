"""Losses and miners against slow, obvious loops; gradients in half precision."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.training.losses import (
    Classes,
    EmbeddingStep,
    attraction,
    contrastive_loss,
    keeping,
    triplet_loss,
)
from embedder.training.mining import (
    Known,
    Memory,
    across_domains,
    every,
    hard,
    relations,
    semi_hard,
)
from embedder.training.recipe import Loss
from snapmode.errors import ConfigError
from tests.unit.embedder.training.tables import products, table

pytestmark = pytest.mark.models
FEW = settings(max_examples=60)
Labels = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=9
)
"""code, space and domain of each row; the code alone says the word, as in a data set."""


def known(rows: list[tuple[int, int, int]]) -> Known:
    codes, spaces, domains = torch.tensor(rows).T
    # A word that is compared within its space only belongs to that space.
    return Known(torch.where(codes < 0, -1, codes * 2 + spaces), spaces, domains)


def units(n: int, seed: int, dim: int = 4) -> Any:
    rows = np.random.default_rng(seed).normal(size=(n, dim))
    return torch.tensor(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def without_self(masks: tuple[Any, Any]) -> tuple[Any, Any]:
    same, other = masks
    same.fill_diagonal_(False)
    return same, other


@FEW
@given(rows=Labels)
def test_relations(rows: list[tuple[int, int, int]]) -> None:
    one = known(rows)
    same, other = relations(one, one)
    across = across_domains(one, one)
    for i, (code, space, domain) in enumerate(rows):
        for j, (code2, space2, domain2) in enumerate(rows):
            both = code >= 0 and code2 >= 0
            equal = (code, space) == (code2, space2)
            assert bool(same[i, j]) == (both and equal)
            assert bool(other[i, j]) == (both and not equal and space == space2)
            assert bool(across[i, j]) == (domain != domain2)


def slow_triplets(kind: str, distances: Any, same: Any, other: Any) -> set[tuple[int, int, int]]:
    found = set()
    n, m = distances.shape
    for a in range(n):
        positives = [p for p in range(m) if same[a, p]]
        negatives = [x for x in range(m) if other[a, x]]
        if not positives or not negatives:
            continue
        if kind == "hard":
            farthest = max(positives, key=lambda p: distances[a, p])
            found.add((a, farthest, min(negatives, key=lambda x: distances[a, x])))
            continue
        for p in positives:
            if kind == "all":
                found |= {(a, p, x) for x in negatives}
                continue
            farther = [x for x in negatives if distances[a, x] > distances[a, p]]
            if farther:
                found.add((a, p, min(farther, key=lambda x: distances[a, x])))
            else:
                found.add((a, p, max(negatives, key=lambda x: distances[a, x])))
    return found


@FEW
@given(rows=Labels, seed=st.integers(0, 1000))
@pytest.mark.parametrize(
    ("kind", "miner"), [("semi_hard", semi_hard), ("hard", hard), ("all", every)]
)
def test_miners(
    kind: str, miner: Callable[..., Any], rows: list[tuple[int, int, int]], seed: int
) -> None:
    vectors = units(len(rows), seed)
    distances = torch.cdist(vectors, vectors) ** 2
    same, other = without_self(relations(known(rows), known(rows)))
    found = list(zip(*(each.tolist() for each in miner(distances, same, other)), strict=True))
    assert set(found) == slow_triplets(kind, distances, same, other)
    assert len(found) == len(set(found))


@FEW
@given(rows=Labels, seed=st.integers(0, 1000), margin=st.floats(0.1, 2))
@pytest.mark.parametrize("mining", ["semi_hard", "hard", "all"])
def test_triplet_loss(
    mining: str, rows: list[tuple[int, int, int]], seed: int, margin: float
) -> None:
    vectors = units(len(rows), seed)
    same, other = without_self(relations(known(rows), known(rows)))
    got = triplet_loss(vectors, vectors, same, other, margin, mining)
    distances = 2 - 2 * vectors @ vectors.T
    triplets = slow_triplets(mining, distances, same, other)
    losses = [
        max(
            0.0,
            float(((vectors[a] - vectors[p]) ** 2).sum() - ((vectors[a] - vectors[n]) ** 2).sum())
            + margin,
        )
        for a, p, n in triplets
    ]
    positive = [loss for loss in losses if loss > 0]
    expected = sum(positive) / len(positive) if positive else 0.0
    assert float(got) == pytest.approx(expected, abs=1e-5)


@FEW
@given(rows=Labels, seed=st.integers(0, 1000), temperature=st.floats(0.05, 1))
def test_contrastive_loss(rows: list[tuple[int, int, int]], seed: int, temperature: float) -> None:
    vectors = units(len(rows), seed)
    same, other = without_self(relations(known(rows), known(rows)))
    got = contrastive_loss(vectors, vectors, same, other, temperature)
    losses = []
    for a in range(len(rows)):
        positives = [j for j in range(len(rows)) if same[a, j]]
        among = [*positives, *(j for j in range(len(rows)) if other[a, j])]
        if positives:
            weights = {j: np.exp(float(vectors[a] @ vectors[j]) / temperature) for j in among}
            total = sum(weights.values())
            losses.append(-np.mean([np.log(weights[p] / total) for p in positives]))
    expected = 0.0
    if losses and other.any():
        real = [loss for loss in losses if loss > 0]
        expected = sum(real) / len(real) if real else 0.0
    assert float(got) == pytest.approx(expected, abs=1e-4)


@FEW
@given(rows=Labels, seed=st.integers(0, 1000))
def test_attraction(rows: list[tuple[int, int, int]], seed: int) -> None:
    vectors = units(len(rows), seed)
    same, _ = without_self(relations(known(rows), known(rows)))
    apart = [
        float(((vectors[i] - vectors[j]) ** 2).sum())
        for i in range(len(rows))
        for j in range(len(rows))
        if same[i, j]
    ]
    got = float(attraction(vectors, vectors, same))
    assert got == pytest.approx(np.mean(apart) if apart else 0.0, abs=1e-6)


@FEW
@given(rows=Labels, seed=st.integers(0, 1000))
def test_keeping(rows: list[tuple[int, int, int]], seed: int) -> None:
    vectors, taught = units(len(rows), seed), units(len(rows), seed + 1, 7)
    same, _ = without_self(relations(known(rows), known(rows)))
    apart = [
        (float(vectors[i] @ vectors[j]) - float(taught[i] @ taught[j])) ** 2
        for i in range(len(rows))
        for j in range(len(rows))
        if same[i, j]
    ]
    got = float(keeping(vectors, taught, same))
    assert got == pytest.approx(np.mean(apart) if apart else 0.0, abs=1e-6)
    assert float(keeping(vectors, vectors, same)) == pytest.approx(0.0, abs=1e-12)


@FEW
@given(
    codes=st.lists(st.integers(-1, 6), min_size=1, max_size=8),
    seed=st.integers(0, 1000),
    smoothing=st.sampled_from([0.0, 0.1]),
)
def test_cross_entropy_is_within_a_group(codes: list[int], seed: int, smoothing: float) -> None:
    groups = [0, 0, 1, 1, 1]  # codes 5 and 6 are of dyed garments, which have no class
    classes = Classes(4, groups, 8.0, smoothing)
    rows = units(len(codes), seed).float()
    centres = classes.centres.detach().numpy()
    centres = centres / np.linalg.norm(centres, axis=1, keepdims=True)
    losses = []
    for row, code in zip(rows.numpy(), codes, strict=True):
        if not 0 <= code < len(groups):
            continue
        mine = [c for c in range(len(groups)) if groups[c] == groups[code]]
        logits = np.array([8.0 * float(row @ centres[c]) for c in mine])
        logs = logits - np.log(np.exp(logits).sum())
        target = np.full(len(mine), smoothing / len(mine))
        target[mine.index(code)] += 1 - smoothing
        losses.append(-(target * logs).sum())
    expected = np.mean(losses) if losses else 0.0
    assert float(classes(rows, torch.tensor(codes)).detach()) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("seed", range(4))
def test_gradients_are_finite_in_half_precision(dtype: Any, seed: int) -> None:
    """Equal rows, opposite rows and near ones; a low temperature; rows without any positive."""
    rows = units(12, seed, 16)
    rows[1], rows[2], rows[3] = rows[0], -rows[0], rows[0] + 1e-3
    rows = rows.to(dtype).requires_grad_()
    one = known([(code, 0, 0) for code in (0, 0, 0, 1, 1, 1, 2, 2, 2, 3, -1, -1)])
    same, other = without_self(relations(one, one))
    losses = [
        *(
            triplet_loss(rows, rows, same, other, 1.0, kind)
            for kind in ("semi_hard", "hard", "all")
        ),
        contrastive_loss(rows, rows, same, other, 0.05),
        attraction(rows, rows, same),
        keeping(rows, rows.detach().flip(0), other),
    ]
    for loss in losses:
        assert torch.isfinite(loss)
        (gradient,) = torch.autograd.grad(loss, rows, retain_graph=True)
        assert torch.isfinite(gradient).all()
        assert (gradient != 0).any()


@FEW
@given(sizes=st.lists(st.integers(1, 5), min_size=1, max_size=6), size=st.integers(1, 7))
def test_a_memory_holds_the_last_rows(sizes: list[int], size: int) -> None:
    memory, all_codes, all_rows = Memory(size, 2), [], []
    for number, n in enumerate(sizes):
        rows = units(n, number, 2).float()
        codes = torch.arange(n) + 10 * number
        memory.remember(rows, Known(codes, codes * 0, codes * 0 + 1))
        all_codes += codes.tolist()
        all_rows += rows.tolist()
    rows, kept = memory.recall()
    assert sorted(kept.codes.tolist()) == sorted(all_codes[-size:])
    by_code = dict(zip(kept.codes.tolist(), rows.tolist(), strict=True))
    for code, row in list(zip(all_codes, all_rows, strict=True))[-size:]:
        assert by_code[code] == pytest.approx(row)


class Tiny(torch.nn.Module):
    parts = {"first": (0, 3), "second": (3, 8)}  # noqa: RUF012 - as networks have it
    dim = 8

    def __init__(self) -> None:
        super().__init__()
        self.backbone = torch.nn.Linear(12, 8)
        self.head = torch.nn.Linear(8, 8, bias=False)

    def embed(self, pixels: Any) -> Any:
        return torch.nn.functional.normalize(self.head(self.backbone(pixels.flatten(1))))


DATA = table({"a": products(6, 2), "b": products(6, 2)})


def batch(seed: int = 0) -> Any:
    rows = np.arange(0, 24, 2) if seed else np.arange(12)
    labels = {name: torch.from_numpy(codes[rows]) for name, codes in DATA.labels.items()}
    torch.manual_seed(seed)
    return type("Batch", (), {"pixels": torch.randn(12, 3, 2, 2), "labels": labels})


def stepped(**loss: Any) -> tuple[EmbeddingStep, dict[str, float]]:
    torch.manual_seed(0)
    network = Tiny()
    step = EmbeddingStep(network, {"one": Loss(**loss)}, DATA)
    optimisers = {name: torch.optim.SGD(group, 0.1) for name, group in step.groups.items()}
    return step, step.step(batch(), optimisers)


@pytest.mark.parametrize(
    "loss",
    [
        {"kind": "triplet", "label": "identity", "memory": 8},
        {"kind": "contrastive", "label": "category", "memory": 16},
        {"kind": "cross_domain", "label": "identity"},
        {"kind": "cross_entropy", "label": "category"},
        {"kind": "attract", "label": "colour"},
    ],
    ids=lambda loss: loss["kind"],
)
def test_a_loss_on_a_part_leaves_the_other_part_alone(loss: dict[str, Any]) -> None:
    torch.manual_seed(0)
    before = Tiny().head.weight.detach().clone()
    step, figures = stepped(part="first", **loss)
    assert figures["loss"] == pytest.approx(figures["one"])
    changed = ((step.network.head.weight.detach() - before).abs() > 1e-6).any(dim=1)
    assert changed[:3].all()
    assert not changed[3:].any()


def test_the_whole_is_the_weighted_sum() -> None:
    torch.manual_seed(0)
    losses = {
        "a": Loss(kind="triplet", label="identity", weight=2.0),
        "b": Loss(kind="contrastive", label="category", weight=0.5, sources=("a",)),
    }
    step = EmbeddingStep(Tiny(), losses, DATA)
    figures = step.step(batch(1), {"heads": torch.optim.SGD(step.groups["heads"], 0.1)})
    assert figures["loss"] == pytest.approx(2 * figures["a"] + 0.5 * figures["b"], rel=1e-5)
    assert set(step.groups) == {"backbone", "heads"}


def test_what_the_network_or_the_data_does_not_have_is_named() -> None:
    with pytest.raises(ConfigError, match=r"losses.one.part: the network has no part 'third'"):
        stepped(kind="triplet", label="identity", part="third")
    with pytest.raises(ConfigError, match=r"losses.one.label: no source has a label 'brand'"):
        stepped(kind="triplet", label="brand")
