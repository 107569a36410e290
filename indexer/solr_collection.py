"""Finds a collection (of SolrCloud) or a core (of one server), or makes it from our configset."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from indexer.solr_fields import CONFIGSET, NAME
from snapmode.errors import ConfigError, TransientError

STANDALONE = "products"
"""The configset's name in the home of a server that is no cloud."""
REPLAYING = 0
"""State of an update log that is being read after a crash."""


class Answer(NamedTuple):
    """What Solr says outside of searches."""

    status: int
    """HTTP."""
    body: Mapping[str, Any]
    """Empty when it was not JSON."""

    @property
    def reason(self) -> str:
        """Its error message."""
        return str(self.body.get("error", {}).get("msg", f"HTTP {self.status}"))


Ask = Callable[[str, Mapping[str, str | int], bytes | None], Answer]
"""(path below /solr, parameters, body to post) → answer."""


class Shape(NamedTuple):
    """How a collection is spread."""

    cores: str
    """What the names of its cores begin with, as Solr's metrics tell them."""
    shards: int = 1
    cloud: bool = False


def opened(ask: Ask, name: str, shards: int, replicas: int) -> Shape:
    """The collection, made if it is not there; `ConfigError` when it can't be, or is not ours."""
    cloud = good(ask("admin/info/system", {}, None)).get("mode") == "solrcloud"
    schema = _schema(ask, name)
    if schema is None:
        _create_collection(ask, name, shards, replicas) if cloud else _create_core(ask, name)
        schema = _schema(ask, name)
    if schema != NAME:
        raise ConfigError(
            f"the Solr collection {name} has the schema {schema}, asked for was {NAME}: "
            "the table of product fields has changed since; use another [catalog] collection and "
            "import or crawl again"
        )
    return _shape(ask, name) if cloud else Shape(f"solr.core.{name}")


def settled(ask: Ask, shape: Shape) -> bool:
    """Whether Solr has read its update logs. After a crash it begins to answer before that, and
    what it then says may be old.
    """
    if not shape.cloud:
        key = f"{shape.cores}:TLOG.state"
        state = good(ask("admin/metrics", {"key": key}, None))["metrics"].get(key)
        return bool(state != REPLAYING)
    asked = {"group": "core", "prefix": "CORE.isLeader,TLOG.state", "nodes": "all"}
    leaders = [
        core
        for node in good(ask("admin/metrics", asked, None)).values()
        for name, core in node.get("metrics", {}).items()
        if name.startswith(shape.cores) and core.get("CORE.isLeader")
    ]
    reading = any(core.get("TLOG.state") == REPLAYING for core in leaders)
    return len(leaders) >= shape.shards and not reading


def _schema(ask: Ask, name: str) -> str | None:
    """Name of its schema; None: there is no such collection."""
    answer = ask(f"{name}/schema/name", {}, None)
    if answer.status == 404 or "not available due to init failure" in answer.reason:
        return None
    return str(good(answer)["name"])


def _create_core(ask: Ask, name: str) -> None:
    asked = {"action": "CREATE", "name": name, "configSet": STANDALONE}
    answer = ask("admin/cores", asked, None)
    if answer.status != 200 and "already exists" not in answer.reason:
        raise ConfigError(
            f"Solr has no core {name} and can't make one: {answer.reason}. Copy the folder "
            f"configs/solr/{STANDALONE} to configsets/{STANDALONE} in Solr's home (SOLR_HOME)"
        )


def _create_collection(ask: Ask, name: str, shards: int, replicas: int) -> None:
    good(ask("admin/configs", {"action": "UPLOAD", "name": NAME, "overwrite": "true"}, _zipped()))
    asked: dict[str, str | int] = {
        "action": "CREATE",
        "name": name,
        "numShards": shards,
        "replicationFactor": replicas,
        "collection.configName": NAME,
    }
    answer = ask("admin/collections", asked, None)
    if answer.status != 200 and "already exists" not in answer.reason:
        if answer.status >= 500:
            raise TransientError(f"Solr can't make the collection {name} now: {answer.reason}")
        raise ConfigError(f"Solr can't make the collection {name}: {answer.reason}")


def _zipped() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(CONFIGSET.iterdir()):
            archive.write(path, path.name)
    return packed.getvalue()


def _shape(ask: Ask, name: str) -> Shape:
    state = good(ask("admin/collections", {"action": "CLUSTERSTATUS", "collection": name}, None))
    [(known, collection)] = state["cluster"]["collections"].items()  # `name` may be an alias
    return Shape(f"solr.core.{known}.", len(collection["shards"]), cloud=True)


def good(answer: Answer) -> Mapping[str, Any]:
    """What it says, if all is well."""
    if answer.status in (401, 403):
        raise ConfigError(f"Solr refuses: {answer.reason}; see [catalog] username and password")
    if answer.status != 200 or not answer.body:
        raise TransientError(f"Solr: {answer.reason}")
    return answer.body
