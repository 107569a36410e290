from pathlib import Path

import pytest

from embedder.evaluation.layouts.in_shop import read
from snapmode.errors import ConfigError
from tests.unit.embedder.evaluation.layouts.trees import by_id, picture, text

DRESS = "img/WOMEN/Dresses/id_00000002/02_1_front.jpg"
BACK = "img/WOMEN/Dresses/id_00000002/02_2_side.jpg"
DENIM = "img/MEN/Denim/id_00000080/01_7_additional.jpg"


def tree(folder: Path, *lines: str) -> Path:
    picture(folder / "Img" / DRESS)
    head = (str(len(lines)), "image_name item_id evaluation_status")
    text(folder / "Eval" / "list_eval_partition.txt", *head, *lines)
    return folder


def test_the_official_partition(tmp_path: Path) -> None:
    found = read(
        tree(
            tmp_path,
            f"{DRESS}      id_00000002 query",
            f"{BACK}       id_00000002 gallery",
            f"{DENIM} id_00000080 train",
            "",
        )
    ).checked()
    items = by_id(found)
    assert set(items) == {DRESS, BACK}
    assert items[DRESS].query
    assert not items[DRESS].gallery
    assert items[BACK].gallery
    assert items[DRESS].labels == {
        "identity": "id_00000002",
        "category": "Dresses",
        "gender": "WOMEN",
    }
    assert items[DRESS].image == tmp_path / "Img" / DRESS
    assert (found.relevant, found.within) == ("identity", None)


def test_pictures_unpacked_beside_the_list(tmp_path: Path) -> None:
    picture(tmp_path / DRESS)
    text(tmp_path / "list_eval_partition.txt", "1", "names", f"{DRESS} id_00000002 query")
    assert read(tmp_path).items[0].image == tmp_path / DRESS


@pytest.mark.parametrize("line", [f"{DRESS} id_2 test", f"{DRESS} query"])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigError, match=r"list_eval_partition.txt: row 3: not `image_name"):
        read(tree(tmp_path, line))


def test_an_empty_folder_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs Eval/list_eval_partition.txt or"):
        read(tmp_path)
