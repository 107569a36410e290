"""Pictures per second through ingest, beside a bare decode + ONNX Runtime loop in the same run."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare import BareEmbedder
from benchmarks.figures import FULL, in_turn, report
from benchmarks.pictures import drawn
from benchmarks.products import PER_PRODUCT, product
from snapmode.codec import encode
from snapmode.ingest import GROUP
from snapmode.settings import load_settings
from snapmode.topics import PRODUCTS
from snapmode.wiring import House
from topologies.command import local_ingest

PICTURES = 480 if FULL else 96
ROUNDS = 5 if FULL else 1
BATCH = 16


def publish(house: House, pictures: list[bytes]) -> None:
    """Products of PER_PRODUCT pictures each, stored and published as the crawler does."""
    keys = [house.images.put(picture) for picture in pictures]
    products = [product(n, keys[n : n + PER_PRODUCT]) for n in range(0, len(keys), PER_PRODUCT)]
    house.log.publish(PRODUCTS, [(one.id, encode(one)) for one in products])


def main() -> None:
    pictures = drawn(PICTURES)
    bare = BareEmbedder()

    def bare_loop() -> None:
        for start in range(0, PICTURES, BATCH):
            bare.embed(pictures[start : start + BATCH])

    with TemporaryDirectory() as folder:
        houses = [House(load_settings(data=Path(folder) / str(number))) for number in range(ROUNDS)]
        for house in houses:
            publish(house, pictures)
            house.embedder.embed([])
        turns = iter(houses)

        def our_ingest() -> None:
            with next(turns) as house:
                drained = threading.Event()
                loop = local_ingest(house, drained)
                # Not `until_idle`: the second that it waits for more is no work.
                loop.on_batch = lambda: house.log.lag(PRODUCTS, GROUP) or drained.set()
                loop.run(until_idle=False)

        bare_seconds, our_seconds = in_turn(ROUNDS, bare_loop, our_ingest)
    report(
        "ingest",
        {
            "pictures": PICTURES,
            "bare_decode_onnxruntime_per_second": round(PICTURES / bare_seconds, 1),
            "snapmode_ingest_per_second": round(PICTURES / our_seconds, 1),
            "ratio": round(bare_seconds / our_seconds, 3),
            "required": "at least 0.8",
        },
    )


if __name__ == "__main__":
    main()
