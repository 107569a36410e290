from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from embedder.evaluation.baselines import RawPixels
from embedder.evaluation.folders import Comparison, as_text, gallery, pictures_of
from embedder.evaluation.images import psnr
from snapmode.errors import ConfigError
from snapmode.settings import Pictures
from tests.unit.embedder.evaluation.conftest import Draw

LIMITS = Pictures()


def compared(real: Path, made: Path) -> Comparison:
    embedder = RawPixels(LIMITS)
    galleries = [gallery(folder, embedder, lambda: None) for folder in (real, made)]
    return Comparison(*galleries, embedder.name, LIMITS, 0)


def test_pictures_of_one_name_are_pairs(tmp_path: Path, draw: Draw) -> None:
    for name, colour in (("a", "red"), ("b", "blue"), ("c", "green")):
        draw(f"real/{name}.png", colour)
    draw("made/a.bmp", "red")
    second = draw("made/b.png", "navy")
    draw("made/x.png", "gray")
    comparison = compared(tmp_path / "real", tmp_path / "made")
    assert comparison.pairs == ["a", "b"]
    said = comparison.as_dict()
    assert said["pictures"] == {"real": 3, "generated": 3}
    assert said["pairs"] == 2
    blues = [np.asarray(Image.open(path))[None] for path in (tmp_path / "real" / "b.png", second)]
    assert said["psnr_db"]["value"] == pytest.approx((100 + psnr(*blues)[0]) / 2)
    assert said["lite0_distance"]["low"] == pytest.approx(0, abs=1e-6)
    assert said["lite0_frechet"] > 0
    assert comparison.grid().size == (2 * 104, 2 * (104 + 14))
    assert as_text(said).splitlines()[:2] == [
        f"{tmp_path / 'real'}: 3 pictures; {tmp_path / 'made'}: 3",
        "2 pairs of one name; features of raw",
    ]


def test_without_pairs_there_is_only_the_frechet_distance(tmp_path: Path, draw: Draw) -> None:
    for name in "abc":
        draw(f"real/{name}.png", size=(30, 50))
        draw(f"made/{name}1.png")
    comparison = compared(tmp_path / "real", tmp_path / "made")
    said = comparison.as_dict()
    assert (said["pairs"], said["psnr_db"], said["lite0_distance"]) == (0, None, None)
    assert comparison.grid().size == (3 * 104, 2 * (104 + 14))
    assert "PSNR" not in as_text(said)


@pytest.mark.parametrize("size", [(20, 20), (20, 30)])
def test_a_real_picture_is_brought_to_the_size_of_the_made(
    tmp_path: Path, draw: Draw, size: tuple[int, int]
) -> None:
    for name in "ab":
        draw(f"real/{name}.png", size=(size[0] * 2, size[1] * 2))
        draw(f"made/{name}.png", size=size)
    assert compared(tmp_path / "real", tmp_path / "made").as_dict()["psnr_db"]["value"] > 15


def test_what_can_not_be_read_is_said(tmp_path: Path, draw: Draw) -> None:
    for name in "ab":
        draw(f"real/{name}.png")
        draw(f"made/{name}.png")
    (tmp_path / "made" / "c.jpg").write_bytes(b"<html>")
    (tmp_path / "made" / "notes.txt").write_text("no picture by its name")
    comparison = compared(tmp_path / "real", tmp_path / "made")
    (rejected,) = comparison.rejected
    assert rejected.image == str(tmp_path / "made" / "c.jpg")
    assert comparison.as_dict()["rejected"][0]["reason"].startswith("not a picture")


def test_folders_that_hold_nothing(tmp_path: Path, draw: Draw) -> None:
    with pytest.raises(ConfigError, match="absent: not a folder"):
        pictures_of(tmp_path / "absent")
    draw("two/a.png")
    draw("two/a.bmp")
    with pytest.raises(ConfigError, match=r"two: a.bmp and a.png: which one\?"):
        pictures_of(tmp_path / "two")
    draw("one/a.png")
    with pytest.raises(ConfigError, match="one: 1 pictures that can be read; 2 are needed"):
        gallery(tmp_path / "one", RawPixels(LIMITS), lambda: None)
