import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snapmode.codec import decode, encode, exported
from snapmode.errors import RejectedError
from snapmode.items import Product, Removal

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
maybe = st.none() | words
prices = st.none() | st.decimals(0, 10**6, places=2, allow_nan=False).map(str)
products = st.builds(
    Product,
    id=words,
    version=st.integers(0, 2**63 - 1),
    url=words,
    name=words,
    brand=maybe,
    price=prices,
    description=maybe,
    sizes=st.lists(words, max_size=3).map(tuple),
    breadcrumbs=st.lists(st.fixed_dictionaries({"name": words}), max_size=3),
    images=st.lists(st.fixed_dictionaries({"url": words, "key": st.just("a" * 64)}), max_size=3),
    variants=st.lists(st.fixed_dictionaries({"sku": maybe, "price": prices}), max_size=2),
    source=words,
    fetched_at=st.datetimes(datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    provenance=st.dictionaries(words, words, max_size=2),
)


@given(products | st.builds(Removal, id=words, version=st.integers(0, 2**63 - 1)))
def test_what_is_encoded_is_decoded(message: Product | Removal) -> None:
    assert decode(encode(message)) == message


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(value: bytes) -> None:
    with pytest.raises(RejectedError):
        decode(value)


@given(products, st.data())
def test_a_damaged_message_is_refused_or_read(product: Product, data: st.DataObject) -> None:
    """A flipped byte inside a text may go unnoticed; nothing but RejectedError ever comes out."""
    value = bytearray(encode(product))
    value[data.draw(st.integers(0, len(value) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(RejectedError):
        assert decode(bytes(value))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "wire version 2"),
        ({"type": "offer"}, "type"),
        ({"body": {"id": "x"}}, "bad product: version"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_refusal_names_the_field(change: dict, says: str) -> None:
    value = json.dumps({"v": 1, "type": "product", "body": {}} | change).encode()
    with pytest.raises(RejectedError, match=says):
        decode(value)


NORMATIVE = [
    "id",
    "url",
    "name",
    "brand",
    "price",
    "regularPrice",
    "currency",
    "availability",
    "sku",
    "gtin",
    "description",
    "color",
    "sizes",
    "breadcrumbs",
    "images",
    "variants",
    "source",
    "fetched_at",
]


def test_export_has_the_normative_fields() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)
    product = Product(
        id="p", version=1, url="u", name="n", source="s", fetched_at=now, price="4.90"
    )
    found = exported(product)
    assert set(NORMATIVE) <= found.keys()
    assert found["price"] == "4.90"
    assert found["fetched_at"] == "2026-01-02T00:00:00Z"
    assert json.loads(json.dumps(found)) == found
