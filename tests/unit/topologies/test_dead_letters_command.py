"""`snapmode dead-letters` as a user runs it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from snapmode.dead_letters import letter, put, read
from snapmode.errors import ConfigError
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from topologies.dead_letters_command import app

LETTERS = [
    letter(
        "embed",
        PRODUCTS,
        "a",
        "Größe".encode(),
        reason="not a picture",
        part="picture",
        evidence={"picture": "1234"},
    ),
    letter("decode", PRODUCTS, "b", b"\xff", reason="[/] not a message"),
]
Run = Callable[..., str]


@pytest.fixture
def run(house: House, config: Path, data: Path) -> Run:
    put(house.log, LETTERS)

    def call(*words: str) -> str:
        done = CliRunner().invoke(app, [*words, "--config", str(config), "--data", str(data)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout

    return call


def kept(house: House) -> list[str]:
    return [one.key for one in read(house.log)]


def test_list_shows_every_letter(run: Run) -> None:
    shown = json.loads(run("list", "--json"))
    assert [(one["stage"], one["key"], one["value"]) for one in shown] == [
        ("embed", "a", "Größe"),
        ("decode", "b", "base64:_w=="),
    ]
    assert LETTERS[1].id[:12] in run("list")


def test_show_tells_everything_about_one(run: Run) -> None:
    id = LETTERS[0].id  # noqa: A001 - the field's word
    assert json.loads(run("show", id, "--json"))["evidence"] == {"picture": "1234"}
    assert "reason: not a picture" in run("show", id[:12])


def test_drop_forgets_the_named(run: Run, house: House) -> None:
    assert json.loads(run("drop", LETTERS[0].id, "--json")) == {"dropped": [LETTERS[0].id]}
    assert kept(house) == ["b"]


def test_drop_all_forgets_all(run: Run, house: House) -> None:
    assert run("drop", "--all") == "2 dropped\n"
    assert kept(house) == []
    assert run("drop", "--all") == "0 dropped\n"


def test_replay_publishes_the_originals(run: Run, house: House) -> None:
    assert run("replay", LETTERS[0].id) == "1 replayed\n"
    assert [(r.key, r.value) for r in house.log.read_all(PRODUCTS)] == [("a", "Größe".encode())]
    assert kept(house) == ["b"]


@pytest.mark.parametrize("words", [["drop"], ["replay"], ["drop", "x", "--all"]])
def test_what_to_take_must_be_said(run: Run, house: House, words: list[str]) -> None:
    with pytest.raises(ConfigError, match="--all"):
        run(*words)
    assert kept(house) == ["a", "b"]


def test_an_unknown_id_is_named(run: Run, house: House) -> None:
    with pytest.raises(ConfigError, match="no dead letters have the id zzz"):
        run("drop", LETTERS[0].id, "zzz")
    assert kept(house) == ["a", "b"]


def test_replay_all_leaves_what_has_no_message(
    run: Run, house: House, config: Path, data: Path
) -> None:
    put(house.log, [letter("crawl", None, "http://x/", None, reason="HTTP 404")])
    words = ["replay", "--all", "--json", "--config", str(config), "--data", str(data)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 3
    assert json.loads(done.stdout)["replayed"] == [one.id for one in LETTERS]
    assert kept(house) == ["http://x/"]
