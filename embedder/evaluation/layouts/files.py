"""What the readers share: files found in a tree, JSON, boxes given in pixels."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from snapmode.errors import ConfigError
from snapmode.ports import Box


def find(folder: Path, *names: str) -> Path:
    """The first of the names that is there; people unpack archives in more ways than one."""
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise ConfigError(f"{folder}: needs {' or '.join(names)}")


def read_json(file: Path) -> Any:
    """What a JSON file says; `ConfigError` names it when it says nothing."""
    try:
        return json.loads(file.read_bytes())
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{file}: not JSON: {error}") from error


def read_lines(file: Path) -> list[str]:
    """The lines of a text file."""
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8: {error}") from error


def box_of(image: Path, corners: Sequence[float]) -> Box | None:
    """Pixels (x1, y1, x2, y2) as parts of the picture, cut at its edges.

    None when the picture can't be opened: then it is rejected, by name, where it is embedded. None
    also when nothing of the box is in the picture: the annotation is of a picture of another size.
    """
    try:
        with Image.open(image) as opened:
            width, height = opened.size
    except (OSError, Image.DecompressionBombError):
        return None
    x1, x2 = (min(max(x / width, 0.0), 1.0) for x in (corners[0], corners[2]))
    y1, y2 = (min(max(y / height, 0.0), 1.0) for y in (corners[1], corners[3]))
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 else None
