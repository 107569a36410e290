"""The page in a real browser, as people use it. Needs Chromium ($CHROMIUM, /usr/bin/chromium)."""

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from snapmode.items import Product, Removal
from tests.browser.conftest import PRODUCTS, Served, Visit

pytestmark = pytest.mark.browser

CARDS = ".card:not(.waiting)"
DROP = """([data, type]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
  const options = { bubbles: true, cancelable: true };
  if (type === "paste") options.clipboardData = transfer;
  else options.dataTransfer = transfer;
  const Kind = type === "paste" ? ClipboardEvent : DragEvent;
  document.querySelector("main").dispatchEvent(new Kind(type, options));
}"""


def choose(page: Page, photo: bytes, control: str = "#choose") -> None:
    file = FilePayload(name="photo.jpg", mimeType="image/jpeg", buffer=photo)
    page.locator(control).set_input_files(file)


def expect_first(page: Page, product: Product) -> None:
    first = page.locator(CARDS).first
    expect(first).to_have_attribute("data-product", product.id)
    expect(first.locator(".likeness")).to_contain_text("%")


def expect_how(page: Page, said: str) -> None:
    expect(page.locator("#how")).to_have_text(re.compile(said))


def test_products_can_be_browsed_before_any_search(visit: Visit) -> None:
    page = visit.page
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect_how(page, f"^{PRODUCTS} products$")
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(CARDS)).to_have_count(PRODUCTS)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_a_chosen_photo_finds_its_product_first(
    visit: Visit, served: Served, screenshot: Path | None
) -> None:
    page, product = visit.page, served.products[1]
    choose(page, served.photo(product, 1))
    expect_first(page, product)
    expect_how(page, r"^exact · \d+ pictures scanned · \d+ ms · index of ")
    card = page.locator(CARDS).first
    expect(card.get_by_role("link", name=product.name)).to_have_attribute("href", product.url)
    expect(card).to_contain_text(product.source)
    expect(page.locator("#title")).to_be_focused()
    if screenshot:
        page.wait_for_load_state("networkidle")
        page.screenshot(path=screenshot)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_dropped_and_pasted_photos_are_searched(visit: Visit, served: Served, way: str) -> None:
    product = served.products[2]
    photo = base64.b64encode(served.photo(product)).decode()
    visit.page.evaluate(DROP, [photo, way])
    expect_first(visit.page, product)


