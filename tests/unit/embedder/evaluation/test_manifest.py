from pathlib import Path

import pytest

from embedder.evaluation.manifest import Manifest, fingerprint, read_csv, read_table
from snapmode.errors import ConfigError

HEAD = "image,split,identity,category,domain,group"


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    file = folder / "list.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return file


def test_rows_become_items(tmp_path: Path) -> None:
    found = read_csv(
        written(
            tmp_path,
            "a.jpg,query,1,dress,street,anna",
            "in/ä.jpg,gallery,1,dress,shop,",
            "c.jpg,both,2,coat,,",
        )
    ).checked()
    assert [(i.id, i.query, i.gallery) for i in found.items] == [
        ("a.jpg", True, False),
        ("in/ä.jpg", False, True),
        ("c.jpg", True, True),
    ]
    assert found.items[1].image == tmp_path / "in" / "ä.jpg"
    first = found.items[0]
    assert [first.label(name) for name in ("identity", "domain", "group", "season")] == [
        "1",
        "street",
        "anna",
        "",
    ]
    assert (found.relevant, found.within) == ("identity", None)


def test_boxes_make_several_items_of_a_picture(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "a.jpg,query,1,0 0 0.5 1",
        "a.jpg,query,2,0.5 0 1 1",
        "b.jpg,gallery,1,",
        head="image,split,identity,box",
    )
    items = read_csv(file).items
    assert [item.box for item in items] == [(0, 0, 0.5, 1), (0.5, 0, 1, 1), None]
    assert len({item.id for item in items}) == 3


@pytest.mark.parametrize(
    ("rows", "head", "reason"),
    [
        ([], "image,identity", r"list.csv: no column `split`; it has image, identity"),
        (["a.jpg,test,1,x,,"], HEAD, r"list.csv: row 2: column split: 'test' is none of query, ga"),
        (["a.jpg,query,1,x,,", ",query,1,x,,"], HEAD, r"row 3: column image: empty"),
        (["a.jpg,query,1,x,,,"], HEAD, r"row 2: 1 values more than columns"),
        (["a.jpg,query,1"], HEAD, r"row 2: column category: missing"),
        (["a.jpg,query,1,x,,"] * 2, HEAD, r"row 3: column image: a.jpg is listed twice"),
        (["a.jpg,query,0 0 1"], "image,split,box", r"row 2: column box: '0 0 1' is not `x1 y1"),
        (["a.jpg,query,0 0 2 1"], "image,split,box", r"row 2: column box: .* not within 0..1"),
        (["a.jpg,query,0 0 nan 1"], "image,split,box", r"row 2: column box: .* not within 0..1"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, rows: list[str], head: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read_csv(written(tmp_path, *rows, head=head))


@pytest.mark.parametrize(
    ("rows", "change", "reason"),
    [
        (["a.jpg,query,1,x,,"], {}, "no row is a gallery"),
        (["a.jpg,gallery,1,x,,"], {}, "no row is a query"),
        ([], {}, "no column `identity`"),
        (["a.jpg,both,,x,,"], {}, "no column `identity` with any value"),
        (["a.jpg,both,1,x,,"], {"relevant": "colour"}, "no column `colour`"),
        (["a.jpg,both,1,x,,"], {"within": "season"}, "no column `season`"),
    ],
)
def test_what_can_not_be_searched_is_refused(
    tmp_path: Path, rows: list[str], change: dict[str, str], reason: str
) -> None:
    found = read_csv(written(tmp_path, *rows))
    with pytest.raises(ConfigError, match=reason):
        Manifest(found.source, found.items, **change).checked()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "can't be read: No such file"),
        (b"image,split\n\xff\xfe,query\n", "not a CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "list.csv"
    if content:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=reason):
        read_csv(file)


def test_commas_of_the_last_column(tmp_path: Path) -> None:
    file = written(tmp_path, "1,Shirt, blue, long", "2,Skirt", head="id,title")
    rows = list(read_table(file, ("id",), rest="title"))
    assert rows == [
        (2, {"id": "1", "title": "Shirt, blue, long"}),
        (3, {"id": "2", "title": "Skirt"}),
    ]


def test_equal_data_has_one_fingerprint(tmp_path: Path) -> None:
    """Wherever it lies, in any order; not with another label, or another picture."""
    rows = ["a.jpg,query,1,x,,", "b.jpg,gallery,1,x,,"]
    prints = []
    for name, some, size in (
        ("one", rows, 3),
        ("two", rows[::-1], 3),
        ("three", rows, 4),
        ("four", ["a.jpg,query,1,y,,", rows[1]], 3),
    ):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.jpg").write_bytes(bytes(size))
        prints.append(fingerprint(read_csv(written(folder, *some)).items))
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3
