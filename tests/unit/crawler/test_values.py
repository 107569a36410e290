import pytest
from hypothesis import given
from hypothesis.strategies import text

from crawler.pages.document import Document
from crawler.pages.labels import field_of
from crawler.pages.money import currency_of, money_in
from crawler.pages.options import meanings, tidy
from crawler.pages.values import amount, availability, gender, gtin


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("49.9", "49.90"),
        (49.9, "49.90"),
        (50, "50.00"),
        ("1.234,50 €", "1234.50"),
        ("1,234.50", "1234.50"),
        ("CHF 1’405.95", "1405.95"),
        ("1 234 kr", "1234.00"),
        ("12.345", "12.35"),
        ("۱۲٬۳۴۵ تومان", "12345.00"),
        ("free", None),
        ("0", None),
        (None, None),
        (True, None),
        ("", None),
    ],
)
def test_amounts(written: str | float | None, meant: str | None) -> None:
    assert amount(written) == meant


@given(text())
def test_amounts_never_fail(written: str) -> None:
    found = amount(written)
    assert found is None or float(found) >= 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://schema.org/InStock", "InStock"),
        ("in stock", "InStock"),
        ("LimitedAvailability", "InStock"),
        ("http://schema.org/SoldOut/", "OutOfStock"),
        ("out_of_stock", "OutOfStock"),
        ("maybe", None),
        (None, None),
    ],
)
def test_availability(written: str | None, meant: str | None) -> None:
    assert availability(written) == meant


@pytest.mark.parametrize(
    "right", ["4006381333931", "036000291452", "96385074", "978-3-16-148410-0"]
)
def test_gtin(right: str) -> None:
    assert gtin(right) == right.replace("-", "")
    assert gtin(right[:-1] + str((int(right[-1]) + 1) % 10)) is None


def test_no_gtin() -> None:
    for wrong in ("", None, "12345", "0000000000000", "not a number", "٤٠٠٦٣٨١٣٣٣٩٣١"):
        assert gtin(wrong) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Women's", "women"),
        ("Herren", "men"),
        ("Men, Women", "unisex"),
        ("Girls", "girls"),
        ("trees", None),
    ],
)
def test_gender(written: str, meant: str | None) -> None:
    assert gender(written) == meant


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Size:", "size"),
        ("Größe", "size"),
        ("Choose a colour", "color"),
        ("Artikelnummer:", "sku"),
        ("Art. no.", "sku"),
        ("Item No.", "sku"),
        ("Made by", "brand"),
        ("Delivery", None),
        ("x" * 50, None),
    ],
)
def test_labels(label: str, field: str | None) -> None:
    assert field_of(label) == field


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        ("€39.90", ["39.90"]),
        ("39,90 €", ["39.90"]),
        ("Shirt 3 €39.90", ["39.90"]),
        ("US$ 1,299.00", ["1299.00"]),
        ("was 60 kr now 40 kr", ["60.00", "40.00"]),
        ("12 krillion", []),
        ("2 sizes", []),
        ("1.234 €", ["1234.00"]),
        ("1 299 SEK", ["1299.00"]),
    ],
)
def test_money(written: str, amounts: list[str]) -> None:
    assert [money.amount for money in money_in(written)] == amounts


@pytest.mark.parametrize(
    ("unit", "url", "lang", "code"),
    [
        ("$", "https://a.com/", "en-US", "USD"),
        ("$", "https://a.com.au/", "en", "AUD"),
        ("$", "https://a.com/", "en-CA", "CAD"),
        ("kr", "https://a.no/", "", "NOK"),
        ("kr", "https://a.com/", "da", "DKK"),
        ("eur", "https://a.com/", "", "EUR"),
    ],
)
def test_currencies(unit: str, url: str, lang: str, code: str) -> None:
    assert currency_of(unit, Document(f"<html lang='{lang}'><p>x</p></html>", url)) == code


def test_options() -> None:
    assert tidy("Teal / XS – 2 left") == "Teal / XS"
    assert tidy("M (sold out)") == "M"
    assert tidy("Slim - Long") == "Slim - Long"
    both = ["Teal / XS", "Teal / S", "Rust / XS"]
    assert dict(meanings(both, "size")) == {"color": ("Teal", "Rust"), "size": ("XS", "S")}
    assert dict(meanings(["Black", "White"], "size")) == {"color": ("Black", "White")}
    assert dict(meanings(["1", "2", "3", "4"], None)) == {}
