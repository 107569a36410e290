"""SolrCatalog where the contract is silent: odd words, rivals, kills, refusals, silence."""

import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines import running, solr
from engines.place import open_place
from indexer.solr_collection import STANDALONE, Answer
from indexer.sqlite_catalog import SqliteCatalog
from snapmode.errors import ConfigError, RejectedError, TransientError
from snapmode.filters import Filter, parse_filter
from snapmode.items import Removal
from snapmode.ports import Catalog
from snapmode.settings import CONFIGS, load_settings
from tests.contract.examples import product
from tests.engines import Engines
from tests.solr import Collections

if TYPE_CHECKING:
    from indexer.solr_catalog import SolrCatalog

pytestmark = pytest.mark.cluster

SIGNS = (
    *('"', "'", "\\", "{!term f=brand}", "${brand}", "$x", "*:*", " ", "\n", "\t", "\0", "\x01"),
    *("\x1f", "a", "A", "ä", "a\u0308", "ß", "İ", "ﬁ", "北", "京", "\u19b0", "\ue000", "😀", "٣"),
    *("-", "+", "AND", "OR", "NOT", "(", ")", "[", "TO", "]", "^2", "~", "_", "&&", "||", "%", "x"),
)
odd = st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=6).map(
    "".join
)


@pytest.fixture
def collections(engines: Engines) -> Iterator[Collections]:
    with Collections(engines.settings("solr")) as made:
        yield made


@pytest.fixture
def catalog(collections: Collections) -> "SolrCatalog":
    return collections.open("one")


# ------------------------------------------------------------ words


def test_words_find_what_they_find_in_sqlite(catalog: Catalog, tmp_path: Path) -> None:
    embedded = SqliteCatalog(tmp_path / "catalog.sqlite")
    version = iter(range(1, 10_000))

    @settings(max_examples=60)
    @given(st.lists(st.tuples(odd, odd), min_size=4, max_size=4), st.lists(odd, max_size=6))
    def agree(texts: list[tuple[str, str]], asked: list[str]) -> None:
        now = next(version)
        kept = [
            product(f"p{n}", now, description=text, brand=brand)
            for n, (text, brand) in enumerate(texts)
        ]
        for each in (embedded, catalog):
            each.upsert(kept)
            each.flush()
        for text in [*asked, *(text for pair in texts for text in pair)]:
            ours, theirs = (each.search(text, limit=100) for each in (embedded, catalog))
            assert ours.total == theirs.total, ascii(text)
            assert {p.id for p in ours.products} == {p.id for p in theirs.products}
            # SQLite's json_each ends a word at NUL.
            brand = Filter(words={"brand": frozenset({text.replace("\0", ""), "x"})})
            assert embedded.count(brand) == catalog.count(brand), ascii(text)
        assert embedded.facets(["brand"], limit=3) == catalog.facets(["brand"], limit=3)

    agree()
    embedded.close()


@pytest.mark.parametrize("words", [3, 250, 2_000])
def test_any_number_of_words_may_be_asked_for(catalog: Catalog, words: int) -> None:
    text = " ".join(f"w{number}" for number in range(words))
    catalog.upsert(
        [product("p1", name=text), product("p2", name=text.removesuffix(str(words - 1)))]
    )
    catalog.flush()
    assert [found.id for found in catalog.search(text).products] == ["p1"]
    assert catalog.search("z" * 100_000).total == 0


def test_filters_may_be_long(catalog: Catalog) -> None:
    catalog.upsert([product(f"p{number}", price=str(number)) for number in range(50)])
    catalog.flush()
    names = [f"p{number}" for number in range(49, 60_000)]
    assert catalog.count(parse_filter({"id": names})) == 1
    assert catalog.count(parse_filter({"price": [n + 0.5 for n in range(9_999)] + [3]})) == 1


def test_facets_are_exact_beyond_their_limit(catalog: Catalog) -> None:
    brands = [f"brand {number:03}" for number in range(300) for _ in range(1 + number % 3)]
    catalog.upsert([product(f"p{n}", brand=brand) for n, brand in enumerate(brands)])
    catalog.flush()
    expected = sorted(Counter(brands).items(), key=lambda pair: (-pair[1], pair[0]))
    for limit in (0, 1, 101, 1000):
        assert catalog.facets(["brand"], limit=limit) == {"brand": expected[:limit]}


