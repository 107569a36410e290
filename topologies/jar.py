"""What travels to the supervisors: a jar with the settings file, and variables without secrets.

The code does not travel: it is in the virtualenv that every supervisor has. Jar, options and
variables can be read by whoever may read Nimbus.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from snapmode.errors import ConfigError
from snapmode.settings import read_toml

SETTINGS = "settings.toml"
"""The settings file in the components' working folder."""
RESOURCES = "resources"
"""The folder of a jar that Storm unpacks as the components' working folder."""
SECRET = re.compile("SECRET|PASSWORD|TOKEN|KEY", re.IGNORECASE)


def build_jar(settings: Path) -> bytes:
    """The jar: the settings file as it is. `ConfigError` names a secret in it."""
    for table, key in _secrets(read_toml(settings)):
        raise ConfigError(
            f"{settings}: [{table}] {key} would be readable on Nimbus: put it into the "
            f"supervisors' environment as SNAPMODE_{table.upper()}__{key.upper()}"
        )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(settings, f"{RESOURCES}/{SETTINGS}")
    return made.getvalue()


def worker_environment(environ: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The variables to send along, and the names of those kept back because they hold secrets.

    Those that name a file or folder of this machine stay here as well.
    """
    ours = {name: value for name, value in sorted(environ.items()) if _is_setting(name)}
    secret = [name for name in ours if SECRET.search(name)]
    return {name: value for name, value in ours.items() if name not in secret}, secret


def _is_setting(name: str) -> bool:
    return name.startswith("SNAPMODE_") and "__" in name


def _secrets(tables: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for table, keys in tables.items():
        if isinstance(keys, Mapping):
            yield from ((table, key) for key in keys if SECRET.search(key))
