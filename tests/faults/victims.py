"""Who can be killed, by pid: only what the engines of the tests have started."""

import signal
from pathlib import Path

from engines import running
from engines.place import Place
from engines.process import Process, process_of

COMPONENTS = {"spout": "ProductSpout", "embed bolt": "EmbedBolt", "index bolt": "IndexBolt"}
WORKER = "org.apache.storm.daemon.worker.Worker"
SERVERS = {
    "supervisor": "supervisor",
    "nimbus": "nimbus",
    "zookeeper": "zookeeper",
    "solr": "solr",
    "milvus": "milvus",
    "s3": "s3",
}
"""Victim → the server's name."""
KAFKA_LEADER = "kafka leader"
ALL = (*COMPONENTS, "worker", *SERVERS, KAFKA_LEADER)


def kill(place: Place, victim: str, servers: str, topic: str) -> list[int]:
    """SIGKILL; returns the pids. `servers` and `topic`: where to ask who leads."""
    found = _found(place, victim, servers, topic)
    for process in found:
        process.signal(signal.SIGKILL)
    return [process.pid for process in found]


def pids_of_components(place: Place) -> dict[str, int]:
    """The topology's processes by name: to see whether any was started anew, or has grown."""
    names = {**COMPONENTS, "worker": WORKER}
    return {
        f"{name} {number}": process.pid
        for name, word in names.items()
        for number, process in enumerate(_of_storm(place, word))
    }


def engine_of(victim: str) -> str | None:
    """The module of `snapmode engines` that starts it again; None: the supervisor does."""
    if victim == KAFKA_LEADER:
        return "kafka"
    return {"supervisor": "storm", "nimbus": "storm"}.get(victim, SERVERS.get(victim))


def _found(place: Place, victim: str, servers: str, topic: str) -> list[Process]:
    if victim in COMPONENTS:
        return _of_storm(place, COMPONENTS[victim])
    if victim == "worker":
        return _of_storm(place, WORKER)
    name = SERVERS.get(victim) or f"kafka-{_leader(servers, topic)}"
    every = [server for module in running.modules().values() for server in module.servers(place)]
    return [
        process
        for server in every
        if server.name == name or (name == "s3" and server.name.startswith("s3"))
        if (process := running.find(server))
    ]


def _of_storm(place: Place, word: str) -> list[Process]:
    """Processes under the place's supervisor whose command line has the word."""
    return [
        process
        for folder in Path("/proc").glob("[0-9]*")
        if _is_ours(folder, place) and word.encode() in _read(folder / "cmdline")
        if (process := process_of(int(folder.name)))
    ]


def _is_ours(folder: Path, place: Place) -> bool:
    try:
        return (folder / "cwd").resolve().is_relative_to(place.folder)
    except OSError:
        return False  # it has ended


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _leader(servers: str, topic: str) -> int:
    """The broker that leads the topic's first partition."""
    from kafka import KafkaAdminClient  # the suites without engines collect this file too

    admin = KafkaAdminClient(bootstrap_servers=servers.split(","))
    try:
        (found,) = admin.describe_topics([topic])
        return int(found["partitions"][0]["leader_id"])
    finally:
        admin.close()
