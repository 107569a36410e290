"""docker-compose.yml agrees with configs/ and with what `snapmode engines` runs."""

import json
import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from engines import storm, zookeeper
from engines.place import Place
from engines.running import MODULES, modules
from tests.compose import DOCKERFILE, ROOT, SERVICES, health_test, port_of, published, targets

CONFIGS = ROOT / "configs"
CLUSTER = tomllib.loads((CONFIGS / "cluster.toml").read_text())
STORM = yaml.safe_load((CONFIGS / "storm" / "storm.yaml").read_text())


def version_in_pom(engine: str, artifact: str) -> str:
    pom = ET.parse(ROOT / "engines" / "jars" / f"{engine}.xml")
    for found in pom.iterfind(".//{*}dependency"):
        if found.findtext("{*}artifactId") == artifact:
            return found.findtext("{*}version") or ""
    raise AssertionError(f"{engine}.xml has no {artifact}")


@pytest.mark.parametrize(
    ("image", "engine", "artifact"),
    [
        ("apache/kafka:{}", "kafka", "kafka_2.13"),
        ("zookeeper:{}", "zookeeper", "zookeeper"),
        ("solr:{}", "solr", "solr-core"),
    ],
)
def test_versions_are_those_of_the_bare_engines(image: str, engine: str, artifact: str) -> None:
    assert SERVICES[engine]["image"] == image.format(version_in_pom(engine, artifact))


def test_storm_is_of_the_version_of_the_bare_engine() -> None:
    assert f"FROM storm:{version_in_pom('storm', 'storm-server')}-jre17 " in DOCKERFILE


def test_milvus_is_within_the_versions_the_adapter_is_for() -> None:
    assert re.fullmatch(r"milvusdb/milvus:v2\.[3-6]\.\d+", SERVICES["milvus"]["image"])


ADDRESSES = [
    ("log", "servers", "kafka"),
    ("images", "endpoint", "minio"),
    ("catalog", "url", "solr"),
    ("vectors", "uri", "milvus"),
    ("topology", "nimbus", "nimbus"),
]


@pytest.mark.parametrize(("table", "key", "service"), ADDRESSES)
def test_cluster_toml_finds_the_service_outside(table: str, key: str, service: str) -> None:
    assert "127.0.0.1" in CLUSTER[table][key]
    assert port_of(CLUSTER[table][key]) in published(SERVICES[service])


@pytest.mark.parametrize(("table", "key", "service"), ADDRESSES)
def test_the_settings_find_the_service_inside(table: str, key: str, service: str) -> None:
    """The same address, with the service's name and its inner port."""
    outside = CLUSTER[table][key]
    inner = published(SERVICES[service])[port_of(outside)]
    if service == "kafka":  # it tells clients inside another address than those outside
        listeners = SERVICES["kafka"]["environment"]
        inner = port_of(listeners["KAFKA_LISTENERS"].split(",")[0])
        assert f"INSIDE://kafka:{inner}," in listeners["KAFKA_ADVERTISED_LISTENERS"]
        assert listeners["KAFKA_ADVERTISED_LISTENERS"].endswith(f"OUTSIDE://{outside}")
    inside = outside.replace("127.0.0.1", service).replace(str(port_of(outside)), str(inner))
    variable = f"SNAPMODE_{table}__{key}".upper()
    for name in ("api", "crawler", "submit"):
        assert SERVICES[name]["environment"][variable] == inside


class UsualPlace(Place):
    """Where every port is the usual one."""

    def port(self, name: str, usual: int) -> int:
        return usual


ENGINES = {
    "log": "kafka",
    "images": "s3",
    "catalog": "solr",
    "vectors": "milvus",
    "topology": "storm",
}


