"""Structured data of a page as schema.org nodes, whatever the syntax: JSON-LD's shape for all.

A node is a dict of properties with "@type"; a property is a text, a node or a list of these.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

from extruct.jsonld import JsonLdExtractor
from extruct.w3cmicrodata import MicrodataExtractor
from lxml import etree

from crawler.pages.document import Document

Node = dict[str, Any]
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MAX_NODES = 20_000

logger = logging.getLogger(__name__)


def json_ld(document: Document) -> list[Node]:
    """Every object of the JSON-LD scripts; a malformed script is passed over."""
    found: list[Any] = []
    for source in document.scripts:
        script = etree.Element("script", type="application/ld+json")
        script.text = CONTROL.sub(" ", source)
        try:
            found += JsonLdExtractor().extract_items(script)
        except (ValueError, RecursionError) as error:
            logger.debug("%s: JSON-LD that can't be read: %s", document.url, error)
    return [node for node in found if isinstance(node, dict)]


def microdata(document: Document) -> list[Node]:
    """Every top-level itemscope."""
    if not document.tree.xpath("boolean(//*[@itemscope])"):
        return []
    items = MicrodataExtractor(add_text_content=False).extract_items(document.tree, document.base)
    return [_plain(item) for item in items if isinstance(item, dict)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    properties = {name: _plain(inner) for name, inner in value.get("properties", {}).items()}
    return {"@type": value.get("type", ""), **properties}


def types(node: Node) -> set[str]:
    """The node's types without their vocabulary."""
    return {
        str(kind).rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1].rsplit(":", 1)[-1]
        for kind in each(node.get("@type"))
    }


def each(value: Any) -> Iterator[Any]:
    """A property's values: none, one or many."""
    if isinstance(value, list):
        yield from value
    elif value is not None:
        yield value


def text(value: Any) -> str | None:
    """A property as text: a text, a number, or a node's name; the first of many."""
    for one in each(value):
        if isinstance(one, dict):
            one = one.get("@value") or one.get("name") or one.get("value")  # noqa: PLW2901
            if isinstance(one, dict | list):
                return text(one)
        if isinstance(one, str) and one.strip():
            return one.strip()
        if isinstance(one, int | float) and not isinstance(one, bool):
            return json.dumps(one)
    return None


def nodes_in(values: Any) -> list[Node]:
    """The values that are nodes."""
    return [one for one in each(values) if isinstance(one, dict)]


def walk(roots: Iterable[Any], closed: frozenset[str] = frozenset()) -> Iterator[Node]:
    """Every node below the roots, outer ones first; `closed` properties are not entered."""
    waiting = list(roots)[::-1]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value[::-1]
        elif isinstance(value, dict):
            yield value
            waiting += [inner for name, inner in value.items() if name not in closed][::-1]
