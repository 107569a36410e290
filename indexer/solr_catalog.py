"""The catalog in Solr: one server (a core) or SolrCloud (a collection).

What a document holds and how a filter reads is in `indexer.solr_fields`. Nothing is ever deleted
from Solr: a tombstone is a document that is not alive.
"""

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from json import JSONDecodeError
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pysolr import Results, Solr, SolrError

from indexer.solr_collection import Answer, Shape, opened, settled
from indexer.solr_fields import (
    CUT,
    MARK,
    conditions,
    documents,
    has,
    is_id,
    question,
    term,
)
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.filters import Filter
from snapmode.items import FIELD, FIELDS, Product, Removal, attributes
from snapmode.paging import pages
from snapmode.ports import ProductsFound

PAGE = 500
"""Documents read or written by one request."""
MOST = 10_000_000
"""Products one may page through: for a larger number Solr would take memory in advance."""
TRIES = 100
"""How often a write is tried against other writers of the same ids."""
MARK_ID = " fields"
"""The document that says what the collection was made for. No product's id begins with a space."""
HTTP = re.compile(r"Solr responded with an error \(HTTP (\d+)\): (.*)", re.DOTALL)

T = TypeVar("T")


class UnreachableError(TransientError):
    """A node can't be reached; another one may answer."""


class ConflictError(Exception):
    """Another writer was faster."""


