"""A network namespace joined to this machine by one cable (a veth pair), which can be cut.

What listens on all interfaces inside is reached from this machine alone: no route leads further.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass

from engines.place import Place
from snapmode.errors import ConfigError, SnapModeError


@dataclass(frozen=True, slots=True)
class Network:
    """A namespace, the two ends of its cable (`NAMEh` here, `NAMEi` inside), their addresses."""

    name: str
    host: str
    """Address of this machine, as seen from inside."""
    inside: str
    """Address of what runs in the namespace."""

    def make(self) -> None:
        """Make it, if it is not there; a link that was cut is joined again."""
        _check_rights()
        if f"{self.name}h" not in _ip("link", "show"):
            self.remove()  # half of it may be left by a process that was killed
            _ip("netns", "add", self.name)
            ends = ("type", "veth", "peer", f"{self.name}i", "netns", self.name)
            _ip("link", "add", f"{self.name}h", *ends)
            _ip("address", "add", f"{self.host}/30", "dev", f"{self.name}h")
            self._inside("address", "add", f"{self.inside}/30", "dev", f"{self.name}i")
            self._inside("link", "set", "lo", "up")
        _ip("link", "set", f"{self.name}h", "up")
        self.link(up=True)

    def link(self, up: bool) -> None:
        """Join or cut the cable, at its inner end: packets are lost, nobody is told."""
        self._inside("link", "set", f"{self.name}i", "up" if up else "down")

    def remove(self) -> None:
        """Take it away, with its cable; processes inside lose their network. Twice is harmless."""
        # A namespace lives on while a dying process is in it, and with it the cable.
        if f"{self.name}h" in _ip("link", "show"):
            _ip("link", "delete", f"{self.name}h")
        if self.name in _ip("netns", "list").split():
            _ip("netns", "delete", self.name)

    def _inside(self, *arguments: str) -> None:
        _ip("-netns", self.name, *arguments)


def network_of(place: Place, engine: str) -> Network:
    """The network of an engine of this place, whether it is there or not.

    Name and addresses (in 10.203.0.0/16, four to a network) are made of the place's folder.
    """
    digest = hashlib.sha256(f"{place.folder} {engine}".encode()).digest()
    third, fourth = digest[0], digest[1] & 0b1111_1100
    start = f"10.203.{third}"
    return Network(f"snap{digest[2:7].hex()}", f"{start}.{fourth + 1}", f"{start}.{fourth + 2}")


def _check_rights() -> None:
    if shutil.which("ip") is None:
        raise ConfigError("ip is not installed; on Debian: apt-get install iproute2")
    if os.geteuid() != 0:
        raise ConfigError("only root may make a network namespace, which keeps the engine apart")


def _ip(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own arguments, no shell
        ["ip", *arguments],  # noqa: S607 - wherever iproute2 is
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SnapModeError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout
