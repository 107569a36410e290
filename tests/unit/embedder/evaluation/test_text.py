from typing import Any

import pytest

from embedder.evaluation.report import Report
from embedder.evaluation.text import LABELS, as_text

Said = dict[str, Any]


@pytest.fixture
def said(report: Report) -> Said:
    return report.as_dict()


def test_people_can_read_it(said: Said) -> None:
    lines = as_text(said).splitlines()
    assert lines[0] == (
        "list.csv: 8 queries, 8 pictures in the gallery, a hit has the query's identity"
    )
    assert "1 more queries have nothing to find and are left out" in lines
    assert "1 pictures can't be read and are left out" in lines
    assert "good+bad: weight 0.05 of the second, the best by recall@1 on these queries" in lines
    figures = next(line for line in lines if line.startswith("recall@1 "))
    assert "1.000 [1.000, 1.000]" in figures
    assert any(line.startswith("less bad") for line in lines)
    assert any("+0.875 [" in line for line in lines)
    assert any(line.startswith("street (4)") for line in lines)
    assert not any("category" in line for line in lines)
    assert all(line == line.rstrip() for line in lines)


def test_columns_are_straight_however_long_a_name(said: Said) -> None:
    said["models"][0]["name"] = "a/very/long/path/to/some/model.toml"
    lines = as_text(said).splitlines()
    head = next(line for line in lines if said["models"][0]["name"] in line)
    row = next(line for line in lines if line.startswith("recall@5 "))
    assert row[head.index("good+bad")].isdigit()
    assert row[head.index("good+bad") - 2 : head.index("good+bad")] == "  "


def test_rare_labels_are_counted_only(said: Said) -> None:
    for model in said["models"]:
        (group,) = list(model["domains"].values())[:1]
        model["domains"] = {f"d{n:02d}": {**group, "queries": n} for n in range(LABELS + 5)}
    lines = as_text(said).splitlines()
    assert lines.count("and 5 more") == 2, "by recall and by average precision"
    assert any(line.startswith("d24 (24)") for line in lines)
    assert not any(line.startswith("d04") for line in lines)


def test_there_is_no_minus_zero(said: Said) -> None:
    said["differences"][0]["metrics"]["recall@1"] = {"value": -1e-9, "low": -0.0, "high": 0.0}
    assert "+0.000 [+0.000, +0.000]" in as_text(said)
    assert "-0.000" not in as_text(said)
