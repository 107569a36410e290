"""robots.txt and the sitemaps."""

import gzip
import random
from collections.abc import Iterable
from html import escape

from demo_shop.pages.storefront import Storefront

DISALLOWED = ("cart", "account", "login", "wishlist", "search", "private")
HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def index_path(front: Storefront) -> str:
    """Where the sitemap index lies; robots.txt names it."""
    names = ("/sitemap.xml", "/sitemap_index.xml", "/sitemaps/index.xml")
    return random.Random(f"sitemap {front.shop.seed}").choice(names)


def robots(front: Storefront) -> str:
    """Everybody may come, but not to the cart, the accounts, the search and the staff's pages."""
    closed = "\n".join(f"Disallow: {front.urls.static[role]}" for role in DISALLOWED)
    return f"User-agent: *\n{closed}\n\nSitemap: {front.absolute(index_path(front))}\n"


def sitemaps(front: Storefront, texts: Iterable[str]) -> dict[str, bytes]:
    """Path to content: the index, *texts* and listings, and products in two parts."""
    unmapped = front.shop.plan.unmapped
    products = [
        front.urls.product(each) for each in front.shop.products if each.number not in unmapped
    ]
    listings = [front.urls.listing(names) for names in front.shelves]
    half = len(products) // 2
    parts = {
        "/sitemap-pages.xml": _urlset(front, ["/", *listings, *texts]),
        "/sitemap-products-1.xml": _urlset(front, products[:half]),
        # a fixed time keeps the file the same in every run
        "/sitemap-products-2.xml.gz": gzip.compress(_urlset(front, products[half:]), mtime=0),
    }
    return {index_path(front): _index(front, parts), **parts}


def _urlset(front: Storefront, paths: Iterable[str]) -> bytes:
    items = "".join(f"<url><loc>{escape(front.absolute(path))}</loc></url>\n" for path in paths)
    return f'{HEADER}<urlset xmlns="{SPACE}">\n{items}</urlset>\n'.encode()


def _index(front: Storefront, paths: Iterable[str]) -> bytes:
    items = "".join(
        f"<sitemap><loc>{escape(front.absolute(path))}</loc></sitemap>\n" for path in paths
    )
    return f'{HEADER}<sitemapindex xmlns="{SPACE}">\n{items}</sitemapindex>\n'.encode()
