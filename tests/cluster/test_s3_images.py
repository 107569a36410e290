"""S3Images where the contract is silent: kills, silence, refusals, strangers in the bucket."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engines import running, s3
from engines.place import open_place
from engines.process import Process
from snapmode.errors import ConfigError, TransientError
from snapmode.ports import ImageStore

if TYPE_CHECKING:
    from indexer.s3_images import S3Images

pytestmark = pytest.mark.cluster

BOUND = 30.0
"""Seconds after which a server that does not answer is away."""
METHODS: dict[str, Callable[[ImageStore, str], object]] = {
    "put": lambda store, key: store.put(b"new"),
    "get": lambda store, key: store.get(key),
    "exists": lambda store, key: store.exists(key),
    "delete": lambda store, key: store.delete(key),
    "keys": lambda store, key: list(store.keys()),
    "age": lambda store, key: store.age(key),
}


class Own:
    """A server of this module's own, so that it may be killed."""

    def __init__(self, folder: Path) -> None:
        self.place = open_place(folder)
        self.data = s3.servers(self.place)[0].folder / "data"
        self.up()

    def up(self) -> None:
        running.up(self.place, ["s3"])

    @property
    def process(self) -> Process:
        found = running.find(s3.servers(self.place)[0])
        assert found
        return found

    def kill(self) -> None:
        process = self.process
        process.signal(signal.SIGKILL)
        assert process.wait(10)

    def store(self, bucket: str, **other: Any) -> "S3Images":
        """Imported here: s3fs is not there without the extra `cluster`."""
        from indexer.s3_images import S3Images

        prefix = "SNAPMODE_IMAGES__"
        known = s3.environment(self.place).items()
        table = {name.removeprefix(prefix).lower(): value for name, value in known}
        return S3Images(**{**table, "bucket": bucket, **other})


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    server = Own(tmp_path_factory.mktemp("s3"))
    yield server
    running.down(server.place, ["s3"])


def test_what_was_acknowledged_outlives_a_kill_and_nothing_is_half_there(own: Own) -> None:
    store, kept, enough = own.store("killed"), list[str](), threading.Event()

    def put(seed: int) -> None:
        draw = random.Random(seed)
        try:
            while True:
                kept.append(store.put(draw.randbytes(draw.randrange(1, 3_000_000))))
                if len(kept) > 60:
                    enough.set()
        except TransientError:
            return

    writers = [threading.Thread(target=put, args=(seed,)) for seed in range(4)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    own.kill()
    for writer in writers:
        writer.join()
    own.up()
    there = set(store.keys())
    assert there >= set(kept)
    assert len(kept) > 60
    for key in there:
        assert hashlib.sha256(store.get(key)).hexdigest() == key


@pytest.mark.parametrize("method", METHODS)
def test_a_server_that_is_gone_is_transient_and_may_come_back(own: Own, method: str) -> None:
    store = own.store("gone")
    key = store.put(b"one")
    own.kill()
    started = time.monotonic()
    with pytest.raises(TransientError, match="gone"):
        METHODS[method](store, key)
    assert time.monotonic() - started < BOUND
    own.up()
    METHODS[method](store, key)
    assert store.exists(store.put(b"one"))


def test_a_server_that_says_nothing_is_away_for_every_thread(own: Own) -> None:
    store, new = own.store("silent"), own.store("silent")
    key = store.put(b"one")
    jobs = [(call, each) for call in METHODS.values() for each in (store, new)]
    seen: list[BaseException] = []

    def guarded(call: Callable[[ImageStore, str], object], store: ImageStore) -> None:
        try:
            call(store, key)
        except BaseException as error:  # noqa: BLE001 -- judged by the main thread
            seen.append(error)

    threads = [threading.Thread(target=guarded, args=job) for job in jobs]
    own.process.signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < BOUND
    finally:
        own.process.signal(signal.SIGCONT)
    assert [type(error) for error in seen] == [TransientError] * len(jobs)
    assert store.get(store.put(b"two")) == b"two"


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "geheim"},
        {"key": "nobody", "secret": "geheim"},
        {"bucket": "Not A Bucket!", "secret": "geheim"},
        {"bucket": "CAPITALS"},
        {"endpoint": "geheim"},
        {"region": "eu-north-1"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_settings_that_can_not_work_are_named_and_no_secret_is_told(
    own: Own, wrong: dict[str, str]
) -> None:
    bucket = wrong.get("bucket", "wrong")
    store = own.store(**{"bucket": bucket, **wrong})
    with pytest.raises(ConfigError, match=f"bucket {bucket}") as caught:
        store.put(b"one")
    if "secret" in wrong:
        assert wrong["secret"] not in f"{caught.value} {store!r} {vars(caught.value)}"


def test_putting_again_makes_it_young_again(own: Own) -> None:
    store = own.store("young")
    key = store.put(b"one")
    then = time.time() - 5000
    os.utime(own.data / "young" / key[:2] / key, (then, then))
    assert store.age(key) == pytest.approx(5000, abs=60)
    store.put(b"one")
    assert store.age(key) < 60


def test_a_prefix_keeps_stores_and_strangers_apart(own: Own) -> None:
    store, other = own.store("shared"), own.store("shared", prefix="ours/")
    key = other.put(b"one")
    for stranger in ("readme.txt", f"{key[:2]}/{key}.bak", f"zz/{key}", key):
        file = own.data / "shared" / stranger
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"strange")
    assert list(other.keys()) == [key]
    assert list(store.keys()) == []
    assert not store.exists(key)


def test_every_key_is_listed_when_there_are_many(own: Own) -> None:
    store = own.store("many")
    keys = {store.put(b"one")}
    for number in range(2500):
        key = hashlib.sha256(str(number).encode()).hexdigest()
        folder = own.data / "many" / key[:2]
        folder.mkdir(exist_ok=True)
        (folder / key).write_bytes(b"")
        keys.add(key)
    listed = list(store.keys())
    assert len(listed) == len(keys)
    assert set(listed) == keys


def test_a_bucket_that_was_removed_is_made_anew(own: Own) -> None:
    store = own.store("removed")
    key = store.put(b"one")
    shutil.rmtree(own.data / "removed")
    assert not store.exists(key)
    with pytest.raises(TransientError):
        store.put(b"one")
    assert store.get(store.put(b"one")) == b"one"


def test_many_may_make_the_bucket_at_once(own: Own) -> None:
    stores = [own.store("new-here") for _ in range(6)]
    threads = [threading.Thread(target=store.put, args=(b"one",)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(stores[0].keys())) == 1


SCRIPT = """
import os, sys, threading
from indexer.s3_images import S3Images
store = S3Images(*sys.argv[1:])
assert threading.active_count() == 1
key = store.put(b"one")
child = os.fork()
assert store.get(key) == b"one"
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_nothing_runs_before_the_first_request_and_a_fork_is_no_end(own: Own) -> None:
    known = s3.environment(own.place).values()
    endpoint, key, secret = known
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, endpoint, "forked", key, secret],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
