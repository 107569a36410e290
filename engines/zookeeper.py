"""ZooKeeper: what Storm, and SolrCloud, keep their state in."""

import socket
from functools import partial
from pathlib import Path

from engines import jars
from engines.place import Place
from engines.server import NotReadyError, Server

PORT = 2181
CONFIG = """\
tickTime=2000
dataDir={folder}/data
clientPort={port}
clientPortAddress=127.0.0.1
maxClientCnxns=0
admin.enableServer=false
4lw.commands.whitelist=srvr
autopurge.purgeInterval=1
"""


def prepare(place: Place) -> None:
    jars.fetch(place, "zookeeper")


def port(place: Place) -> int:
    """Where it listens, on 127.0.0.1."""
    return place.port("zookeeper", PORT)


def servers(place: Place) -> list[Server]:
    folder = place.folder_of("zookeeper")
    lib = jars.folder(place, "zookeeper")
    options = ("-Xms32m", "-Xmx128m", "-XX:+UseSerialGC", "-Dlogback.statusListenerClass=")
    main = "org.apache.zookeeper.server.ZooKeeperServerMain"
    return [
        Server(
            "zookeeper",
            ["java", *options, "-cp", f"{folder}:{lib}/*", main, "zoo.cfg"],
            folder,
            ready=partial(_answers, port(place)),
            before=partial(_configure, folder, port(place)),
        )
    ]


def environment(place: Place) -> dict[str, str]:  # noqa: ARG001 - nothing of ours speaks to it
    return {}


def _configure(folder: Path, port: int) -> None:
    (folder / "zoo.cfg").write_text(CONFIG.format(folder=folder, port=port))


def _answers(port: int) -> None:
    """An open port is no answer: the server may have died behind it."""
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            connection.sendall(b"srvr")
            answer = b"".join(iter(partial(connection.recv, 4096), b"")).decode(errors="replace")
    except OSError as error:
        raise NotReadyError(str(error)) from error
    if "Mode:" not in answer:
        raise NotReadyError(answer.strip() or "it says nothing")
