"""Storm: Nimbus and one supervisor, whose workers are processes of their own.

There is no binary distribution in reach: each daemon gets a home folder made by hand. Everything
listens on 127.0.0.1 alone, through an agent (`storm/Loopback.java`).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from engines import jars, zookeeper
from engines.place import Place
from engines.server import NotReadyError, Server
from engines.thrift import ThriftError, call
from snapmode.errors import ConfigError, SnapModeError

NIMBUS_PORT, SUPERVISOR_PORT, SLOTS_PORT = 6627, 6628, 6700
SLOTS = 4
"""Worker JVMs the supervisor may run."""
AGENT = Path(__file__).resolve().parent / "storm" / "Loopback.java"
LOGGING = """\
<configuration>
  <appenders>
    <RollingFile name="file" fileName="{file}" filePattern="{file}.%i">
      <PatternLayout pattern="%d %c{{1.}} %t [%p] %msg%n"/>
      <SizeBasedTriggeringPolicy size="20 MB"/>
      <DefaultRolloverStrategy max="3"/>
    </RollingFile>
  </appenders>
  <loggers><root level="info"><appender-ref ref="file"/></root></loggers>
</configuration>
"""
WORKER_LOG = "${sys:workers.artifacts}/${sys:storm.id}/${sys:worker.port}/${sys:logfile.name}"


def prepare(place: Place) -> None:
    _build_agent(place, jars.fetch(place, "storm"))


def servers(place: Place) -> list[Server]:
    nimbus, supervisor = _port(place, "nimbus"), _port(place, "supervisor")
    return [
        _daemon(place, "nimbus", "nimbus.Nimbus", 256, partial(_nimbus_answers, nimbus)),
        _daemon(
            place,
            "supervisor",
            "supervisor.Supervisor",
            192,
            partial(_supervisor_answers, nimbus, supervisor),
        ),
    ]


def environment(place: Place) -> dict[str, str]:
    return {
        "SNAPMODE_TOPOLOGY__NIMBUS": f"127.0.0.1:{_port(place, 'nimbus')}",
        "SNAPMODE_TOPOLOGY__VIRTUALENV": sys.prefix,
    }


def _port(place: Place, daemon: str) -> int:
    return place.port(daemon, {"nimbus": NIMBUS_PORT, "supervisor": SUPERVISOR_PORT}[daemon])


def _daemon(place: Place, name: str, main: str, memory: int, ready: Callable[[], None]) -> Server:
    home, supervises = place.folder_of(name), name == "supervisor"
    options = {
        "storm.home": home,
        "storm.log.dir": home / "logs",
        "storm.conf.file": "",
        "log4j2.configurationFile": home / "log4j2" / "cluster.xml",
        "daemon.name": name,
    }
    return Server(
        name,
        [
            *("java", f"-javaagent:{_agent(place)}", f"-Xmx{memory}m", "-XX:+UseSerialGC"),
            *(f"-D{key}={value}" for key, value in options.items()),
            *("-cp", f"{home}/lib/*:{home}/conf", f"org.apache.storm.daemon.{main}"),
        ],
        home,
        ready=ready,
        before=partial(_make_home, place, home),
        needs=("nimbus",) if supervises else ("zookeeper",),
        sees_all=supervises,
        children=supervises,
        strays=partial(_workers, home) if supervises else list,
    )


def _make_home(place: Place, home: Path) -> None:
    """What a binary distribution would have; workers find theirs in lib-worker."""
    for folder in ("conf", "log4j2", "logs", "local", "bin", "extlib", "extlib-daemon"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    for name in ("lib", "lib-worker"):
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(jars.folder(place, "storm"))
    (home / "conf" / "storm.yaml").write_text(json.dumps(_settings(place, home), indent=2))
    cluster = home / "logs" / "cluster.log"
    (home / "log4j2" / "cluster.xml").write_text(LOGGING.format(file=cluster))
    (home / "log4j2" / "worker.xml").write_text(LOGGING.format(file=WORKER_LOG))


def _settings(place: Place, home: Path) -> dict[str, object]:
    """storm.yaml; JSON is YAML. The rest are Storm's defaults."""
    agent = f"-javaagent:{_agent(place)}"
    return {
        "storm.zookeeper.servers": ["127.0.0.1"],
        "storm.zookeeper.port": zookeeper.port(place),
        "storm.local.hostname": "127.0.0.1",
        "storm.local.dir": str(home / "local"),
        "storm.log.dir": str(home / "logs"),
        "nimbus.seeds": ["127.0.0.1"],
        "nimbus.thrift.port": _port(place, "nimbus"),
        "nimbus.monitor.freq.secs": 2,
        "supervisor.thrift.port": _port(place, "supervisor"),
        "supervisor.slots.ports": _slots(place),
        "supervisor.monitor.frequency.secs": 1,
        "executor.metrics.frequency.secs": 5,
        # The default asks for flags of Java 8.
        "worker.childopts": f"{agent} -Xmx256m -XX:+UseSerialGC",
        "topology.worker.logwriter.childopts": "-Xmx32m -XX:+UseSerialGC",
    }


