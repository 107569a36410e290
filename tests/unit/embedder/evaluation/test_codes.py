"""The scores of given importances and information; what estimates them is in tests/models."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedder.evaluation.codes import Scores, dci, gap, why_not

PARTS = {"shape": slice(0, 2), "colour": slice(2, 3)}


def test_a_code_for_each_factor() -> None:
    assert dci(np.eye(3)) == {"disentanglement": 1, "completeness": 1}


def test_two_codes_for_each_factor_are_disentangled_and_less_complete() -> None:
    found = dci(np.kron(np.eye(2), [[0.5], [0.5]]))
    assert found == {"disentanglement": 1, "completeness": pytest.approx(1 - math.log(2, 4))}


def test_one_code_for_two_factors_is_complete_and_entangled() -> None:
    found = dci(np.array([[1.0, 1.0], [0, 0]]))
    assert found == {"disentanglement": pytest.approx(0), "completeness": 1}


def test_codes_that_matter_more_count_for_more() -> None:
    """Both factors need the first code alike; one needs a little of the second too."""
    found = dci(np.array([[0.9, 0.9], [0.2, 0.0]]))
    assert found is not None
    assert found["disentanglement"] == pytest.approx(0.1)


@pytest.mark.parametrize("shape", [(1, 3), (3, 1)])
def test_one_code_or_one_factor_says_nothing(shape: tuple[int, int]) -> None:
    assert dci(np.ones(shape)) is None


@given(st.integers(0, 2**32 - 1))
def test_names_of_codes_and_factors_are_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    importance = rng.dirichlet(np.ones(5), size=3).T
    order = rng.permutation(3)
    mixed = importance[rng.permutation(5)][:, order]
    found, gaps = dci(importance), gap(importance)
    assert found is not None
    assert gaps is not None
    assert all(0 <= value <= 1 for value in found.values())
    assert dci(mixed) == pytest.approx(found)
    assert gap(mixed) == pytest.approx(gaps[order])


def test_the_gap_is_to_the_second_best() -> None:
    found = gap(np.array([[0.9, 0.2], [0.5, 0.8], [0.1, 0.7]]))
    assert found == pytest.approx([0.4, 0.1])
    assert gap(np.array([[0.9, 0.2]])) is None


def test_scores_say_what_they_are_of() -> None:
    importance = np.array([[0.6, 0], [0.4, 0], [0, 1]])
    known = np.array([[1.0, 0.25], [0, 0.75]])
    said = Scores(PARTS, ("shape", "colour"), importance, np.array([0.9, 0.8]), known).as_dict()
    assert said["dci"]["parts"] == {"disentanglement": 1, "completeness": 1}
    assert said["dci"]["dimensions"]["disentanglement"] == 1
    assert 0.5 < said["dci"]["dimensions"]["completeness"] < 1
    assert said["dci"]["informativeness"] == {"shape": 0.9, "colour": 0.8}
    assert said["dci"]["importance"]["colour"] == {"shape": 0, "colour": 1}
    assert said["mig"]["information"]["colour"] == {"shape": 0.25, "colour": 0.75}
    assert said["mig"]["factors"] == {"shape": 1, "colour": 0.5}
    assert said["mig"]["value"] == 0.75


def test_one_part_has_no_gap() -> None:
    found = Scores({"all": slice(0, 2)}, ("a", "b"), np.eye(2), np.ones(2), np.ones((1, 2)))
    said = found.as_dict()
    assert said["mig"]["value"] is said["mig"]["factors"] is said["dci"]["parts"] is None
    assert said["dci"]["dimensions"]["disentanglement"] == 1


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, groups = np.arange(5), np.arange(5)
    monkeypatch.setattr("embedder.evaluation.codes.find_spec", {"sklearn": "is there"}.get)
    assert why_not({"a": codes, "b": codes}, groups) is None
    assert why_not({"a": codes}, groups) == "they need two factors"
    assert why_not({"a": codes, "b": codes}, groups // 2) == "they need 5 groups"
    monkeypatch.setattr("embedder.evaluation.codes.find_spec", {}.get)
    assert "snapmode[train]" in str(why_not({"a": codes, "b": codes}, groups))