def test_values_longer_than_a_term_are_whole(catalog: Catalog) -> None:
    long = ["ä" * 33_000, "ä" * 33_001]
    kept = [product(f"p{n}", brand=brand, sizes=(brand, "M")) for n, brand in enumerate(long)]
    catalog.upsert(kept)
    catalog.flush()
    assert catalog.get(["p0", "p1"]) == kept
    assert catalog.facets(["brand", "sizes"]) == {
        "brand": [(long[0], 1), (long[1], 1)],
        "sizes": [("M", 2), (long[0], 1), (long[1], 1)],
    }
    assert catalog.search(filter=parse_filter({"brand": long[1]})).products == [kept[1]]
    with pytest.raises(RejectedError, match=r"product ääää.*: id"):
        catalog.upsert([product("ä" * 33_000)])


def test_pages_far_away_are_empty(catalog: Catalog) -> None:
    catalog.upsert([product()])
    catalog.flush()
    for offset in (10_000, 2**31, 2**63):
        assert catalog.search("product", limit=2**40, offset=offset).products == []
        assert catalog.search(limit=1, offset=offset).total == 1


# ------------------------------------------------------------ writers


def test_what_was_written_is_known_before_it_is_searched(catalog: Catalog) -> None:
    ids = ["a,b", "c!d", "e f", "{!x}", "${y}", '"']
    catalog.upsert([product(key, 2**63 - 1) for key in ids])
    assert catalog.versions(ids) == dict.fromkeys(ids, 2**63 - 1)
    assert [found.id for found in catalog.get(ids)] == ids


def test_what_was_written_is_found_within_seconds_without_a_flush(catalog: Catalog) -> None:
    catalog.upsert([product()])
    deadline = time.monotonic() + 30
    while not catalog.count():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_of_many_writers_the_newest_version_wins(collections: Collections) -> None:
    collections.open("one").count()
    lost: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            catalog = collections.open("one")
            for turn in range(15):
                version = 4 * turn + writer
                if turn % 5 == 4:
                    catalog.delete([Removal(id=f"p{n}", version=version) for n in range(5)])
                catalog.upsert([product(f"p{n}", version, name=f"w{writer}") for n in range(5)])
        except BaseException as error:
            lost.append(error)
            raise

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not lost
    found = collections.open("one").get([f"p{n}" for n in range(5)])
    assert [(each.version, each.name) for each in found] == 5 * [(59, "w3")]


def test_an_old_version_loses_against_a_rival_that_was_faster(catalog: "SolrCatalog") -> None:
    """The rival writes between our reading and our writing."""
    read = catalog._stored
    rival = iter([product("p1", 9, name="rival")])

    def slow(ids: set[str], fields: str) -> object:
        stored = read(ids, fields)
        for item in rival:
            catalog.upsert([item])
        return stored

    catalog._stored = slow  # type: ignore[method-assign, assignment]
    assert catalog.upsert([product("p0", 1), product("p1", 8), product("p2", 1)]) == ["p0", "p2"]
    assert [each.name for each in catalog.get(["p1"])] == ["rival"]


@pytest.mark.parametrize("call", ["upsert", "delete", "versions", "scan", "flush"])
def test_nothing_is_taken_for_true_while_the_log_is_read(catalog: "SolrCatalog", call: str) -> None:
    """Else an older version could win over one that still waits in the log."""
    catalog.count()
    reading = {f"solr.core.{catalog._collection}:TLOG.state": 0}
    nodes = {"metrics": reading}
    catalog._admin = lambda *asked: Answer(200, nodes)  # type: ignore[method-assign]
    with pytest.raises(TransientError, match="still reading its update log"):
        CALLS[call](catalog)


# ------------------------------------------------------------ refusals


