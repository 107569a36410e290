"""Small readers: text as shops write it → the values of our fields, or None."""

import re
from decimal import ROUND_HALF_UP, Decimal

from price_parser import Price

from crawler.addresses import words

DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫٬", "01234567890123456789.,")
THOUSANDS = re.compile(r"(?<=\d)['’\s\u00a0\u202f](?=\d{3}(?!\d))")
MACHINE = re.compile(r"\d+(\.\d+)?(e(?P<power>\d+))?", re.I | re.A)
LONGEST_PRICE = 100
"""Characters of a price, words around it included."""
MAX_PRICE = Decimal(10) ** 11
CENT = Decimal("0.01")
GTIN_LENGTHS = (8, 12, 13, 14)
IN_STOCK = words(
    "instock limitedavailability onlineonly instoreonly preorder presale backorder madetoorder "
    "available lowstock reserved"
)
OUT_OF_STOCK = words("outofstock soldout discontinued oos unavailable notavailable")
GENDERS = {
    "women": "women woman womens female ladies lady damen dame femme femmes mujer donna "
    "kvinna naiset "
    "dames feminino kobieta женский женщины زنانه",
    "men": "men man mens male gentlemen herren herr homme hommes hombre uomo herrar miehet heren "
    "masculino mężczyzna мужской мужчины مردانه",
    "girls": "girls girl mädchen fille filles niña niñas bambina",
    "boys": "boys boy jungen garçon garçons niño niños bambino",
    "kids": "kids kid children child kinder enfant enfants niños bambini junior",
    "unisex": "unisex all everyone",
}
GENDER_OF = {word: gender for gender, names in GENDERS.items() for word in names.split()}


def amount(text: str | float | None) -> str | None:
    """A price as a decimal string with two digits; None when there is no amount."""
    if text is None or isinstance(text, bool):
        return None
    written = str(text).strip()
    if len(written) > LONGEST_PRICE:
        return None
    if machine := MACHINE.fullmatch(written):
        if len(machine["power"] or "") > 2:
            return None  # more than Decimal holds
        return _price(Decimal(written))  # "1.234" is not 1234
    return shown_amount(written)


def shown_amount(text: str) -> str | None:
    """As `amount`, of a text for people: "1.234" is 1234."""
    return _price(Price.fromstring(THOUSANDS.sub("", text.translate(DIGITS))).amount)


def _price(number: Decimal | None) -> str | None:
    if number is None or not 0 < number < MAX_PRICE:
        return None
    return str(number.quantize(CENT, ROUND_HALF_UP))


def availability(text: object) -> str | None:
    """schema.org's and OpenGraph's words for it → InStock or OutOfStock."""
    if not isinstance(text, str):
        return None
    word = re.sub(r"[^a-z]", "", text.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].lower())
    if word in OUT_OF_STOCK:
        return "OutOfStock"
    return "InStock" if word in IN_STOCK else None


def gtin(text: object) -> str | None:
    """A GTIN with a right check digit, as digits."""
    digits = re.sub(r"[\s-]", "", str(text or ""))
    if not digits.isascii() or not digits.isdigit() or len(digits) not in GTIN_LENGTHS:
        return None
    weighted = (int(d) * (3 if place % 2 == 0 else 1) for place, d in enumerate(digits[-2::-1]))
    right = -sum(weighted) % 10 == int(digits[-1]) and int(digits) > 0
    return digits if right else None


def gender(text: object) -> str | None:
    """women, men, girls, boys, kids or unisex."""
    said = re.findall(r"\w+", str(text or "").lower().replace("'s", "s").replace("’s", "s"))
    found = {GENDER_OF[word] for word in said if word in GENDER_OF}
    if {"women", "men"} <= found:
        return "unisex"
    return next((name for name in GENDERS if name in found), None)


def short(text: object, limit: int = 200) -> str | None:
    """A value of one line, or None when it is empty or too long to be one."""
    line = re.sub(r"\s+", " ", text).strip() if isinstance(text, str) else ""
    return line if 0 < len(line) <= limit else None


def currency(text: object) -> str | None:
    """An ISO 4217 code, also from one that was replaced."""
    code = str(text or "").strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        return None
    return {"RUR": "RUB", "TRL": "TRY", "ROL": "RON"}.get(code, code)
