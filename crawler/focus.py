"""Focus: which links deserve a request, why others don't, and which come first."""

import re
from collections import Counter
from collections.abc import Collection
from urllib.parse import parse_qsl, unquote, urlsplit

from lxml.html import HtmlElement

from crawler.addresses import host_of, words
from crawler.frontier import Link
from crawler.pages.document import Document, text_of

MAX_URL = 1000
MAX_DEPTH = 20
MAX_PARAMETERS = 4
MAX_SEGMENTS = 12
NOT_PAGES = re.compile(
    r"\.(jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|css|js|mjs|json|xml|rss|atom|txt|csv|pdf|docx?|"
    r"xlsx?|pptx?|zip|gz|rar|7z|tar|exe|dmg|apk|mp3|mp4|m4a|m4v|avi|mov|webm|ogg|wav|woff2?|ttf|eot)$",
    re.I,
)
PRIVATE_PARTS = words(
    "login signin sign-in log-in logout sign-out signout register signup sign-up account accounts "
    "my-account myaccount customer password cart basket bag checkout warenkorb panier carrito "
    "carrello winkelwagen kasse wishlist wish-list favourites favorites wunschliste compare "
    "search catalogsearch suche recherche buscar auth oauth konto compte cuenta order-status "
    "wp-admin wp-login.php wp-json cdn-cgi add-to-cart sendfriend newsletter unsubscribe"
)
PRIVATE_PARAMETERS = words(
    "add-to-cart add_to_cart add-to-wishlist q query search s keyword keywords returnurl return_to "
    "redirect redirect_to next replytocom share print"
)
LONGEST_NEXT = 40
"""Characters of a link to the next page."""
REVIEW_PARTS = words("review reviews write-review bewertung bewertungen avis rezension")
NEXT_WORDS = re.compile(
    r"^(next|older|more|show more|load more|weiter|nächste|suivante?s?|siguiente|successiv[oa]|"
    r"volgende|następna|próxim[ao]|nästa|neste|seuraava|další|дальше|следующая|بعدی|下一页|次へ|"
    r"[›»→>]+|\d{1,4})( (page|seite))?[ ›»→>]*$",
    re.I,
)


def refusal(url: str, hosts: Collection[str]) -> str:
    """Why a normalised address is not worth a request; "" when it is."""
    if not url:
        return "not a web address"
    if host_of(url) not in hosts:
        return "other host"
    parts = urlsplit(url)
    segments = [unquote(part).lower() for part in parts.path.split("/") if part]
    parameters = [name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if NOT_PAGES.search(parts.path):
        return "not a page"
    if len(url) > MAX_URL or len(segments) > MAX_SEGMENTS or len(parameters) > MAX_PARAMETERS:
        return "address too long"
    if PRIVATE_PARTS.intersection(segments) or PRIVATE_PARAMETERS.intersection(parameters):
        return "account, cart or search"
    if REVIEW_PARTS.intersection(segments[-1:]):
        return "reviews"
    if any(segments.count(part) > 2 for part in segments):
        return "repeated path"
    return ""


def links_of(
    document: Document, hosts: Collection[str], depth: int
) -> tuple[list[Link], Counter[str]]:
    """The page's links worth following, each once with its best score, and refusals by reason."""
    best: dict[str, float] = {}
    refused: dict[str, str] = {}
    for anchor in document.tree.iter("a", "area", "link"):
        href = (anchor.get("href") or "").strip()
        relation = (anchor.get("rel") or "").lower().split()
        if (
            not href
            or href.startswith("#")
            or (anchor.tag == "link" and not {"next", "prev"} & set(relation))
        ):
            continue
        url = document.absolute(href)
        reason = "too deep" if depth > MAX_DEPTH else refusal(url, hosts)
        if not reason and "nofollow" in relation:
            reason = "nofollow"
        if reason:
            refused[url or href] = reason
        elif url != document.address:
            best[url] = max(score_of(anchor, relation), best.get(url, -9.0))
    links = [Link(url, round(score - 0.05 * depth, 3), depth) for url, score in best.items()]
    return links, Counter(refused.values())


def score_of(anchor: HtmlElement, relation: Collection[str]) -> float:
    """A small general prior: lists first, then what looks like a product, then the rest."""
    if "next" in relation or "prev" in relation:
        return 4.0
    text = text_of(anchor, LONGEST_NEXT)
    if text and len(text) <= LONGEST_NEXT and NEXT_WORDS.match(text):
        return 4.0
    if anchor.find(".//img") is not None:
        return 3.0
    regions = {ancestor.tag for ancestor in anchor.iterancestors()}
    if "footer" in regions:
        return -1.0
    return 2.0 if "nav" in regions or "main" in regions else 1.0
