"""The home page, categories with their pages, and search."""

from html import escape

from demo_shop.catalogue import ShopProduct
from demo_shop.pages.cards import grid
from demo_shop.pages.layout import page
from demo_shop.pages.storefront import Storefront
from demo_shop.urls import with_query


def home(front: Storefront) -> str:
    """Some products, all broad categories."""
    chosen = front.linked()[:12]
    body = f"""<section{front.css("hero")}><h1>{escape(front.grammar.shop_name)}</h1>
<p>Clothes, shoes and small things, drawn with care.</p></section>
{_shelf_links(front, ())}
{grid(front, chosen, "home")}"""
    return page(front, "Welcome", body, "/")


def _shelf_links(front: Storefront, names: tuple[str, ...]) -> str:
    """The categories right below *names*."""
    below = [each for each in front.shelves if len(each) == len(names) + 1 and each[:-1] == names]
    links = " ".join(
        f'<a href="{escape(front.urls.listing(each))}">{escape(each[-1])}</a>' for each in below
    )
    return f"<p>{links}</p>" if below else ""


def pages_of(front: Storefront, names: tuple[str, ...]) -> int:
    """How many pages the listing of a category has; at least one."""
    return max(1, -(-len(front.shelves[names]) // front.grammar.page_size))


def listing(front: Storefront, names: tuple[str, ...], number: int, ordered: bool = False) -> str:
    """Page *number* (from 1) of a category, *ordered* by price or as it comes."""
    products = front.shelves[names]
    if ordered:
        products = sorted(products, key=lambda each: (each.price or 0, each.number))
    size = front.grammar.page_size
    shown = products[(number - 1) * size : number * size]
    title = names[-1] if names else "All products"
    cheapest = f'<a href="{escape(order_path(front, names))}">{front.label("cheapest")}</a>'
    body = f"""{_trail(front, names)}<h1{front.css("title")}>{escape(title)}</h1>
<p>{len(products)} pieces. {cheapest}</p>
{_shelf_links(front, names)}
{grid(front, shown)}
{_pager(front, names, number)}"""
    return page(front, title, body, _path(front, names, number))


def _path(front: Storefront, names: tuple[str, ...], number: int) -> str:
    return front.urls.listing(names, number, front.grammar.page_size)


def order_path(front: Storefront, names: tuple[str, ...]) -> str:
    """The first page of a category, cheapest first."""
    return with_query(front.urls.listing(names), front.urls.params["order"], "price")


def _trail(front: Storefront, names: tuple[str, ...]) -> str:
    links = [
        f'<a href="{escape(front.urls.listing(names[: depth + 1]))}">{escape(name)}</a>'
        for depth, name in enumerate(names)
    ]
    return f"<nav{front.css('crumbs')}>{' / '.join(links)}</nav>"


def _pager(front: Storefront, names: tuple[str, ...], number: int) -> str:
    count = pages_of(front, names)
    if count == 1:
        return ""
    links = [_page_link(front, names, each, str(each)) for each in range(1, count + 1)]
    if number > 1:
        links.insert(0, _page_link(front, names, number - 1, front.label("previous"), "prev"))
    if number < count:
        links.append(_page_link(front, names, number + 1, front.label("next"), "next"))
    return f"<nav{front.css('pager')}>{' '.join(links)}</nav>"


def _page_link(
    front: Storefront, names: tuple[str, ...], number: int, text: str, rel: str = ""
) -> str:
    role = f' rel="{rel}"' if rel else ""
    return f'<a href="{escape(_path(front, names, number))}"{role}>{text}</a>'


def search(front: Storefront, query: str) -> str:
    """Products whose name holds *query*."""
    wanted = query.casefold()
    found: list[ShopProduct] = [
        each for each in front.linked() if wanted and wanted in each.name.casefold()
    ]
    body = f"<h1>{front.label('search')}: {escape(query)}</h1>{grid(front, found[:24])}"
    return page(front, "Search", body)