class SolrCatalog:
    """Products by id, with filters, facets and full text; see `snapmode.ports.Catalog`.

    `url` is Solr's, e.g. http://solr:8983/solr; several nodes of a cloud are separated by commas,
    and one that is away is passed over. The collection is made when it is first used. Any number of
    threads and processes may write: an update names the state it was made for.
    """

    def __init__(
        self,
        url: str,
        collection: str,
        username: str = "",
        password: str = "",
        shards: int = 1,
        replicas: int = 1,
        timeout: float = 30.0,
    ) -> None:
        # Each of its errors becomes one of ours; its own report would hold whole requests.
        logging.getLogger("pysolr").setLevel(logging.CRITICAL)
        addresses = [_checked(address.strip()) for address in url.split(",")]
        client = partial(Solr, timeout=timeout, auth=(username, password) if username else None)
        session = client("").get_session()
        self._nodes = [client(f"{address}/{collection}", session=session) for address in addresses]
        self._first = 0
        self._collection = collection
        self._create = partial(opened, name=collection, shards=shards, replicas=replicas)
        self._shape: Shape | None = None
        self._lock = threading.Lock()

    def upsert(self, products: Sequence[Product]) -> list[str]:
        return [key for page in pages(products, PAGE) for key in self._write(page)]

    def delete(self, removals: Sequence[Removal]) -> list[str]:
        return [key for page in pages(removals, PAGE) for key in self._write(page)]

    def versions(self, ids: Collection[str]) -> dict[str, int]:
        self._check_log()
        return {key: document["version"] for key, document in self._stored(ids, "version").items()}

    def get(self, ids: Sequence[str]) -> list[Product]:
        stored = self._stored(set(ids), "body")
        bodies = {key: document["body"] for key, document in stored.items() if "body" in document}
        return [_product(bodies[key]) for key in ids if key in bodies]

    def search(
        self, text: str = "", filter: Filter | None = None, limit: int = 20, offset: int = 0
    ) -> ProductsFound:
        start, rows = min(offset, MOST), min(limit, MOST)
        found = self._found(text, filter, start=start, rows=rows, fl="body")
        return ProductsFound([_product(document["body"]) for document in found.docs], found.hits)

    def facets(
        self, fields: Sequence[str], text: str = "", filter: Filter | None = None, limit: int = 100
    ) -> dict[str, list[tuple[str, int]]]:
        for name in fields:
            if name not in FIELD or not FIELD[name].facet:
                raise RejectedError(f"facet: {name!r} has none; try {', '.join(_faceted())}")
        # Each shard knows its own most frequent values only: then all of them must be added up.
        most = limit if self._open().shards == 1 else -1
        counting = {"facet.field": fields, "facet.limit": most, "facet.mincount": 1}
        found = self._found(text, filter, rows=0, facet="true", **counting)
        counted = found.facets["facet_fields"]
        return {name: self._facet(name, counted[name], limit) for name in fields}

    def count(self, filter: Filter | None = None) -> int:
        return int(self._found("", filter, rows=0).hits)

    def scan(self) -> Iterator[Product]:
        self._check_log()
        mark, last = "*", ""
        while mark != last:
            found = self._found("", None, rows=PAGE, fl="body", cursorMark=mark)
            yield from (_product(document["body"]) for document in found.docs)
            mark, last = found.nextCursorMark, mark

    def flush(self) -> None:
        # Not pysolr's commit: it would make a hard one beside the soft one.
        self._ask(lambda solr: solr.add([], softCommit=True))
        self._check_log()

    def close(self) -> None:
        self._nodes[0].get_session().close()

    # ------------------------------------------------------------ documents

    def _stored(self, ids: Collection[str], fields: str) -> dict[str, dict[str, Any]]:
        """Documents by id, as they are now: written is enough, they need not be committed."""
        found: dict[str, dict[str, Any]] = {}
        for page in pages(filter(is_id, ids), PAGE):
            asked = {"id": page, "fl": f"id,{fields}", "expandMacros": "false"}
            answer = self._ask(partial(_get, asked=asked))
            found |= {document["id"]: document for document in answer}
        return found

    def _write(self, items: Sequence[Product | Removal]) -> list[str]:
        told = documents(items)
        for _ in range(TRIES):
            stored = self._stored({item.id for item in items}, "version,_version_")
            taken, newest = _newest(told, stored)
            try:
                if newest:
                    # After the reading: what it saw may have been old, but then this will conflict.
                    self._check_log()
                    self._ask(partial(Solr.add, docs=newest))
            except ConflictError:
                continue
            return taken
        raise TransientError(f"{self._address}: {TRIES} writes in vain against other writers")

    # ------------------------------------------------------------ questions

    def _found(self, text: str, asked: Filter | None, **how: Any) -> Results:
        words = question(text)
        # Without expandMacros=false a value such as "${x}" would be replaced.
        given = {**words, **how, "fq": [*conditions(asked), *words.get("fq", [])]}
        return self._ask(lambda solr: solr.search(**given, expandMacros="false"))

    def _facet(self, name: str, counted: Sequence[Any], limit: int) -> list[tuple[str, int]]:
        """From Solr's list of value, count, value, count, …"""
        values = [
            (self._uncut(name, value), int(count))
            for value, count in zip(counted[::2], counted[1::2], strict=True)
        ]
        return sorted(values, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _uncut(self, name: str, value: str) -> str:
        """The word itself, for one that is too long to be a term: some product holds it."""
        if not CUT.fullmatch(value):
            return value
        found = self._ask(
            lambda solr: solr.search(has(name, [value]), rows=1, fl="body", expandMacros="false")
        )
        said = [attributes(_product(document["body"])).get(name) for document in found.docs]
        words = [word for each in said for word in (each if isinstance(each, tuple) else (each,))]
        return next((str(word) for word in words if term(str(word)) == value), value)

    # ------------------------------------------------------------ engine

    @property
    def _address(self) -> str:
        return str(self._nodes[self._first].url)

    def _ask(self, call: Callable[[Solr], T]) -> T:
        self._open()
        return self._reach(call)

    def _reach(self, call: Callable[[Solr], T]) -> T:
        """The answer of the first node that can be reached, beginning with the last good one."""
        away: UnreachableError | None = None
        for _ in self._nodes:
            first = self._first
            node = self._nodes[first]
            try:
                with _errors(node.url):
                    return call(node)
            except UnreachableError as error:
                away = error
                self._first = (first + 1) % len(self._nodes)
        assert away
        raise away

    def _open(self) -> Shape:
        with self._lock:
            if self._shape is None:
                shape = self._create(self._admin)
                self._check_mark()
                self._shape = shape
            return self._shape

    def _check_mark(self) -> None:
        """A core shares its schema with others, and it may have been replaced: ask the index."""
        asked = {"id": [MARK_ID], "fl": "body"}
        mark = {"id": MARK_ID, "version": 0, "alive": False, "body": MARK, "_version_": -1}
        stored = self._reach(lambda solr: _get(solr, asked))
        if not stored:
            try:
                self._reach(lambda solr: solr.add([mark]))
            except ConflictError:
                stored = self._reach(lambda solr: _get(solr, asked))
        made_for = stored[0]["body"] if stored else MARK
        if made_for != MARK:
            raise ConfigError(
                f"{self._address} holds fields {made_for}, asked for was {MARK}: the table of "
                "product fields has changed since; use another [catalog] collection and import or "
                "crawl again"
            )

    def _check_log(self) -> None:
        """`TransientError` while Solr still reads its log after a crash."""
        if not settled(self._admin, self._open()):
            raise TransientError(
                f"{self._address}: Solr is still reading its update log, or has no leader"
            )

    def _admin(self, path: str, asked: Mapping[str, str | int], body: bytes | None) -> Answer:
        def request(solr: Solr) -> Answer:
            answer = solr.get_session().request(
                "GET" if body is None else "POST",
                f"{solr.url.rpartition('/')[0]}/{path}",
                params={**asked, "wt": "json"},
                data=body,
                headers={"Content-Type": "application/octet-stream"} if body else None,
                timeout=solr.timeout,
                auth=solr.auth,
            )
            is_json = "json" in answer.headers.get("Content-Type", "")
            return Answer(answer.status_code, answer.json() if is_json else {})

        return self._reach(request)


def _checked(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"[catalog] url: {address!r} is no address such as http://solr:8983/solr")
    if parts.username or parts.password:
        raise ConfigError("[catalog] url: name and password belong into username and password")
    return address.rstrip("/")


def _product(body: str) -> Product:
    return Product.model_validate_json(body)


def _faceted() -> list[str]:
    return [field.name for field in FIELDS if field.facet]


def _get(solr: Solr, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    answer = solr.search("", search_handler="get", **asked).raw_response
    if "doc" in answer:  # one id was asked for
        return [answer["doc"]] if answer["doc"] else []
    return list(answer["response"]["docs"])


def _newest(
    told: Sequence[dict[str, Any]], stored: Mapping[str, Mapping[str, int]]
) -> tuple[list[str], list[dict[str, Any]]]:
    """The ids taken, and of each the newest document with the state it replaces."""
    versions = {key: document["version"] for key, document in stored.items()}
    taken, newest = [], {}
    for document in told:
        key = document["id"]
        if document["version"] >= versions.get(key, 0):
            versions[key] = document["version"]
            replaced = stored[key]["_version_"] if key in stored else -1  # -1: nothing is there
            newest[key] = {**document, "_version_": replaced}
            taken.append(key)
    return taken, list(newest.values())


@contextmanager
def _errors(address: str) -> Iterator[None]:
    """What pysolr, or requests below it, raises, as our errors."""
    try:
        yield
    except SolrError as error:
        found = HTTP.match(str(error))
        if not found:
            why = "no answer in time" if "timed out" in str(error) else "can't be reached"
            raise UnreachableError(f"{address}: {why}") from error
        raise _refused(address, int(found[1]), found[2], error) from error
    except OSError as error:
        raise UnreachableError(f"{address}: {type(error).__name__}") from error
    except JSONDecodeError as error:
        raise TransientError(f"{address}: what answers there is not Solr") from error


def _refused(address: str, status: int, reason: str, error: Exception) -> Exception:
    if status == 409:
        return ConflictError(reason)
    if status in (401, 403):
        return ConfigError(f"{address}: {reason}; see [catalog] username and password")
    if status >= 500 or status in (404, 408, 429):
        return TransientError(f"{address}: HTTP {status}: {reason}")
    return error  # a request of ours is wrong, which is a bug
