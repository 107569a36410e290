"""What spouts and bolts share: a guarded stdout, the settings, the house and the metrics."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from streamparse.storm.component import Component

from snapmode.errors import ConfigError, TransientError
from snapmode.settings import load_settings
from snapmode.wiring import House
from topologies.patience import Patience
from topologies.storm.metrics_page import serve_metrics
from topologies.storm.stdout import take_stdout

SETTINGS = Path("settings.toml")
"""In the folder Storm starts a component in: the file the topology was submitted with."""


class Housed(Component):
    """A component with a house. Streams may be given, for tests; they are Storm's otherwise."""

    stage = ""
    """Its name in metrics and dead letters."""
    house: House
    patiently: Patience

    def __init__(
        self,
        input_stream: TextIO | BinaryIO | None = None,
        output_stream: BinaryIO | None = None,
        serializer: str = "json",
    ) -> None:
        output = output_stream or take_stdout()
        super().__init__(input_stream or sys.stdin, output, rdb_signal=None, serializer=serializer)

    def initialize(self, _storm_conf: Mapping[str, Any], _context: Mapping[str, Any]) -> None:
        """Storm's handshake is done. No engine is asked anything yet: it may be away."""
        try:
            house = House(load_settings(SETTINGS if SETTINGS.is_file() else None))
        except ConfigError as error:
            self.report(str(error))
            raise
        self.furnish(house)
        if first := house.settings.topology.metrics_port:
            self.logger.info("metrics on port %d", serve_metrics(first))

    def furnish(self, house: House) -> None:
        """Take the house."""
        self.house = house
        topology = house.settings.topology
        self.patiently = Patience(self.stage, topology.max_backoff, say=self.report)

    def report(self, text: str) -> None:
        """Make it this component's error in Storm's UI and in `snapmode topology status`."""
        self.send_message({"command": "error", "msg": text})


@contextmanager
def standing_still() -> Iterator[None]:
    """A wrong setting is waited out like an engine that is away: Storm would restart a worker that
    stops, and stop it again, for ever; standing still it says what is wrong and harms nobody.
    """
    try:
        yield
    except ConfigError as error:
        raise TransientError(str(error)) from error
