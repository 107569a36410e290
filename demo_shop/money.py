"""How a shop writes its prices."""

import random
from dataclasses import dataclass
from decimal import Decimal

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "CHF": "CHF", "SEK": "kr", "JPY": "¥", "INR": "₹"}


@dataclass(frozen=True, slots=True)
class MoneyStyle:
    """Separators and the place of the currency's sign."""

    thousands: str
    decimal: str
    pattern: str
    """With ``{sign}`` and ``{number}``."""
    code: bool
    """ISO code instead of the sign."""

    def show(self, amount: Decimal, currency: str | None) -> str:
        """*amount* as the shop prints it, with two digits after the decimal sign."""
        plain = f"{amount:,.2f}".replace(",", "\0").replace(".", self.decimal)
        number = plain.replace("\0", self.thousands)
        if currency is None:
            return number
        sign = currency if self.code else SYMBOLS.get(currency, currency)
        pattern = (
            "{sign} {number}"
            if len(sign) > 1 and self.pattern == "{sign}{number}"
            else self.pattern
        )
        return pattern.format(sign=sign, number=number)


_BY_CURRENCY = {
    "USD": ((",", ".", "{sign}{number}"),),
    "GBP": ((",", ".", "{sign}{number}"),),
    "EUR": (
        (".", ",", "{number} {sign}"),
        ("\u202f", ",", "{number} {sign}"),
        (",", ".", "{sign}{number}"),
        (".", ",", "{sign} {number}"),
    ),
    "CHF": (("’", ".", "{sign} {number}"),),
}


def draw_money_style(rng: random.Random, currency: str | None) -> MoneyStyle:
    """A style usual for *currency*."""
    styles = _BY_CURRENCY.get(currency or "USD", _BY_CURRENCY["USD"])
    thousands, decimal, pattern = rng.choice(styles)
    code = rng.random() < 0.15
    return MoneyStyle(thousands, decimal, "{number} {sign}" if code else pattern, code)
