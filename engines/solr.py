"""Solr: one server, or two nodes of a SolrCloud on ZooKeeper.

There is no binary distribution in reach: the jars run in plain Jetty (`solr/SolrMain.java`).
"""

import hashlib
import json
import shutil
import subprocess
import urllib.request
from functools import partial
from pathlib import Path
from typing import Any

from engines import jars, zookeeper
from engines.place import Place
from engines.server import NotReadyError, Server
from snapmode.errors import ConfigError, SnapModeError
from snapmode.settings import CONFIGS

MAIN = Path(__file__).resolve().parent / "solr" / "SolrMain.java"
CONFIGSET = "products"
"""A folder of configs/solr, and its name for a server that is no cloud."""
NODES = {"solr": 8983}
CLOUD = {"solr-1": 8983, "solr-2": 8984}
SETTINGS = """\
<solr>
  <solrcloud>
    <str name="host">127.0.0.1</str>
    <int name="hostPort">{port}</int>
    <str name="hostContext">solr</str>
    <int name="zkClientTimeout">10000</int>
  </solrcloud>
</solr>
"""
LOGGING = """\
<Configuration>
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""
REPLAYING = 0
"""State of an update log that is being read after a crash."""


def prepare(place: Place) -> None:
    lib = jars.fetch(place, "solr")
    if shutil.which("javac") is None:
        raise ConfigError("javac is not installed; on Debian: apt-get install openjdk-17-jdk")
    with place.once(_classes(place).name) as folder:
        if not folder.exists():
            _compile(lib, folder)


def servers(place: Place) -> list[Server]:
    return [_server(place, name) for name in (CLOUD if place.solr_cloud else NODES)]


def environment(place: Place) -> dict[str, str]:
    names = CLOUD if place.solr_cloud else NODES
    addresses = [f"http://127.0.0.1:{_port(place, name)}/solr" for name in names]
    replicas = {"SNAPMODE_CATALOG__REPLICAS": str(len(names))} if place.solr_cloud else {}
    return {"SNAPMODE_CATALOG__URL": ",".join(addresses), **replicas}


def _port(place: Place, name: str) -> int:
    return place.port(name, {**NODES, **CLOUD}[name])


def _classes(place: Place) -> Path:
    made_of = MAIN.read_bytes() + jars.folder(place, "solr").name.encode()
    return place.cache / f"solr-main-{hashlib.sha256(made_of).hexdigest()[:12]}"


def _compile(lib: Path, folder: Path) -> None:
    fresh = folder.with_suffix(".fresh")
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        ["javac", "-d", str(fresh), "-cp", f"{lib}/*", str(MAIN)],  # noqa: S607 - any JDK
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"{MAIN.name} does not compile:\n{done.stderr[-2000:]}")
    fresh.rename(folder)


def _server(place: Place, name: str) -> Server:
    folder, port = place.folder_of(name), _port(place, name)
    home = folder / "home"
    options = {
        "host": "127.0.0.1",
        "jetty.port": port,
        "solr.solr.home": home,
        "solr.log.dir": folder,
        "log4j2.configurationFile": folder / "log4j2.xml",
    }
    if place.solr_cloud:
        options["zkHost"] = f"127.0.0.1:{zookeeper.port(place)}"
    return Server(
        name,
        [
            *("java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"),
            *(f"-D{key}={value}" for key, value in options.items()),
            *("-cp", f"{_classes(place)}:{jars.folder(place, 'solr')}/*", "SolrMain"),
        ],
        folder,
        ready=partial(_answers, port, place.solr_cloud),
        before=partial(_configure, folder, port),
        needs=("zookeeper",) if place.solr_cloud else (),
    )


def _configure(folder: Path, port: int) -> None:
    known = folder / "home" / "configsets" / CONFIGSET
    shutil.copytree(CONFIGS / "solr" / CONFIGSET, known, dirs_exist_ok=True)
    (folder / "home" / "solr.xml").write_text(SETTINGS.format(port=port))
    (folder / "log4j2.xml").write_text(LOGGING)


def _answers(port: int, cloud: bool) -> None:
    """Whether every core is loaded and has read its update log: before, it says what is old."""
    health = "admin/info/health?requireHealthyCores=true" if cloud else "admin/cores?action=STATUS"
    for name, why in _ask(port, health).get("initFailures", {}).items():
        raise NotReadyError(f"{name}: {why}")
    found = _ask(port, "admin/metrics?group=core&prefix=TLOG.state")["metrics"]
    for name, metrics in found.items():
        if metrics.get("TLOG.state") == REPLAYING:
            raise NotReadyError(f"{name} is reading its update log")


def _ask(port: int, path: str) -> dict[str, Any]:
    address = f"http://127.0.0.1:{port}/solr/{path}"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
    except (OSError, ValueError) as error:
        raise NotReadyError(f"{address}: {error}") from error
    return found
