"""The table of fields (`snapmode.items.FIELDS`) in Solr's terms: schema, documents, conditions.

A document holds `id`, `version`, `body` (the product as JSON; none: a tombstone), `alive`, the
filterable fields under their own names, and `words_NAME` for each field that is searched: its
tokens (see `indexer.words`) with a space between. `python -m indexer.solr_fields` writes the
schema anew.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from indexer.sqlite_fields import MAX_NUMBERS
from indexer.words import TEXT, asked_words, field_text, tokens
from snapmode.errors import RejectedError
from snapmode.filters import Filter, Range
from snapmode.items import FIELDS, FieldInfo, Product, Removal, attributes, digest
from snapmode.settings import CONFIGS

CONFIGSET = CONFIGS / "solr" / "products" / "conf"
"""The folder that describes a collection to Solr."""
MAX_TERM = 32_766
"""Bytes of a term: Lucene's limit."""
MAX_TOKEN = 100
"""Signs of a token: Solr's tokenizer cuts at 256."""
WORDS_AT_ONCE = 100
"""Words of one query: Solr takes 1,024 clauses, each word has one per field."""
NOTHING = "-*:*"
SCORES = " ".join(f"words_{field.name}^{field.text_weight:g}" for field in TEXT)

SCHEMA = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by `python -m indexer.solr_fields` from snapmode/items.py: do not edit. -->
<schema name="{name}" version="1.6">
  <uniqueKey>id</uniqueKey>
  <fieldType name="keyword" class="solr.StrField"/>
  <fieldType name="number" class="solr.DoublePointField"/>
  <fieldType name="long" class="solr.LongPointField"/>
  <fieldType name="flag" class="solr.BoolField"/>
  <fieldType name="words" class="solr.TextField">
    <!-- SnapMode cuts texts into words itself, so that every catalog agrees what a word is. -->
    <analyzer><tokenizer class="solr.WhitespaceTokenizerFactory"/></analyzer>
  </fieldType>
  <field name="_version_" type="long" indexed="false" stored="false" docValues="true"/>
  <field name="alive" type="flag" indexed="true" stored="false"/>
  <field name="version" type="long" indexed="false" stored="true"/>
  <field name="body" type="keyword" indexed="false" stored="true"/>
{fields}
</schema>
"""


def schema() -> str:
    """The content of schema.xml."""
    lines = [_field(field) for field in FIELDS if field.filterable]
    lines += [
        f'  <field name="words_{field.name}" type="words" indexed="true" stored="false"/>'
        for field in TEXT
    ]
    return SCHEMA.format(name=NAME, fields="\n".join(lines))


def _field(field: FieldInfo) -> str:
    traits: dict[str, str | bool] = {
        "name": field.name,
        "type": field.kind,
        "indexed": True,
        "stored": field.name == "id",
        "multiValued": field.many,
        # What facets count and what answers are sorted by is read from columns.
        "docValues": field.facet or field.name == "id",
    }
    written = " ".join(f'{key}="{_trait(value)}"' for key, value in traits.items())
    return f"  <field {written}/>"


def _trait(value: str | bool) -> str:
    return value if isinstance(value, str) else str(value).lower()


MARK = digest(SCHEMA, *map(repr, FIELDS))[:8]
"""The fields a collection was made for."""
NAME = f"snapmode-products-{MARK}"
"""Name of the schema, and of the configset in a cloud."""


# ------------------------------------------------------------ documents


def documents(items: Sequence[Product | Removal]) -> list[dict[str, Any]]:
    """What Solr is told of them; `RejectedError` names a product whose id it can't take."""
    made = [_document(item) for item in items]
    said = [
        (document, field, field_text(item, field) or "")
        for document, item in zip(made, items, strict=True)
        if isinstance(item, Product)
        for field in TEXT
    ]
    words = tokens([text for _, _, text in said])
    for (document, field, _), each in zip(said, words, strict=True):
        if each:
            document[f"words_{field.name}"] = " ".join(map(_token, each))
    return made


def _document(item: Product | Removal) -> dict[str, Any]:
    if not is_id(item.id):
        raise RejectedError(f"product {item.id[:80]}…: id: Solr takes at most {MAX_TERM} bytes")
    if isinstance(item, Removal):
        return {"id": item.id, "version": item.version, "alive": False}
    known = attributes(item)
    fields = {name: _stored(value) for name, value in known.items() if name != "id"}
    body = item.model_dump_json()
    return {"id": item.id, "version": item.version, "alive": True, "body": body, **fields}