def test_a_box_on_the_picture_narrows_the_search_and_back_undoes_it(
    visit: Visit, served: Served
) -> None:
    page = visit.page
    choose(page, served.photo(served.products[3]))
    expect_first(page, served.products[3])
    area = page.locator(".pane").bounding_box()
    assert area
    with page.expect_response("**/v1/search/image") as answer:
        page.mouse.move(area["x"] + 0.25 * area["width"], area["y"] + 0.25 * area["height"])
        page.mouse.down()
        page.mouse.move(area["x"] + 0.75 * area["width"], area["y"] + 0.75 * area["height"])
        page.mouse.up()
    assert answer.value.json()["objects"][0]["box"] == pytest.approx(
        [0.25, 0.25, 0.75, 0.75], abs=0.02
    )
    expect(page.get_by_text("Searching for the marked part.")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Draw a box on the picture")).to_be_visible()
    expect_first(page, served.products[3])


def test_a_box_can_be_drawn_with_the_keyboard(visit: Visit, served: Served) -> None:
    page = visit.page
    choose(page, served.photo(served.products[3]))
    expect_first(page, served.products[3])
    page.locator(".pane").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    with page.expect_response("**/v1/search/image") as answer:
        page.keyboard.press("Enter")
    assert answer.value.json()["objects"][0]["box"] == [0.22, 0.2, 0.82, 0.82]
    page.get_by_role("button", name="Search the whole picture").click()
    expect(page.get_by_text("Draw a box on the picture")).to_be_visible()


def test_similar_shows_the_product_and_its_likes_and_can_be_shared(
    visit: Visit, served: Served
) -> None:
    page, product = visit.page, served.products[0]
    page.locator("#q").fill(product.name)
    page.keyboard.press("Enter")
    page.get_by_role("button", name=f"Similar to {product.name}").first.click()
    expect(page.get_by_text(f"Similar to {product.name}", exact=True)).to_be_visible()
    expect(page.locator(f'{CARDS}[data-product="{product.id}"]')).to_have_count(0)
    expect_how(page, "scanned")
    before = page.locator(CARDS).first.get_attribute("data-product")
    page.reload()
    expect(page.locator(CARDS).first).to_have_attribute("data-product", str(before))
    page.go_back()
    expect(page.locator("#q")).to_have_value(product.name)


def test_words_find_products(visit: Visit, served: Served) -> None:
    page, product = visit.page, served.products[5]
    page.locator("#q").fill(product.name)
    page.keyboard.press("Enter")
    expect(page.locator(f'{CARDS}[data-product="{product.id}"]')).to_be_visible()
    page.locator("#q").fill("nosuchword")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No product matches")).to_be_visible()
    page.get_by_role("button", name="Show everything").click()
    expect_how(page, f"^{PRODUCTS} products$")


def test_filters_narrow_stay_in_the_address_and_can_be_removed(
    visit: Visit, served: Served
) -> None:
    page = visit.page
    colour = served.products[0].color
    same = [product for product in served.products if product.color == colour]
    group = page.get_by_role("group", name="Colour")
    if group.get_by_text("more").count():
        group.get_by_text("more").click()
    group.get_by_role("checkbox", name=str(colour)).check()
    expect_how(page, f"^{len(same)} product")
    page.reload()
    expect_how(page, f"^{len(same)} product")
    page.get_by_role("spinbutton", name="Price, to").fill("0.01")
    page.keyboard.press("Tab")
    expect(page.get_by_role("heading", name="No product matches")).to_be_visible()
    page.get_by_role("button", name="Remove filter Price to 0.01").click()
    expect_how(page, f"^{len(same)} product")
    page.get_by_role("button", name=f"Remove filter {colour}").click()
    expect_how(page, f"^{PRODUCTS} products$")


def test_filters_hold_for_a_photo_too(visit: Visit, served: Served) -> None:
    page, product = visit.page, served.products[4]
    choose(page, served.photo(product))
    expect_first(page, product)
    page.get_by_role("checkbox", name="In stock").check()
    expect(page.get_by_role("button", name="Remove filter In stock")).to_be_visible()
    expect_how(page, "scanned")
    expect(page.locator(CARDS).first).to_be_visible()
    expect(page.get_by_text("Sold out", exact=True).and_(page.locator(".badge"))).to_have_count(0)


def test_a_phone_shows_everything_without_scrolling_sideways(visit: Visit, served: Served) -> None:
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 740})
    choose(page, served.photo(served.products[0]), "#camera")
    expect_first(page, served.products[0])
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.get_by_role("group", name="Brand")).to_be_hidden()
    page.get_by_text("Filters", exact=True).click()
    expect(page.get_by_role("group", name="Brand")).to_be_visible()


def test_huge_photos_are_shrunk_before_they_are_sent(visit: Visit, served: Served) -> None:
    page = visit.page
    drawn = page.evaluate(
        """async () => {
          const canvas = document.createElement("canvas");
          [canvas.width, canvas.height] = [3000, 4000];
          canvas.getContext("2d").fillRect(0, 0, 900, 900);
          return canvas.toDataURL("image/png").split(",")[1];
        }"""
    )
    choose(page, base64.b64decode(drawn))
    # The page shows what it sent.
    shown = page.locator(".pane img")
    expect(shown).to_have_js_property("naturalWidth", 768)
    expect(shown).to_have_js_property("naturalHeight", 1024)
    expect_how(page, "scanned")


def test_what_is_no_picture_is_said_in_words(visit: Visit) -> None:
    page = visit.page
    choose(page, b"not a picture")
    expect(page.get_by_role("alert")).to_contain_text("picture")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    # The browser itself reports the refused request and the picture it can't show.
    assert all("422" in trouble for trouble in visit.troubles)
    visit.troubles.clear()


def test_the_reference_of_the_api_is_drawn(visit: Visit, served: Served) -> None:
    visit.page.goto(f"{served.url}/docs")
    expect(visit.page.get_by_text("/v1/search/image")).to_be_visible()


def test_shops_can_not_smuggle_in_scripts(visit: Visit, served: Served) -> None:
    rude = served.products[0].model_copy(
        update={
            "id": "rude",
            "name": "<img src=x onerror=alert(1)>rude",
            "url": "javascript:alert(1)",
            "images": (),
        }
    )
    served.house.catalog.upsert([rude])
    page = visit.page
    page.locator("#q").fill("rude")
    page.keyboard.press("Enter")
    card = page.locator('[data-product="rude"]')
    expect(card.get_by_role("heading")).to_have_text(rude.name)
    expect(card.get_by_role("link")).to_have_count(0)
    expect(card.locator("img")).to_have_count(0)
    page.goto(served.url)
    served.house.catalog.delete([Removal(id="rude", version=rude.version)])
