import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from indexer.solr_collection import Answer, Shape, good, opened, settled
from indexer.solr_fields import NAME
from snapmode.errors import ConfigError, TransientError

ALONE = Shape("solr.core.products")
SPREAD = Shape("solr.core.products.", shards=2, cloud=True)
GONE = Answer(404, {})


def refused(status: int, why: str) -> Answer:
    return Answer(status, {"error": {"msg": why}})


class Solr:
    """Answers by path and action, in order; the last of a path is repeated."""

    def __init__(self, **answers: list[Answer]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, str | int], bytes | None]] = []

    def __call__(self, path: str, asked: Mapping[str, str | int], body: bytes | None) -> Answer:
        self.asked.append((path, asked, body))
        key = str(asked.get("action", path.rpartition("/")[2]))
        waiting = self.answers[key]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


def said(**body: Any) -> list[Answer]:
    return [Answer(200, body)]


def test_a_core_that_is_there_is_used() -> None:
    solr = Solr(system=said(mode="std"), name=said(name=NAME))
    assert opened(solr, "products", 1, 1) == ALONE


def test_a_missing_core_is_made_of_the_servers_configset() -> None:
    solr = Solr(system=said(mode="std"), name=[GONE, *said(name=NAME)], CREATE=said(core="x"))
    assert opened(solr, "products", 1, 1) == ALONE
    assert solr.asked[2][1] == {"action": "CREATE", "name": "products", "configSet": "products"}


def test_a_core_another_process_makes_meanwhile_is_used() -> None:
    exists = [refused(500, "Core with name 'products' already exists.")]
    solr = Solr(system=said(mode="std"), name=[GONE, *said(name=NAME)], CREATE=exists)
    assert opened(solr, "products", 1, 1) == ALONE


def test_a_server_without_the_configset_says_what_to_do() -> None:
    failed = [refused(500, "SolrCore 'x' is not available due to init failure: no config")]
    why = [refused(400, "Could not load configuration from directory configsets/products")]
    solr = Solr(system=said(mode="std"), name=failed, CREATE=why)
    with pytest.raises(ConfigError, match=r"Could not load.*Copy the folder configs/solr/products"):
        opened(solr, "products", 1, 1)


def test_a_missing_collection_is_made_with_our_configset() -> None:
    shards: dict[str, Any] = {"shard1": {}, "shard2": {}}
    solr = Solr(
        system=said(mode="solrcloud"),
        name=[GONE, *said(name=NAME)],
        UPLOAD=said(ok=1),
        CREATE=said(ok=1),
        CLUSTERSTATUS=said(cluster={"collections": {"products_v2": {"shards": shards}}}),
    )
    assert opened(solr, "products", 2, 3) == Shape("solr.core.products_v2.", 2, cloud=True)
    [upload, create] = [
        each for each in solr.asked if each[1].get("action") in ("UPLOAD", "CREATE")
    ]
    assert upload[1]["name"] == create[1]["collection.configName"] == NAME
    assert (create[1]["numShards"], create[1]["replicationFactor"]) == (2, 3)
    assert upload[2]
    with zipfile.ZipFile(io.BytesIO(upload[2])) as archive:
        assert set(archive.namelist()) == {"schema.xml", "solrconfig.xml"}


@pytest.mark.parametrize(
    ("status", "error"), [(400, ConfigError), (500, TransientError), (503, TransientError)]
)
def test_a_collection_that_can_not_be_made(status: int, error: type[Exception]) -> None:
    why = [refused(status, "not enough nodes")]
    solr = Solr(system=said(mode="solrcloud"), name=[GONE], UPLOAD=said(ok=1), CREATE=why)
    with pytest.raises(error, match=r"products.*not enough nodes"):
        opened(solr, "products", 1, 3)


def test_a_schema_of_other_fields_is_refused() -> None:
    solr = Solr(system=said(mode="std"), name=said(name="snapmode-products-0"))
    with pytest.raises(ConfigError, match=r"has the schema snapmode-products-0.*another"):
        opened(solr, "products", 1, 1)


@pytest.mark.parametrize(("state", "expected"), [(0, False), (1, True), (3, True)])
def test_a_server_is_settled_when_its_log_is_read(state: int, expected: bool) -> None:
    solr = Solr(metrics=said(metrics={"solr.core.products:TLOG.state": state}))
    assert settled(solr, ALONE) is expected


def test_a_cloud_is_settled_when_every_shard_has_a_leader_that_has_read_its_log() -> None:
    def leads(leader: bool, state: int) -> dict[str, Any]:
        return {"CORE.isLeader": leader, "TLOG.state": state}

    def cloud(**cores: dict[str, Any]) -> Solr:
        named = {f"solr.core.products.{name}": core for name, core in cores.items()}
        other = {"solr.core.other.a": leads(True, 0)}
        return Solr(metrics=said(responseHeader={}, n1={"metrics": named}, n2={"metrics": other}))

    assert settled(cloud(a=leads(True, 3), b=leads(True, 3)), SPREAD)
    assert settled(cloud(a=leads(True, 3), b=leads(True, 3), c=leads(False, 0)), SPREAD)
    assert not settled(cloud(a=leads(True, 3), b=leads(True, 0)), SPREAD)
    assert not settled(cloud(a=leads(True, 3), b=leads(False, 3)), SPREAD)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(401, "who?"), ConfigError),
        (refused(403, "no"), ConfigError),
        (refused(503, "later"), TransientError),
        (Answer(200, {}), TransientError),
    ],
)
def test_what_is_no_answer(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        good(answer)
