"""DeepFashion In-Shop Clothes Retrieval.

Liu et al., "DeepFashion", CVPR 2016; the benchmark's README.txt. `Eval/list_eval_partition.txt`: a
line with the number of pictures, a line of names, then `image_name item_id evaluation_status`, of
which train is not evaluated. Queries (14,218) are searched among the gallery (12,612) of the same
3,985 items; recall@k is the paper's top-k accuracy. Pictures are whole, from img.zip.
"""

from pathlib import Path

from embedder.evaluation.layouts.files import find, read_lines
from embedder.evaluation.manifest import Item, Manifest
from snapmode.errors import ConfigError

HEAD = 2
"""Lines before the first picture."""


def read(folder: Path) -> Manifest:
    """The folder holds Eval/list_eval_partition.txt and img/ or Img/img/."""
    file = find(
        folder,
        "Eval/list_eval_partition.txt",
        "Anno/list_eval_partition.txt",
        "list_eval_partition.txt",
    )
    pictures = find(folder, "Img/img", "img").parent
    items = []
    for number, line in enumerate(read_lines(file)[HEAD:], HEAD + 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != 3 or fields[2] not in ("train", "query", "gallery"):
            raise ConfigError(f"{file}: row {number}: not `image_name item_id status`: {line!r}")
        if fields[2] != "train":
            items.append(_item(pictures, *fields))
    return Manifest(folder, tuple(items))


def _item(pictures: Path, image: str, item: str, status: str) -> Item:
    # img/WOMEN/Dresses/id_00000002/02_1_front.jpg
    _, gender, category, *_ = [*image.split("/"), "", ""]
    labels = {"identity": item, "category": category, "gender": gender}
    return Item(image, pictures / image, status == "query", status == "gallery", labels)
