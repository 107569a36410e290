"""The colours cloth comes in, by the names a shop gives them, as sRGB triples."""

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "Black": (38, 38, 42),
    "White": (240, 239, 235),
    "Grey": (142, 145, 150),
    "Charcoal": (74, 77, 83),
    "Navy": (36, 48, 84),
    "Blue": (52, 98, 176),
    "Sky": (142, 186, 222),
    "Teal": (28, 118, 122),
    "Green": (52, 122, 76),
    "Olive": (104, 106, 62),
    "Mint": (164, 212, 186),
    "Yellow": (236, 192, 62),
    "Mustard": (196, 142, 40),
    "Orange": (222, 118, 48),
    "Red": (188, 40, 46),
    "Burgundy": (112, 32, 50),
    "Pink": (232, 160, 178),
    "Fuchsia": (196, 50, 124),
    "Lilac": (178, 160, 210),
    "Purple": (98, 62, 136),
    "Brown": (104, 70, 48),
    "Camel": (190, 146, 98),
    "Beige": (216, 198, 170),
    "Cream": (238, 226, 200),
}


def mixed(first: RGB, second: RGB, share: float) -> RGB:
    """*first* with *share* (0 to 1) of *second* stirred in."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def brightness(colour: RGB) -> float:
    """Perceived brightness, 0 (black) to 1 (white), with the weights of Rec. 601."""
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255
