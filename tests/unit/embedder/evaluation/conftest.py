from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedder.evaluation.contenders import Term, parse
from embedder.evaluation.judge import Embedded, judge
from embedder.evaluation.manifest import Manifest
from embedder.evaluation.plan import in_order, plan
from embedder.evaluation.report import Rejected, Report
from tests.unit.embedder.evaluation.points import item

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Save a picture of a coloured garment on white; gives its path."""

    def save(name: str, colour: str = "red", size: tuple[int, int] = (40, 40)) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.new("RGB", size, "white")
        image.paste(colour, (size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1]))
        image.save(path)
        return path

    return save


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
