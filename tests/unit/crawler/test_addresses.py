import pytest

from crawler.addresses import fingerprint, host_of, identity, normalised


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Shop.Example/x", "shop.example"),
        ("http://shop.example:80/", "shop.example"),
        ("https://shop.example:443/", "shop.example"),
        ("https://shop.example:80/", "shop.example:80"),
        ("http://127.0.0.1:8001/", "127.0.0.1:8001"),
        ("http://[::1]:8001/", "[::1]:8001"),
        ("http://shop.example:nonsense/", ""),
        ("mailto:me@shop.example", ""),
    ],
)
def test_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("url", "one"),
    [
        ("/a?b=1&a=2#c", "http://shop.example/a?b=1&a=2"),
        ("x.html", "http://shop.example/dir/x.html"),
        ("//cdn.example/i.jpg", "http://cdn.example/i.jpg"),
        ("/p?utm_source=mail&id=7&gclid=x&fbclid=y&ref=home", "http://shop.example/p?id=7"),
        ("/p;jsessionid=AB12", "http://shop.example/p"),
        ("http://SHOP.example:80", "http://shop.example/"),
        ("javascript:void(0)", ""),
        ("mailto:a@b.example", ""),
        ("http://[broken", ""),
    ],
)
def test_one_spelling(url: str, one: str) -> None:
    assert normalised(url, "http://shop.example/dir/page") == one


def test_fingerprints_keep_a_host_together_and_schemes_alike() -> None:
    assert fingerprint("http://shop.example/a") == fingerprint("https://shop.example/a")
    assert fingerprint("http://shop.example/a").startswith("shop.example/")
    assert fingerprint("http://shop.example/a") != fingerprint("http://shop.example/b")


def test_identity_is_path_and_query() -> None:
    assert identity("https://shop.example/p?id=7") == "/p?id=7"


def test_the_order_of_parameters_is_kept_but_makes_no_other_page() -> None:
    one, other = (normalised(f"http://shop.example/p?{query}") for query in ("b=1&a=2", "a=2&b=1"))
    assert one != other
    assert fingerprint(one) == fingerprint(other)
    assert identity(one) == identity(other)
