"""The URL grammar of a shop, drawn from its seed."""

import random
import re
import unicodedata
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from demo_shop.catalogue import ShopProduct

# a category may have any name, so it never stands first: robots.txt forbids some beginnings
PRODUCT = (
    "/p/{slug}-{id}.html",
    "/range/{shelf}/{slug}/{id}",
    "/item?{key}={id}",
    "/catalog/{id}/{slug}",
    "/products/{slug}-p{id}",
    "/shop/{slug}-{id}/",
    "/{id}-{slug}.html",
    "/detail.php?{key}={id}&{extra}={slug}",
)
SECOND = ("/range/{shelf}/all/{slug}-{id}", "/go/{id}", "/s/{shelf}/{id}/{slug}", "/view/{id}.htm")
OLD = (
    "/old/{id}",
    "/archive/{slug}.htm",
    "/product_info.php?{key}={id}",
    "/2019/{id}-{slug}",
)
LISTING = (
    "/c/{shelf}",
    "/shop/{shelf}/",
    "/collections/{dashed}",
    "/list?{cat}={dashed}",
    "/range/{shelf}.html",
    "/dept/{dashed}/",
)
PICTURE = (
    "/media/{id}_{slot}.jpg",
    "/img/products/{id}/{slot}.jpg",
    "/static/photos/{id}-{slot}-large.jpg",
    "/cdn/{mark}/{slot}.jpg",
    "/image?{pic}={id}-{slot}",
)
STATIC = {
    "cart": ("/cart", "/basket", "/bag", "/checkout/cart"),
    "account": ("/account", "/my", "/customer/account"),
    "login": ("/login", "/signin", "/account/login", "/customer/login"),
    "wishlist": ("/wishlist", "/favourites", "/saved"),
    "search": ("/search", "/find", "/suche"),
    "private": ("/staff", "/internal", "/preview"),
    "journal": ("/journal", "/blog", "/stories", "/magazine"),
    "imprint": ("/imprint", "/about/company", "/legal/notice"),
    "terms": ("/terms", "/legal/terms", "/conditions"),
    "privacy": ("/privacy", "/legal/privacy", "/data-protection"),
    "returns": ("/returns", "/help/returns", "/shipping-and-returns"),
    "loop": ("/offers", "/promo", "/campaign"),
}


def slug(text: str) -> str:
    """*text* for a path: lower case ASCII letters, digits and dashes."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    short = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    # letters of another script are lost; their checksum keeps two such names apart
    return short or f"n{zlib.crc32(text.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Urls:
    """Paths, with their queries, of everything a shop serves."""

    ids: tuple[int, ...]
    """The number each product has in paths."""
    params: Mapping[str, str]
    """Names of the query parameters: key, extra, cat, pic, page, order, width, query."""
    product_form: str
    second_form: str
    old_form: str
    listing_form: str
    picture_form: str
    page_style: str
    """query, offset or path."""
    thumb_style: str
    """query or path."""
    static: Mapping[str, str]
    sheet: str
    """Path of the style sheet."""

    def _fill(self, form: str, product: ShopProduct) -> str:
        name = slug(product.name)
        shelf = "/".join(slug(each) for each in product.categories) or "all"
        number = self.ids[product.number]
        return form.format(slug=name, id=number, shelf=shelf, **self.params)

    def product(self, product: ShopProduct) -> str:
        """The canonical path of a product page."""
        return self._fill(self.product_form, product)

    def second(self, product: ShopProduct) -> str:
        """Another path to the same page."""
        return self._fill(self.second_form, product)

    def old(self, product: ShopProduct) -> str:
        """A path of former times, which redirects."""
        return self._fill(self.old_form, product)

    def listing(self, categories: tuple[str, ...], page: int = 1, size: int = 24) -> str:
        """Page *page* (from 1) of a category."""
        names = [slug(each) for each in categories] or ["all"]
        path = self.listing_form.format(
            shelf="/".join(names), dashed="-".join(names), **self.params
        )
        if page == 1:
            return path
        if self.page_style == "path" and "?" not in path:
            base, dot, ending = path.partition(".html")
            return f"{base.rstrip('/')}/{self.params['page']}/{page}{dot}{ending}"
        value = (page - 1) * size if self.page_style == "offset" else page
        return with_query(path, self.params["page"], value)

    def picture(self, product: ShopProduct, slot: int) -> str:
        """The full picture in a gallery's *slot* (from 0)."""
        number = self.ids[product.number]
        mark = f"{number * 2654435761 % 2**32:08x}"
        return self.picture_form.format(id=number, slot=slot + 1, mark=mark, **self.params)

    def thumb(self, product: ShopProduct, slot: int, width: int) -> str:
        """The same picture, *width* pixels wide."""
        path = self.picture(product, slot)
        if self.thumb_style == "query":
            return with_query(path, self.params["width"], width)
        return f"/w{width}{path}"


def with_query(path: str, name: str, value: object) -> str:
    """*path* with one more parameter."""
    return f"{path}{'&' if '?' in path else '?'}{name}={value}"


PARAMS = {
    "key": ("id", "pid", "item", "art", "sku_id"),
    "extra": ("n", "title", "ref_name"),
    "cat": ("cat", "category", "cgid", "dept"),
    "pic": ("f", "file", "img"),
    "page": ("page", "p", "pg", "seite"),
    "order": ("sort", "order", "orderby"),
    "width": ("w", "width", "size", "sw"),
    "query": ("q", "query", "s", "text"),
    "track": ("utm_source", "ref", "src", "campaign_id"),
}


def draw_urls(rng: random.Random, products: int) -> Urls:
    """A grammar for *products* products."""
    params = {role: rng.choice(names) for role, names in PARAMS.items()}
    page_style = rng.choice(("query", "offset", "path"))
    if page_style == "offset":
        params["page"] = rng.choice(("start", "offset", "from"))
    return Urls(
        ids=tuple(rng.sample(range(10_000, 10_000 + 90 * products + 9_000), products)),
        params=params,
        product_form=rng.choice(PRODUCT),
        second_form=rng.choice(SECOND),
        old_form=rng.choice(OLD),
        listing_form=rng.choice(LISTING),
        picture_form=rng.choice(PICTURE),
        page_style=page_style,
        thumb_style=rng.choice(("query", "path")),
        static={role: rng.choice(paths) for role, paths in STATIC.items()},
        sheet=f"/assets/{rng.randrange(16**8):08x}.css",
    )
