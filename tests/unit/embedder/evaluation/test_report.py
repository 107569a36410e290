import json
from pathlib import Path

import numpy as np
import pytest

from embedder.evaluation.contenders import Term, parse
from embedder.evaluation.judge import Embedded, judge
from embedder.evaluation.manifest import Manifest
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.plan import in_order, plan
from embedder.evaluation.report import Rejected, Report, as_text
from tests.unit.embedder.evaluation.points import item


@pytest.fixture
def report() -> Report:
    """`good` finds everything, `bad` what comes first in the alphabet."""
    items = in_order(
        [item(f"g{n}", query=False, identity=str(n)) for n in range(8)]
        + [
            item(f"q{n}", gallery=False, identity=str(n), domain="street" if n % 2 else "shop")
            for n in range(9)
        ]
    )
    made = plan(items, "identity")
    good = np.vstack([np.eye(8), np.eye(8), np.ones((1, 8)) / np.sqrt(8)]).astype(np.float32)
    rows = {
        Term("good"): Embedded("good-1", good, 0.002, {}),
        Term("bad"): Embedded("bad-1", np.ones((17, 1), np.float32), 0.001, {}),
    }
    judged = [judge(parse(name), rows, made, "recall@1") for name in ("bad", "good", "good+bad")]
    manifest = Manifest(Path("list.csv"), tuple(items))
    return Report(manifest, made, judged, [Rejected("x.jpg", "truncated")], "recall@1", 7)


def test_it_says_everything(report: Report) -> None:
    said = json.loads(json.dumps(report.as_dict()))
    assert (said["queries"], said["gallery"], said["pictures"]) == (8, 8, 17)
    assert said["queries_without_relevant"] == ["q8"]
    assert said["rejected"] == [{"image": "x.jpg", "reason": "truncated"}]
    assert said["bootstrap"] == {"resamples": 1000, "covered": 0.95, "seed": 7}
    bad, good, mixed = said["models"]
    assert set(good["metrics"]) == set(METRICS)
    assert good["metrics"]["recall@1"] == {"value": 1, "low": 1, "high": 1}
    assert bad["metrics"]["recall@1"]["value"] == 1 / 8
    assert 0 <= bad["metrics"]["recall@1"]["low"] < 1 / 8 < bad["metrics"]["recall@1"]["high"]
    assert good["milliseconds_per_picture"] == 2
    assert mixed["weight"] == 0.05
    assert mixed["weight_chosen_by"] == "recall@1 on these queries"
    assert mixed["milliseconds_per_picture"] == 3
    assert len(mixed["weights_tried"]) == 19
    assert "weight" not in good


def test_domains_and_categories_stand_apart(report: Report) -> None:
    said = report.as_dict()
    bad = said["models"][0]
    assert {name: group["queries"] for name, group in bad["domains"].items()} == {
        "shop": 4,
        "street": 4,
    }
    assert bad["domains"]["shop"]["metrics"]["recall@1"]["value"] == 1 / 4
    assert bad["domains"]["street"]["metrics"]["recall@1"]["value"] == 0
    assert bad["categories"] == {}


def test_differences_are_paired(report: Report) -> None:
    said = report.as_dict()
    assert [(each["model"], each["against"]) for each in said["differences"]] == [
        ("good", "bad"),
        ("good+bad", "bad"),
        ("good+bad", "good"),
    ]
    assert said["differences"][0]["metrics"]["recall@1"]["value"] == 7 / 8
    assert said["differences"][2]["metrics"]["recall@1"] == {"value": 0, "low": 0, "high": 0}


def test_people_can_read_it(report: Report) -> None:
    text = as_text(report.as_dict())
    lines = text.splitlines()
    assert lines[0] == (
        "list.csv: 8 queries, 8 pictures in the gallery, a hit has the query's identity"
    )
    assert "1 queries have nothing to find and are left out" in lines
    assert "1 pictures can't be read and are left out" in lines
    assert "good+bad: weight 0.05 of the second, the best by recall@1 on these queries" in lines
    figures = next(line for line in lines if line.startswith("recall@1 "))
    assert "1.000 [1.000, 1.000]" in figures
    assert any(line.startswith("less bad") for line in lines)
    assert any("+0.875 [" in line for line in lines)
    assert any(line.startswith("  street (4)") for line in lines)
    assert not any("category" in line for line in lines)
    assert all(line == line.rstrip() for line in lines)
