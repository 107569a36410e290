"""Colour statistics inside the graph: a soft histogram of CIE Lab colours, in zones.

Colour is the cheapest win of fashion search, and histograms know it better than a network's last
maps. Written as tensor operations, they travel inside the model's one ONNX file.
"""

import torch
from torch import Tensor, nn

LEVELS = 5
"""Of red, green and blue: the 125 colours of the palette."""
SIGMA = 12.0
"""Width of a bin in Lab units: a just noticeable difference is about 2."""
WHITE = 0.9
"""Cells lighter than this in every channel are mostly page, not garment."""


XYZ_OF_RGB = torch.tensor(
    [
        [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883],
    ]
)
"""Divided by the white point, so that white is (1, 1, 1)."""


def lab(rgb: Tensor, xyz_of_rgb: Tensor = XYZ_OF_RGB) -> Tensor:
    """Of sRGB 0..1, the CIE L*a*b* under D65, channels last (…, 3)."""
    rgb = rgb.clamp(0, 1)
    linear = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055).pow(2.4))
    xyz = linear @ xyz_of_rgb.T
    edge = (6 / 29) ** 3
    root = torch.where(
        xyz > edge, xyz.clamp(min=edge).pow(1 / 3), xyz / (3 * (6 / 29) ** 2) + 4 / 29
    )
    x, y, z = root.unbind(dim=-1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=-1)


class ColourHistogram(nn.Module):
    """(n, 3, g, g) cells of colour and where to look → (n, zones · 125) square-rooted shares.

    The zones are the whole picture, its upper and its lower half. A cell belongs to each colour c
    of the palette by softmax(-|cell - c|² / 2σ²); |cell|² is the same for all c, so what is left is
    one matrix product. The square root (Hellinger) keeps a large plain area from drowning the rest.
    """

    def __init__(self, grid: int, page: float) -> None:
        """`grid`: cells along a side; `page`: weight of a white cell, a garment's weigh 1."""
        super().__init__()
        steps = torch.linspace(0, 1, LEVELS)
        palette = lab(torch.cartesian_prod(steps, steps, steps))  # (125, 3)
        # A buffer goes to the GPU with the module; a CUDA graph may not fetch it there.
        self.register_buffer("xyz_of_rgb", XYZ_OF_RGB, persistent=False)
        self.register_buffer("kernel", palette.T / SIGMA**2, persistent=False)  # (3, 125)
        bias = -palette.square().sum(dim=1) / (2 * SIGMA**2)
        self.register_buffer("bias", bias, persistent=False)  # (125,)
        upper = torch.arange(grid * grid) < grid * grid // 2
        zones = torch.stack([torch.ones_like(upper), upper, ~upper]).float()
        self.register_buffer("zones", zones, persistent=False)  # (3, g·g)
        self.page = page
        self.width = 3 * LEVELS**3

    def forward(self, cells: Tensor, look: Tensor) -> Tensor:
        """`cells`: sRGB 0..1 (n, 3, g, g); `look`: weight of each cell (n, 1, g, g)."""
        lightness = cells.amin(dim=1, keepdim=True)  # of the darkest channel, (n, 1, g, g)
        white = torch.sigmoid((lightness - WHITE) * 60)
        weight = (look * (1 - (1 - self.page) * white)).flatten(1)  # (n, g·g)
        shares = weight[:, None, :] * self.zones  # (n, 3, g·g)
        shares = shares / (shares.sum(dim=2, keepdim=True) + 1e-6)
        colours = lab(cells.flatten(2).transpose(1, 2), self.xyz_of_rgb)  # (n, g·g, 3)
        assigned = torch.softmax(colours @ self.kernel + self.bias, dim=2)  # (n, g·g, 125)
        return (shares @ assigned).clamp(min=1e-6).sqrt().flatten(1)  # (n, 3 · 125)
