"""Colour statistics inside the graph: a soft histogram of hue, saturation and value, in zones.

Colour is the cheapest win of fashion search, and histograms know it better than a network's last
maps (Swain and Ballard, "Color indexing", IJCV 7, 1991). Written as tensor operations, they travel
inside the model's one ONNX file.
"""

import torch
from torch import Tensor, nn

HUES, SATURATIONS, VALUES = 16, 4, 5
WHITE_SATURATION, WHITE_VALUE = 0.08, 0.92
"""Cells paler and lighter than this are mostly page, not garment."""
STEEP = 80.0
"""How fast a cell turns from garment to page there."""


class ColourHistogram(nn.Module):
    """(n, 3, g, g) cells of colour and where to look → (n, width) square-rooted shares.

    The zones are the whole picture, its upper and its lower half. A cell belongs to the two nearest
    bins of each axis, by its distance to their middles, so that no shade falls off an edge. The
    square root (Hellinger) keeps a large plain area from drowning the rest. Greys are told apart by
    hue too: without it the same product is found less often from another view.
    """

    def __init__(self, grid: int, page: float) -> None:
        """`grid`: cells along a side; `page`: weight of a white cell, a garment's weigh 1."""
        super().__init__()
        upper = torch.arange(grid * grid) < grid * grid // 2
        zones = torch.stack([torch.ones_like(upper), upper, ~upper]).float()
        # Buffers go to the GPU with the module; a CUDA graph may not fetch them there.
        self.register_buffer("zones", zones, persistent=False)  # (3, g·g)
        for name, bins in (("hues", HUES), ("saturations", SATURATIONS), ("values", VALUES)):
            self.register_buffer(name, (torch.arange(bins) + 0.5) / bins, persistent=False)
        self.page = page
        self.width = 3 * HUES * SATURATIONS * VALUES

    def forward(self, cells: Tensor, look: Tensor) -> Tensor:
        """`cells`: sRGB 0..1 (n, 3, g, g); `look`: weight of each cell (n, 1, g, g)."""
        hue, saturation, value = hsv(cells.clamp(0, 1).flatten(2))  # each (n, g·g)
        paler = torch.sigmoid((WHITE_SATURATION - saturation) * STEEP)
        white = paler * torch.sigmoid((value - WHITE_VALUE) * STEEP)
        weight = look.flatten(1) * (1 - (1 - self.page) * white)
        shares = weight[:, None, :] * self.zones  # (n, 3, g·g)
        shares = shares / (shares.sum(dim=2, keepdim=True) + 1e-6)
        of_hue = _nearest((hue[..., None] - self.hues).abs(), HUES, circle=True)
        of_saturation = _nearest_to(saturation, self.saturations)
        of_value = _nearest_to(value, self.values)
        tone = (of_hue[..., :, None] * of_saturation[..., None, :]).flatten(2)  # (n, g·g, tones)
        # Of each zone and value, how much of each tone: (n, 3 · values, g·g) @ (n, g·g, tones).
        weighed = shares[:, :, None, :] * of_value.transpose(1, 2)[:, None]
        return (weighed.flatten(1, 2) @ tone).clamp(min=1e-7).sqrt().flatten(1)


def hsv(rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of (n, 3, m) in 0..1 its hue, saturation and value, each (n, m) in 0..1.

    The hexcone model of A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978.
    """
    red, green, blue = rgb.unbind(dim=1)
    value, lowest = rgb.amax(dim=1), rgb.amin(dim=1)
    chroma = value - lowest
    some = chroma.clamp(min=1e-4)
    sixth = torch.where(
        value == red,
        (green - blue) / some,
        torch.where(value == green, (blue - red) / some + 2, (red - green) / some + 4),
    )
    hue = torch.where(sixth < 0, sixth + 6, sixth) / 6
    return hue, chroma / value.clamp(min=1e-4), value


def _nearest_to(levels: Tensor, middles: Tensor) -> Tensor:
    """(n, m) → (n, m, bins): beyond the first and the last middle it is all theirs."""
    inside = torch.minimum(torch.maximum(levels, middles[0]), middles[-1])
    return _nearest((inside[..., None] - middles).abs(), len(middles))


def _nearest(apart: Tensor, bins: int, circle: bool = False) -> Tensor:
    """Share of each bin by the distance to its middle; those of one level sum to 1."""
    if circle:
        apart = torch.minimum(apart, 1 - apart)
    return (1 - apart * bins).clamp(min=0)
