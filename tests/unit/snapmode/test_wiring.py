import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from snapmode.errors import ConfigError, SnapModeError, TransientError
from snapmode.settings import DEFAULT_CONFIG, Settings, load_settings
from snapmode.wiring import House, build, check, resolve


class Recording:
    """A small adapter that remembers how it was made and closed."""

    closed: list["Recording"] = []  # noqa: RUF012 - one list for all instances is the point
    made = 0

    def __init__(self, path: Path, partitions: int = 4) -> None:
        type(self).made += 1
        self.path, self.partitions = path, partitions

    def close(self) -> None:
        self.closed.append(self)


def settings(tmp_path: Path, log: str) -> Settings:
    text = DEFAULT_CONFIG.read_text().split("[images]", 1)[1]
    path = tmp_path / "some.toml"
    path.write_text(f"[log]\n{log}\n[images]{text}")
    return load_settings(path, tmp_path, environ={})


ADAPTER = 'adapter = "tests.unit.snapmode.test_wiring:Recording"\n'


def test_an_adapter_is_made_with_typed_keys(tmp_path: Path) -> None:
    made = build(settings(tmp_path, ADAPTER + 'path = "{data}/x"\npartitions = 7'), "log")
    assert (made.path, made.partitions) == (tmp_path / "x", 7)


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ('adapter = "no.such.module:X"', r"\[log\] adapter: no\.such\.module:X: can't be loaded"),
        ('adapter = "snapmode.wiring:Nothing"', ".*can't be loaded"),
        (
            ADAPTER + 'path = "x"\nshards = 2',
            r"\[log\] shards: unknown key; .* takes path, partitions",
        ),
        (ADAPTER + 'path = "x"\npartitions = "many"', r"\[log\] partitions: .*integer"),
        (ADAPTER, r"\[log\] path: missing"),
    ],
)
def test_a_wrong_table_is_refused_by_name(tmp_path: Path, log: str, says: str) -> None:
    with pytest.raises(ConfigError, match=rf"some\.toml: {says}"):
        build(settings(tmp_path, log), "log")


def test_checking_refuses_the_same_but_for_missing_keys_and_makes_nothing(tmp_path: Path) -> None:
    Recording.made = 0
    with pytest.raises(ConfigError, match=r"some\.toml: \[log\] shards: unknown key"):
        check(settings(tmp_path, ADAPTER + "shards = 2"))
    check(settings(tmp_path, ADAPTER))
    assert Recording.made == 0
    build(settings(tmp_path, ADAPTER + 'path = "x"'), "log")
    assert Recording.made == 1


def test_a_house_opens_when_asked_and_closes_what_it_opened(tmp_path: Path) -> None:
    Recording.closed.clear()
    with House(settings(tmp_path, ADAPTER + 'path = "x"')) as house:
        assert Recording.closed == []
        log = house.log
        assert house.log is log
    assert [id(one) for one in Recording.closed] == [id(log)]
    house.close()
    assert len(Recording.closed) == 1


def test_resolve_names_what_is_missing() -> None:
    assert resolve("snapmode.wiring:House") is House
    with pytest.raises(ConfigError, match=r"snapmode\.wiring:Barn"):
        resolve("snapmode.wiring:Barn")


class Gated:
    """An adapter whose making waits until `go`, and fails while `away`."""

    go = threading.Event()
    away = False
    tries = 0

    def __init__(self) -> None:
        type(self).tries += 1
        assert self.go.wait(20)
        if self.away:
            raise TransientError("nobody answers")

    def close(self) -> None:
        pass


GATED = 'adapter = "tests.unit.snapmode.test_wiring:Gated"\n'


def asked_by_many(house: House) -> list[object]:
    """What each of five threads gets that ask for the log at once."""

    def ask(_: int) -> object:
        try:
            return house.log
        except TransientError as error:
            return error

    started = Gated.tries
    with ThreadPoolExecutor(5) as threads:
        asking = [threads.submit(ask, number) for number in range(5)]
        until(lambda: Gated.tries > started and threads._work_queue.empty())
        Gated.go.set()
        return [one.result() for one in asking]


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_an_adapter_is_made_once_however_many_threads_ask(tmp_path: Path) -> None:
    Gated.away, Gated.tries = False, 0
    Gated.go.clear()
    with House(settings(tmp_path, GATED)) as house:
        assert len({id(log) for log in asked_by_many(house)}) == 1
        assert Gated.tries == 1


def test_an_adapter_whose_engine_was_away_is_made_later(tmp_path: Path) -> None:
    Gated.away, Gated.tries = True, 0
    Gated.go.clear()
    with House(settings(tmp_path, GATED)) as house:
        assert all(isinstance(error, SnapModeError) for error in asked_by_many(house))
        assert Gated.tries < 5  # who waited while it failed does not try again by itself
        Gated.away = False
        assert isinstance(house.log, Gated)
