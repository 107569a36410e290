"""The shop under an address: every path it knows, and the answer to each."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from urllib.parse import parse_qsl

from demo_shop.broken import broken_page, broken_paths, broken_picture
from demo_shop.catalogue import ShopProduct
from demo_shop.drawing import thumbnail
from demo_shop.feeds import robots, sitemaps
from demo_shop.pages import listing, texts
from demo_shop.pages.layout import LEGAL
from demo_shop.pages.product import product_page
from demo_shop.pages.storefront import THUMB, TILE, Storefront
from demo_shop.pages.style import style_sheet
from demo_shop.response import Response, html, picture, redirect
from demo_shop.stock import Stock

Answer = Callable[[], Response]
Route = tuple[str, Answer]


class Site:
    """Answers requests for *shop* under *base_url*; safe to ask from several threads."""

    def __init__(self, shop: Stock, base_url: str) -> None:
        self.front = Storefront.of(shop, base_url)
        self._known = frozenset(self.front.urls.params.values())
        self._campaign = self.front.urls.params["track"]
        self._routes = {self._key(path): answer for path, answer in self._all_routes()}
        # pages and small pictures are kept; big pictures have the shop's own store
        self._kept = lru_cache(maxsize=8192)(lambda key: self._routes[key]())

    def respond(self, target: str) -> Response:
        """The answer to GET *target*, a path with or without a query."""
        key = self._key(target)
        path, _, query = target.partition("?")
        if path == self.front.urls.static["search"]:
            return self._search(query)
        if key in self._pictures:
            return self._routes[key]()
        if key in self._routes:
            return self._kept(key)
        return html(texts.gone_page(self.front), 404)

    def _key(self, target: str) -> str:
        """*target* without campaigns and unknown parameters, the others in order."""
        path, mark, query = target.partition("?")
        if not mark:
            return path
        pairs = sorted(
            f"{name}={value}"
            for name, value in parse_qsl(query)
            if name in self._known and name != self._campaign
        )
        return f"{path}?{'&'.join(pairs)}" if pairs else path

    def _search(self, query: str) -> Response:
        words = dict(parse_qsl(query)).get(self.front.urls.params["query"], "")
        return html(listing.search(self.front, words))

    def _all_routes(self) -> Iterator[Route]:
        self._pictures: set[str] = set()
        yield from self._text_routes()
        yield from self._listing_routes()
        for product in self.front.shop.products:
            yield from self._product_routes(product)
            yield from self._picture_routes(product)

    def _text_routes(self) -> Iterator[Route]:
        front, static = self.front, self.front.urls.static
        articles = texts.articles_of(front, self._odd_links())
        yield "/", lambda: html(listing.home(front))
        yield front.urls.sheet, lambda: Response(style_sheet(front).encode(), "text/css")
        yield "/robots.txt", lambda: Response(robots(front).encode(), "text/plain; charset=utf-8")
        yield static["journal"], lambda: html(texts.journal(front, articles))
        for article in articles:
            yield article.path, partial(_page, texts.article_page, front, article)
        for role in LEGAL:
            yield static[role], partial(_page, texts.legal_page, front, role)
        for role in ("cart", "account", "login", "wishlist"):
            yield static[role], partial(_page, texts.account_page, front, role)
        yield static["private"], lambda: html(texts.private_page(front))
        yield static["loop"], lambda: redirect(302, f"{static['loop']}/now")
        yield f"{static['loop']}/now", lambda: redirect(302, static["loop"])
        for fault, path in broken_paths(front).items():
            yield path, partial(broken_page, front, fault)
        paths = [static["journal"], *(each.path for each in articles), *map(static.get, LEGAL)]
        for path, body in sitemaps(front, [path for path in paths if path]).items():
            kind = "application/gzip" if path.endswith(".gz") else "application/xml"
            yield path, partial(Response, body, kind)

    def _odd_links(self) -> list[tuple[str, str]]:
        """Links of the journal: former addresses, a loop, and pages that fail."""
        front = self.front
        old = [front.shop.products[number] for number in front.shop.plan.redirects]
        links = [(each.name, front.urls.old(each)) for each in old]
        broken = [("Read on", path) for path in broken_paths(front).values()]
        return [*links, (front.grammar.labels["loop"], front.urls.static["loop"]), *broken]

    def _listing_routes(self) -> Iterator[Route]:
        front, size = self.front, self.front.grammar.page_size
        for names in front.shelves:
            for number in range(1, listing.pages_of(front, names) + 1):
                path = front.urls.listing(names, number, size)
                yield path, partial(_page, listing.listing, front, names, number)
            ordered = listing.order_path(front, names)
            yield ordered, partial(_page, listing.listing, front, names, 1, True)

    def _product_routes(self, product: ShopProduct) -> Iterator[Route]:
        front, plan = self.front, self.front.shop.plan
        answer = partial(_page, product_page, front, product)
        yield front.urls.product(product), answer
        if product.number in plan.twins:
            yield front.urls.second(product), answer
        if product.number in plan.redirects:
            status = plan.redirects[product.number]
            target = front.urls.product(product)
            # both kinds of Location are met in the wild
            location = target if status == 302 else front.absolute(target)
            yield front.urls.old(product), partial(redirect, status, location)

    def _picture_routes(self, product: ShopProduct) -> Iterator[Route]:
        slots, good = self.front.slots(product), 0
        for slot in slots:
            whole = partial(self._picture, product, good, slot.fault)
            self._pictures.add(self._key(slot.path))
            yield slot.path, whole
            tile = self.front.urls.thumb(product, good, TILE)
            for path, width in ((slot.thumb, THUMB), (tile, TILE)):
                if slot.fault is None or width == THUMB:
                    yield path, partial(_small, whole, width)
            good += slot.fault is None

    def _picture(self, product: ShopProduct, view: int, fault: str | None) -> Response:
        if fault:
            return broken_picture(fault, self.front.shop.picture(product, 0))
        return picture(self.front.shop.picture(product, view))


def _page(write: Callable[..., str], *args: object) -> Response:
    return html(write(*args))


def _small(whole: Answer, width: int) -> Response:
    """The small version of a picture; one that cannot be read stays as it is."""
    found = whole()
    try:
        return picture(thumbnail(found.body, width))
    except OSError:
        return found