def is_id(id: str) -> bool:
    """Whether Solr can hold a product under this id."""
    if id.startswith(" "):
        return False  # ids of products are stripped
    return 0 < len(id.encode(errors="replace")) <= MAX_TERM and not _has_surrogates(id)


def _stored(value: str | float | tuple[str, ...]) -> list[Any]:
    # In a list: pysolr leaves out a field whose value is the empty string.
    if isinstance(value, float):
        return [value]
    return [term(word) for word in ([value] if isinstance(value, str) else value)]


def term(word: str) -> str:
    """The word, or what stands for one that is too long for Lucene."""
    if len(word.encode()) <= MAX_TERM:
        return word
    return f"{word[:1000]}\x1f{digest(word)}"


CUT = re.compile("(?s:.{1000})\x1f[0-9a-f]{32}")
"""How `term` looks when it is not the word itself."""


def _token(word: str) -> str:
    return word if len(word) <= MAX_TOKEN else digest(word)


# ------------------------------------------------------------ conditions


def conditions(filter: Filter | None) -> list[str]:
    """A filter as `fq` parameters. What was removed is never found."""
    asked = filter or Filter()
    return [
        "alive:true",
        *(has(name, words) for name, words in asked.words.items()),
        *(_in_range(name, bounds) for name, bounds in asked.ranges.items()),
        *(_in_numbers(name, numbers) for name, numbers in asked.numbers.items()),
    ]


def has(name: str, words: Iterable[str]) -> str:
    """That a keyword field holds any of the words."""
    terms = [term(word) for word in words if not _has_surrogates(word)]
    if not terms:
        return NOTHING
    taken = set().union(*terms)
    separator = next(sign for sign in map(chr, range(1, 0xD800)) if sign not in taken | {" "})
    # One of them twice: for Solr a lone empty string is no value at all.
    return f'{{!terms f={name} separator="{separator}"}}{separator.join([*terms, terms[0]])}'


def _in_range(name: str, bounds: Range) -> str:
    low = f"{{{_number(bounds.gt)}" if bounds.gt is not None else "[*"
    if bounds.gte is not None and (bounds.gt is None or bounds.gte > bounds.gt):
        low = f"[{_number(bounds.gte)}"
    high = f"{_number(bounds.lt)}}}" if bounds.lt is not None else "*]"
    if bounds.lte is not None and (bounds.lt is None or bounds.lte < bounds.lt):
        high = f"{_number(bounds.lte)}]"
    return f"{name}:{low} TO {high}"


def _in_numbers(name: str, numbers: Iterable[float]) -> str:
    listed = [_number(number) for number in numbers]
    if len(listed) > MAX_NUMBERS:
        raise RejectedError(f"filter: {name!r} takes at most {MAX_NUMBERS} numbers")
    return f"{{!terms f={name}}}{','.join(listed)}" if listed else NOTHING


def _number(number: float) -> str:
    return repr(number + 0.0)  # -0.0 becomes 0.0: for Solr the two differ


def _has_surrogates(word: str) -> bool:
    return any("\ud800" <= sign <= "\udfff" for sign in word)


# ------------------------------------------------------------ words


def question(text: str) -> dict[str, Any]:
    """The parameters that find the products which hold every word, best first."""
    words = list(dict.fromkeys(asked_words(text)))
    if not words:
        return {"q": "*:*", "sort": "id asc"}
    phrases = [f'"{" ".join(map(_token, each))}"' for each in tokens(words) if each]
    if not phrases:
        return {"q": NOTHING, "sort": "id asc"}
    first, *more = [
        " ".join(phrases[start : start + WORDS_AT_ONCE])
        for start in range(0, len(phrases), WORDS_AT_ONCE)
    ]
    return {
        "q": first,
        "defType": "dismax",
        "qf": SCORES,
        "mm": "100%",
        "tie": 1,
        "sort": "score desc, id asc",
        "fq": [f"{{!dismax qf='{SCORES}' mm='100%'}}{others}" for others in more],
    }


if __name__ == "__main__":
    (CONFIGSET / "schema.xml").write_text(schema(), encoding="utf-8")
