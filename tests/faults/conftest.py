"""One set of engines for all faults: three Kafka brokers, links that can be cut."""

from collections.abc import Iterator

import pytest

from engines.place import Place
from tests.cluster.running import cluster_for
from tests.conftest import ROOT
from tests.engines import Engines, started_in
from tests.faults.field import Field


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    folder = ROOT / "var" / "engines-of-faults"
    with started_in(folder, brokers=3, isolated=frozenset({"kafka"})) as place:
        yield place


@pytest.fixture(scope="session")
def field(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Field]:
    folder = tmp_path_factory.mktemp("field")
    with cluster_for(Engines(place), folder / "data") as cluster:
        field = Field(place, cluster, folder)
        with field.asked():
            yield field
