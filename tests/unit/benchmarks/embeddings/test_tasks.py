from pathlib import Path

import pytest

from benchmarks.embeddings.tasks import street_pictures, tasks


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that street pictures were drawn into; drawing takes half a minute."""
    folders: list[Path] = []

    def write(_folder: Path, out: Path) -> Path:
        folders.append(out)
        out.mkdir(parents=True)
        rows = "street/a.jpg,query,a\nshop/a.jpg,gallery,a\n"
        (out / "manifest.csv").write_text("image,split,identity\n" + rows)
        return out / "manifest.csv"

    monkeypatch.setattr("embedder.training.street_manifest.write_street_manifest", write)
    return folders


def test_street_pictures_are_made_once(tmp_path: Path, made: list[Path]) -> None:
    first = street_pictures(tmp_path / "ccp_street", tmp_path / "work")
    assert street_pictures(tmp_path / "ccp_street", tmp_path / "work") == first
    assert len(made) == 1


def test_the_test_sets_are_those_of_the_readme(
    data_folder: Path, tmp_path: Path, made: list[Path]
) -> None:
    found = {task.name: task for task in tasks(data_folder, tmp_path / "work")}
    assert list(found) == ["luma", "clothing", "articleType", "baseColour", "street"]
    assert set(found["luma"].label("view")) == {"back", "alt1"}
    assert set(found["clothing"].label("split")) == {"val"}
    assert found["articleType"].data == found["baseColour"].data
    assert found["baseColour"].part == "colour"
    assert len(made) == 1


def test_quick_keeps_whole_products(data_folder: Path, tmp_path: Path, made: list[Path]) -> None:
    whole, few = (tasks(data_folder, tmp_path / "work", quick)[0] for quick in (False, True))
    names = {item.label("identity") for item in few.items}
    assert 0 < len(few.items) < len(whole.items) / 3
    assert [item.id for item in few.items] == [
        item.id for item in whole.items if item.label("identity") in names
    ]
