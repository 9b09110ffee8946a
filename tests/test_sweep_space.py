"""Grids in W&B's order, and distributions against SciPy's."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.sweeps import sweep
from train.sweeps.distributions import Choice, Value
from train.sweeps.search import suggest, trial_settings
from train.sweeps.space import grid_point

DRAWS = 4000
SHARES = np.linspace(0.001, 0.999, 97)


def settings_of(keys: dict[str, Any], count: int) -> list[dict[str, Value]]:
    read = sweep(**keys)
    return [trial_settings(read, suggest(read, [], number), number) for number in range(count)]


def test_a_grid_is_the_product_by_name_the_last_changing_first() -> None:
    parameters = {
        "z": {"values": ["p", "q"]},
        "a": {"min": 1, "max": 3},
        "m": {
            "parameters": {
                "y": {"values": [True, False]},
                "b": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.5},
            }
        },
        "k": {"value": 9},
    }
    read = sweep(method="grid", parameters=parameters)
    expected = [
        {"a": a, "k": 9, "m": {"b": b, "y": y}, "z": z}
        for a, b, y, z in itertools.product([1, 2, 3], [0.0, 0.5], [True, False], ["p", "q"])
    ]
    assert read.most_trials == len(expected) == 24
    assert settings_of({"method": "grid", "parameters": parameters}, 24) == expected


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_points_of_a_grid_are_those_of_itertools(sizes: list[int]) -> None:
    points = list(itertools.product(*map(range, sizes)))
    assert [grid_point(sizes, number) for number in range(len(points))] == points


def test_equal_values_of_a_grid_count_once() -> None:
    parameters = {"a": {"values": [1, 1.0, True, "1", 1]}, "b": {"values": [[1], [1.0], [1]]}}
    read = sweep(method="grid", parameters=parameters)
    assert next(leaf.distribution for leaf in read.space.leaves) == Choice((1, True, "1"))
    assert read.most_trials == 3 * 2


def test_repeats_of_a_point_differ_in_their_seed_alone() -> None:
    keys = {"method": "grid", "controller": {"type": "cloud", "repeats": 3}, "parameters": {"a": {"values": [1, 2]}}}
    told = [{"a": a, "seed": seed} for a in (1, 2) for seed in (0, 1, 2)]
    assert sweep(**keys).most_trials == 6
    assert settings_of(keys, 6) == told
    nested = {"t": {"parameters": {"s": {"value": 40}}}, "a": {"values": [1, 2]}}
    controller = {"type": "cloud", "repeats": 2, "seed_parameter": "t.s"}
    assert settings_of(keys | {"parameters": nested, "controller": controller}, 3) == [
        {"a": 1, "t": {"s": 40}},
        {"a": 1, "t": {"s": 41}},
        {"a": 2, "t": {"s": 40}},
    ]


def values_at(said: dict[str, Any]) -> list[Any]:
    (leaf,) = sweep(parameters={"a": said}).space.leaves
    assert not isinstance(leaf.distribution, Choice)
    return [leaf.distribution.quantile(u) for u in SHARES.tolist()]


LOG = stats.loguniform(1e-4, 10.0)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"min": -2.0, "max": 5.0}, stats.uniform(-2, 7)),
        ({"distribution": "log_uniform_values", "min": 1.0e-4, "max": 10.0}, LOG),
        ({"distribution": "log_uniform", "min": np.log(1e-4), "max": np.log(10.0)}, LOG),
        ({"distribution": "inv_log_uniform_values", "min": 1.0e-4, "max": 10.0}, LOG),
        ({"distribution": "inv_log_uniform", "min": -np.log(10.0), "max": -np.log(1e-4)}, LOG),
        ({"distribution": "normal", "mu": 2, "sigma": 0.5}, stats.norm(2, 0.5)),
        ({"distribution": "log_normal", "mu": 1, "sigma": 0.5}, stats.lognorm(s=0.5, scale=np.exp(1))),
        ({"distribution": "beta", "a": 2, "b": 3.5}, stats.beta(2, 3.5)),
    ],
)
@pytest.mark.filterwarnings("ignore:parameters")
def test_quantiles_are_those_of_scipy(said: dict[str, Any], expected: Any) -> None:
    said = {key: value.item() if isinstance(value, np.floating) else value for key, value in said.items()}
    np.testing.assert_allclose(values_at(said), expected.ppf(SHARES), rtol=1e-9)


@pytest.mark.parametrize(
    ("said", "expected", "q"),
    [
        ({"distribution": "q_uniform", "min": -2, "max": 5}, stats.uniform(-2, 7), 1.0),
        ({"distribution": "q_uniform", "min": 8, "max": 64, "q": 8}, stats.uniform(8, 56), 8),
        ({"distribution": "q_log_uniform_values", "min": 0.1, "max": 30, "q": 0.1}, stats.loguniform(0.1, 30), 0.1),
        ({"distribution": "q_normal", "sigma": 3, "q": 2}, stats.norm(0, 3), 2),
        ({"distribution": "q_log_normal", "q": 0.25}, stats.lognorm(s=1), 0.25),
        ({"distribution": "q_beta", "a": 2, "q": 0.2}, stats.beta(2, 1), 0.2),
    ],
)
def test_quantised_ones_are_the_nearest_multiples_and_whole_if_q_is(
    said: dict[str, Any], expected: Any, q: float
) -> None:
    values = values_at(said)
    np.testing.assert_allclose(values, np.round(expected.ppf(SHARES) / q) * q, atol=1e-9)
    assert {type(value) for value in values} == {type(q)}
    assert all(len(str(value)) <= 6 for value in values)


def test_the_ends_are_finite() -> None:
    (leaf,) = sweep(parameters={"a": {"distribution": "log_normal"}}).space.leaves
    assert 0 < leaf.value(0.0) < leaf.value(1.0) < np.inf  # type: ignore[operator]


def test_random_trials_follow_their_distributions() -> None:
    parameters = {
        "c": {"values": ["x", "y", "z"]},
        "i": {"min": 1, "max": 6},
        "p": {"values": [1, 2, 3], "probabilities": [0.7, 0.0, 0.3]},
        "u": {"min": 0.0, "max": 1.0},
        "v": {"distribution": "normal"},
    }
    drawn = settings_of({"parameters": parameters}, DRAWS)
    for name, values, shares in (
        ("c", ["x", "y", "z"], [1 / 3] * 3),
        ("i", [1, 2, 3, 4, 5, 6], [1 / 6] * 6),
        ("p", [1, 3], [0.7, 0.3]),
    ):
        counts = [sum(one[name] == value for one in drawn) for value in values]
        assert sum(counts) == DRAWS
        assert stats.chisquare(counts, np.array(shares) * DRAWS).pvalue > 1e-3
    u, v = ([one[name] for one in drawn] for name in "uv")
    assert stats.kstest(u, "uniform").pvalue > 1e-3
    assert stats.kstest(v, "norm").pvalue > 1e-3
    assert abs(np.corrcoef(u, v)[0, 1]) < 4 / np.sqrt(DRAWS)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / np.sqrt(DRAWS)


def test_random_trials_are_those_of_their_seed_and_number() -> None:
    keys = {"parameters": {"a": {"min": 0.0, "max": 1.0}, "b": {"distribution": "beta", "a": 2}}}
    once = settings_of(keys | {"controller": {"type": "cloud", "seed": 5}}, 20)
    again = settings_of(keys | {"controller": {"type": "cloud", "seed": 5}}, 20)
    other = settings_of(keys | {"controller": {"type": "cloud", "seed": 6}}, 20)
    assert once == again
    assert len({str(one) for one in once + other}) == 40
