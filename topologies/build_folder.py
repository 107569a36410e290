"""The folder that `sparse submit` wants: src/, topologies/, config.json, and a jar."""

import json
from collections.abc import Mapping
from pathlib import Path

from snapmode.errors import ConfigError
from snapmode.settings import Settings
from topologies.drawings import DRAWINGS
from topologies.jar import SETTINGS, build_jar, worker_environment

ENVIRONMENT = "cluster"
"""What `sparse -e` names."""
JAR = "snapmode.jar"
TOPOLOGY = '''\
"""For `sparse submit -e {environment} -n {name} -j {jar}`."""

from pathlib import Path

from snapmode.settings import load_settings
from topologies.submit import draw

SETTINGS = Path(__file__).resolve().parent.parent / "src" / "{settings}"
TOPOLOGY = draw("{name}", load_settings(SETTINGS))
'''


def write_build_folder(folder: Path, settings: Settings, environ: Mapping[str, str]) -> list[str]:
    """Write it; returns the variables that were left out because they hold secrets.

    `ConfigError` when the folder is there and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder}: is there already, and not empty")
    jar = build_jar(settings.file)
    variables, withheld = worker_environment(environ)
    for each in ("src", "topologies"):
        (folder / each).mkdir(parents=True, exist_ok=True)
    (folder / JAR).write_bytes(jar)
    (folder / "src" / SETTINGS).write_bytes(settings.file.read_bytes())
    (folder / "config.json").write_text(json.dumps(_config(settings, variables), indent=2) + "\n")
    for name in DRAWINGS:
        text = TOPOLOGY.format(environment=ENVIRONMENT, name=name, jar=JAR, settings=SETTINGS)
        (folder / "topologies" / f"{name}.py").write_text(text)
    return withheld


def _config(settings: Settings, variables: Mapping[str, str]) -> dict[str, object]:
    virtualenv = settings.topology.virtualenv
    cluster = {
        "nimbus": settings.topology.nimbus,
        "workers": [],
        "use_ssh_for_nimbus": False,
        "use_virtualenv": True,
        "install_virtualenv": False,
        "virtualenv_root": str(virtualenv.parent),
        "virtualenv_name": virtualenv.name,
        "options": {"topology.environment": dict(variables)},
    }
    return {
        "topology_specs": "topologies/",
        "virtualenv_specs": "virtualenvs/",
        "envs": {ENVIRONMENT: cluster},
    }
