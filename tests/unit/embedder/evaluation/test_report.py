import json

from embedder.evaluation.manifest import fingerprint
from embedder.evaluation.metrics import METRICS
from embedder.evaluation.report import Report


def test_it_says_everything(report: Report) -> None:
    said = json.loads(json.dumps(report.as_dict()))
    assert (said["queries"], said["gallery"], said["pictures"]) == (8, 8, 17)
    assert said["queries_without_relevant"] == ["q8"]
    assert said["rejected"] == [{"image": "x.jpg", "reason": "truncated"}]
    assert said["bootstrap"] == {"resamples": 1000, "covered": 0.95, "seed": 7}
    bad, good, mixed = said["models"]
    assert set(good["metrics"]) == set(METRICS)
    assert said["data"] == fingerprint(report.manifest.items)
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
