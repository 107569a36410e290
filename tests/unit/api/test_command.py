import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest

from api.command import address, serve
from snapmode.errors import ConfigError
from tests.processes import start


@contextmanager
def serving(data: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start("serve", "--port", "0", "--data", data, output=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().split()[1]
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_to_open_answers_and_ends_quietly(
    tmp_path: Path, number: signal.Signals
) -> None:
    with serving(tmp_path) as (process, where):
        with urlopen(f"{where}/readyz", timeout=20) as answer:
            assert json.load(answer)["status"] == "ok"
        process.send_signal(number)
        assert process.wait(20) == 0


def test_a_port_in_use_is_a_configuration_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}") as error:
            serve(port=port, data=tmp_path)
    assert error.value.exit_code == 2


def test_the_address_can_be_opened() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"
