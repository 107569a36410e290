"""The shop as a crawler meets it."""

import io
import json
import random
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
from PIL import Image

from tests.unit.demo_shop.conftest import Served
from tests.unit.demo_shop.visitor import Page, Visitor


@pytest.fixture(scope="module")
def visitor(served: Served) -> Iterator[Visitor]:
    with Visitor(served.url) as visitor:
        yield visitor


@pytest.fixture(scope="module")
def pages(visitor: Visitor) -> dict[str, Page]:
    return visitor.walk()


@pytest.fixture(scope="module")
def truth(served: Served) -> list[dict]:
    return served.shop.truth(served.url)


def found_products(pages: dict[str, Page], truth: list[dict]) -> set[str]:
    """Canonical addresses met while walking that the truth knows."""
    good = [page for page in pages.values() if page.status == 200 and page.is_html]
    known = {each["url"] for each in truth}
    canonical = set()
    for page in good:
        try:
            canonical.add(page.canonical())
        except ValueError:  # the page of noise
            continue
    return canonical & known


def test_every_product_is_reached_by_links_or_sitemaps(visitor, pages, truth) -> None:
    known = {each["url"] for each in truth}
    linked, mapped = found_products(pages, truth), visitor.mapped() & known
    assert linked | mapped == known
    assert mapped - linked, "some products are reached by the sitemap only"
    assert linked - mapped, "some products are missing in the sitemap"


def test_every_mapped_address_is_a_page_that_is_its_own_canonical(visitor) -> None:
    for url in visitor.mapped():
        page = visitor.get(url)
        assert page.status == 200
        assert page.canonical() == url


def test_products_have_second_addresses_with_the_first_as_canonical(pages, truth) -> None:
    known = {each["url"] for each in truth}
    seconds = [
        url
        for url, page in pages.items()
        if page.status == 200 and page.is_html and url not in known and b"canonical" in page.body
        if page.canonical() in known
    ]
    assert len(seconds) >= 3


def test_old_addresses_redirect_in_three_ways_and_one_pair_loops(pages) -> None:
    moved = {url: page for url, page in pages.items() if 300 <= page.status < 400}
    assert {page.status for page in moved.values()} == {301, 302, 308}
    targets = {url: urljoin(url, page.headers["location"]) for url, page in moved.items()}
    assert any(targets.get(target) == url for url, target in targets.items())


def test_broken_pages_are_linked(pages) -> None:
    statuses = [page.status for page in pages.values()]
    assert 500 in statuses
    assert 404 in statuses
    fine = [page.body for page in pages.values() if page.status == 200 and page.is_html]
    assert any(b"Page not found" in body for body in fine)
    assert any(b"</html>" not in body for body in fine)


def test_robots_keeps_from_cart_account_search_and_staff(served, visitor) -> None:
    robots, static = visitor.robots(), served.shop.grammar.urls.static
    for role in ("cart", "account", "login", "wishlist", "search", "private"):
        assert not robots.can_fetch("any", served.url + static[role])
        assert visitor.get(static[role]).status == 200
    assert all(robots.can_fetch("any", each["url"]) for each in served.shop.truth(served.url))


def test_good_pictures_decode_and_are_those_of_the_truth(visitor, truth) -> None:
    for product in random.SystemRandom().sample(truth, 12):
        assert len(product["images"]) >= 2
        for image in product["images"]:
            page = visitor.get(image["url"])
            assert page.headers["content-type"] == "image/jpeg"
            picture = Image.open(io.BytesIO(page.body))
            picture.load()
            assert picture.size == (480, 600)


def test_broken_pictures_are_extra_slots(served, visitor, truth) -> None:
    front_faults = served.shop.plan.broken_pictures
    assert set(front_faults.values()) == {"missing", "truncated", "page"}
    for number in front_faults:
        product, known = served.shop.products[number], truth[number]
        urls = served.shop.grammar.urls
        broken = served.url + urls.picture(product, len(product.pictures))
        assert broken not in [each["url"] for each in known["images"]]
        assert broken.removeprefix(served.url).replace("&", "&amp;").encode() in (
            visitor.get(known["url"]).body
        )
        assert not decodes(visitor.get(broken))


def decodes(page: Page) -> bool:
    try:
        Image.open(io.BytesIO(page.body)).load()
    except OSError:
        return False
    return page.status == 200


def test_the_truth_is_never_served(served, visitor, pages) -> None:
    for name in ("truth", "truth.jsonl", "access.jsonl", "../access.jsonl", "%2e%2e/truth.jsonl"):
        assert visitor.get(f"{served.url}/{name}").status == 404
    assert not any(b'"markup"' in page.body for page in pages.values())


def test_unknown_addresses_are_404_and_posts_are_refused(visitor) -> None:
    assert visitor.get("/no/such/page").status == 404
    assert visitor.get("/", method="POST").status == 405


def test_known_pages_are_not_sent_again(visitor) -> None:
    first = visitor.get("/")
    again = visitor.get("/", **{"If-None-Match": first.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    since = visitor.get("/", **{"If-Modified-Since": first.headers["last-modified"]})
    assert since.status == 304


def test_head_says_the_length_without_the_body(visitor) -> None:
    head = visitor.get("/", method="HEAD")
    assert head.body == b""
    assert int(head.headers["content-length"]) == len(visitor.get("/").body)


def test_each_request_is_a_line_in_the_log(served, visitor) -> None:
    mark = f"/missing-{random.SystemRandom().randrange(10**9)}"
    visitor.get(mark, **{"User-Agent": "visitor/1"})
    # the answer may arrive a moment before its line is written
    visitor.get("/robots.txt")
    lines = [json.loads(line) for line in served.log.read_text().splitlines()]
    line = next(each for each in lines if each["path"] == mark)
    assert line["status"] == 404
    assert line["user_agent"] == "visitor/1"
    assert set(line) == {
        "time", "method", "path", "status", "bytes", "ms", "user_agent", "client",
    }  # fmt: skip
