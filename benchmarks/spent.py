"""What processes and folders take: CPU seconds, memory and bytes, as the kernel tells them."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from engines import running
from engines.place import Place
from engines.process import Process

TICKS = os.sysconf("SC_CLK_TCK")
TICK = 0.05
"""Seconds between two looks at a command."""
BLOCK = 512
"""Unit of `st_blocks`."""
WORKERS = {
    "ProductSpout": "spout",
    "EmbedBolt": "embed bolt",
    "IndexBolt": "index bolt",
    "daemon.worker.Worker": "worker JVM",
    "LogWriter": "log writer JVM",
}
"""In the arguments of a process of Storm's supervisor → what it is."""


def parts(place: Place) -> Iterable[tuple[str, Process]]:
    """The processes of every engine, and those of the topologies, by what they are."""
    for module in running.modules().values():
        for server in module.servers(place):
            process = running.find(server)
            if process is None:
                continue
            yield server.name, process
            if server.children:
                yield from ((_kind(each.pid), each) for each in process.descendants())


def cpu(place: Place) -> Counter[str]:
    """CPU seconds that each part has taken so far."""
    spent: Counter[str] = Counter()
    for name, process in parts(place):
        spent[name] += _cpu_of(process.pid)
    return spent


def machine() -> float:
    """CPU seconds that all of the machine has spent, a hypervisor's theft included: proc(5)."""
    user, nice, system, _, _, irq, softirq, steal = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS


def memory(place: Place) -> dict[str, int]:
    """Resident bytes of each part."""
    resident: Counter[str] = Counter()
    for name, process in parts(place):
        resident[name] += process.memory
    return dict(resident)


def since(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """What was added."""
    return {name: value - before.get(name, 0) for name, value in after.items()}


def allocated(*folders: Path) -> int:
    """Bytes on disk of files, and of all that is in folders; what vanishes meanwhile is nothing."""
    return sum(_blocks(file) for top in folders for file in (top, *top.rglob("*")))


class Usage(NamedTuple):
    """What a command took."""

    cpu: float
    """Seconds, its children's included."""
    memory: int
    """Resident bytes at most."""


def usage(*arguments: str | Path, environ: Mapping[str, str] | None = None) -> Usage:
    """Run `snapmode ARGUMENTS`; rejected items are fine, failure is an error."""
    command = [sys.executable, "-m", "snapmode", *map(str, arguments)]
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, **(environ or {})}
    )
    peak = 0
    while (ended := os.wait4(child.pid, os.WNOHANG))[0] == 0:
        peak = max(peak, _peak_of(child.pid))
        time.sleep(TICK)
    _, status, used = ended
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")
    return Usage(used.ru_utime + used.ru_stime, peak)


def _peak_of(pid: int) -> int:
    """Not `ru_maxrss`: that begins with the memory of the process which started it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(each.split()[1]) * 1024 for each in lines if each.startswith("VmHWM")), 0)


def _kind(pid: int) -> str:
    try:
        told = Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return "ended"
    return next((kind for mark, kind in WORKERS.items() if mark in told), "other")


def _cpu_of(pid: int) -> float:
    """User and system time: proc(5), /proc/pid/stat, fields 14 and 15."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def _blocks(file: Path) -> int:
    try:
        found = file.lstat()
    except OSError:
        return 0
    return found.st_blocks * BLOCK
