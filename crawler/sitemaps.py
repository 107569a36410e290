"""Sitemaps: an index of sitemaps, or a list of pages; plain, gzipped, or one URL a line."""

import zlib
from collections import Counter
from collections.abc import Collection

from lxml import etree

from crawler.addresses import host_of, normalised
from crawler.focus import refusal
from crawler.frontier import Link

MAX_BYTES = 60_000_000
"""After unpacking; the protocol allows 50 MB."""
MAX_LINKS = 50_000
"""The protocol's own limit; more are not looked at."""
PAGE_SCORE = 1.0
INDEX_SCORE = 5.0


def read_sitemap(data: bytes, url: str, hosts: Collection[str]) -> tuple[list[Link], Counter[str]]:
    """Links to further sitemaps and to pages, and why others were refused."""
    data = _unpacked(data)
    found = (
        _xml(data)
        if data.lstrip()[:1] == b"<"
        else [("page", line) for line in data.decode("utf-8", "replace").split()]
    )
    links: dict[str, Link] = {}
    refused: Counter[str] = Counter()
    for kind, address in found[:MAX_LINKS]:
        target = normalised(address, url)
        reason = (
            refusal(target, hosts)
            if kind == "page"
            else ("" if host_of(target) in hosts else "other host")
        )
        if reason or not target:
            refused[reason or "not a web address"] += 1
        elif kind == "sitemap":
            links[target] = Link(target, INDEX_SCORE, kind="sitemap")
        else:
            links[target] = Link(target, PAGE_SCORE, depth=1)
    return list(links.values()), refused


def _unpacked(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        return unpacker.decompress(data, MAX_BYTES)
    except zlib.error:
        return b""


def _xml(data: bytes) -> list[tuple[str, str]]:
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
    root = etree.fromstring(data, parser)
    if root is None:
        return []
    found = []
    for location in root.iter("{*}loc"):
        parent = location.getparent()
        tag = etree.QName(parent).localname if parent is not None else ""
        if tag in ("url", "sitemap") and location.text:
            found.append(("sitemap" if tag == "sitemap" else "page", location.text.strip()))
    return found
