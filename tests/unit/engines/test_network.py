import ipaddress
from pathlib import Path

import pytest

from engines.network import network_of
from engines.place import Place
from snapmode.errors import ConfigError


def place(name: str) -> Place:
    return Place(Path("/somewhere") / name, Path("/cache"))


def test_networks_keep_apart_and_have_names_that_linux_takes() -> None:
    networks = [
        network_of(place(str(n)), engine) for n in range(50) for engine in ("milvus", "kafka")
    ]
    assert len({each.name for each in networks}) == 100
    for each in networks:
        assert len(f"{each.name}h") <= 15
        ends = (
            ipaddress.IPv4Interface(f"{each.host}/30"),
            ipaddress.IPv4Interface(f"{each.inside}/30"),
        )
        assert ends[0].network == ends[1].network
        assert {end.ip for end in ends} == set(ends[0].network.hosts())
        assert ends[0].network.subnet_of(ipaddress.IPv4Network("10.203.0.0/16"))


def test_the_same_place_has_the_same_network() -> None:
    assert network_of(place("one"), "milvus") == network_of(place("one"), "milvus")


def test_who_is_not_root_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ip = tmp_path / "ip"
    ip.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(ConfigError, match="root"):
        network_of(place("one"), "milvus").make()


def test_a_missing_ip_command_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="iproute2"):
        network_of(place("one"), "milvus").make()
