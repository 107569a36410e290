"""The compose files keep their own rules: pinned, limited, healthy, closed, without secrets."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compose import DOCKERFILE, FILES, ROOT, SERVICES, TEXTS, health_test, published, targets

ONCE = {"crawler", "submit"}
"""They end when they are done; the embedded ingest has nobody to ask it, either."""
ALL = [
    pytest.param(file, name, service, id=f"{file}-{name}")
    for file, compose in FILES.items()
    for name, service in compose["services"].items()
]
each_service = pytest.mark.parametrize(("file", "name", "service"), ALL)
each_file = pytest.mark.parametrize("file", FILES)


@each_service
def test_images_are_pinned(file: str, name: str, service: dict[str, Any]) -> None:
    assert re.search(r":(v|RELEASE\.)?\d[\w.-]*(\$\{VARIANT:-cpu\})?$", service["image"])


@each_service
def test_memory_is_limited(file: str, name: str, service: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])


@each_service
def test_health_is_asked_for(file: str, name: str, service: dict[str, Any]) -> None:
    """By compose, or by our image, whose one check is for the API."""
    check = service.get("healthcheck")
    if name in ONCE or (file, name) == ("docker-compose.embedded.yml", "ingest"):
        assert not check or check == {"disable": True}
    elif name == "api":
        assert not check
        assert "/readyz" in DOCKERFILE.partition("AS app\n")[2]
    else:
        assert check["test"][0] in ("CMD", "CMD-SHELL")


def test_health_checks_in_python_call_what_there_is() -> None:
    programs = [
        test[3]
        for service in SERVICES.values()
        if "-c" in (test := health_test(service)) and test[3:]
    ]
    assert len(programs) == 3
    for program in programs:
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, alias.name) for alias in node.names)


@each_service
def test_ports_are_published_on_this_machine_alone(
    file: str, name: str, service: dict[str, Any]
) -> None:
    for entry in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", entry)


def test_no_port_is_published_twice() -> None:
    ports = [port for service in SERVICES.values() for port in published(service)]
    assert len(ports) == len(set(ports))


@each_file
def test_named_volumes_are_declared_and_used(file: str) -> None:
    used = {
        source
        for service in FILES[file]["services"].values()
        for source in targets(service).values()
        if not source.startswith(".")
    }
    assert used == set(FILES[file]["volumes"])


@each_service
def test_files_of_the_checkout_are_there_and_read_only(
    file: str, name: str, service: dict[str, Any]
) -> None:
    for entry in service.get("volumes", []):
        if entry.startswith("."):
            assert entry.endswith(":ro")
            assert (ROOT / entry.split(":")[0]).exists()


@each_file
def test_what_is_waited_for_is_healthy_and_always_there(file: str) -> None:
    services = FILES[file]["services"]
    for service in services.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": "service_healthy"}
            assert name not in ONCE
            assert services[name].get("profiles", []) in ([], service.get("profiles"))


def variables(text: str) -> Iterator[tuple[str, str]]:
    """Name → what follows it, of every `${NAME…}`."""
    yield from re.findall(r"\$\{(\w+)(:?[-?]?)", text)


@each_file
def test_what_the_user_must_say_has_no_default(file: str) -> None:
    example = dict(
        line.split("=", 1)
        for line in (ROOT / ".env.example").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    for name, follows in variables(TEXTS[file]):
        if name != "VARIANT":
            assert follows == ":?", f"{name} has a default"
            assert example[name] == ""


@each_service
def test_no_secret_is_written_down(file: str, name: str, service: dict[str, Any]) -> None:
    for key, value in (service.get("environment") or {}).items():
        if re.search("SECRET|PASSWORD|KEY|_USER$", key):
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", str(value)), key


def test_ci_checks_every_file_and_says_what_must_be_said() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "for file in docker-compose*.yml" in script
    for name in {
        name for text in TEXTS.values() for name, follows in variables(text) if "?" in follows
    }:
        assert f"{name}=" in script


def test_monitoring_is_a_profile() -> None:
    apart = {name for name, service in SERVICES.items() if "profiles" in service}
    assert apart == {"prometheus", "grafana"}
    assert all(SERVICES[name]["profiles"] == ["monitoring"] for name in apart)
