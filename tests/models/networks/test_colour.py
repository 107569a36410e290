import colorsys
import math
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.models


def test_hue_saturation_and_value_are_those_of_the_standard_library() -> None:
    import torch

    from embedder.networks.colour import hsv

    torch.manual_seed(0)
    rgb = torch.cat([torch.rand(1, 3, 60), torch.eye(3)[None], torch.full((1, 3, 1), 0.4)], dim=2)
    found = torch.stack(hsv(rgb), dim=-1)[0]
    expected = [colorsys.rgb_to_hsv(*colour) for colour in rgb[0].T.tolist()]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def near(level: float, bins: int, circle: bool = False) -> dict[int, float]:
    """Shares of the two bins whose middles are nearest."""
    place = level * bins - 0.5
    low = math.floor(place)
    shares: dict[int, float] = {}
    for number, share in ((low, 1 - (place - low)), (low + 1, place - low)):
        at = number % bins if circle else min(max(number, 0), bins - 1)
        shares[at] = shares.get(at, 0.0) + share
    return shares


def test_a_histogram_against_the_slow_loop() -> None:
    import torch

    from embedder.networks.colour import HUES, SATURATIONS, VALUES, ColourHistogram

    torch.manual_seed(0)
    cells, look = torch.rand(2, 3, 4, 4) * 0.7, torch.rand(2, 1, 4, 4)
    module = ColourHistogram(grid=4, page=0.1)
    found = module(cells, look).reshape(2, 3, VALUES, HUES, SATURATIONS)
    for picture in range(2):
        for zone, rows in enumerate([range(4), range(2), range(2, 4)]):
            shares, total = np.zeros((VALUES, HUES, SATURATIONS)), 0.0
            for y in rows:
                for x in range(4):
                    levels = colorsys.rgb_to_hsv(*cells[picture, :, y, x].tolist())
                    weight = float(look[picture, 0, y, x])  # none is as light as a page
                    total += weight
                    for h, of_hue in near(levels[0], HUES, circle=True).items():
                        for s, of_saturation in near(levels[1], SATURATIONS).items():
                            for v, of_value in near(levels[2], VALUES).items():
                                shares[v, h, s] += weight * of_hue * of_saturation * of_value
            expected = np.sqrt(np.maximum(shares / total, 1e-7))
            np.testing.assert_allclose(found[picture, zone], expected, atol=2e-3)
    assert module.width == found[0].numel()


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
