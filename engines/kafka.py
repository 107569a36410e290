"""Kafka in KRaft mode: one broker, or three that keep three copies of everything."""

import base64
import hashlib
import socket
import struct
import subprocess
from functools import partial
from pathlib import Path

from engines import jars
from engines.network import Network, network_of
from engines.place import Place
from engines.server import NotReadyError, Server
from snapmode.errors import SnapModeError

PORT = 9092
CONTROLLER_PORT = 19092
OPTIONS = ("-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-Dlog4j2.configurationFile=log4j2.xml")
CONFIG = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://{address}:{port},CONTROLLER://{address}:{controller}
advertised.listeners=PLAINTEXT://{address}:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=16777216
log.cleaner.backoff.ms=1000
broker.session.timeout.ms=6000
offsets.topic.num.partitions=8
offsets.topic.replication.factor={brokers}
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor={brokers}
transaction.state.log.min.isr={insync}
share.coordinator.state.topic.replication.factor={brokers}
share.coordinator.state.topic.min.isr={insync}
"""
LOG4J = """\
<Configuration>
  <Appenders>
    <Console name="log"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console>
  </Appenders>
  <Loggers>
    <Logger name="org.apache.kafka" level="WARN"/>
    <Root level="INFO"><AppenderRef ref="log"/></Root>
  </Loggers>
</Configuration>
"""
ASK_SECONDS = 5.0
METADATA, METADATA_VERSION = 3, 1
"""Kafka protocol: the request for brokers and topics, in a version every broker still answers."""


def prepare(place: Place) -> None:
    jars.fetch(place, "kafka")


def servers(place: Place) -> list[Server]:
    nodes = range(1, place.brokers + 1)
    return [_server(place, node) for node in nodes]


def environment(place: Place) -> dict[str, str]:
    addresses = [f"{_address(place)}:{_port(place, node)}" for node in range(1, place.brokers + 1)]
    return {
        "SNAPMODE_LOG__SERVERS": ",".join(addresses),
        "SNAPMODE_LOG__REPLICATION": str(place.brokers),
    }


def _server(place: Place, node: int) -> Server:
    folder = place.folder_of(f"kafka-{node}")
    network = _network(place)
    return Server(
        f"kafka-{node}",
        [*_java(place), "kafka.Kafka", "server.properties"],
        folder,
        ready=partial(_answers, _address(place), _port(place, node)),
        before=partial(_before, place, node),
        after=network.remove if network and node == 1 else lambda: None,
        namespace=network.name if network else None,
    )


def _java(place: Place) -> list[str]:
    return ["java", *OPTIONS, "-cp", f"{jars.folder(place, 'kafka')}/*"]


def _before(place: Place, node: int) -> None:
    network = _network(place)
    if network:
        network.make()
    folder = place.folder_of(f"kafka-{node}")
    (folder / "log4j2.xml").write_text(LOG4J)
    (folder / "server.properties").write_text(_config(place, node))
    if not (folder / "data" / "meta.properties").exists():
        _format(place, folder)


def _config(place: Place, node: int) -> str:
    address = _address(place)
    nodes = range(1, place.brokers + 1)
    return CONFIG.format(
        node=node,
        voters=",".join(f"{each}@{address}:{_controller(place, each)}" for each in nodes),
        address=address,
        port=_port(place, node),
        controller=_controller(place, node),
        folder=place.folder_of(f"kafka-{node}"),
        brokers=place.brokers,
        insync=min(2, place.brokers),
    )


def _format(place: Place, folder: Path) -> None:
    """All brokers of a place share the cluster's id, which is made of the place's folder."""
    digest = hashlib.sha256(str(place.folder).encode()).digest()[:16]
    # A first bit of 0: the id must not begin with a dash.
    cluster = base64.urlsafe_b64encode(bytes([digest[0] & 0x7F]) + digest[1:]).decode().rstrip("=")
    tool = ["kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", cluster]
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [*_java(place), *tool, "-c", "server.properties"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"{folder}: can't be formatted:\n{(done.stdout + done.stderr)[-2000:]}")


def _network(place: Place) -> Network | None:
    return network_of(place, "kafka") if "kafka" in place.isolated else None


def _address(place: Place) -> str:
    network = _network(place)
    return network.inside if network else "127.0.0.1"


def _port(place: Place, node: int) -> int:
    return place.port(f"kafka-{node}", PORT + node - 1)


def _controller(place: Place, node: int) -> int:
    return place.port(f"kafka-{node}-controller", CONTROLLER_PORT + node - 1)


def _answers(address: str, port: int) -> None:
    """It tells which brokers there are, and is one of them itself."""
    body = struct.pack(">hhih", METADATA, METADATA_VERSION, 1, -1) + struct.pack(">i", 0)
    try:
        with socket.create_connection((address, port), ASK_SECONDS) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            stream = connection.makefile("rb")
            answer = stream.read(*struct.unpack(">i", stream.read(4)))
    except (OSError, struct.error) as error:
        raise NotReadyError(str(error)) from error
    if struct.pack(">i", port) not in answer:
        raise NotReadyError("it has not joined the cluster yet")
