"""How well and how fast the embedder is on real products: `python -m benchmarks.luma`.

Reads `luma_products` under $SNAPMODE_DATA (default ../shared/data): 100 products, where a colour
variant is a recolour of one photo, so the honest queries are the `back` and `alt1` views against
the `main` pictures. A query finds its product when its sku is among the k best different skus.
"""

import argparse
import csv
import io
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from embedder.model_file import find_model
from embedder.onnx_embedder import OnnxEmbedder
from snapmode.ports import Picture, Vector

DATA = Path(os.environ.get("SNAPMODE_DATA", "../shared/data")) / "luma_products"
KS = (1, 5, 10)


def hits(vectors: Vector, rows: list[dict[str, str]], views: set[str]) -> str:
    """Hit rates at 1, 5 and 10 different skus."""
    gallery = [i for i, row in enumerate(rows) if row["view"] == "main"]
    queries = [i for i, row in enumerate(rows) if row["view"] in views]
    found = dict.fromkeys(KS, 0)
    for query in queries:
        order = np.argsort(-(vectors[gallery] @ vectors[query]), kind="stable")
        skus = list(dict.fromkeys(rows[gallery[i]]["sku"] for i in order))
        for k in KS:
            found[k] += rows[query]["sku"] in skus[:k]
    rates = ", ".join(f"R@{k} {found[k] / len(queries):.3f}" for k in KS)
    return f"{len(queries)} queries, {len(gallery)} pictures: {rates}"


def bare_loop(session: onnxruntime.InferenceSession, data: list[bytes], batch: int) -> None:
    """What one would write without this project: no checks, whole batches, one decoding thread."""
    for start in range(0, len(data), batch):
        images = [
            Image.open(io.BytesIO(one)).convert("RGB").resize((224, 224), Image.Resampling.BICUBIC)
            for one in data[start : start + batch]
        ]
        pixels = np.stack([np.asarray(image, np.float32) for image in images])
        session.run(None, {"pixels": ((pixels - 127) / 128).transpose(0, 3, 1, 2)})


def bare_session(model: str, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(
        find_model(model).with_name("model.onnx"), options, providers=["CPUExecutionProvider"]
    )


def best(*calls: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of each call's quickest round, after one to warm up.

    The calls take turns, so that whoever else uses the machine disturbs all of them alike.
    """
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds + 1):
        for call, measured in zip(calls, times, strict=True):
            started = time.perf_counter()
            call()
            measured.append(time.perf_counter() - started)
    return [min(measured[1:]) for measured in times]


def speed(model: str, data: list[bytes], threads: int) -> None:
    """Beside bare ONNX Runtime, in this run, on as many threads."""
    pictures = [Picture(one) for one in data]
    embedder = OnnxEmbedder(model, threads=threads)
    session = bare_session(model, threads)
    pixels = np.zeros((1, 3, 224, 224), np.float32)
    ours, bare = best(
        lambda: embedder.embed(pictures), lambda: bare_loop(session, data, 16), rounds=20
    )
    single, network = best(
        lambda: embedder.embed(pictures[:1]),
        lambda: session.run(None, {"pixels": pixels}),
        rounds=100,
    )
    print(
        f"{threads} threads: {len(data) / ours:.0f} pictures/s, {bare / ours:.2f} × the bare loop; "
        f"one picture {1000 * single:.1f} ms, {single / network:.2f} × the bare network"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="lite0")
    model = parser.parse_args().model
    if not DATA.is_dir():
        sys.exit(f"skipped: {DATA} is not there; set SNAPMODE_DATA to the folder of the data sets")
    with (DATA / "manifest.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    data = [(DATA / row["image"]).read_bytes() for row in rows]
    embedder = OnnxEmbedder(model)
    vectors = embedder.embed([Picture(one) for one in data])
    print(embedder.name)
    print("back and alt1 → main:", hits(vectors, rows, {"back", "alt1"}))
    print("back → main:", hits(vectors, rows, {"back"}))
    for threads in (1, os.cpu_count() or 1):
        speed(model, data[:64], threads)


if __name__ == "__main__":
    main()
