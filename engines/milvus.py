"""Milvus 2.3.5, standalone with embedded etcd and rocksmq, from its wheel on PyPI.

It listens on all interfaces and can't be told otherwise, so it runs in a network namespace.
"""

import json
import lzma
import re
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from engines.network import Network, network_of
from engines.place import Place
from engines.server import NotReadyError, Server
from snapmode.errors import SnapModeError

VERSION = "2.3.5"
SHA256 = "69515a0630ce29fd10e101fa442afea8ca1387b93a456cd9bd41fdf3deb93d04"
PORT = 19530
"""In a namespace of its own no other port is taken."""
HEALTH = "engine_health"
"""A collection that is asked whether queries are answered."""
SETTINGS = {
    "PROXY_TIMETICKINTERVAL": "50",  # ms; a Strong read waits for the next tick (200 by default)
    "COMMON_SESSION_TTL": "10",  # s; a restart after a kill waits for this lease to end (30)
    # ms; a new collection is loaded after a few of these rounds (1000, 1000, 500)
    "QUERYCOORD_CHECKCHANNELINTERVAL": "100",
    "QUERYCOORD_CHECKSEGMENTINTERVAL": "100",
    "QUERYCOORD_DISTPULLINTERVAL": "100",
    "COMMON_GRACEFULSTOPTIMEOUT": "5",  # s; there is no other node to hand over to (1800)
}
"""Milvus' own settings, as variables of its environment."""
SETTING = re.compile(r"\{\{\s*(\w+)(?:\(\w+\))?\s*(?::\s*([^}]*?)\s*)?\}\}")
"""`{{ name(type): default }}` in the wheel's template of settings."""


def prepare(place: Place) -> None:
    """Download the wheel, checked by its hash, and unpack it."""
    with place.once(f"milvus-{VERSION}") as folder:
        if not folder.exists():
            fresh = folder.with_suffix(".fresh")
            shutil.rmtree(fresh, ignore_errors=True)
            _unpack(_download(fresh), fresh)
            fresh.rename(folder)


def servers(place: Place) -> list[Server]:
    """The one process; it does all of Milvus' jobs."""
    folder, program = place.folder_of("milvus"), place.cache / f"milvus-{VERSION}"
    network = network_of(place, "milvus")
    return [
        Server(
            name="milvus",
            command=[str(program / "bin" / "milvus"), "run", "standalone"],
            folder=folder,
            ready=partial(_ready, f"http://{network.inside}:{PORT}/v1/vector"),
            before=partial(_before, program, folder, network),
            after=network.remove,
            namespace=network.name,
            environment={
                "LD_LIBRARY_PATH": str(program / "bin"),
                "DEPLOY_MODE": "STANDALONE",
                "MILVUS_RUN_DIR": str(folder / "run"),
                **SETTINGS,
            },
        )
    ]


def environment(place: Place) -> dict[str, str]:
    """Where SnapMode finds it."""
    return {"SNAPMODE_VECTORS__URI": f"http://{network_of(place, 'milvus').inside}:{PORT}"}


def _download(folder: Path) -> Path:
    folder.mkdir(parents=True)
    wanted = folder / "wanted.txt"
    wanted.write_text(f"milvus=={VERSION} --hash=sha256:{SHA256}\n")
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(folder)]
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [sys.executable, "-m", "pip", "download", "--quiet", *options, "-r", str(wanted)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"pip can't download milvus {VERSION}:\n{done.stderr[-2000:]}")
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, folder: Path) -> None:
    (folder / "bin").mkdir()
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if name.endswith(".lzma"):
                target = folder / "bin" / Path(name).stem
                with (
                    files.open(name) as packed,
                    lzma.open(packed) as plain,
                    target.open("wb") as out,
                ):
                    shutil.copyfileobj(plain, out)
                target.chmod(0o755)
        for name in ("config.yaml.template", "glog.conf"):
            (folder / name).write_bytes(files.read(f"milvus/data/{name}"))
    wheel.unlink()


def _before(program: Path, folder: Path, network: Network) -> None:
    network.make()
    (folder / "configs").mkdir(parents=True, exist_ok=True)
    template = (program / "config.yaml.template").read_text()
    (folder / "configs" / "milvus.yaml").write_text(_filled(template, folder))
    shutil.copy(program / "glog.conf", folder / "configs")
    (folder / "logs").mkdir(exist_ok=True)


def _filled(template: str, folder: Path) -> str:
    chosen: Mapping[str, str] = {
        "etcd_data_dir": str(folder / "data" / "etcd"),
        "local_storage_dir": str(folder / "data"),
        "rocksmq_data_dir": str(folder / "data" / "rocksmq"),
        "system_log_path": "",
    }
    return SETTING.sub(lambda found: chosen.get(found[1], found[2] or ""), template)


def _ready(address: str) -> None:
    """A query of a loaded collection is answered; healthz says yes long before."""
    if HEALTH not in _asked(f"{address}/collections"):
        _asked(f"{address}/collections/create", {"collectionName": HEALTH, "dimension": 2})
    query = {"collectionName": HEALTH, "filter": "id >= 0", "limit": 1}
    _asked(f"{address}/query", query)


def _asked(address: str, body: Mapping[str, object] | None = None) -> list[object]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, data, headers)  # noqa: S310 - an address of ours
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
            said = json.load(answer)
    except (OSError, ValueError) as error:
        raise NotReadyError(f"{address}: {error}") from error
    if said.get("code") != 200:
        raise NotReadyError(f"{address}: {said.get('message')}")
    return list(said.get("data") or [])
