import numpy as np
import pytest

from embedder.evaluation.bootstrap import intervals, resampled_means, shares


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    """Of 200 experiments of 100 queries, some 95 % must cover the mean they were drawn with."""
    draw = np.random.default_rng(3)
    values = (draw.random((100, 200)) < 0.4).astype(float)  # a column is an experiment
    found = intervals(values, seed=0, resamples=400)
    covered = np.mean([each.low <= 0.4 <= each.high for each in found])
    assert 0.9 <= covered <= 0.99
    width = np.mean([each.high - each.low for each in found])
    assert width == pytest.approx(2 * 1.96 * np.sqrt(0.4 * 0.6 / 100), rel=0.1)


def test_resampled_means_are_those_of_drawn_rows() -> None:
    values = np.random.default_rng(0).random((7, 2))
    draw = np.random.default_rng(5)
    slow = [values[draw.integers(7, size=7)].mean(axis=0) for _ in range(9)]
    np.testing.assert_allclose(resampled_means(values, 5, 9), slow)


def test_models_are_paired() -> None:
    """A model that is better by .1 at every query is better by exactly .1, however few they are."""
    one = np.random.default_rng(0).random((12, 1))
    (difference,) = intervals(one + 0.1 - one, seed=1)
    assert (difference.low, difference.high) == pytest.approx((0.1, 0.1))
    apart = resampled_means(one + 0.1, 1, 50) - resampled_means(one, 1, 50)
    np.testing.assert_allclose(apart, 0.1)


def test_a_seed_says_it_all() -> None:
    values = np.random.default_rng(0).random((30, 3))
    assert intervals(values, seed=1) == intervals(values, seed=1)
    assert intervals(values, seed=1) != intervals(values, seed=2)


def test_shares_are_of_sums_in_every_resample() -> None:
    values = np.random.default_rng(0).random((9, 2))
    first, second = shares(values, seed=2, resamples=200)
    means = resampled_means(values, 2, 200)
    assert first.value == pytest.approx(values[:, 0].sum() / values.sum())
    assert first.low == pytest.approx(np.percentile(means[:, 0] / means.sum(axis=1), 2.5))
    assert first.value + second.value == pytest.approx(1)
    assert first.low + second.high == pytest.approx(1)


def test_groups_without_anything_share_nothing() -> None:
    values = np.array([[1.0, 3.0], [0, 0]])
    assert [each.value for each in shares(values, seed=0)] == [0.25, 0.75]
    with pytest.raises(ValueError, match="no group"):
        shares(np.zeros((2, 2)), seed=0)


def test_no_query_no_interval() -> None:
    with pytest.raises(ValueError, match="no query"):
        intervals(np.empty((0, 3)), seed=0)
