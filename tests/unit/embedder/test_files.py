import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from embedder.files import BATCH, NpyFile, choose_part, embed_files, read_manifest
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.ports import WHOLE, Picture, Vector
from tests.fakes import FakeEmbedder


class TwoParts(FakeEmbedder):
    parts: ClassVar = {"shape": slice(0, 5), "colour": slice(5, 8)}


def test_a_manifest_names_pictures_relative_to_itself_or_absolutely(tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    absolute = tmp_path.parent / "b.jpg"
    # With the mark that spreadsheets put first.
    manifest.write_text(f"sku,image\n1,in/ä.jpg\n2,{absolute}\n", encoding="utf-8-sig")
    assert read_manifest(manifest) == [tmp_path / "in" / "ä.jpg", absolute]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"picture\na.jpg\n", "no column `image`; it has picture"),
        (b"", "no column `image`"),
        (b"image\n\xff\xfe\n", "not a CSV in UTF-8"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_bad_manifest_is_named(tmp_path: Path, content: bytes | None, reason: str) -> None:
    manifest = tmp_path / "list.csv"
    if content is not None:
        manifest.write_bytes(content)
    with pytest.raises(ConfigError, match=reason) as raised:
        read_manifest(manifest)
    assert str(manifest) in str(raised.value)


def test_every_file_has_its_vector_or_its_reason(tmp_path: Path) -> None:
    """Over more than one batch, in order, and one bad file spoils no other."""
    embedder = FakeEmbedder()
    paths = [tmp_path / f"{number}.jpg" for number in range(BATCH + 5)]
    for path in paths:
        path.write_bytes(path.name.encode())
    paths[3].write_bytes(b"bad")
    paths[BATCH + 1].unlink()
    results = list(embed_files(embedder, paths))
    for path, result in zip(paths, results, strict=True):
        if path in (paths[3], paths[BATCH + 1]):
            assert isinstance(result, RejectedError)
        else:
            np.testing.assert_array_equal(result, embedder.vector(path.name.encode()))
    assert str(results[3]) == "not a picture"
    assert "No such file" in str(results[BATCH + 1])


def test_a_file_may_be_asked_for_by_parts(tmp_path: Path) -> None:
    class Boxes(FakeEmbedder):
        def embed(self, pictures: Sequence[Picture]) -> Vector:
            return np.array([picture.box or WHOLE for picture in pictures], np.float32)

    path = tmp_path / "one.jpg"
    path.write_bytes(b"one")
    half = (0.0, 0.0, 0.5, 1.0)
    found = embed_files(Boxes(), [path, path], [half, None])
    assert [list(row) for row in found if not isinstance(row, RejectedError)] == [
        list(half),
        list(WHOLE),
    ]


def test_a_part_alone_is_its_unit_block() -> None:
    vector = FakeEmbedder.vector(b"one")
    block = choose_part(TwoParts(), "colour")(vector)
    np.testing.assert_allclose(block, vector[5:] / np.linalg.norm(vector[5:]))
    assert block.dtype == np.float32
    np.testing.assert_array_equal(choose_part(TwoParts(), None)(vector), vector)


def test_an_unknown_part_lists_the_known() -> None:
    with pytest.raises(ConfigError, match=r"--part texture: .* it has shape, colour"):
        choose_part(TwoParts(), "texture")


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_numpy_reads_the_rows(tmp_path: Path, rows: int) -> None:
    expected = np.random.default_rng(0).normal(size=(rows, 5)).astype(np.float32)
    out = tmp_path / "rows.npy"
    with NpyFile(out, rows, 5) as file:
        for row in expected:
            file.append(row)
        assert not out.exists(), "it appears when it is complete"
    found = np.load(out, allow_pickle=False)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert list(tmp_path.iterdir()) == [out]


def test_a_failure_leaves_the_older_file(tmp_path: Path) -> None:
    out = tmp_path / "rows.npy"
    out.write_bytes(b"older")
    with pytest.raises(AttributeError), NpyFile(out, 2, 5) as file:
        file.append("no row")  # type: ignore[arg-type]  # the failure
    assert out.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"rows.npy: can't be written: No such file"):
        NpyFile(tmp_path / "absent" / "rows.npy", 1, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /dev/full")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    out = tmp_path / "rows.npy"
    (tmp_path / f".rows.npy.{os.getpid()}.part").symlink_to("/dev/full")
    with (
        pytest.raises(TransientError, match=r"rows.npy: can't be written: No space left"),
        NpyFile(out, 1, 5) as file,
    ):
        file.append(np.zeros(5, np.float32))
    assert list(tmp_path.iterdir()) == []
