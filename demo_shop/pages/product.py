"""The product page."""

import random
from html import escape

from demo_shop.catalogue import ShopProduct, Variant
from demo_shop.pages.cards import grid
from demo_shop.pages.layout import page
from demo_shop.pages.markup import SCHEMA, Props, head_of
from demo_shop.pages.specs import specs
from demo_shop.pages.storefront import THUMB, Slot, Storefront


def product_page(front: Storefront, product: ShopProduct) -> str:
    """One product: pictures, price, choice, facts, and cards of others below."""
    style = front.shop.plan.markup[product.number]
    props = Props(style)
    body = f"""{_crumbs(front, product, props)}
<article{front.css("product")}{props.scope("Product")}>
{_gallery(front, product, props)}
<div{front.css("facts")}>
{_title(front, product, props)}
{_offer(front, product, props)}
{_choice(front, product)}
<button{front.css("buy")} type="button">{front.label("buy")}</button>
{specs(front, product, props)}
{_description(front, product, props)}
</div>
</article>
{_related(front, product)}"""
    head = head_of(front, product, style)
    return page(front, product.name, body, front.urls.product(product), head)


def _crumbs(front: Storefront, product: ShopProduct, props: Props) -> str:
    links = [
        _crumb(name, path, props.hidden("position", str(place)), props)
        for place, (name, path) in enumerate(front.crumbs(product), 1)
    ]
    if not links:
        return ""
    return f"<nav{front.css('crumbs')}{props.scope('BreadcrumbList')}>{' / '.join(links)}</nav>"


def _crumb(name: str, path: str, position: str, props: Props) -> str:
    item = props.scope("ListItem", "itemListElement")
    link = f'<a href="{escape(path)}"{props.prop("item")}>'
    return f"<span{item}>{link}<span{props.prop('name')}>{escape(name)}</span></a>{position}</span>"


def _gallery(front: Storefront, product: ShopProduct, props: Props) -> str:
    first, *others = front.slots(product)
    name = escape(product.name)
    small = "\n".join(_thumb(front, slot, name, props) for slot in others)
    return f"""<div{front.css("gallery")}>
<img src="{escape(first.path)}" alt="{name}" width="480"{props.prop("image")}>
<div{front.css("thumbs")}>
{small}
</div></div>"""


def _thumb(front: Storefront, slot: Slot, name: str, props: Props) -> str:
    full, thumb = escape(slot.path), escape(slot.thumb)
    hidden = props.hidden("image", slot.path, link=True)
    style = front.grammar.gallery_style
    if style == "links":
        return f'<a href="{full}"><img src="{thumb}" alt="{name}" width="{THUMB}"></a>{hidden}'
    if style == "zoom":
        return f'<img src="{thumb}" data-zoom="{full}" alt="{name}" width="{THUMB}">{hidden}'
    if style == "srcset":
        sizes = f"{thumb} {THUMB}w, {full} 480w"
        return f'<img src="{thumb}" srcset="{sizes}" alt="{name}" width="{THUMB}">{hidden}'
    return f'<img src="{full}" alt="{name}" width="{THUMB}"{props.prop("image")}>'


def _title(front: Storefront, product: ShopProduct, props: Props) -> str:
    return f"<h1{front.css('title')}{props.prop('name')}>{escape(product.name)}</h1>"


def _offer(front: Storefront, product: ShopProduct, props: Props) -> str:
    state = product.availability
    stock = f"<p{front.css('stock')}>{front.stock(state)}</p>" if state else ""
    link = props.hidden("availability", f"{SCHEMA}{state}" if state else None, link=True)
    currency = props.hidden("priceCurrency", front.shop.currency_of(product))
    price = _price(front, product, props)
    item = props.scope("Offer", "offers")
    return f"<div{front.css('price_box')}{item}>{price}{currency}{link}</div>{stock}"


def _price(front: Storefront, product: ShopProduct, props: Props) -> str:
    if product.price is None:
        return ""
    value = props.prop("price", f"{product.price:.2f}")
    now = f"<span{front.css('price')}{value}>{front.money(product)}</span>"
    old = front.money(product, regular=True)
    if not old:
        return now
    tag, was = front.grammar.old_price_tag, front.label("was")
    crossed = f"<{tag}{front.css('old_price')}>{was} {old}</{tag}>"
    return f"{now}{crossed}<span{front.css('badge')}>{front.label('sale')}</span>"


def _choice(front: Storefront, product: ShopProduct) -> str:
    """Swatches and a select; its options carry the variants' article numbers."""
    colours = list(dict.fromkeys(each.color for each in product.variants if each.color))
    swatches = "".join(
        f'<span{front.css("swatch")} title="{escape(each)}">{escape(each)}</span>'
        for each in colours
    )
    shown = f"<div{front.css('swatches')}>{swatches}</div>" if len(colours) > 1 else ""
    options = [_option(front, product, each) for each in product.variants]
    if not options:
        options = [f"<option>{escape(size)}</option>" for size in product.sizes]
    if not options:
        return shown
    label = front.label("size" if product.sizes else "color")
    names = f'name="variant" aria-label="{label}"'
    return f"{shown}<select{front.css('choice')} {names}>{''.join(options)}</select>"


def _option(front: Storefront, product: ShopProduct, variant: Variant) -> str:
    text = " / ".join(filter(None, (variant.color, variant.size)))
    if variant.price is not None and variant.price != product.price:
        text += f" ({front.grammar.money.show(variant.price, front.shop.currency_of(product))})"
    out = variant.availability == "OutOfStock"
    if variant.availability:
        text += f" – {front.grammar.labels.get(variant.availability, variant.availability)}"
    value = f' value="{escape(variant.sku)}"' if variant.sku else ""
    return f"<option{value}{' disabled' if out else ''}>{escape(text)}</option>"


def _description(front: Storefront, product: ShopProduct, props: Props) -> str:
    if product.description is None:
        return ""
    text = f"<div{props.prop('description')}>{escape(product.description)}</div>"
    return f"<section{front.css('text')}><h2>{front.label('description')}</h2>{text}</section>"


def _related(front: Storefront, product: ShopProduct) -> str:
    rng = random.Random(f"related {front.shop.seed} {product.number}")
    others = [each for each in front.linked() if each.number != product.number]
    chosen = rng.sample(others, min(4, len(others)))
    cards = grid(front, chosen, "related")
    return f"<aside{front.css('related')}><h2>{front.label('related')}</h2>{cards}</aside>"
