"""What docker-compose*.yml say, for the tests that check it."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {path.name: path.read_text() for path in ROOT.glob("docker-compose*.yml")}
FILES: dict[str, dict[str, Any]] = {name: yaml.safe_load(text) for name, text in TEXTS.items()}
SERVICES: dict[str, dict[str, Any]] = FILES["docker-compose.yml"]["services"]
"""Of the whole loop on its engines."""
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def published(service: dict[str, Any]) -> dict[int, int]:
    """Port outside → port inside."""
    ports = [entry.split(":") for entry in service.get("ports", [])]
    return {int(outside): int(inside) for _, outside, inside in ports}


def port_of(address: str) -> int:
    """The port of `host:port` or a URL."""
    return int(re.findall(r":(\d+)", address)[-1])


def targets(service: dict[str, Any]) -> dict[str, str]:
    """Folder inside → volume, or file of the checkout."""
    pairs = [entry.split(":") for entry in service.get("volumes", [])]
    return {pair[1]: pair[0] for pair in pairs}


def health_test(service: dict[str, Any]) -> list[str]:
    """The command that asks for its health; empty when compose has none."""
    return list(service.get("healthcheck", {}).get("test", []))
