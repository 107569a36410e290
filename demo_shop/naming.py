"""CSS class names: every shop writes its own, so no rule can be fitted to one."""

import random
from collections.abc import Callable, Mapping

ROLES: dict[str, tuple[str, ...]] = {
    "header": ("header", "masthead", "top bar"),
    "logo": ("logo", "wordmark", "site title"),
    "menu": ("menu", "main nav", "departments"),
    "tools": ("tools", "user nav", "service links"),
    "main": ("main", "content", "wrap"),
    "footer": ("footer", "site foot", "bottom"),
    "hero": ("hero", "stage", "teaser"),
    "crumbs": ("breadcrumbs", "crumbs", "path", "trail"),
    "grid": ("grid", "product list", "tiles", "results"),
    "card": ("card", "tile", "product item", "teaser item"),
    "card_name": ("card title", "item name", "tile caption"),
    "card_price": ("card price", "item amount", "tile cost"),
    "product": ("product", "pdp", "detail", "article view"),
    "gallery": ("gallery", "media", "pictures", "carousel"),
    "thumbs": ("thumbs", "previews", "mini images"),
    "facts": ("info", "summary", "buy box", "panel"),
    "title": ("title", "headline", "product name"),
    "brand": ("brand", "maker", "label line"),
    "price_box": ("price box", "pricing", "cost block"),
    "price": ("price", "current price", "amount now"),
    "old_price": ("old price", "was price", "strike", "list price"),
    "badge": ("badge", "sale flag", "sticker"),
    "stock": ("stock", "availability", "delivery state"),
    "swatches": ("swatches", "colors", "shades"),
    "swatch": ("swatch", "color dot", "shade"),
    "choice": ("choice", "options", "variant select"),
    "buy": ("buy", "add to cart", "cta", "purchase"),
    "specs": ("specs", "attributes", "details table", "properties"),
    "spec": ("spec", "attribute", "property row"),
    "text": ("description", "copy", "about", "story text"),
    "related": ("related", "also like", "recommendations"),
    "pager": ("pager", "pagination", "pages"),
    "notice": ("notice", "message", "hint"),
    "article": ("article", "post", "entry"),
    "search": ("search", "finder", "lookup"),
}


def _kebab(words: str, _prefix: str) -> str:
    return words.replace(" ", "-")


def _camel(words: str, prefix: str) -> str:
    return prefix + words.title().replace(" ", "")


def _block(words: str, prefix: str) -> str:
    head, _, tail = words.partition(" ")
    return f"{prefix}-{head}" + (f"__{tail.replace(' ', '-')}" if tail else "")


def class_names(rng: random.Random) -> Mapping[str, str]:
    """Role to class name, all different."""
    if rng.random() < 0.25:
        marks = rng.sample(range(16**4, 16**5), len(ROLES))
        letter = rng.choice("cjsx")
        return {role: f"{letter}{mark:x}" for role, mark in zip(ROLES, marks, strict=True)}
    styles: tuple[Callable[[str, str], str], ...] = (_kebab, _camel, _block)
    style, prefix = rng.choice(styles), "".join(rng.choices("abcdefghkmnpstuvw", k=2))
    names: dict[str, str] = {}
    for role, synonyms in ROLES.items():
        name = style(rng.choice(synonyms), prefix)
        names[role] = name if name not in names.values() else f"{name}-{len(names)}"
    return names
