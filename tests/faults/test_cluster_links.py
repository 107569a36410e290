"""An engine that can't be reached for a minute: its cable is cut, nobody is told."""

import json
import time
import urllib.error
import urllib.request

import pytest

from engines.network import network_of
from tests.faults import victims
from tests.faults.field import Field

pytestmark = pytest.mark.faults

AWAY = 60.0
CHECKS = {"kafka": "log", "milvus": "vectors"}


@pytest.mark.parametrize("engine", CHECKS)
def test_a_minute_without_an_engine_loses_nothing(field: Field, engine: str) -> None:
    network = network_of(field.place, engine)
    with field.stream(40) as crawl:
        crawl.wait_for_requests(20)
        before = victims.pids_of_components(field.place)
        network.link(up=False)
        try:
            time.sleep(AWAY / 2)
            assert CHECKS[engine] in away(field)
            time.sleep(AWAY / 2)
        finally:
            network.link(up=True)
        assert victims.pids_of_components(field.place) == before, "a crash loop"
    assert field.problems() == []
    assert away(field) == []


def away(field: Field) -> list[str]:
    """What `/readyz` says does not answer."""
    try:
        with urllib.request.urlopen(f"{field.api}/readyz", timeout=30) as answer:
            said = json.load(answer)
    except urllib.error.HTTPError as error:
        said = json.load(error)  # any other answer than 503 has no checks
    return [name for name, state in said["checks"].items() if state != "ok"]
