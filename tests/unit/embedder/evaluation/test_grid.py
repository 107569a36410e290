from PIL import Image

from embedder.evaluation.grid import GAP, TEXT, Cell, grid, thumbnail


def test_a_thumbnail_holds_the_whole_picture() -> None:
    wide = Image.new("RGB", (40, 20), "red")
    small = thumbnail(wide, 20)
    assert small.size == (20, 20)
    assert small.getpixel((10, 10)) == (255, 0, 0)
    assert small.getpixel((10, 2)) == (255, 255, 255)
    assert thumbnail(wide, 80).getpixel((40, 40)) == (255, 0, 0)


def test_pictures_stand_in_rows_and_frames() -> None:
    red, blue = (Image.new("RGB", (10, 10), colour) for colour in ("red", "blue"))
    page = grid([("", [Cell(red, "lime"), Cell(blue)]), ("title", [Cell(blue, text="words")])], 20)
    cell = 20 + 2 * GAP
    assert page.size == (2 * cell, 2 * cell + 2 * TEXT)
    assert page.getpixel((GAP + 10, GAP + 10)) == (255, 0, 0)
    assert page.getpixel((2, 2)) == (0, 255, 0)
    assert page.getpixel((cell + 2, 2)) == (255, 255, 255)
    assert page.getpixel((GAP + 10, cell + TEXT + GAP + 10)) == (0, 0, 255)
    title = page.crop((0, cell, page.width, cell + TEXT)).convert("L")
    assert title.getextrema()[0] < 128, "there is ink"


def test_any_text_can_be_written() -> None:
    cells = [Cell(Image.new("RGB", (9, 9)), text="日本 — ≥ ü " * 20)]
    assert grid([("ключ", cells), ("nothing", [])], 24).height == 24 + 2 * GAP + 3 * TEXT


def test_nothing_is_an_empty_page() -> None:
    assert grid([], 20).size == (28, 1)