def test_a_collection_of_other_fields_is_refused(collections: Collections) -> None:
    collections.open("one").upsert([product()])
    mark = {"id": " fields", "version": 0, "alive": False, "body": "otherwise"}
    collections.ask(f"{collections.full('one')}/update", [mark])
    with pytest.raises(ConfigError, match=r"holds fields otherwise.*another"):
        collections.open("one").count()


def test_a_key_that_can_not_work_is_refused(collections: Collections) -> None:
    for url in ("solr:8983", "ftp://solr", "http://", "http://name:secret@solr:8983/solr"):
        with pytest.raises(ConfigError, match=r"\[catalog\] url") as refusal:
            collections.open("one", url=url)
        assert "secret" not in str(refusal.value)


# ------------------------------------------------------------ silence

CALLS: dict[str, Callable[[Catalog], object]] = {
    "upsert": lambda catalog: catalog.upsert([product()]),
    "delete": lambda catalog: catalog.delete([Removal(id="p0", version=1)]),
    "versions": lambda catalog: catalog.versions(["p0"]),
    "get": lambda catalog: catalog.get(["p0"]),
    "search": lambda catalog: catalog.search("red"),
    "facets": lambda catalog: catalog.facets(["brand"]),
    "count": lambda catalog: catalog.count(),
    "scan": lambda catalog: list(catalog.scan()),
    "flush": lambda catalog: catalog.flush(),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_server_that_is_away_or_silent_is_transient(collections: Collections, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        keys = {"url": f"http://127.0.0.1:{port}/solr", "username": "me", "password": "secret"}
        with pytest.raises(TransientError, match=f"127.0.0.1:{port}") as first:
            CALLS[call](collections.open("one", timeout=0.2, **keys))
    with pytest.raises(TransientError, match=f"127.0.0.1:{port}") as second:
        CALLS[call](collections.open("one", **keys))
    assert "secret" not in f"{first.value}{second.value}"


def test_a_node_that_is_away_is_passed_over(collections: Collections) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = f"http://127.0.0.1:{taken.getsockname()[1]}/solr"
    catalog = collections.open("one", url=f"{away}, {collections.url}")
    assert catalog.upsert([product()]) == ["p0"]


# ------------------------------------------------------------ kills


class Own:
    """A server of one test's own, so that it may be killed."""

    def __init__(self, folder: Path) -> None:
        self.place = open_place(folder)
        [self.server] = solr.servers(self.place)
        running.up(self.place, ["solr"])
        url = solr.environment(self.place)["SNAPMODE_CATALOG__URL"]
        environ = {"SNAPMODE_CATALOG__URL": url}
        self.settings = load_settings(CONFIGS / "cluster.toml", folder, environ)

    def kill(self) -> None:
        process = running.find(self.server)
        assert process
        process.signal(signal.SIGKILL)
        assert process.wait(10)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    server = Own(tmp_path / "engines")
    yield server
    running.down(server.place, ["solr"])


def test_what_was_acknowledged_outlives_a_kill(own: Own) -> None:
    """An older version that comes while the log is still being read does not win either."""
    with Collections(own.settings) as collections:
        catalog = collections.open("one")
        ids = [f"p{number}" for number in range(3_000)]
        catalog.upsert([product(key, 1, description="word " * 100) for key in ids])
        own.kill()
        with pytest.raises(TransientError):
            catalog.versions(ids)
        running.start(own.place, own.server)
        stale = [product(key, 0) for key in ids]
        assert _patiently(lambda: catalog.upsert(stale)) == []
        assert catalog.versions(ids) == dict.fromkeys(ids, 1)
        catalog.flush()
        assert catalog.count() == len(ids)


def _patiently(call: Callable[[], list[str]]) -> list[str]:
    deadline = time.monotonic() + 180
    while True:
        try:
            return call()
        except TransientError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_server_without_our_settings_says_what_to_do(own: Own) -> None:
    configset = own.server.folder / "home" / "configsets" / STANDALONE
    configset.rename(configset.with_name("elsewhere"))
    with Collections(own.settings) as collections:
        for _ in range(2):
            with pytest.raises(ConfigError, match="Copy the folder configs/solr"):
                collections.open("one").count()
        configset.with_name("elsewhere").rename(configset)
        assert collections.open("one").count() == 0
