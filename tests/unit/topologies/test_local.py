"""The ingest loop over the embedded log: poison, engines that go away, stops and kills."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snapmode.codec import Message, encode
from snapmode.dead_letters import read, replay
from snapmode.errors import TransientError
from snapmode.ingest import GROUP, EmbedStep, IndexStep, vector_id
from snapmode.items import Product, Removal
from snapmode.ports import Picture, Record, Vector, VectorRow
from snapmode.settings import Ingest
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.fakes import FakeCatalog, FakeEmbedder, FakeImages, FakeVectors, product
from topologies import local
from topologies.command import local_ingest
from topologies.local import BUGS_IN_A_ROW, LocalIngest
from topologies.sqlite_log import SqliteLog

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def _brief_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "IDLE_SECONDS", 0.0)


class TouchyEmbedder(FakeEmbedder):
    """Crashes on b"bug", answers NaN for b"nan"; `healed` makes it take b"bad" too."""

    healed = False

    def embed(self, pictures: Sequence[Picture]) -> Vector:
        if any(picture.data.startswith(b"bug") for picture in pictures):
            raise ZeroDivisionError("a bug")
        if self.healed:
            pictures = [Picture(picture.data.replace(b"bad", b"good")) for picture in pictures]
        rows = super().embed(pictures)
        for row, picture in zip(rows, pictures, strict=True):
            if picture.data.startswith(b"nan"):
                row[:] = np.nan
        return rows


class AwayVectors(FakeVectors):
    """Is away for the next `away` upserts."""

    away = 0

    def upsert(self, rows: Sequence[VectorRow]) -> None:
        if self.away:
            self.away -= 1
            raise TransientError("vectors are away")
        super().upsert(rows)


@dataclass
class World:
    """A log on disk, stores in memory, and the loop over them."""

    log: SqliteLog
    embedder: TouchyEmbedder = field(default_factory=TouchyEmbedder)
    images: FakeImages = field(default_factory=FakeImages)
    vectors: AwayVectors = field(default_factory=AwayVectors)
    catalog: FakeCatalog = field(default_factory=FakeCatalog)
    batch: int = 16

    def loop(self, on_batch: Callable[[], None] = lambda: None) -> LocalIngest:
        return LocalIngest(
            self.log,
            EmbedStep(self.embedder, self.images, self.vectors),
            IndexStep(self.catalog, self.vectors),
            Ingest(batch=self.batch, retries=2, max_backoff=0.001),
            on_batch=on_batch,
        )

    def publish(self, *messages: Message) -> None:
        self.log.publish(PRODUCTS, [(message.id, encode(message)) for message in messages])

    def products(self, *pictures: bytes) -> list[Product]:
        """One product for each picture, named a, b, c, …"""
        return [
            product(chr(ord("a") + n), pictures=[self.images.put(data)])
            for n, data in enumerate(pictures)
        ]

    def ingest(self) -> None:
        self.loop().run(until_idle=True)

    @property
    def found(self) -> list[str]:
        """Products that can be found by a picture."""
        return sorted({row.product_id for row in self.vectors.scan()})

    @property
    def letters(self) -> list[tuple[str, str]]:
        return [(one.stage, one.key) for one in read(self.log)]

    @property
    def lag(self) -> int:
        return self.log.lag(PRODUCTS, GROUP)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(SqliteLog(tmp_path / "log.sqlite"))
    yield world
    world.log.close()


def test_everything_is_ingested_and_committed(world: World) -> None:
    products = world.products(*(b"picture %d" % n for n in range(20)))
    world.publish(*products)
    world.ingest()
    assert list(world.catalog.scan()) == products
    assert len(world.found) == 20
    assert (world.lag, world.letters) == (0, [])


def test_an_empty_log_is_idle(world: World) -> None:
    world.ingest()
    assert world.lag == 0


def test_removals_and_tombstones_remove(world: World) -> None:
    world.publish(*world.products(b"1", b"2", b"3"))
    world.ingest()
    world.publish(Removal(id="a", version=2))
    world.log.publish(PRODUCTS, [("b", None)])
    world.ingest()
    assert world.found == ["c"]
    assert [one.id for one in world.catalog.scan()] == ["c"]


# ---------------------------------------------------------------- poison


def test_what_is_no_message_becomes_a_letter(world: World) -> None:
    world.publish(*world.products(b"1", b"2"))
    world.log.publish(PRODUCTS, [("poison", b"\xff not json")])
    world.ingest()
    (one,) = read(world.log)
    assert (one.stage, one.topic, one.key, one.value) == (
        "decode",
        PRODUCTS,
        "poison",
        b"\xff not json",
    )
    assert (world.found, world.lag) == (["a", "b"], 0)


def test_a_bad_picture_becomes_a_letter_and_its_product_goes_on(world: World) -> None:
    good, bad = world.images.put(b"good"), world.images.put(b"bad")
    world.publish(product("a", pictures=[bad, good]), *world.products(b"x", b"y")[1:])
    world.ingest()
    (one,) = read(world.log)
    assert (one.stage, one.key, one.reason, one.evidence) == (
        "embed",
        "a",
        "not a picture",
        {"picture": bad},
    )
    assert world.found == ["a", "b"]
    assert [row.picture for row in world.vectors.rows(products=["a"])] == [good]


@pytest.mark.parametrize(("picture", "reason"), [(b"nan", "unit"), (b"bug", "ZeroDivisionError")])
def test_a_product_that_fails_alone_stands_alone(world: World, picture: bytes, reason: str) -> None:
    world.publish(*world.products(b"1", b"2", picture, b"4", b"5"))
    world.ingest()
    (one,) = read(world.log)
    assert (one.stage, one.key) == ("ingest", "c")
    assert reason in one.reason
    assert ("traceback" in one.evidence) == (picture == b"bug")
    assert (world.found, world.lag) == (["a", "b", "d", "e"], 0)


def test_bugs_in_a_row_stop_the_run_and_commit_nothing(world: World) -> None:
    world.publish(*world.products(*(b"bug %d" % n for n in range(BUGS_IN_A_ROW))))
    with pytest.raises(ZeroDivisionError):
        world.ingest()
    assert world.lag == BUGS_IN_A_ROW


def test_scattered_bugs_do_not_stop_the_run(world: World) -> None:
    pictures = [b"bug %d" % n if n % 3 == 0 else b"fine %d" % n for n in range(15)]
    world.publish(*world.products(*pictures))
    world.ingest()
    assert (len(world.letters), len(world.found), world.lag) == (5, 10, 0)


def test_a_healed_letter_leaves_nothing_behind(world: World) -> None:
    world.publish(*world.products(b"bad", b"2"))
    world.ingest()
    assert world.found == ["b"]
    world.embedder.healed = True
    replay(world.log, read(world.log))
    world.ingest()
    assert (world.found, world.letters, world.lag) == (["a", "b"], [], 0)


def test_what_fails_again_is_one_letter_again(world: World) -> None:
    world.publish(*world.products(b"bad"))
    world.ingest()
    replay(world.log, read(world.log))
    assert world.letters == []
    world.ingest()
    assert world.letters == [("embed", "a")]


# ---------------------------------------------------------------- engines that go away


def test_an_engine_that_comes_back_is_waited_for(world: World) -> None:
    world.publish(*world.products(b"1", b"2"))
    world.vectors.away = 2
    world.ingest()
    assert (world.found, world.letters, world.lag) == (["a", "b"], [], 0)


def test_an_engine_that_stays_away_ends_the_run_and_loses_nothing(world: World) -> None:
    world.publish(*world.products(b"1", b"2"))
    world.vectors.away = 3
    with pytest.raises(TransientError, match="vectors are away"):
        world.ingest()
    assert (world.lag, world.letters) == (2, [])


def test_a_commit_that_fails_is_made_up_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.publish(*world.products(b"1", b"2"))
    failures = [TransientError("locked")]
    commit = world.log.commit

    def flaky(topic: str, group: str, offsets: dict[int, int]) -> None:
        if failures:
            raise failures.pop()
        commit(topic, group, offsets)

    monkeypatch.setattr(world.log, "commit", flaky)
    world.ingest()
    assert (world.found, world.lag) == (["a", "b"], 0)


def test_a_partition_that_left_unasked_blocks_no_later_commit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log refuses commits that name it, and tells so only from within the next poll."""
    world.publish(*world.products(*(b"%d" % n for n in range(8))))
    gone: set[int] = set()
    revoked: list[Callable[[set[int]], None]] = []
    commit, poll = world.log.commit, world.log.poll

    def committed(topic: str, group: str, offsets: dict[int, int]) -> None:
        if gone & offsets.keys():
            raise TransientError("moved")
        commit(topic, group, offsets)

    def polled(topic: str, group: str, limit: int, timeout: float) -> list[Record]:
        for call in revoked if gone else []:
            call(gone)
        records = poll(topic, group, limit, timeout)
        gone.update({records[0].partition} if records and not gone else ())
        return records

    monkeypatch.setattr(world.log, "on_revoked", lambda topic, group, call: revoked.append(call))
    monkeypatch.setattr(world.log, "commit", committed)
    monkeypatch.setattr(world.log, "poll", polled)
    loop = world.loop()
    batches = iter(range(3))
    loop.on_batch = lambda: loop.stop.set() if next(batches) == 2 else None
    loop.run(until_idle=False)
    assert 0 < world.lag < 8, "what is still ours is committed, the rest waits for its new owner"


