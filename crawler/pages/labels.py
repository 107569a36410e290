"""What a label such as "Farbe:" or "Style no." says about the value beside it."""

import re

WORDS = {
    "size": "size sizes shoe-size größe grösse groesse taille pointure talla talle taglia "
    "maat storlek "
    "størrelse koko rozmiar velikost размер tamanho beden سایز اندازه サイズ 尺码",
    "color": "color colour colourway shade tone farbe couleur coloris color-name colore "
    "kleur färg farve väri kolor "
    "barva цвет cor renk رنگ カラー 颜色",
    "brand": "brand brand-name made-by by from-the-house-of marke marque marca merk märke "
    "mærke merkki marka značka бренд producer designer label "
    "manufacturer hersteller fabricant fabricante produttore fabrikant برند",
    "sku": "sku ref ref. reference référence referencia riferimento item article artikel art "
    "art. style "
    "style-no style-number item-no item-number article-number art-no art.-nr article-no "
    "product-code "
    "product-number product-no product-id item-code style-code model-number artikelnummer "
    "artikel-nr "
    "artikel-nr. art.nr. artnr bestellnummer modell-nr code-produit codice codice-prodotto código "
    "artikelnr varenummer tuotenumero kod артикул code stock-code part-number catalogue-number "
    "mpn model model-no کد",
    "gtin": "gtin gtin13 gtin-13 ean ean13 ean-13 ean-code upc barcode isbn isbn-13 "
    "strichcode barkod "
    "code-barres código-de-barras",
    "material": "material materials fabric composition made-of material-composition matière "
    "matières zusammensetzung "
    "materialzusammensetzung obermaterial composición composizione materiale materiaal tyg tecido "
    "materiál состав материал fabric-composition outer-material upper جنس",
    "gender": "gender made-for for department geschlecht zielgruppe genre genere género sesso kön "
    "пол جنسیت for-whom target-group wearer",
    "availability": "availability stock stock-status in-stock verfügbarkeit disponibilité "
    "disponibilidad "
    "disponibilità beschikbaarheid tillgänglighet lager dostępność наличие موجودی",
}

NOISE = re.compile(r"[\s:#*._\u00a0-]+")


def plain(label: str) -> str:
    """A label without punctuation, in lower case."""
    return NOISE.sub(" ", label).strip().lower()


FIELD_OF = {plain(word): field for field, words in WORDS.items() for word in words.split()}
CHOICES = re.compile(
    r"^(select|choose|pick|your|available|wähle[n]?|bitte|choisir|choisissez|elige|scegli|kies|a|the|product|main|item)$"
)


def field_of(label: str) -> str | None:
    """The field a label names: size, color, brand, sku, gtin, material, gender, availability."""
    words = plain(label)
    if len(words) > 40:
        return None
    if words in FIELD_OF:
        return FIELD_OF[words]
    kept = " ".join(word for word in words.split() if not CHOICES.match(word))
    return FIELD_OF.get(kept)
