import gzip

import pytest

from crawler.sitemaps import read_sitemap

HOSTS = {"shop.example"}
INDEX = b"""<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc> http://shop.example/products.xml.gz </loc></sitemap>
<sitemap><loc>http://elsewhere.example/s.xml</loc></sitemap></sitemapindex>"""
PAGES = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>http://shop.example/p/1</loc><image:image><image:loc>http://shop.example/1.jpg</image:loc>
</image:image></url><url><loc>http://shop.example/cart</loc></url></urlset>"""


def test_an_index_leads_to_sitemaps_of_the_same_shop() -> None:
    links, refused = read_sitemap(INDEX, "http://shop.example/sitemap.xml", HOSTS)
    assert [(link.url, link.kind) for link in links] == [
        ("http://shop.example/products.xml.gz", "sitemap")
    ]
    assert refused == {"other host": 1}


def test_pages_but_not_their_pictures_nor_the_cart() -> None:
    links, refused = read_sitemap(gzip.compress(PAGES), "http://shop.example/p.xml.gz", HOSTS)
    assert [(link.url, link.kind) for link in links] == [("http://shop.example/p/1", "page")]
    assert refused == {"account, cart or search": 1}


def test_one_address_a_line() -> None:
    links, _ = read_sitemap(
        b"http://shop.example/a\nhttp://shop.example/b\n", "http://shop.example/s.txt", HOSTS
    )
    assert len(links) == 2


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "http://shop.example/x">]><urlset><url><loc>&a;</loc></url></urlset>'
    links, _ = read_sitemap(bomb, "http://shop.example/s.xml", HOSTS)
    assert links == []


def test_nonsense_is_an_empty_sitemap() -> None:
    for data in (b"", b"<", b"\x1f\x8bnonsense", b"<html><p>404"):
        assert read_sitemap(data, "http://shop.example/s.xml", HOSTS)[0] == []


def test_no_more_links_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.sitemaps.MAX_LINKS", 3)
    lines = b"\n".join(b"http://shop.example/%d" % number for number in range(5))
    links, _ = read_sitemap(lines, "http://shop.example/s.txt", HOSTS)
    assert len(links) == 3
