"""The same history on the embedded adapters and on the real engines ends in the same state."""

import os
import random

import pytest

from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from tests.congruence.comparing import assert_same
from tests.congruence.conftest import Houses
from tests.congruence.histories import Event, Shop
from topologies.command import local_ingest

pytestmark = pytest.mark.cluster

FULL = os.environ.get("PROFILE", "ci") == "full"
HISTORIES = 20 if FULL else 3
ROUNDS = 12 if FULL else 6
EVENTS = 30
QUESTIONS = 40 if FULL else 10


@pytest.mark.parametrize("number", range(HISTORIES))
def test_a_history_ends_the_same(houses: Houses, number: int) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"history of seed {seed}")
    shop = Shop(seed)
    for _ in range(ROUNDS):
        keys = [_everywhere(houses, picture) for picture in shop.random.sample(shop.pictures, 12)]
        gone = shop.random.choice(keys)
        for house in houses:
            house.images.delete(gone)
        # Its vector is known as long as a product has it, and partitions come in any order: whether
        # the next product may have it too must not depend on which comes first.
        still = {row.product_id for row in houses.embedded.vectors.rows(pictures=[gone])}
        events = [event for event in shop.events(EVENTS, keys) if event.key not in still]
        for house in houses:
            _play(house, events)
        assert_same(*houses, shop, QUESTIONS)


def _everywhere(houses: Houses, picture: bytes) -> str:
    keys = {house.images.put(picture) for house in houses}
    assert len(keys) == 1
    return keys.pop()


def _play(house: House, events: list[Event]) -> None:
    house.log.publish(PRODUCTS, events)
    local_ingest(house).run(until_idle=True)
    assert house.log.lag(PRODUCTS, "ingest") == 0
