import numpy as np
from PIL import Image

from embedder.evaluation.painter import levels
from embedder.model_file import Preprocessing
from embedder.preprocess import as_input


def test_levels_are_those_of_the_picture() -> None:
    wanted = Preprocessing(size=32, mean=(0.5, 0.4, 0.3), std=(0.5, 0.2, 0.3))
    picture = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    found = levels(as_input(Image.fromarray(picture), wanted), wanted)
    assert np.array_equal(found[0], picture)


def test_what_is_out_of_range_is_cut() -> None:
    wanted = Preprocessing(size=32, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    pixels = np.array([-2, 2, 0], np.float32).reshape(1, 3, 1, 1)
    assert levels(pixels, wanted).tolist() == [[[[0, 255, 128]]]]
