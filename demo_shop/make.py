"""A catalogue from a seed: the same seed gives the same products, down to the last digit."""

import random
from collections.abc import Iterator, Sequence
from decimal import Decimal

from demo_shop import words
from demo_shop.catalogue import (
    IN_STOCK,
    OUT_OF_STOCK,
    Catalogue,
    DrawnPicture,
    ShopProduct,
    Variant,
)
from demo_shop.drawing import COLOURS, Look
from demo_shop.kinds import KINDS, Kind


def make_catalogue(seed: int, products: int) -> Catalogue:
    """*products* products of all garment types in turn; no two look alike."""
    rng = random.Random(f"catalogue {seed}")
    currency = rng.choice(("USD", "EUR", "GBP", "CHF"))
    skus = _skus(rng)
    looks: set[tuple[str, ...]] = set()
    kinds = _in_turn(rng, products)
    return Catalogue(
        tuple(_product(rng, number, kind, looks, skus) for number, kind in enumerate(kinds)),
        currency,
    )


def _in_turn(rng: random.Random, products: int) -> Iterator[Kind]:
    for start in range(0, products, len(KINDS)):
        yield from rng.sample(KINDS, len(KINDS))[: products - start]


def _product(
    rng: random.Random, number: int, kind: Kind, looks: set[tuple[str, ...]], skus: Iterator[str]
) -> ShopProduct:
    look = _new_look(rng, kind, looks)
    price, regular = _prices(rng, kind)
    brand, material = rng.choice(words.BRANDS), rng.choice(kind.materials)
    name = _name(rng, kind, look)
    facts = {"name": name, "brand": brand, "material": material, "color": look.colour.lower()}
    sku = next(skus)
    variants = _variants(rng, kind, look.colour, price, sku)
    gone = rng.random() < 0.12
    variants = tuple(_sold_out(each) for each in variants) if gone else variants
    return ShopProduct(
        number=number,
        name=name,
        pictures=tuple(DrawnPicture(look, view) for view in range(rng.choice((2, 3, 3, 4)))),
        brand=brand,
        price=price,
        regular_price=regular,
        availability=OUT_OF_STOCK if gone else IN_STOCK,
        sku=sku,
        gtin=gtin13(rng),
        description=" ".join(
            rng.choice(part).format(**facts)
            for part in (words.OPENINGS, words.MIDDLES, words.ENDINGS)
        ),
        color=look.colour,
        sizes=tuple(dict.fromkeys(each.size for each in variants if each.size)),
        categories=_categories(rng, kind),
        variants=variants,
        material=material,
        garment=kind.garment,
    )


def _categories(rng: random.Random, kind: Kind) -> tuple[str, ...]:
    return rng.choice(kind.people), kind.shelf


def _new_look(rng: random.Random, kind: Kind, looks: set[tuple[str, ...]]) -> Look:
    """A look whose type, colour and pattern nobody has, as long as there are such."""
    look = _look(rng, kind)
    for _ in range(60):
        key = (look.garment, look.colour, look.pattern)
        if key not in looks:
            looks.add(key)
            break
        look = _look(rng, kind)
    return look


def _look(rng: random.Random, kind: Kind) -> Look:
    colour, second = rng.sample(list(COLOURS), 2)
    while _distance(colour, second) < 120:
        second = rng.choice(list(COLOURS))
    if kind.garment == "jeans" and rng.random() < 0.6:
        colour = rng.choice(("Navy", "Blue", "Black", "Sky", "Grey", "Charcoal"))
    return Look(
        garment=kind.garment,
        colour=colour,
        pattern=rng.choice(kind.patterns),
        second=second,
        cut=rng.randrange(840),
        length=rng.random(),
        width=rng.random(),
        sleeve=rng.random(),
        seed=rng.randrange(2**31),
    )


def _distance(first: str, second: str) -> int:
    return sum(abs(a - b) for a, b in zip(COLOURS[first], COLOURS[second], strict=True))


def _name(rng: random.Random, kind: Kind, look: Look) -> str:
    pattern = rng.choice(words.PATTERN_WORDS[look.pattern])
    return " ".join(filter(None, (rng.choice(words.MODELS), pattern, rng.choice(kind.nouns))))


def _prices(rng: random.Random, kind: Kind) -> tuple[Decimal, Decimal | None]:
    """The price, and the old one of every fourth product."""
    cents = Decimal(rng.choice((0, 90, 95, 99, 50))) / 100
    price = (rng.randint(*kind.prices) + cents).quantize(Decimal("0.01"))
    if rng.random() >= 0.25:
        return price, None
    return price, (price * rng.choice((125, 140, 150, 200)) / 100).quantize(Decimal("0.01"))


def _skus(rng: random.Random) -> Iterator[str]:
    """Article numbers, in a grammar of the shop's own, never the same twice."""
    prefix = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=rng.choice((0, 1, 2, 3))))
    joint, digits = rng.choice(("", "-", ".")) if prefix else "", rng.choice((5, 6, 7))
    given: set[int] = set()
    while True:
        number = rng.randrange(10 ** (digits - 1), 10**digits)
        if number not in given:
            given.add(number)
            yield f"{prefix}{joint}{number}"


def _variants(
    rng: random.Random, kind: Kind, colour: str, price: Decimal, sku: str
) -> tuple[Variant, ...]:
    others = rng.sample([each for each in COLOURS if each != colour], rng.choice((0, 0, 1, 2)))
    start = rng.randrange(max(1, len(kind.sizes) - 3))
    sizes: Sequence[str | None] = kind.sizes[start : start + rng.randint(3, 6)] or (None,)
    dearer = price + 5 if rng.random() < 0.1 else price
    if sizes == (None,) and not others:
        return ()
    return tuple(
        Variant(
            sku=f"{sku}-{row + 1}{size or ''}",
            color=each,
            size=size,
            price=dearer if size and size == sizes[-1] else price,
            availability=OUT_OF_STOCK if rng.random() < 0.15 else IN_STOCK,
        )
        for row, each in enumerate((colour, *others))
        for size in sizes
    )


def _sold_out(variant: Variant) -> Variant:
    return Variant(variant.sku, variant.color, variant.size, variant.price, OUT_OF_STOCK)


def gtin13(rng: random.Random) -> str:
    """A 13-digit article number with its check digit, in the range 200-299 kept for own use."""
    digits = "2" + "".join(rng.choices("0123456789", k=11))
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return digits + str(-total % 10)
