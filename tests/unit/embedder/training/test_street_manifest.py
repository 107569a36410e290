"""The evaluation of street to shop is written the same way every time."""

from pathlib import Path

import numpy as np
from PIL import Image

from embedder.evaluation.manifest import read_csv
from embedder.training.street_manifest import write_street_manifest


def test_each_crop_has_its_cut_out_among_distractors(street: Path, tmp_path: Path) -> None:
    manifest = read_csv(write_street_manifest(street, tmp_path / "out")).checked()
    queries = [item for item in manifest.items if item.query]
    gallery = [item for item in manifest.items if item.gallery]
    assert len(queries) == 12
    assert len(gallery) == 12 * 3
    for query in queries:
        found = [item for item in gallery if item.label("identity") == query.label("identity")]
        assert len(found) == 1
        assert found[0].label("category") == query.label("category")
        assert (query.label("domain"), found[0].label("domain")) == ("street", "shop")
    for item in manifest.items:
        with Image.open(item.image) as picture:
            assert picture.mode == "RGB"


def test_distractors_have_the_colour_of_the_garment(street: Path, tmp_path: Path) -> None:
    write_street_manifest(street, tmp_path)
    middle = {}
    for path in (tmp_path / "shop").iterdir():
        with Image.open(path) as picture:
            middle[path.stem] = np.asarray(picture)[118:138, 118:138].mean(axis=(0, 1))
    for name in ("0_dress", "3_jacket"):
        for number in (0, 1):
            assert np.abs(middle[name] - middle[f"{name}_like{number}"]).max() < 25


def test_the_same_seed_gives_the_same_pictures(street: Path, tmp_path: Path) -> None:
    def pictures(name: str, seed: int) -> dict[str, bytes]:
        out = write_street_manifest(street, tmp_path / name, seed).parent
        return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    first = pictures("first", 0)
    assert first == pictures("again", 0)
    assert first != pictures("other", 1)
