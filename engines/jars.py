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
    lib = folder(place, name)
    with place.once(f"jars/{lib.name}"):
        if not lib.exists():
            fresh = lib.with_suffix(".fresh")
            _resolve(name, fresh)
            _check(name, _hashes(fresh), (POMS / f"{name}.sha256").read_text())
            fresh.rename(lib)
    return lib


def folder(place: Place, name: str) -> Path:
    """Where `fetch` puts them, or has put them."""
    made_of = (POMS / f"{name}.xml").read_bytes() + (POMS / f"{name}.sha256").read_bytes()
    return place.cache / "jars" / f"{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"


def _resolve(name: str, lib: Path) -> None:
    if shutil.which("mvn") is None:
        raise ConfigError("mvn is not installed; on Debian: apt-get install maven")
    shutil.rmtree(lib, ignore_errors=True)
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        [
            *("mvn", "--batch-mode", "--quiet", "--file", str(POMS / f"{name}.xml")),
            *("dependency:copy-dependencies", "-DincludeScope=runtime"),
            f"-DoutputDirectory={lib}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"Maven could not resolve {name}:\n{done.stdout[-2000:]}")


def _hashes(lib: Path) -> str:
    lines = [
        f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {jar.relative_to(lib)}"
        for jar in sorted(lib.rglob("*.jar"))
    ]
    return "\n".join(lines) + "\n"


def _check(name: str, found: str, expected: str) -> None:
    differing = sorted(set(found.splitlines()) ^ set(expected.splitlines()))
    if differing:
        raise SnapModeError(
            f"jars of {name} are not those of {name}.sha256: " + "; ".join(differing[:5])
        )


def _record(name: str) -> None:
    lib = cache_folder() / "jars" / f"{name}.recorded"
    _resolve(name, lib)
    (POMS / f"{name}.sha256").write_text(_hashes(lib))
    shutil.rmtree(lib)


if __name__ == "__main__":
    _record(sys.argv[1])