@pytest.mark.parametrize(("table", "key", "service"), ADDRESSES)
def test_ports_are_the_usual_ones_of_the_bare_engines(
    table: str, key: str, service: str, tmp_path: Path
) -> None:
    (engine,) = modules([ENGINES[table]]).values()
    bare = engine.environment(UsualPlace(tmp_path, tmp_path))
    prefix = f"SNAPMODE_{table}__".upper()
    assert port_of(bare[prefix + key.upper()]) == port_of(CLUSTER[table][key])
    for variable in bare:  # what a bare engine must tell SnapMode, compose or the file tells too
        told = variable.removeprefix(prefix).lower() in CLUSTER[table]
        assert told or variable in SERVICES["api"]["environment"]


def test_the_services_are_those_engines_and_what_only_compose_has() -> None:
    engines = {service for _, _, service in ADDRESSES} | {"supervisor", "zookeeper"}
    assert {*ENGINES.values(), "zookeeper"} == set(MODULES)
    alone = {"storm-ui", "etcd", "prometheus", "grafana"}
    assert set(SERVICES) == engines | alone | {"crawler", "api", "submit"}


def test_storms_settings_are_those_of_the_bare_engine() -> None:
    assert STORM["nimbus.thrift.port"] == storm.NIMBUS_PORT
    assert STORM["supervisor.thrift.port"] == storm.SUPERVISOR_PORT
    first, count = storm.SLOTS_PORT, storm.SLOTS
    assert STORM["supervisor.slots.ports"] == list(range(first, first + count))
    assert STORM["nimbus.seeds"] == [SERVICES["nimbus"]["hostname"]] == ["nimbus"]
    assert STORM["storm.zookeeper.servers"] == ["zookeeper"]
    assert STORM.get("storm.zookeeper.port", 2181) == zookeeper.PORT
    assert STORM["ui.port"] in published(SERVICES["storm-ui"])
    for program, port in (("nimbus", storm.NIMBUS_PORT), ("supervisor", storm.SUPERVISOR_PORT)):
        assert f"call({port}," in health_test(SERVICES[program])[3]
        assert f"{STORM['storm.log.dir']}" in targets(SERVICES[program])
        assert Path(STORM["storm.local.dir"]).parent.as_posix() in targets(SERVICES[program])


def test_the_engines_get_their_settings() -> None:
    assert "./configs/solr/products" in targets(SERVICES["solr"]).values()
    assert CLUSTER["catalog"]["collection"] in " ".join(SERVICES["solr"]["command"])
    for name in ("api", "crawler", "submit"):
        where = SERVICES[name]["environment"]["SNAPMODE_CONFIG"]
        assert targets(SERVICES[name])[where] == "./configs/cluster.toml"
    assert "/data" in targets(SERVICES["crawler"]), "the frontier's working file"


def test_prometheus_asks_every_process_of_the_topology() -> None:
    scraped = yaml.safe_load((CONFIGS / "monitoring" / "prometheus.yml").read_text())
    asked = {
        job["job_name"]: job["static_configs"][0]["targets"] for job in scraped["scrape_configs"]
    }
    tasks = sum(CLUSTER["topology"][kind] for kind in ("spouts", "embed_bolts", "index_bolts"))
    first = SERVICES["submit"]["environment"]["SNAPMODE_TOPOLOGY__METRICS_PORT"]
    assert asked["topology"] == [f"supervisor:{first + task}" for task in range(tasks)]
    assert asked["api"] == [f"api:{CLUSTER['api']['port']}"]
    assert {target.split(":")[0] for job in asked.values() for target in job} <= set(SERVICES)


def test_the_dashboard_shows_metrics_there_are() -> None:
    folder = CONFIGS / "monitoring" / "grafana"
    source = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())
    board = json.loads((folder / "dashboards" / "snapmode.json").read_text())
    documented = (ROOT / "docs" / "metrics.md").read_text()
    for panel in board["panels"]:
        assert panel["datasource"]["uid"] == source["datasources"][0]["uid"]
        for target in panel["targets"]:
            names = re.findall(r"snapmode_\w+", target["expr"])
            assert names
            for name in names:
                assert f"`{name.removesuffix('_bucket')}`" in documented
