"""Retrieval among what is held out, against a slow loop."""

from typing import Any

import numpy as np
import pytest
import torch

from embedder.model_file import Preprocessing
from embedder.training.batches import plain_views
from embedder.training.recipe import Validation
from embedder.training.sources import Row
from embedder.training.validation import Validator
from snapmode.errors import ConfigError
from tests.unit.embedder.training.tables import products, table

pytestmark = pytest.mark.models
CPU = torch.device("cpu")
DATA = table({"a": products(12, 3, held=9), "b": products(6, 2, held=6)})
PARTS = {"red": (0, 9), "blue": (9, 18)}


class Colours(torch.nn.Module):
    """Nine cells of the red and of the blue channel, as a unit row."""

    preprocessing = Preprocessing(size=32, mean=(0, 0, 0), std=(1, 1, 1))

    def embed(self, pixels: Any) -> Any:
        cells = torch.nn.functional.adaptive_avg_pool2d(pixels[:, [0, 2]], 3)
        return torch.nn.functional.normalize(cells.flatten(1))


def figure(task: Validation) -> float:
    return Validator(DATA, [task], PARTS).figures(Colours(), CPU)[task.name]


def units(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def slow_recall(label: str, part: slice, queries: list[int], gallery: list[int]) -> float:
    rows = np.arange(len(DATA))
    pixels = torch.from_numpy(plain_views(DATA, rows, 32)).permute(0, 3, 1, 2).float() / 255
    vectors = units(Colours().embed(pixels).double().numpy()[:, part])
    codes, sources = DATA.labels[label], DATA.labels["source"]
    hits = []
    for query in queries:
        others = [
            row
            for row in gallery
            if row != query and (label == "identity" or sources[row] == sources[query])
        ]
        if any(codes[row] == codes[query] for row in others):
            best = max(others, key=lambda row: vectors[row] @ vectors[query])
            hits.append(codes[best] == codes[query])
    return float(np.mean(hits))


HELD = np.flatnonzero(DATA.held).tolist()


@pytest.mark.parametrize("label", ["identity", "category"])
@pytest.mark.parametrize(("part", "block"), [(None, slice(0, 18)), ("blue", slice(9, 18))])
def test_leave_one_out(label: str, part: str | None, block: slice) -> None:
    task = Validation(name="task", label=label, part=part)
    assert figure(task) == pytest.approx(slow_recall(label, block, HELD, HELD))


def test_queries_of_one_domain_in_a_gallery_of_another() -> None:
    domains = [DATA.words["domain"][code] for code in DATA.labels["domain"]]
    task = Validation.model_validate(
        {
            "name": "task",
            "label": "identity",
            "queries": {"domain": ["street"]},
            "gallery": {"domain": ["shop"]},
        }
    )
    street, shop = ([row for row in HELD if domains[row] == name] for name in ("street", "shop"))
    assert figure(task) == pytest.approx(slow_recall("identity", slice(0, 18), street, shop))


def test_the_score_is_the_weighted_mean_and_the_network_trains_on() -> None:
    tasks = [
        Validation(name="one", label="identity", weight=3.0),
        Validation(name="two", label="category", metric="mAP@10", limit=12),
    ]
    network = Colours().train()
    found = Validator(DATA, tasks, PARTS).figures(network, CPU)
    assert found["score"] == pytest.approx((3 * found["one"] + found["two"]) / 4)
    assert network.training


def test_a_limit_keeps_whole_products() -> None:
    task = Validation(name="task", label="identity", sources=("a",), limit=6)
    validator = Validator(DATA, [task], PARTS)
    identities = DATA.labels["identity"][validator._rows]
    assert sorted(np.unique(identities, return_counts=True)[1].tolist()) == [3, 3]


def test_what_can_not_be_validated_is_named() -> None:
    with pytest.raises(ConfigError, match=r"validate.task.part: the network has no part 'green'"):
        figure(Validation(name="task", label="identity", part="green"))
    with pytest.raises(ConfigError, match=r"validate.task.label: no source has a label 'brand'"):
        figure(Validation(name="task", label="brand"))
    with pytest.raises(ConfigError, match=r"validate.task.queries.domain: none of moon"):
        figure(Validation(name="task", label="identity", queries={"domain": ("moon",)}))
    lonely = table({"a": [Row(0, "shop", {"identity": "1"}, held=True), *products(1)]})
    with pytest.raises(ConfigError, match="nothing that is held out has a match by 'identity'"):
        Validator(lonely, [Validation(name="task", label="identity")], PARTS)