# ---------------------------------------------------------------- stops, kills, company


def test_a_stop_finishes_the_batch_and_commits_it(world: World) -> None:
    world.batch = 2
    world.publish(*world.products(*(b"%d" % n for n in range(6))))
    loop = world.loop()
    loop.on_batch = loop.stop.set
    loop.run(until_idle=False)
    assert len(world.found) == 2
    assert world.lag == 4


def test_a_second_loop_takes_over_what_the_first_one_has_not_done(
    world: World, tmp_path: Path
) -> None:
    world.batch = 2
    world.publish(*world.products(*(b"%d" % n for n in range(6))))
    first = world.loop()
    first.on_batch = first.stop.set
    first.run(until_idle=False)
    world.log.close()
    world.log = SqliteLog(tmp_path / "log.sqlite")
    world.ingest()
    assert len(world.found) == 6
    assert len(world.embedder.embedded) == 6, "nothing that was committed is done again"


KILLED = """
import os, signal, sys, threading
from pathlib import Path
from snapmode.settings import load_settings
from snapmode.wiring import House
from topologies.command import local_ingest

house = House(load_settings(Path(sys.argv[1]), Path(sys.argv[2])))
adapter, method, moment = sys.argv[3].split(".")
target = getattr(house, adapter)
call = getattr(target, method)
calls = 0

def killing(*arguments):
    global calls
    calls += 1
    if calls == 2 and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    answer = call(*arguments)
    if calls == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(target, method, killing)
local_ingest(house, threading.Event()).run(until_idle=True)
"""


