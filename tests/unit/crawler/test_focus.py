import pytest

from crawler.focus import links_of, refusal
from crawler.pages.document import Document

HOSTS = {"shop.example"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example/p/red-shirt", ""),
        ("http://shop.example/c/shirts?page=2&sort=new", ""),
        ("http://elsewhere.example/p/1", "other host"),
        ("", "not a web address"),
        ("http://shop.example/account/orders", "account, cart or search"),
        ("http://shop.example/de/Warenkorb", "account, cart or search"),
        ("http://shop.example/p/1?add-to-cart=1", "account, cart or search"),
        ("http://shop.example/search?q=shirt", "account, cart or search"),
        ("http://shop.example/p/1/reviews", "reviews"),
        ("http://shop.example/catalogue.pdf", "not a page"),
        ("http://shop.example/list?a=1&b=2&c=3&d=4&e=5", "address too long"),
        ("http://shop.example/a/b/a/b/a/b", "repeated path"),
        ("http://shop.example/" + "x" * 1000, "address too long"),
    ],
)
def test_refusals(url: str, reason: str) -> None:
    assert refusal(url, HOSTS) == reason


PAGE = """
<nav><a href="/c/shirts">Shirts</a></nav>
<main><a href="/p/1"><img src="1.jpg"></a> <a href="/p/1">Red shirt</a>
<a href="?page=2">2</a> <a rel="next" href="?page=3">more</a></main>
<a href="/login">Sign in</a> <a href="mailto:me@shop.example">Mail</a> <a href="#top">Up</a>
<a rel="nofollow" href="/compare-all">Compare</a> <a href="http://other.example/">Friends</a>
<footer><a href="/terms">Terms</a></footer>
"""


def test_lists_and_products_come_before_the_rest() -> None:
    links, _ = links_of(Document(PAGE, "http://shop.example/c"), HOSTS, 1)
    order = [
        link.url.removeprefix("http://shop.example")
        for link in sorted(links, key=lambda one: -one.score)
    ]
    assert order == ["/c?page=2", "/c?page=3", "/p/1", "/c/shirts", "/terms"]


def test_refusals_are_counted() -> None:
    _, refused = links_of(Document(PAGE, "http://shop.example/c"), HOSTS, 1)
    assert refused == {
        "account, cart or search": 1,
        "not a web address": 1,
        "nofollow": 1,
        "other host": 1,
    }
