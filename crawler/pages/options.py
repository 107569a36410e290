"""What the options of one choice mean: "Teal / XS – 2 left" is a colour and a size."""

import re
from collections.abc import Iterator, Sequence

from crawler.pages.document import clean
from crawler.pages.money import money_in
from crawler.pages.stock import IN, OUT

SIZE = re.compile(
    r"(?:\d?x{0,4}[sl]|m|[2-9]xs|one[ -]?size|os|onesize|unisize|free size|"
    r"(?:eu|uk|us|it|fr|de)?\s?\d{1,3}(?:[.,]5)?(?: ?[½⅓⅔])?\s?(?:eu|uk|us|it|fr|cm|in|mm|\")?|"
    r"\d{2}/\d{2}|\d{2,3}-\d{2,3}|w\d{2}\s?[/ ]?\s?l\d{2}|\d{2}[a-h]{1,2}|"
    r"\d{1,2}(?: ?- ?\d{1,2})?\s?(?:y|yrs|years|m|months|mths)|(?:xs/s|s/m|m/l|l/xl)|"
    r"(?:x{1,2}-?)?(?:small|large)|medium|tall|petite|regular|short|long)",
    re.I,
)
PROMPT = re.compile(
    r"^[-–—…\s]*(please|select|choose|pick|bitte|wähle|auswähl|choisi|elig|selec|seleziona|scegli|"
    r"kies|välj|wybierz|выбер|انتخاب|(size|colou?r|größe|farbe|taille|talla|taglia|maat)\b\s*$)",
    re.I,
)
COLORS = re.compile(
    r"\b(black|white|red|green|blue|yellow|orange|purple|violet|pink|brown|gr[ae]y|beige|navy|teal|"
    r"burgundy|mint|mustard|camel|khaki|olive|cream|ivory|gold|silver|turquoise|coral|lavender|"
    r"charcoal|maroon|tan|rust|sand|multi(colou?r(ed)?)?|"
    r"amber|anthracite|apricot|aqua|aubergine|azure|blush|bordeaux|brick|bronze|caramel|champagne|"
    r"cherry|chocolate|cobalt|coffee|cognac|copper|crimson|cyan|denim|ecru|emerald|forest|fuchsia|"
    r"fuxia|graphite|honey|indigo|jade|lemon|lilac|lime|magenta|mahogany|mauve|mocha|moss|mulberry|"
    r"natural|nude|oatmeal|ochre|off-?white|onyx|peach|pearl|petrol|plum|raspberry|rose|royal|ruby|"
    r"saffron|sage|salmon|sapphire|scarlet|sky|slate|smoke|steel|stone|taupe|terracotta|violet|wine|"
    r"schwarz|weiß|rot|grün|blau|gelb|grau|braun|"
    r"rosa|noir|blanc|rouge|vert|bleu|jaune|gris|marron|negro|blanco|rojo|verde|azul|amarillo|nero|"
    r"bianco|rosso|blu|giallo|grigio|marrone|zwart|wit|rood|groen|blauw|geel|grijs|bruin|svart|vit|"
    r"röd|grön|blå|gul|brun|czarny|biały|czerwony|zielony|niebieski|черн|бел|красн|син|مشکی|سفید|"
    r"قرمز|آبی|سبز)",
    re.I,
)
DASH = re.compile(r"\s+[-–—|]\s+|\s*[([]")
SLASH = re.compile(r"\s+/\s+|\s*,\s+|\s+[·|]\s+")

LONGEST = 200
"""Characters of an option that are read."""


def tidy(text: str) -> str:
    """An option without what it says about stock and surcharge."""
    text = clean(text)[:LONGEST]
    parts = DASH.split(text)
    while len(parts) > 1 and _aside(parts[-1]):
        parts.pop()
        text = text[: list(DASH.finditer(text))[len(parts) - 1].start()]
    return clean(text)


def _aside(text: str) -> bool:
    return bool(
        IN.search(text) or OUT.search(text) or money_in(text) or re.search(r"\d+ left", text)
    )


def meanings(values: Sequence[str], field: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(size or color, its values once each) for each part of the options."""
    for meant, column in columns_of(values, field):
        yield meant, tuple(dict.fromkeys(column))


def columns_of(values: Sequence[str], field: str | None) -> Iterator[tuple[str, Sequence[str]]]:
    """(size or color, a value per option) for each part; `field` is what their label says."""
    rows = [SLASH.split(value) for value in values]
    width = min((len(row) for row in rows), default=0)
    if width < 2 or width != max(len(row) for row in rows):
        rows, width = [[value] for value in values], 1
    columns = list(zip(*rows, strict=True))
    kinds = [kind_of(tuple(dict.fromkeys(column))) for column in columns]
    for column, kind in zip(columns, kinds, strict=True):
        if kind or width == 1:
            meant = kind if width > 1 or (kind == "color" and field == "size") else field or kind
            if meant in ("size", "color"):
                yield meant, column
        elif field in ("size", "color") and field not in kinds:
            yield field, column


def kind_of(values: Sequence[str]) -> str | None:
    """Whether values look like sizes or like colours."""
    sizes = sum(bool(SIZE.fullmatch(value.strip())) for value in values)
    if values and sizes >= 0.7 * len(values) and not _counting(values):
        return "size"
    colors = sum(bool(COLORS.search(value)) for value in values)
    return "color" if values and colors >= 0.5 * len(values) else None


def _counting(values: Sequence[str]) -> bool:
    """1, 2, 3, …: a quantity, not a size."""
    return list(values[:3]) == [str(number) for number in range(1, len(values[:3]) + 1)]
