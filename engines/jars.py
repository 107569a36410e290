"""Jars from Maven Central: exact versions in `jars/NAME.xml`, their hashes in `jars/NAME.sha256`.

`python -m engines.jars NAME` resolves the pom anew and writes the hashes: look at the diff.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from engines.place import Place, cache_folder
from snapmode.errors import ConfigError, SnapModeError

POMS = Path(__file__).resolve().parent / "jars"


def fetch(place: Place, name: str) -> Path:
    """The folder of jars; resolved once, checked against the committed hashes."""
    hashes = (POMS / f"{name}.sha256").read_text()
    made_for = hashlib.sha256((POMS / f"{name}.xml").read_bytes() + hashes.encode()).hexdigest()
    with place.once(f"jars/{name}-{made_for[:12]}") as folder:
        if not folder.exists():
            fresh = folder.with_suffix(".fresh")
            _resolve(name, fresh)
            _check(name, _hashes(fresh), hashes)
            fresh.rename(folder)
    return folder


def _resolve(name: str, folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise ConfigError("mvn is not installed; on Debian: apt-get install maven")
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [
            *("mvn", "--batch-mode", "--quiet", "--file", str(POMS / f"{name}.xml")),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={folder}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"Maven could not resolve {name}:\n{done.stdout[-2000:]}")


def _hashes(folder: Path) -> str:
    lines = [
        f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.relative_to(folder)}"
        for jar in sorted(folder.rglob("*.jar"))
    ]
    return "\n".join(lines) + "\n"


def _check(name: str, found: str, expected: str) -> None:
    differing = sorted(set(found.splitlines()) ^ set(expected.splitlines()))
    if differing:
        raise SnapModeError(
            f"jars of {name} are not those of {name}.sha256: " + "; ".join(differing[:5])
        )


def _record(name: str) -> None:
    folder = cache_folder() / "jars" / f"{name}.recorded"
    _resolve(name, folder)
    (POMS / f"{name}.sha256").write_text(_hashes(folder))
    shutil.rmtree(folder)


if __name__ == "__main__":
    _record(sys.argv[1])
