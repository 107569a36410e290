import re
from collections.abc import Sequence

import numpy as np
import pytest

from benchmarks.embeddings import page
from benchmarks.embeddings.claims import BASELINES, Claim
from benchmarks.embeddings.runs import Run
from benchmarks.embeddings.scores import Score, Table
from benchmarks.embeddings.speed import Cost
from benchmarks.embeddings.tasks import Task

RUN = Run("default", 900, 61.4, "cpu", {}, {})


@pytest.fixture
def tasks(task: Task) -> Sequence[Task]:
    return [task]


def scores(*names: str) -> Table:
    return {
        name: {
            "points": Score(name, "points", np.full(9, 0.1 * place), 0.3 if "+" in name else None)
        }
        for place, name in enumerate(names, 1)
    }


def cells(text: str, first: str) -> list[str]:
    (line,) = re.findall(rf"^\| {re.escape(first)} \|.*$", text, re.M)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_line_of_a_network_has_figures_cost_and_training(tasks: Sequence[Task]) -> None:
    table = scores("default", *BASELINES)
    dims = dict.fromkeys(table, 384)
    text = page.networks(table, tasks, dims, {"default": Cost(9.87)}, {"default": RUN})
    assert cells(text, "default") == [
        "default",
        ".100 [.100, .100]",
        "384",
        "9.9",
        "61 cpu",
        "900",
    ]
    assert cells(text, "raw")[3:] == ["-", "-", "-"]
    assert "points 0.30" in text


def test_gains_are_over_the_best_baseline_of_each_task(tasks: Sequence[Task]) -> None:
    text = page.gains(scores(*BASELINES, "default"), tasks)
    assert "points, over raw" in text
    assert cells(text, "default")[1] == "+.100 [+.100, +.100]"
    assert "| hsv |" not in text


def test_changed_runs_are_compared_with_the_unchanged(tasks: Sequence[Task]) -> None:
    text = page.apart({"gan": scores("gan", "gan-b")}, tasks, {"gan-b": RUN})
    first, second = text.split("less gan")
    assert cells(first, "gan-b")[2:] == ["61 cpu", "900"]
    assert cells(second, "gan-b")[1:] == ["+.100 [+.100, +.100]"]
    alone = page.apart({"gan": scores("gan-b")}, tasks, {})
    assert "less gan" not in alone
    assert page.apart({}, tasks, {}) == ""


def test_groups_without_labels_are_left_out() -> None:
    text = page.groups(
        {"luma by age": {"a": {}}, "by kids": {"a": {"yes": scores("a")["a"]["points"]}}}
    )
    assert "luma by age" not in text
    assert "yes (9)" in text


def test_claims_say_their_verdict() -> None:
    text = page.claims([Claim("a", "≥ 1", "2", True), Claim("b", "≥ 1", "0", False)])
    assert cells(text, "a")[-1] == "met"
    assert cells(text, "b")[-1] == "not met"


def test_a_page_leaves_out_empty_sections() -> None:
    assert page.page("head", ["", "## A", ""]).endswith("head\n\n## A\n")
