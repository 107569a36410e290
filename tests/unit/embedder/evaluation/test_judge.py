from pathlib import Path

import numpy as np
import pytest

from embedder.evaluation.contenders import WEIGHTS, Term, parse
from embedder.evaluation.judge import Embedded, embed_items, judge, part_of
from embedder.evaluation.manifest import Item
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.plan import in_order, plan
from tests.unit.embedder.evaluation.points import PointEmbedder, item, point


def embedded(rows: list[list[float]], seconds: float = 0.5) -> Embedded:
    return Embedded("model-1", np.array(rows, np.float32), seconds, {})


@pytest.fixture
def shop(tmp_path: Path) -> list[Item]:
    """Two queries; the left half of a row knows the first's answer, the right half the second's."""
    files = {"a": [1, 0, 1, 0], "b": [0, 1, 1, 0], "q1": [1, 0, 0, 1], "q2": [0, 1, 1, 0]}
    return in_order(
        [
            item(
                name,
                query=name.startswith("q"),
                gallery=not name.startswith("q"),
                image=point(tmp_path, f"{name}.point", direction),
                identity={"a": "1", "q1": "1", "b": "2", "q2": "2"}[name],
            )
            for name, direction in files.items()
        ]
    )


def test_items_become_unit_rows(shop: list[Item]) -> None:
    steps: list[None] = []
    found = embed_items(PointEmbedder(), shop, lambda: steps.append(None))
    assert found.rows.shape == (4, 4)
    np.testing.assert_allclose(np.linalg.norm(found.rows, axis=1), 1, atol=1e-6)
    assert len(steps) == 4
    assert found.seconds > 0
    assert (found.model, found.rejected) == ("points-00000000", {})


def test_what_can_not_be_read_is_kept_by_position(shop: list[Item]) -> None:
    shop[1].image.write_bytes(b"broken")
    shop[3].image.unlink()
    found = embed_items(PointEmbedder(), shop, lambda: None)
    assert found.rejected == {1: "not a point", 3: "can't be read: No such file or directory"}
    left = found.without([1, 3])
    np.testing.assert_array_equal(left.rows, found.rows[[0, 2]])
    assert left.rejected == {}


def test_a_part_is_its_unit_block(shop: list[Item]) -> None:
    whole = embed_items(PointEmbedder(), shop, lambda: None)
    part = part_of(whole, PointEmbedder(), "right")
    assert part.rows.shape == (4, 2)
    np.testing.assert_allclose(np.linalg.norm(part.rows, axis=1), 1, atol=1e-6)
    assert part_of(whole, PointEmbedder(), None) is whole


def test_a_search_is_measured(shop: list[Item]) -> None:
    rows = embed_items(PointEmbedder(), shop, lambda: None)
    found = judge(parse("m"), {Term("m"): rows}, plan(shop, "identity"), "recall@1")
    assert found.values.shape == (2, len(METRICS))
    assert found.values[:, 0].tolist() == [1, 1]
    assert (found.dim, found.weight, found.tried) == (4, None, None)
    assert found.models == ("points-00000000",)


def test_a_mix_weighs_similarities() -> None:
    """The first says b, by 0.6 to 0; the second says a, by 1 to 0: from 0.375 on a is first."""
    items = in_order(
        [
            item("a", identity="1", query=False),
            item("b", identity="2", query=False),
            item("q", gallery=False, identity="1"),
        ]
    )
    rows = {
        Term("x"): embedded([[0, 1], [0.6, 0.8], [1, 0]]),
        Term("y"): embedded([[1, 0], [0, 1], [1, 0]], seconds=0.25),
    }
    made = plan(items, "identity")

    def recall(weight: float) -> float:
        return float(judge(parse(f"x+y@{weight}"), rows, made, "recall@1").values[0, 0])

    assert (recall(0.35), recall(0.4)) == (0, 1)
    chosen = judge(parse("x+y"), rows, made, "recall@1")
    assert chosen.tried is not None
    assert list(chosen.tried) == list(WEIGHTS)
    assert chosen.tried[0.35] == 0
    assert chosen.weight == 0.4, "the first of the best"
    assert chosen.values[0, 0] == 1
    assert (chosen.dim, chosen.seconds) == (4, 0.75)
