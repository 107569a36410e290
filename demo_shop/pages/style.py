"""The style sheet, written with roles (``@card``) where a shop has class names of its own."""

import re

from demo_shop.pages.storefront import Storefront

SHEET = """
body { margin: 0; font-family: FONT; color: #333; background: #fff }
a { color: ACCENT; text-decoration: none }
img { max-width: 100%; height: auto; display: block; background: #eee; border-radius: 2px }
input { width: 100%; padding: .4rem; border: 1px solid #ddd }
dt { float: left; width: 9rem; color: #888 }
td, th { padding: .25rem 1rem .25rem 0; text-align: left }
@header { display: flex; gap: 1.6rem; align-items: center; flex-wrap: wrap;
  padding: 1.1rem 4vw; border-bottom: 1px solid #e6e2dc }
@logo { font-size: 1.5rem; letter-spacing: .04em; color: #222 }
@menu { display: flex; gap: 1.2rem; flex: 1; flex-wrap: wrap }
@tools { display: flex; gap: 1rem; font-size: .85rem }
@search { flex: 0 1 12rem }
@main { max-width: 1180px; margin: 0 auto; padding: 1.5rem 4vw 4rem }
@footer { background: #f1eeea; padding: 2rem 4vw; font-size: .85rem; color: #666 }
@hero { padding: 3rem 0 2rem; text-align: center }
@crumbs { font-size: .8rem; color: #888; margin-bottom: 1.4rem }
@grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr));
  gap: 1.6rem; margin: 1.4rem 0 }
@card img { width: 100% }
@card_name { display: block; margin: .55rem 0 .15rem; color: #222 }
@card_price { color: #555; font-size: .92rem }
@product { display: grid; grid-template-columns: minmax(280px, 1.1fr) 1fr; gap: 3rem }
@gallery > img { width: 100% }
@thumbs { display: flex; gap: .6rem; margin-top: .6rem; flex-wrap: wrap }
@title { font-size: 1.9rem; font-weight: 500; margin: .2rem 0 .8rem }
@price { font-size: 1.4rem }
@old_price { color: #999; text-decoration: line-through; margin-left: .7rem }
@badge { background: ACCENT; color: #fff; font-size: .72rem; padding: .15rem .5rem;
  border-radius: 2px; margin-left: .7rem }
@stock { font-size: .9rem; color: #4a7a4a; margin: .7rem 0 }
@swatches { display: flex; gap: .5rem; margin: .8rem 0 }
@swatch { border: 1px solid #ccc; border-radius: 1rem; padding: .15rem .7rem; font-size: .82rem }
@choice { display: block; padding: .55rem; margin: .8rem 0; min-width: 60% }
@buy { background: ACCENT; color: #fff; border: 0; padding: .9rem 2.4rem; font-size: 1rem;
  border-radius: 3px; cursor: pointer }
@specs { font-size: .9rem; margin: 1.6rem 0; color: #444 }
@text { line-height: 1.65; margin-top: 1.2rem }
@related { margin-top: 3.5rem; border-top: 1px solid #e6e2dc; padding-top: 1.4rem }
@pager { display: flex; gap: .9rem; justify-content: center; margin: 2rem 0 }
@notice { background: #fbf6e8; padding: 1rem }
@article { max-width: 720px; margin: 0 auto; line-height: 1.7 }
"""


def style_sheet(front: Storefront) -> str:
    """The shop's CSS."""
    font = "Georgia, serif" if front.grammar.serif else "system-ui, sans-serif"
    named = re.sub(r"@(\w+)", lambda found: f".{front.grammar.css[found[1]]}", SHEET)
    return named.replace("ACCENT", front.grammar.accent).replace("FONT", font)
