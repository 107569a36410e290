"""Whether the product can be bought, by the page's words and its buy button."""

import re

from lxml.html import HtmlElement

from crawler.pages.document import clean, hints, text_of
from crawler.pages.region import Region

OUT = re.compile(
    r"out of stock|sold[ -]?out|currently unavailable|no longer available|"
    r"discontinued|notify me when|email me when|back ?order only|ausverkauft|"
    r"nicht (mehr )?(lieferbar|vorrätig|auf lager)|"
    r"derzeit nicht|épuisé|rupture de stock|agotado|sin existencias|esaurito|"
    r"uitverkocht|niet (op voorraad|leverbaar)|slutsåld|slut i lager|utsolgt|udsolgt|loppu|"
    r"wyprzedan|brak w magazynie|vyprodáno|нет в наличии|распродан|esgotado|indisponível|"
    r"stokta yok|tükendi|"
    r"ناموجود|تمام شد|売り切れ|在庫切れ|缺货|售罄|kifogyott|ni na zalogi|razprodano",
    re.I,
)
IN = re.compile(
    r"\bin stock\b|\bavailable now\b|\bavailable\b|ready to ship|ships (within|in|today|"
    r"tomorrow)|only \d+ left|\d+ (left )?in stock|"
    r"auf lager|sofort (lieferbar|verfügbar)|\blieferbar|vorrätig|\bverfügbar|en stock|"
    r"\bdisponible|in magazzino|disponibile|op voorraad|"
    r"\bleverbaar|i lager|på lager|varastossa|w magazynie|dostępn|skladem|в наличии|"
    r"em estoque|disponível|stokta|موجود|在庫あり|有货|na zalogi|raktáron",
    re.I,
)
BUY = re.compile(
    r"\b(add|put|place|drop|pop)\b.{0,20}\b(cart|bag|basket|trolley)\b|buy( it)? now|\bbuy\b|"
    r"order now|"
    r"in den (warenkorb|einkaufswagen|korb)|kaufen|jetzt bestellen|ajouter au panier|acheter|"
    r"añadir (al carrito|a la (cesta|bolsa))|comprar|"
    r"aggiungi al (carrello)|acquista|in (mijn )?winkel(wagen|mand)|bestellen|"
    r"lägg i (varukorg|kundvagn)|köp|legg i handlekurv|læg i kurv|"
    r"lisää (ostoskoriin|koriin)|do koszyka|do košíku|в корзину|купить|adicionar ao carrinho|"
    r"sepete ekle|"
    r"(افزودن|اضافه) به سبد|خرید|カートに入れる|加入购物车|v košarico|kosárba",
    re.I,
)
WEAK = re.compile(
    r"(sorry|currently|temporarily|this|item|product|article|artikel|produkt|is|momentan|leider|derzeit|"
    r"actuellement|\W)*"
    r"(not available|unavailable|nicht (mehr )?verfügbar|indisponible|non disponible|no disponible|"
    r"non disponibile|niet beschikbaar|niedostępn[ya]|indisponível|ej tillgänglig)\W*",
    re.I,
)
"""Also said of pictures and shops, so it counts only when nothing else is said."""
CHOICES = frozenset({"option", "select", "label", "optgroup", "fieldset"})
LONGEST = 70


def buy_button(region: Region) -> HtmlElement | None:
    """The first control that puts the product in a cart."""
    for control in region.document.body.iter("button", "input", "a"):
        words = _words(control)
        if words and len(words) <= 60 and BUY.search(words) and not region.foreign(control):
            return control
    return None


def visible_availability(region: Region, stated: str) -> str | None:
    """InStock or OutOfStock; `stated` is the value of a label "Availability", "" without one."""
    if stated and (said := _state(stated)):
        return said
    button = buy_button(region)
    if button is not None and _disabled(button):
        return "OutOfStock"
    return _said(region) or ("InStock" if button is not None else None)


def _state(text: str) -> str | None:
    if OUT.search(text) or WEAK.fullmatch(text):
        return "OutOfStock"
    return "InStock" if IN.search(text) and not WEAK.search(text) else None


def _said(region: Region) -> str | None:
    """The short sentence about stock that is nearest to the headline."""
    best: tuple[int, str] | None = None
    for element in region.document.body.iter():
        text = clean(element.text)
        if not 4 <= len(text) <= LONGEST or element.tag in CHOICES or region.foreign(element):
            continue
        state = _state(text)
        if state and not _in_choice(element):
            distance = region.distance(element)
            if best is None or distance < best[0]:
                best = (distance, state)
    return best[1] if best else None


def _in_choice(element: HtmlElement) -> bool:
    return any(outer.tag in CHOICES for outer in element.iterancestors())


def _words(control: HtmlElement) -> str:
    return text_of(control, LONGEST) or clean(
        control.get("value") or control.get("aria-label") or control.get("title")
    )


def _disabled(control: HtmlElement) -> bool:
    return (
        control.get("disabled") is not None
        or control.get("aria-disabled") == "true"
        or bool(re.search(r"\b(sold-?out|disabled|unavailable)\b", hints(control)))
    )
