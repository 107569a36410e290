"""The frame of every page: head, header, menu, footer; and the style sheet."""

from html import escape

from demo_shop.pages.storefront import Storefront

LEGAL = ("imprint", "terms", "privacy", "returns")


def page(front: Storefront, title: str, body: str, canonical: str = "", head: str = "") -> str:
    """A whole page; *canonical* is a path, *head* more elements for the head."""
    link = f'<link rel="canonical" href="{escape(front.absolute(canonical))}">' if canonical else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{escape(title)} | {escape(front.grammar.shop_name)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
{link}
<link rel="stylesheet" href="{front.urls.sheet}">
{head}
</head>
<body>
{_header(front)}
<main{front.css("main")}>
{body}
</main>
{_footer(front)}
</body>
</html>
"""


def _header(front: Storefront) -> str:
    tops = dict.fromkeys(names[:1] for names in front.shelves)
    links = [
        f'<a href="{escape(front.urls.listing(names))}">{escape(names[0] if names else "All")}</a>'
        for names in tops
    ]
    tools = "".join(_static_link(front, role) for role in ("account", "login", "wishlist", "cart"))
    return f"""<header{front.css("header")}>
<a{front.css("logo")} href="/">{escape(front.grammar.shop_name)}</a>
<nav{front.css("menu")}>{" ".join(links)} {_static_link(front, "journal")}</nav>
<form{front.css("search")} action="{front.urls.static["search"]}" method="get">
<input name="{front.urls.params["query"]}" placeholder="{front.label("search")}"></form>
<div{front.css("tools")}>{tools}</div>
</header>"""


def _static_link(front: Storefront, role: str) -> str:
    return f'<a href="{front.urls.static[role]}">{front.label(role)}</a> '


def _footer(front: Storefront) -> str:
    links = "".join(_static_link(front, role) for role in (*LEGAL, "private"))
    return f"""<footer{front.css("footer")}>
<p>{links}</p><p>© {escape(front.grammar.shop_name)}. Nothing here is real, not even the weather.</p>
</footer>"""


RULES = {
    "header": "display:flex;gap:1.6rem;align-items:center;flex-wrap:wrap;padding:1.1rem 4vw;border-bottom:1px solid #e6e2dc",
    "logo": "font-size:1.5rem;letter-spacing:.04em;color:#222",
    "menu": "display:flex;gap:1.2rem;flex:1;flex-wrap:wrap",
    "tools": "display:flex;gap:1rem;font-size:.85rem",
    "main": "max-width:1180px;margin:0 auto;padding:1.5rem 4vw 4rem",
    "footer": "background:#f1eeea;padding:2rem 4vw;font-size:.85rem;color:#666",
    "hero": "padding:3rem 0 2rem;text-align:center",
    "crumbs": "font-size:.8rem;color:#888;margin-bottom:1.4rem",
    "grid": "display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:1.6rem;margin:1.4rem 0",
    "card_name": "display:block;margin:.55rem 0 .15rem;color:#222",
    "card_price": "color:#555;font-size:.92rem",
    "product": "display:grid;grid-template-columns:minmax(280px,1.1fr) 1fr;gap:3rem",
    "thumbs": "display:flex;gap:.6rem;margin-top:.6rem;flex-wrap:wrap",
    "title": "font-size:1.9rem;font-weight:500;margin:.2rem 0 .8rem",
    "brand": "text-transform:uppercase;font-size:.78rem;letter-spacing:.12em;color:#888",
    "price": "font-size:1.4rem",
    "old_price": "color:#999;text-decoration:line-through;margin-left:.7rem",
    "badge": "background:ACCENT;color:#fff;font-size:.72rem;padding:.15rem .5rem;border-radius:2px;margin-left:.7rem",
    "stock": "font-size:.9rem;color:#4a7a4a;margin:.7rem 0",
    "swatches": "display:flex;gap:.5rem;margin:.8rem 0",
    "swatch": "border:1px solid #ccc;border-radius:1rem;padding:.15rem .7rem;font-size:.82rem",
    "choice": "display:block;padding:.55rem;margin:.8rem 0;min-width:60%",
    "buy": "background:ACCENT;color:#fff;border:0;padding:.9rem 2.4rem;font-size:1rem;border-radius:3px;cursor:pointer",
    "specs": "font-size:.9rem;margin:1.6rem 0;color:#444",
    "text": "line-height:1.65;margin-top:1.2rem",
    "related": "margin-top:3.5rem;border-top:1px solid #e6e2dc;padding-top:1.4rem",
    "pager": "display:flex;gap:.9rem;justify-content:center;margin:2rem 0",
    "notice": "background:#fbf6e8;padding:1rem",
    "article": "max-width:720px;margin:0 auto;line-height:1.7",
    "search": "flex:0 1 12rem",
}  # fmt: skip


def style_sheet(front: Storefront) -> str:
    """The shop's CSS."""
    accent, font = (
        front.grammar.accent,
        "Georgia,serif" if front.grammar.serif else "system-ui,sans-serif",
    )
    rules = [f".{front.grammar.css[role]}{{{rule}}}" for role, rule in RULES.items()]
    base = f"body{{margin:0;font-family:{font};color:#333;background:#fff}}a{{color:{accent};text-decoration:none}}img{{max-width:100%;height:auto;display:block;background:#eee}}input{{width:100%;padding:.4rem}}dt{{float:left;width:9rem;color:#888}}td,th{{padding:.25rem 1rem .25rem 0;text-align:left}}"
    return "\n".join([base, *rules]).replace("ACCENT", accent) + "\n"