def _slots(place: Place) -> list[int]:
    """The workers' ports. They are free until a worker runs, so two places would both take the
    usual ones: each starts elsewhere, below the ports that the system gives to clients.
    """
    first = SLOTS_PORT + SLOTS * (zlib.crc32(str(place.folder).encode()) % 5000)
    return [place.port(f"worker-{number + 1}", first + number) for number in range(SLOTS)]


def _agent(place: Place) -> Path:
    made_of = AGENT.read_bytes() + jars.folder(place, "storm").name.encode()
    return place.cache / f"loopback-{hashlib.sha256(made_of).hexdigest()[:12]}" / "loopback.jar"


def _build_agent(place: Place, lib: Path) -> None:
    if shutil.which("javac") is None:
        raise ConfigError("javac is not installed; on Debian: apt-get install openjdk-17-jdk")
    jar = _agent(place)
    with place.once(jar.parent.name) as folder:
        if jar.exists():
            return
        asm = next(lib.glob("asm-*.jar"))
        done = subprocess.run(  # noqa: S603 - our own arguments, no shell
            ["javac", "-d", str(folder), "-cp", str(asm), str(AGENT)],  # noqa: S607 - any JDK
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SnapModeError(f"{AGENT.name} does not compile:\n{done.stderr[-2000:]}")
        _pack(folder, jar, asm)


def _pack(classes: Path, jar: Path, asm: Path) -> None:
    manifest = (
        "Manifest-Version: 1.0",
        "Premain-Class: Loopback",
        "Can-Retransform-Classes: true",
        f"Class-Path: {os.path.relpath(asm, jar.parent)}",
    )
    fresh = jar.with_suffix(".fresh")
    with zipfile.ZipFile(fresh, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "\n".join(manifest) + "\n")
        for each in sorted(classes.glob("*.class")):
            archive.write(each, each.name)
    fresh.rename(jar)


def _workers(home: Path) -> list[int]:
    """What a supervisor that was killed has left: workers, and what writes their logs."""
    mark = f"-Dworkers.artifacts={home}/logs/workers-artifacts".encode()
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if mark in _arguments(path)]


def _arguments(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []  # it has ended


def _nimbus_answers(port: int) -> None:
    _ask(port, "getLeader")


def _supervisor_answers(nimbus: int, port: int) -> None:
    """Nimbus counts on it, and it answers itself: Nimbus forgets a dead one only in a minute."""
    if not _ask(nimbus, "getClusterInfo")[0].get(1):
        raise NotReadyError("Nimbus has no supervisor yet")
    try:
        call(port, "ping")
    except ThriftError:
        return  # it has no such method, and says so
    except OSError as error:
        raise NotReadyError(str(error)) from error


def _ask(port: int, method: str) -> dict[int, Any]:
    try:
        reply = call(port, method)
    except (OSError, ThriftError) as error:
        raise NotReadyError(str(error)) from error
    if 0 not in reply:
        raise NotReadyError(f"Nimbus refuses {method}: {reply}")
    return reply
