"""One call over framed binary Thrift, without a client library: how one asks Storm for its health.

Format: thrift.apache.org, doc/specs/thrift-binary-protocol and thrift-rpc.
"""

import socket
import struct
from typing import Any

VERSION = 0x80010000
CALL, REPLY = 1, 2
STOP, BOOL, BYTE, DOUBLE, I16, I32, I64 = 0, 2, 3, 4, 6, 8, 10
TEXT, STRUCT, MAP, SET, LIST = 11, 12, 13, 14, 15
FIXED = {BOOL: "?", BYTE: "b", DOUBLE: "d", I16: "h", I32: "i", I64: "q"}


class ThriftError(Exception):
    """The server refuses the call: it does not know it, or it failed inside."""


def call(port: int, method: str, timeout: float = 5.0) -> dict[int, Any]:
    """The reply to a method without arguments on 127.0.0.1: field number → value; 0 is the result.

    Structs are dicts as well. `OSError` when nobody answers, `ThriftError` when it is refused.
    """
    body = struct.pack("!Ii", VERSION | CALL, len(method)) + method.encode()
    body += struct.pack("!ib", 0, STOP)
    with socket.create_connection(("127.0.0.1", port), timeout) as connection:
        connection.sendall(struct.pack("!i", len(body)) + body)
        with connection.makefile("rb") as stream:
            length = _Reader(stream.read(4)).number("i")
            reply = _Reader(stream.read(length))
    kind = reply.number("I") & 0xFF
    reply.value(TEXT)  # the method's name
    reply.number("i")  # the call's number
    fields = reply.struct()
    if kind != REPLY:
        raise ThriftError(str(fields.get(1)))
    return fields


class _Reader:
    """Reads values one after another."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def number(self, form: str) -> Any:
        return struct.unpack(f"!{form}", self._take(struct.calcsize(f"!{form}")))[0]

    def struct(self) -> dict[int, Any]:
        fields = {}
        while kind := self.number("b"):
            number = self.number("h")
            fields[number] = self.value(kind)
        return fields

    def value(self, kind: int) -> Any:
        if kind in FIXED:
            return self.number(FIXED[kind])
        if kind == TEXT:
            return self._take(self.number("i")).decode(errors="replace")
        if kind == STRUCT:
            return self.struct()
        if kind == MAP:
            keys, values, count = self.number("b"), self.number("b"), self.number("i")
            return [(self.value(keys), self.value(values)) for _ in range(count)]
        if kind in (LIST, SET):
            values, count = self.number("b"), self.number("i")
            return [self.value(values) for _ in range(count)]
        raise ThriftError(f"unknown type {kind}")

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ConnectionError("the connection ended in the middle of a reply")
        self._at += count
        return taken
