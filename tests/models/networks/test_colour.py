import math
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.models
KNOWN = {
    (1, 1, 1): (100, 0, 0),
    (0, 0, 0): (0, 0, 0),
    (1, 0, 0): (53.24, 80.09, 67.20),
    (0, 1, 0): (87.73, -86.18, 83.18),
    (0, 0, 1): (32.30, 79.19, -107.86),
    (0.5, 0.5, 0.5): (53.39, 0, 0),
}
"""sRGB → CIE Lab under D65, from tables."""


@pytest.mark.parametrize(("rgb", "expected"), KNOWN.items(), ids=str)
def test_lab_is_that_of_the_tables(rgb: Any, expected: Any) -> None:
    import torch

    from embedder.networks.colour import lab

    np.testing.assert_allclose(
        lab(torch.tensor([rgb], dtype=torch.float32))[0], expected, atol=0.05
    )


def test_a_histogram_against_the_slow_loop() -> None:
    import torch

    from embedder.networks.colour import SIGMA, ColourHistogram, lab

    torch.manual_seed(0)
    cells, look = torch.rand(2, 3, 4, 4) * 0.7, torch.rand(2, 1, 4, 4)
    steps = [0, 0.25, 0.5, 0.75, 1]
    palette = lab(torch.tensor([[r, g, b] for r in steps for g in steps for b in steps])).numpy()
    found = ColourHistogram(grid=4, page=0.1)(cells, look).reshape(2, 3, 125)
    for picture in range(2):
        for zone, rows in enumerate([range(4), range(2), range(2, 4)]):
            shares, total = np.zeros(125), 0.0
            for y in rows:
                for x in range(4):
                    colour = lab(cells[picture, :, y, x][None])[0].numpy()
                    near = [math.exp(-((colour - c) ** 2).sum() / (2 * SIGMA**2)) for c in palette]
                    weight = float(look[picture, 0, y, x])
                    shares += weight * np.array(near) / sum(near)
                    total += weight
            expected = np.sqrt(np.maximum(shares / total, 1e-6))
            np.testing.assert_allclose(found[picture, zone], expected, atol=2e-3)


def test_the_page_counts_little_and_colours_much() -> None:
    import torch

    from embedder.networks.colour import ColourHistogram

    histogram = ColourHistogram(grid=8, page=0.05)
    look = torch.ones(1, 1, 8, 8)

    def on_page(colour: tuple[float, float, float], part: int) -> Any:
        cells = torch.ones(1, 3, 8, 8)
        cells[:, :, :, :part] = torch.tensor(colour)[None, :, None, None]
        row = histogram(cells, look)[0]
        return row / row.norm()

    red, blue = (0.8, 0.1, 0.1), (0.1, 0.1, 0.8)
    assert on_page(red, 3) @ on_page(red, 6) > 0.9  # how much of the page is seen is no colour
    assert on_page(red, 4) @ on_page(blue, 4) < 0.5
    assert on_page(red, 4) @ on_page((0.7, 0.15, 0.1), 4) > on_page(red, 4) @ on_page(blue, 4)
