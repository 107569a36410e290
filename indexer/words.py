"""What full text search looks at, the same for every catalog: SQLite's FTS5 says what a word is."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from snapmode.items import FIELDS, FieldInfo, Product

TEXT = tuple(field for field in FIELDS if field.text_weight)
"""The fields that are searched."""
TOKENIZER = "unicode61 remove_diacritics 2"
"""Letters, digits and private-use characters are words, without case and accents."""


def field_text(product: Product, field: FieldInfo) -> str | None:
    """What a product has to say in a field of `TEXT`."""
    if field.name == "breadcrumbs":
        return "\n".join(crumb.name for crumb in product.breadcrumbs)
    value: str | tuple[str, ...] | None = getattr(product, field.name)
    return "\n".join(value) if isinstance(value, tuple) else value


def asked_words(text: str) -> list[str]:
    """The words someone asks for; one such as t-shirt holds several tokens, found side by side."""
    clean = text.replace("\0", " ").encode("utf-8", "ignore").decode()
    return [word for word in clean.split() if any(sign.isalnum() for sign in word)]


def tokens(texts: Sequence[str]) -> list[list[str]]:
    """The tokens of each text, in their order, as FTS5 would index them."""
    found: list[list[str]] = [[] for _ in texts]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            f"CREATE VIRTUAL TABLE said USING fts5(text, content='', tokenize='{TOKENIZER}')"
        )
        connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(said, 'instance')")
        connection.executemany("INSERT INTO said(rowid, text) VALUES (?, ?)", enumerate(texts))
        for token, number in connection.execute(
            "SELECT term, doc FROM tokens ORDER BY doc, offset"
        ):
            found[number].append(token)
    return found
