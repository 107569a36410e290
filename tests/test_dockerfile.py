"""The Dockerfile takes what there is, and all of it; nothing runs as root."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
LINES = [line for line in TEXT.splitlines() if line and not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
STAGES = {
    found[2]: found[1] for line in LINES if (found := re.fullmatch(r"FROM (\S+) AS (\S+)", line))
}


def stage(name: str) -> list[str]:
    """The lines between this FROM and the next."""
    start = next(at for at, line in enumerate(LINES) if line.endswith(f" AS {name}"))
    length = next(
        (at for at, line in enumerate(LINES[start + 1 :]) if line.startswith("FROM ")), None
    )
    return LINES[start + 1 :][:length]


def test_the_wheel_is_made_of_every_package() -> None:
    copied = [line.split()[1:-1] for line in stage("wheel") if line.startswith("COPY ")]
    sources = [source for each in copied for source in each]
    assert all((ROOT / source).exists() for source in sources)
    packages = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert [source for source in sources if (ROOT / source).is_dir()] == packages
    assert {"pyproject.toml", "README.md", "LICENSE"} <= set(sources)


def test_what_is_copied_from_a_stage_comes_from_one_before() -> None:
    seen: list[str] = []
    for line in LINES:
        if found := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            seen.append(found[2])
        if found := re.search(r"--from=(\S+)", line):
            assert found[1] in seen[:-1]


def test_every_image_from_outside_is_pinned() -> None:
    for base in STAGES.values():
        ours = base in STAGES or base == "base-${VARIANT}"
        assert ours or re.search(r":\d+\.\d+\.\d+-", base), base


def test_both_variants_have_a_base() -> None:
    assert "ARG VARIANT=cpu" in LINES[0]
    assert {"base-cpu", "base-cuda"} <= set(STAGES)


def test_nothing_runs_as_root() -> None:
    assert [line for line in LINES if line.startswith("USER ")] == ["USER snapmode"]
    assert "USER snapmode" in stage("runtime")
    assert STAGES["app"] == STAGES["supervisor"] == "runtime"


def test_no_stage_follows_the_default_one() -> None:
    assert list(STAGES)[-1] == "app"


def test_the_virtualenv_is_where_the_topology_looks_for_it() -> None:
    cluster = tomllib.loads((ROOT / "configs" / "cluster.toml").read_text())
    folder = cluster["topology"]["virtualenv"]
    assert any(f"python3 -m venv {folder}" in line for line in stage("packages"))
    assert any(line == f"COPY --from=packages {folder} {folder}" for line in stage("runtime"))


def test_secrets_and_rubbish_stay_out_of_the_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", ".venv*", "var"} <= set(ignored)
    assert ".env" in (ROOT / ".gitignore").read_text().split()
