"""The specification of a product page, and which of its rows a page shows."""

from html import escape

from demo_shop.catalogue import ShopProduct
from demo_shop.pages.markup import Props
from demo_shop.pages.storefront import Storefront

Row = tuple[str, str, str]
"""Role, value, microdata property."""


def specs(front: Storefront, product: ShopProduct, props: Props) -> str:
    """The rows in the shop's layout, and for machines what has no row."""
    rows = _rows(front, product)
    shown = {role for role, _, _ in rows}
    hidden = "".join(
        props.hidden(name, value) for role, value, name in _all_rows(product) if role not in shown
    )
    return LAYOUTS[front.grammar.spec_layout](front, rows, props) + hidden if rows else hidden


def shows_sku(front: Storefront, product: ShopProduct) -> bool:
    """Whether the product's page tells its article number at all."""
    marked = front.shop.plan.markup[product.number] != "html"
    return marked or product.number not in front.shop.plan.sku_hidden


def shows_gtin(front: Storefront, product: ShopProduct) -> bool:
    """Whether the product's page tells its GTIN at all."""
    marked = front.shop.plan.markup[product.number] in ("jsonld", "microdata")
    return marked or product.number not in front.shop.plan.gtin_hidden


def _all_rows(product: ShopProduct) -> list[Row]:
    values = (
        ("brand", product.brand, "brand"),
        ("sku", product.sku, "sku"),
        ("color", product.color, "color"),
        ("material", product.material, "material"),
        ("gtin", product.gtin, "gtin13"),
    )
    return [(role, value, name) for role, value, name in values if value]


def _rows(front: Storefront, product: ShopProduct) -> list[Row]:
    plan = front.shop.plan
    left_out = {"sku"} if product.number in plan.sku_hidden else set()
    left_out |= {"gtin"} if product.number in plan.gtin_hidden else set()
    return [row for row in _all_rows(product) if row[0] not in left_out]


def _value(row: Row, props: Props) -> str:
    role, value, name = row
    if role == "brand":
        inner = f"<span{props.prop('name')}>{escape(value)}</span>"
        return f"<span{props.scope('Brand', 'brand')}>{inner}</span>"
    return f"<span{props.prop(name)}>{escape(value)}</span>"


def _list(front: Storefront, rows: list[Row], props: Props) -> str:
    items = "".join(f"<dt>{front.label(row[0])}</dt><dd>{_value(row, props)}</dd>" for row in rows)
    return f"<dl{front.css('specs')}>{items}</dl>"


def _table(front: Storefront, rows: list[Row], props: Props) -> str:
    lines = "".join(
        f"<tr{front.css('spec')}><th>{front.label(row[0])}</th><td>{_value(row, props)}</td></tr>"
        for row in rows
    )
    return f"<table{front.css('specs')}>{lines}</table>"


def _bullets(front: Storefront, rows: list[Row], props: Props) -> str:
    items = "".join(f"<li>{front.label(row[0])}: {_value(row, props)}</li>" for row in rows)
    return f"<ul{front.css('specs')}>{items}</ul>"


def _blocks(front: Storefront, rows: list[Row], props: Props) -> str:
    items = "".join(
        f"<div{front.css('spec')}><b>{front.label(row[0])}</b> {_value(row, props)}</div>"
        for row in rows
    )
    return f"<div{front.css('specs')}>{items}</div>"


LAYOUTS = {"dl": _list, "table": _table, "ul": _bullets, "div": _blocks}
