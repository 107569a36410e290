from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

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
