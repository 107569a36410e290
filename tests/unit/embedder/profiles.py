"""Colour profiles made by hand: small, and wrong in a way nobody can overlook."""

import struct


def _tag(kind: bytes, body: bytes) -> bytes:
    data = kind + bytes(4) + body
    return data + bytes(-len(data) % 4)


def _xyz(x: float, y: float, z: float) -> bytes:
    return _tag(b"XYZ ", struct.pack(">3i", *(round(value * 65536) for value in (x, y, z))))


def _description(text: str) -> bytes:
    latin = text.encode() + b"\0"
    return _tag(b"desc", struct.pack(">I", len(latin)) + latin + bytes(78))


def _profile(kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC version 2 file (ICC.1:2001-04, sections 6.1 and 6.2)."""
    tags = {b"desc": _description("by hand"), b"wtpt": _xyz(0.9642, 1, 0.8249), **tags}
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02100000, kind, space, connection)
    white = struct.pack(">3i", 63190, 65536, 54061)
    head = head + bytes(12) + b"acsp" + bytes(28) + white
    return head + bytes(128 - len(head)) + table + body


def red_and_blue_swapped() -> bytes:
    """An RGB profile whose first channel is sRGB's blue and whose third is its red."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    gamma = _tag(b"curv", struct.pack(">IH", 1, round(2.2 * 256)))
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma)
    primaries = {b"rXYZ": _xyz(*blue), b"gXYZ": _xyz(*green), b"bXYZ": _xyz(*red)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", {**primaries, **curves})


def cyan_is_red() -> bytes:
    """A CMYK profile whose cyan ink prints red; every other mixture prints black."""
    straight = bytes(range(256))
    paper, red, black = bytes((255, 128, 128)), bytes((140, 200, 180)), bytes((0, 128, 128))  # Lab
    matrix = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    # 2 grid points for each of 4 inks, black ink fastest: number 8 is cyan alone.
    corners = paper + black * 7 + red + black * 7
    table = bytes((4, 3, 2, 0)) + matrix + straight * 4 + corners + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"A2B0": _tag(b"mft1", table)})