@pytest.mark.parametrize(
    "where",
    [
        "embedder.embed.after",
        "catalog.upsert.after",
        "vectors.upsert.before",
        "vectors.delete.after",
        "log.commit.before",
        "log.commit.after",
    ],
)
def test_a_kill_only_repeats_work(house: House, config: Path, data: Path, where: str) -> None:
    keys = [house.images.put(b"picture %d" % n) for n in range(24)]
    products = [product(f"p{n:02}", pictures=keys[2 * n : 2 * n + 2]) for n in range(12)]
    house.log.publish(PRODUCTS, [(each.id, encode(each)) for each in products])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(config), str(data), where], cwd=ROOT, check=False
    )
    assert killed.returncode == -9
    local_ingest(house).run(until_idle=True)
    assert list(house.catalog.scan()) == products
    assert [row.id for row in house.vectors.scan()] == sorted(
        vector_id(each.id, key, None, house.embedder.name)
        for each in products
        for key in each.image_keys
    )
    assert house.log.lag(PRODUCTS, GROUP) == 0
    assert read(house.log) == []


Step = tuple[str, bool, int, list[int]]
steps = st.lists(
    st.tuples(
        st.sampled_from("abc"),  # product
        st.booleans(),  # removed
        st.sampled_from([0, 0, 0, 1]),  # upserts for which the vectors are away, then an ingest
        st.lists(st.integers(0, 4), max_size=3),  # pictures; the last one is bad
    ),
    max_size=15,
)


@given(steps=steps)
@settings(max_examples=25)
def test_any_history_ends_with_the_newest(steps: list[Step]) -> None:
    with TemporaryDirectory() as folder:
        world = World(SqliteLog(Path(folder) / "log.sqlite"), batch=2)
        keys = [world.images.put(b"%d" % n) for n in range(4)] + [world.images.put(b"bad")]
        newest: dict[str, Message] = {}
        for version, (name, is_removal, away, pictures) in enumerate(steps):
            shown = [keys[n] for n in pictures]
            newest[name] = (
                Removal(id=name, version=version) if is_removal else product(name, version, shown)
            )
            world.publish(newest[name])
            if away:
                world.vectors.away = away
                world.ingest()
        world.ingest()
        world.log.close()
    kept = [each for _, each in sorted(newest.items()) if isinstance(each, Product)]
    assert list(world.catalog.scan()) == kept
    assert {(row.product_id, row.picture, row.version) for row in world.vectors.scan()} == {
        (each.id, key, each.version) for each in kept for key in each.image_keys if key != keys[4]
    }
