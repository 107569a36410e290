"""The garment types the shop sells: names, shelves, sizes, materials, prices, patterns."""

from dataclasses import dataclass

LETTERS = ("XS", "S", "M", "L", "XL", "XXL")
WAISTS = ("28", "30", "32", "34", "36", "38")
EU_SIZES = ("34", "36", "38", "40", "42", "44")
SHOES = ("37", "38", "39", "40", "41", "42", "43", "44")

_FESTIVE = (
    "plain",
    "stripes",
    "breton",
    "check",
    "dots",
    "floral",
    "block",
    "ombre",
    "zigzag",
    "spots",
)
_KNIT = ("plain", "marl", "breton", "block", "ombre", "zigzag", "check", "floral")
_WOVEN = ("plain", "plain", "marl", "stripes", "check", "tartan")
_HIDE = ("plain", "plain", "block", "spots", "tartan", "ombre")


@dataclass(frozen=True, slots=True)
class Kind:
    """How one garment type is sold."""

    garment: str
    nouns: tuple[str, ...]
    shelf: str
    """The category below Women, Men or Accessories."""
    people: tuple[str, ...]
    sizes: tuple[str, ...]
    materials: tuple[str, ...]
    prices: tuple[int, int]
    """Lowest and highest, in whole units of a currency."""
    patterns: tuple[str, ...]


_ALL = ("Women", "Men")
_COTTON = ("100% cotton", "organic cotton", "cotton and modal", "95% cotton, 5% elastane")
_WOOL = ("merino wool", "lambswool", "wool and cashmere", "80% wool, 20% polyamide")

KINDS = (
    Kind("t-shirt", ("T-Shirt", "Tee"), "T-Shirts", _ALL, LETTERS, _COTTON, (15, 45), _FESTIVE),
    Kind(
        "shirt",
        ("Shirt", "Button-Down Shirt"),
        "Shirts",
        _ALL,
        LETTERS,
        ("cotton poplin", "linen", "oxford cotton"),
        (35, 95),
        ("plain", "stripes", "check", "tartan", "dots", "floral", "spots"),
    ),
    Kind(
        "blouse",
        ("Blouse", "Top"),
        "Blouses",
        ("Women",),
        EU_SIZES,
        ("viscose", "silk", "crêpe"),
        (39, 120),
        _FESTIVE,
    ),
    Kind(
        "sweater",
        ("Sweater", "Jumper", "Pullover"),
        "Knitwear",
        _ALL,
        LETTERS,
        _WOOL,
        (55, 160),
        _KNIT,
    ),
    Kind("cardigan", ("Cardigan",), "Knitwear", _ALL, LETTERS, _WOOL, (59, 170), _KNIT),
    Kind(
        "hoodie",
        ("Hoodie", "Hooded Sweatshirt"),
        "Hoodies",
        _ALL,
        LETTERS,
        ("brushed cotton", "cotton fleece"),
        (45, 99),
        ("plain", "marl", "block", "ombre", "stripes", "zigzag", "floral"),
    ),
    Kind(
        "jacket",
        ("Jacket", "Bomber"),
        "Jackets",
        _ALL,
        LETTERS,
        ("recycled polyester", "nylon", "lamb leather"),
        (89, 320),
        (*_HIDE, "stripes", "floral"),
    ),
    Kind(
        "coat",
        ("Coat", "Overcoat", "Trench Coat"),
        "Coats",
        _ALL,
        LETTERS,
        ("wool blend", "cotton gabardine"),
        (149, 1290),
        (*_WOVEN, "block", "spots"),
    ),
    Kind(
        "blazer",
        ("Blazer", "Suit Jacket"),
        "Blazers",
        _ALL,
        ("44", "46", "48", "50", "52", "54"),
        ("virgin wool", "linen blend"),
        (119, 590),
        (*_WOVEN, "floral", "dots"),
    ),
    Kind(
        "dress",
        ("Dress", "Day Dress"),
        "Dresses",
        ("Women",),
        EU_SIZES,
        ("viscose", "cotton voile", "silk"),
        (49, 260),
        (*_FESTIVE, "tartan"),
    ),
    Kind(
        "skirt",
        ("Skirt",),
        "Skirts",
        ("Women",),
        EU_SIZES,
        ("polyester crêpe", "wool blend", "cotton"),
        (35, 140),
        (*_FESTIVE, "tartan"),
    ),
    Kind(
        "trousers",
        ("Trousers", "Pants"),
        "Trousers",
        _ALL,
        WAISTS,
        ("cotton twill", "wool blend", "linen"),
        (45, 160),
        (*_WOVEN, "floral", "zigzag"),
    ),
    Kind(
        "jeans",
        ("Jeans",),
        "Jeans",
        _ALL,
        WAISTS,
        ("denim: 99% cotton, 1% elastane", "raw denim"),
        (59, 180),
        ("plain", "plain", "marl", "ombre", "block", "stripes"),
    ),
    Kind(
        "shorts", ("Shorts",), "Shorts", _ALL, WAISTS, ("cotton twill", "linen"), (25, 80), _FESTIVE
    ),
    Kind(
        "leggings",
        ("Leggings", "Tights"),
        "Sportswear",
        ("Women",),
        LETTERS,
        ("polyamide and elastane",),
        (25, 79),
        ("plain", "marl", "block", "ombre", "spots", "zigzag", "floral"),
    ),
    Kind(
        "sneaker",
        ("Sneakers", "Trainers"),
        "Sneakers",
        _ALL,
        SHOES,
        ("canvas", "suede", "calf leather"),
        (59, 220),
        (*_HIDE, "check", "dots", "floral", "stripes"),
    ),
    Kind(
        "boot",
        ("Boots", "Ankle Boots"),
        "Boots",
        _ALL,
        SHOES,
        ("calf leather", "suede"),
        (99, 380),
        _HIDE,
    ),
    Kind(
        "handbag",
        ("Handbag", "Bag"),
        "Bags",
        ("Accessories",),
        (),
        ("grained leather", "canvas", "vegan leather"),
        (69, 1480),
        (*_HIDE, "check", "stripes", "dots", "zigzag"),
    ),
    Kind(
        "hat",
        ("Hat",),
        "Hats",
        ("Accessories",),
        (),
        ("wool felt", "cotton", "straw"),
        (19, 89),
        ("plain", "marl", "check", "stripes", "tartan", "block"),
    ),
    Kind(
        "scarf",
        ("Scarf",),
        "Scarves",
        ("Accessories",),
        (),
        ("cashmere", "merino wool", "silk twill"),
        (25, 190),
        (*_FESTIVE, "tartan", "marl"),
    ),
)
