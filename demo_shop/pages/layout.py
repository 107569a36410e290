"""The frame of every page: head, header, menu, footer."""

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
<p>{links}</p>
<p>© {escape(front.grammar.shop_name)}. Nothing here is real, not even the weather.</p>
</footer>"""
