import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedder.evaluation.judges import STRENGTH, fit, texture_of
from snapmode.errors import ConfigError


def clouds(seed: int, each: int, dim: int, apart: float = 4) -> tuple[np.ndarray, list[str]]:
    """Rows around a centre for each of three words."""
    numbers = np.random.default_rng(seed)
    words = [word for word in ("red", "green", "blue") for _ in range(each)]
    centres = apart * np.eye(3, dim)
    rows = np.repeat(centres, each, axis=0) + numbers.normal(size=(3 * each, dim))
    return rows.astype(np.float32), words


def test_a_judge_knows_what_it_was_shown_and_others_like_it() -> None:
    judge = fit(*clouds(0, 20, 5))
    assert judge.words == ("blue", "green", "red")
    rows, words = clouds(1, 50, 5)
    likely = judge.probabilities(rows)
    assert likely.shape == (150, 3)
    np.testing.assert_allclose(likely.sum(axis=1), 1)
    assert (likely.argmax(axis=1) == judge.known(words)).mean() > 0.9


def test_a_row_between_two_words_is_between_them() -> None:
    judge = fit(*clouds(0, 20, 5))
    first, second = 4 * np.eye(3, 5)[:2]
    path = np.linspace(first, second, 5).astype(np.float32)
    red = judge.probabilities(path)[:, judge.known(["red"])[0]]
    assert (np.diff(red) < 0).all()


def test_rare_and_unknown_words_are_left_out() -> None:
    rows, words = clouds(0, 20, 5)
    words[:15] = [""] * 15
    judge = fit(rows, words)
    assert judge.words == ("blue", "green")
    assert judge.known(["green", "red", "", "blue"]) == [1, -1, -1, 0]
    with pytest.raises(ConfigError, match="needs 21 pictures of each of two words"):
        fit(rows, words, least=21)


@settings(max_examples=15)
@given(st.integers(0, 2**31), st.integers(2, 60))
def test_the_weights_are_the_best_there_are(seed: int, dim: int) -> None:
    """No slope is left, whether there are more rows or more features."""
    rows, words = clouds(seed, 10, max(3, dim), apart=1)
    judge = fit(rows, words)
    there = np.hstack([(rows - judge.mean) / judge.scale, np.ones((len(rows), 1))])
    wrong = judge.probabilities(rows) - np.eye(3)[judge.known(words)]
    slope = there.T @ wrong / len(rows) + STRENGTH * judge.weights
    assert np.abs(slope).max() < 1e-3


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("Basics Men Navy & Red Checked Shirt", "patterned"),
        ("Jealous 21 Women Stripes Top", "patterned"),
        ("ADIDAS Men PRINTED T-shirt", "patterned"),
        ("Proline Men Solid Black T-shirt", "plain"),
        ("Solid with a printed collar", "patterned"),
        ("Wrangler Men Blue Jeans", ""),
        ("Blueprint Planet Solidarity", ""),
    ],
)
def test_titles_tell_textures(title: str, word: str) -> None:
    assert texture_of(title) == word
