"""Bad input is refused by the embedded adapters and by the real engines with the same error."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from snapmode.errors import ConfigError, RejectedError, SnapModeError
from snapmode.topics import COMMANDS
from snapmode.wiring import House, build
from tests.congruence.conftest import Houses
from tests.contract.examples import product, row
from tests.fakes import FakeEmbedder

pytestmark = pytest.mark.cluster

DIM = FakeEmbedder.dim
UNIT = np.eye(DIM, dtype=np.float32)[0]
SOUND = row("sound", UNIT)

BAD: dict[str, Callable[[House], object]] = {
    "a query of another length": lambda house: house.vectors.search(UNIT[:3], 5),
    "a query with NaN": lambda house: house.vectors.search(np.full(DIM, np.nan), 5),
    "an infinite query": lambda house: house.vectors.search(np.full(DIM, np.inf), 5),
    "a row of another length": lambda h: h.vectors.upsert([SOUND, replace(SOUND, vector=UNIT[:2])]),
    "a row with NaN": lambda h: h.vectors.upsert(
        [SOUND, replace(SOUND, vector=np.full(DIM, np.nan))]
    ),
    "a row that is no unit": lambda h: h.vectors.upsert([SOUND, replace(SOUND, vector=UNIT * 2)]),
    "a facet of text": lambda house: house.catalog.facets(["name"]),
    "a facet of nothing": lambda house: house.catalog.facets(["shoe size"]),
    "an unknown topic": lambda house: house.log.publish("gossip", [("key", b"value")]),
    "an unknown topic to poll": lambda house: house.log.poll("gossip", "group", 1),
    "an unknown topic to read": lambda house: list(house.log.read_all("gossip")),
    "an unknown topic's lag": lambda house: house.log.lag("gossip", "group"),
    "a commit of what is not ours": lambda h: h.log.commit(COMMANDS, "stranger", {0: 1}),
    "an unknown picture": lambda house: house.images.get("0" * 64),
    "a picture by a path": lambda house: house.images.get("../../etc/passwd"),
    "the age of an unknown picture": lambda house: house.images.age("0" * 64),
    "another model": lambda house: _of_another_model(house, "other-1", DIM),
    "another dimension": lambda house: _of_another_model(house, FakeEmbedder.name, DIM + 1),
}


def _of_another_model(house: House, model: str, dim: int) -> None:
    house.vectors.upsert([SOUND])
    build(house.settings, "vectors", model=model, dim=dim).count()


@pytest.mark.parametrize("bad", BAD)
def test_bad_input_is_refused_alike(houses: Houses, bad: str) -> None:
    refusals = []
    for house in houses:
        with pytest.raises((SnapModeError, KeyError)) as refusal:
            BAD[bad](house)
        refusals.append(refusal.type)
    assert refusals[0] is refusals[1]


def test_a_refused_row_spoils_its_batch_on_both_sides(houses: Houses) -> None:
    for house in houses:
        house.vectors.delete([SOUND.id])
        with pytest.raises(RejectedError, match="length"):
            house.vectors.upsert([SOUND, replace(SOUND, id="double", vector=UNIT * 2)])
        assert house.vectors.rows(products=[SOUND.product_id]) == []


@pytest.mark.parametrize("length", [1_000, 33_000, 70_000])
def test_long_values_are_taken_or_refused_alike(houses: Houses, length: int) -> None:
    long = product(f"long-{length}", 1, brand="b" * length, description="d " * length)
    outcomes = []
    for house in houses:
        try:
            house.catalog.upsert([long])
            house.catalog.flush()
            outcomes.append(house.catalog.get([long.id]))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other must do the same
            outcomes.append([type(error)])
    assert outcomes[0] == outcomes[1]


def test_a_misspelt_key_of_a_table_is_refused_alike(houses: Houses) -> None:
    for house in houses:
        for table in ("log", "images", "catalog", "vectors"):
            chosen = getattr(house.settings, table)
            wrong = type(chosen).model_validate({**chosen.model_dump(), "adress": "x"})
            settings = house.settings.model_copy(update={table: wrong})
            with pytest.raises(ConfigError, match="adress"):
                build(settings, table, model="m", dim=1)
