"""Amounts with a currency in running text."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.pages.document import Document
from crawler.pages.values import DIGITS, shown_amount

SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₩": "KRW", "₴": "UAH", "₪": "ILS",
    "₫": "VND", "฿": "THB", "₦": "NGN", "₱": "PHP", "zł": "PLN", "Kč": "CZK", "kč": "CZK",
    "Ft": "HUF",
    "R$": "BRL", "lei": "RON", "лв": "BGN", "руб": "RUB", "TL": "TRY", "Fr.": "CHF", "SFr.": "CHF",
    "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "MX$": "MXN", "NT$": "TWD", "Rs.": "INR", "ریال": "IRR", "﷼": "IRR", "円": "JPY",
    "元": "CNY",
    "د.إ": "AED", "Rp": "IDR", "RM": "MYR", "€.": "EUR", "₸": "KZT", "тг": "KZT", "ر.س": "SAR",
}  # fmt: skip
CODES = frozenset(
    [
        "USD",
        "EUR",
        "GBP",
        "JPY",
        "CNY",
        "INR",
        "CAD",
        "AUD",
        "NZD",
        "CHF",
        "SEK",
        "NOK",
        "DKK",
        "ISK",
        "PLN",
        "CZK",
        "HUF",
        "RON",
        "BGN",
        "HRK",
        "RSD",
        "RUB",
        "UAH",
        "TRY",
        "ILS",
        "AED",
        "SAR",
        "QAR",
        "KWD",
        "BHD",
        "OMR",
        "EGP",
        "ZAR",
        "NGN",
        "KES",
        "MAD",
        "BRL",
        "MXN",
        "ARS",
        "CLP",
        "COP",
        "PEN",
        "UYU",
        "KRW",
        "TWD",
        "HKD",
        "SGD",
        "MYR",
        "THB",
        "IDR",
        "PHP",
        "VND",
        "PKR",
        "BDT",
        "LKR",
        "IRR",
        "IRT",
        "KZT",
        "GEL",
        "AMD",
        "AZN",
    ]
)
DOLLARS = {
    "ca": "CAD",
    "au": "AUD",
    "nz": "NZD",
    "sg": "SGD",
    "hk": "HKD",
    "mx": "MXN",
    "cl": "CLP",
    "ar": "ARS",
    "co": "COP",
}
KRONER = {
    "se": "SEK",
    "sv": "SEK",
    "no": "NOK",
    "nb": "NOK",
    "nn": "NOK",
    "dk": "DKK",
    "da": "DKK",
    "is": "ISK",
}
YEN = {"cn": "CNY", "zh": "CNY"}
BY_PLACE = {"$": (DOLLARS, "USD"), "kr": (KRONER, "SEK"), "¥": (YEN, "JPY")}
UNITS = sorted([*SYMBOLS, *BY_PLACE, *CODES], key=len, reverse=True)
UNIT = "|".join(
    # Letters must stand alone: "kr" is no currency inside a word.
    rf"(?<![^\W\d_]){re.escape(unit)}(?![^\W\d_])" if unit[-1].isalpha() else re.escape(unit)
    for unit in UNITS
)
NUMBER = (
    r"\d{1,3}(?:[ .,'’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?(?!\d)|"
    r"\d+(?:[.,]\s?\d{1,2})?(?:,[-–—])?(?!\d)"
)
MONEY = re.compile(
    rf"(?P<before>{UNIT})\.?\s?(?P<first>{NUMBER})|"
    rf"(?P<last>{NUMBER})\s?(?P<after>{UNIT})(?!\d)",
    re.I,
)

LONGEST = 400
"""Of a long row of digits, the expression tries every part."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as it was written."""

    amount: str
    """Decimal string."""
    unit: str
    """Symbol or code."""
    start: int
    """Where it begins in the text."""
    end: int


def money_in(text: str) -> list[Money]:
    """Every amount with a currency in the first `LONGEST` characters of a text."""
    found = []
    for match in MONEY.finditer(text[:LONGEST].translate(DIGITS)):
        value = shown_amount(match["first"] or match["last"])
        if value:
            unit = match["before"] or match["after"]
            found.append(Money(value, unit, match.start(), match.end()))
    return found


def currency_of(unit: str, document: Document) -> str | None:
    """ISO 4217 code of a symbol, by the page's country and language where it is ambiguous."""
    if unit.upper() in CODES:
        return unit.upper()
    if unit in SYMBOLS:
        return SYMBOLS[unit]
    lower = unit.lower()
    by_place = BY_PLACE.get(lower)
    if by_place is None:
        return next((code for symbol, code in SYMBOLS.items() if symbol.lower() == lower), None)
    places, usual = by_place
    host = urlsplit(document.url).hostname or ""
    hints = [host.rpartition(".")[2], *document.language.split("-")[::-1]]
    return next((places[hint] for hint in hints if hint in places), usual)
