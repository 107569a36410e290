"""Journal, legal, account and other pages that sell nothing."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from demo_shop.catalogue import ShopProduct
from demo_shop.pages.cards import grid
from demo_shop.pages.layout import page
from demo_shop.pages.storefront import Storefront
from demo_shop.urls import slug

TOPICS = (
    "How to care for wool",
    "Five days by the sea",
    "A visit to the dye works",
    "The capsule wardrobe",
    "Layers for a cold morning",
    "What to pack for the mountains",
    "Small repairs, long lives",
    "On the colour of the season",
)
SENTENCES = (
    "We went out early, when the light was still blue.",
    "Good cloth asks for little: air, water, some patience.",
    "Price is what you pay once; a seam that holds pays back for years.",
    "Our pattern maker keeps every draft in a drawer.",
    "There is no bad weather on a well packed shelf.",
    "Buy less, look longer, mend in time.",
    "A shirt from 1998 for 40 dollars still hangs in her office.",
    "The dye vat holds nine hundred litres.",
)


@dataclass(frozen=True, slots=True)
class Article:
    """One piece of the journal."""

    title: str
    path: str
    products: tuple[ShopProduct, ...]
    """Those it links to."""
    links: tuple[tuple[str, str], ...] = ()
    """Further links: (text, path); some of them lead nowhere."""


def articles_of(front: Storefront, odd_links: Sequence[tuple[str, str]]) -> list[Article]:
    """The journal; *odd_links* (old, broken, looping addresses) are spread over it."""
    rng = random.Random(f"journal {front.shop.seed}")
    titles = rng.sample(TOPICS, 6)
    linked = front.linked()
    return [
        Article(
            title,
            f"{front.urls.static['journal']}/{slug(title)}",
            tuple(rng.sample(linked, min(3, len(linked)))),
            tuple(odd_links[place :: len(titles)]),
        )
        for place, title in enumerate(titles)
    ]


def journal(front: Storefront, articles: Sequence[Article]) -> str:
    """The table of contents."""
    items = "".join(f'<li><a href="{each.path}">{escape(each.title)}</a></li>' for each in articles)
    body = f"<h1>{front.label('journal')}</h1><ul>{items}</ul>"
    return page(front, front.grammar.labels["journal"], body, front.urls.static["journal"])


def article_page(front: Storefront, article: Article) -> str:
    """An article with links into the shop."""
    links = "".join(
        f'<li><a href="{escape(path)}">{escape(text)}</a></li>' for text, path in article.links
    )
    body = f"""<article{front.css("article")}><h1>{escape(article.title)}</h1>
{_prose(article.title)}
<ul>{links}</ul></article>
{grid(front, article.products, "journal")}"""
    return page(front, article.title, body, article.path)


def _prose(topic: str) -> str:
    rng = random.Random(f"prose {topic}")
    return "".join(f"<p>{' '.join(rng.sample(SENTENCES, 4))}</p>" for _ in range(3))


def legal_page(front: Storefront, role: str) -> str:
    """Imprint, terms, privacy or returns."""
    title = front.grammar.labels[role]
    body = f"<h1>{escape(title)}</h1>{_prose(role)}<p>Shipping is 4.90, free above 100.00.</p>"
    return page(front, title, body, front.urls.static[role])


def account_page(front: Storefront, role: str) -> str:
    """Cart, account, login or wishlist: for people, not for robots."""
    title = front.grammar.labels[role]
    form = '<form method="get"><input name="email"><input name="password" type="password"></form>'
    inside = form if role == "login" else "<p>There is nothing here yet.</p>"
    return page(front, title, f"<h1>{escape(title)}</h1><div{front.css('notice')}>{inside}</div>")


def private_page(front: Storefront) -> str:
    """What robots.txt keeps robots from: links like a listing's."""
    body = f"<h1>{front.label('private')}</h1>{grid(front, front.linked()[:8], 'staff')}"
    return page(front, front.grammar.labels["private"], body)


def gone_page(front: Storefront) -> str:
    """The text of a 404, also served by a page that claims to be fine."""
    body = f"<h1>Page not found</h1><p{front.css('notice')}>We could not find what you wanted.</p>"
    return page(front, "Not found", body)
