"""SIGKILL to anything of the running system: afterwards nothing is lost, doubled or misaligned.

PROFILE=ci kills every victim once and then 12 at random; PROFILE=full 100 at random and keeps the
result, dated, in docs/results/cluster_faults.json.
"""

import json
import os
import random
import time
from datetime import UTC, datetime

import pytest

from tests.conftest import ROOT
from tests.faults import victims
from tests.faults.field import Field

pytestmark = pytest.mark.faults

FULL = os.environ.get("PROFILE", "ci") == "full"
KILLS = 100 if FULL else 12
A_ROUND = 10 if FULL else 4
"""Random kills between two settlements."""
PRODUCTS = 80 if FULL else 40
"""Of the shop that is crawled meanwhile."""
VICTIMS = (*victims.ALL, "crawler", "api")


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_under_load_loses_nothing(field: Field, victim: str) -> None:
    with field.stream() as crawl:
        crawl.wait_for_requests(random.randrange(10, 40))
        field.kill(victim)
        time.sleep(random.uniform(0, 3))  # how long it is away is part of the fault
        field.restore(victim)
    assert field.problems() == []


def test_random_kills_lose_nothing(field: Field) -> None:
    kills: list[str] = []
    while len(kills) < KILLS:
        with field.stream(PRODUCTS) as crawl:
            for _ in range(min(A_ROUND, KILLS - len(kills))):
                crawl.wait_for_requests(5)
                time.sleep(random.uniform(0, 6))  # the random moment is what is tested
                victim = _alive_victim(field)
                kills.append(victim)
                time.sleep(random.uniform(0, 4))
                field.restore(victim)
        assert field.problems() == [], kills
    if FULL:
        _keep(kills, field)


def _alive_victim(field: Field) -> str:
    """Kill one; Storm's own processes may be away still after the last kill: then another."""
    for victim in random.sample(VICTIMS, len(VICTIMS)):
        try:
            field.kill(victim)
        except AssertionError:
            continue
        return victim
    raise AssertionError("nothing is alive")


def _keep(kills: list[str], field: Field) -> None:
    figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "kills": len(kills),
        "by_victim": {victim: kills.count(victim) for victim in VICTIMS},
        "products": len(field.truth),
        "api_answers": dict(field.answered),
        "problems": 0,
    }
    file = ROOT / "docs" / "results" / "cluster_faults.json"
    file.write_text(json.dumps(figures, indent=2) + "\n")
