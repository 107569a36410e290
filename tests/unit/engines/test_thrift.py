import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engines.thrift import ThriftError, call

LEADER = bytes.fromhex(  # Nimbus 2.8.3's answer to getLeader
    "80010002 00000009 6765744c6561646572 00000000"  # a reply to getLeader, call 0
    "0c0000"  # field 0, the result: a struct
    "0b0001 00000009 3132372e302e302e31"  # host
    "080002 000019e3"  # port
    "080003 0000007b"  # uptime
    "020004 01"  # it leads
    "0b0005 00000005 322e382e33"  # version
    "00 00"
)
REFUSAL = bytes.fromhex("80010003 00000001 78 00000000 0b0001 00000002 6e6f 00")
NESTED = bytes.fromhex(
    "80010002 00000001 78 00000000"
    "0f0000 0c 00000002"  # a list of two structs
    "0d0001 0b 0a 00000001 00000001 61 0000000000000007 00"  # {"a": 7}
    "0f0002 04 00000001 3ff8000000000000 00"  # [1.5]
    "00"
)


@contextmanager
def serving(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that reads one frame and sends one; what it read."""
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            heard.append(stream.read(*struct.unpack("!i", stream.read(4))))
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join()


def framed(body: bytes) -> bytes:
    return struct.pack("!i", len(body)) + body


def test_a_reply_by_field_numbers() -> None:
    with serving(framed(LEADER)) as (port, heard):
        assert call(port, "getLeader") == {
            0: {1: "127.0.0.1", 2: 6627, 3: 123, 4: True, 5: "2.8.3"}
        }
    assert heard == [bytes.fromhex("8001000100000009") + b"getLeader" + bytes(5)]


def test_lists_maps_and_structs_within_each_other() -> None:
    with serving(framed(NESTED)) as (port, _):
        assert call(port, "x") == {0: [{1: [("a", 7)]}, {2: [1.5]}]}


def test_a_refused_call_says_why() -> None:
    with serving(framed(REFUSAL)) as (port, _), pytest.raises(ThriftError, match="no"):
        call(port, "x")


@pytest.mark.parametrize("answer", [b"", framed(LEADER)[:30], framed(LEADER[:-12])])
def test_half_an_answer_is_none(answer: bytes) -> None:
    with serving(answer) as (port, _), pytest.raises(ConnectionError, match="in the middle"):
        call(port, "getLeader")
