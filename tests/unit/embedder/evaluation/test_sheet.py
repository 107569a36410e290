import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from embedder.evaluation.contenders import Term, parse
from embedder.evaluation.judge import Embedded, Judged, judge
from embedder.evaluation.plan import Plan, in_order, plan
from embedder.evaluation.sheet import SIDE, as_page, as_picture, best_and_worst
from snapmode.settings import Pictures
from tests.unit.embedder.evaluation.conftest import Draw
from tests.unit.embedder.evaluation.points import item

LIMITS = Pictures()


@pytest.fixture
def contest(draw: Draw) -> tuple[Plan, Judged]:
    """Three queries, of which the last finds the wrong one first."""
    colours = {"1": "red", "2": "blue", "3": "<b>"}
    items = []
    for name in ("g1", "g2", "g3", "q1", "q2", "q3"):
        path = draw(f"{name}.png", {"1": "red", "2": "blue", "3": "green"}[name[1]])
        query = name[0] == "q"
        items.append(item(name, query, not query, path, identity=colours[name[1]]))
    rows = np.vstack([np.eye(3), [[1, 0, 0], [0, 1, 0], [0.9, 0, 0.1]]]).astype(np.float32)
    made = plan(in_order(items), "identity")
    embedded = {Term("m"): Embedded("m-1", rows, 0.1, {})}
    return made, judge(parse("m"), embedded, made, "recall@1")


def test_the_best_and_the_worst(contest: tuple[Plan, Judged]) -> None:
    best, worst = best_and_worst(*contest)
    assert [line.query.id for line in best] == ["q1", "q2"]
    assert [line.query.id for line in worst] == ["q3"]
    assert [line.value for line in (*best, *worst)] == [1, 1, 0.5]
    found = worst[0].found
    assert [(each.item.id, each.hit) for each in found] == [
        ("g1", False),
        ("g3", True),
        ("g2", False),
    ]
    assert found[0].score == pytest.approx(0.9)


def test_a_picture_of_them(contest: tuple[Plan, Judged]) -> None:
    page = as_picture(*best_and_worst(*contest), LIMITS)
    assert page.width == 4 * (SIDE + 8)
    colours = {colour for _, colour in page.getcolors(1 << 20) or []}
    assert {(42, 157, 58), (201, 48, 44)} <= colours, "frames of hits and of misses"


def test_a_page_of_its_own(contest: tuple[Plan, Judged]) -> None:
    sheets = [("<m>", *best_and_worst(*contest))]
    page = as_page("a & b", "x < y", sheets, LIMITS, "identity")
    assert "<title>a &amp; b</title>" in page
    assert "&lt;m&gt;: best queries" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert not re.search(r'(src|href)="(?!data:)', page), "nothing is loaded from elsewhere"
    pictures = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(pictures) == 3 * 4
    with Image.open(io.BytesIO(base64.b64decode(pictures[0]))) as first:
        assert first.size == (SIDE, SIDE)
