"""Rewards and their scaling, in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from scenes.errors import HomeError
from train.dreams.rewards import (
    Percentiles,
    disagreement,
    distance,
    histogram,
    prediction_error,
    refuse_odd_targets,
    scaled,
    symexp,
    symlog,
)

NUMBERS = arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e6, 1e6))


def test_symlog_is_what_it_is_called() -> None:
    values = np.array([-(math.e**2 - 1), 1 - math.e, 0.0, math.e - 1, math.e**3 - 1])
    assert symlog(values) == pytest.approx([-2, -1, 0, 1, 3])


@given(NUMBERS)
def test_symlog_keeps_order_and_is_undone(values: np.ndarray) -> None:
    assert symexp(symlog(values)) == pytest.approx(values, rel=1e-9, abs=1e-9)
    assert symlog(-values) == pytest.approx(-symlog(values))
    assert (np.diff(symlog(np.sort(values))) >= 0).all()
    assert (np.abs(symlog(values)) <= np.abs(values)).all()


def test_percentiles_of_a_ramp() -> None:
    ramp = np.arange(101.0) * 1e-5
    scale = Percentiles().seen(ramp)
    assert (scale.low, scale.high) == pytest.approx((5e-5, 95e-5))
    assert scale.scale(np.array([5e-5, 50e-5, 95e-5])) == pytest.approx([0, 0.5, 1])
    assert ((scaled(ramp, "percentile", scale) >= 0) & (scaled(ramp, "percentile", scale) <= 1)).mean() >= 0.9


@given(NUMBERS, st.floats(0.1, 1e3), st.floats(-1e3, 1e3))
def test_percentile_scaling_does_not_see_units(values: np.ndarray, factor: float, shift: float) -> None:
    low, high = np.percentile(values, [5, 95])
    if high - low < 1e-2:
        return
    one, other = (Percentiles().seen(part).scale(part) for part in (values, factor * values + shift))
    assert one == pytest.approx(other, rel=1e-3, abs=1e-3)


def test_percentiles_run_a_hundredth_of_the_way() -> None:
    first = Percentiles().seen(np.arange(101.0))
    later = first.seen(np.arange(101.0) + 1000)
    assert (later.low, later.high) == pytest.approx((5 + 10, 95 + 10))


def test_other_scalings() -> None:
    values = np.array([-3.0, 0.5])
    assert np.array_equal(scaled(values, "none", Percentiles()), values)
    assert np.array_equal(scaled(values, "symlog", Percentiles()), symlog(values))


def test_equal_rewards_are_refused() -> None:
    with pytest.raises(HomeError, match="all the same"):
        Percentiles().seen(np.ones(9)).scale(np.ones(9))


def test_distances() -> None:
    one, other = torch.tensor([[0.0, 0.0], [1.0, 2.0]]), torch.tensor([[3.0, 4.0], [1.0, 2.0]])
    assert distance(one, other).tolist() == [12.5, 0.0]
    assert torch.equal(prediction_error(one, other), distance(one, other))
    predicted = torch.tensor([[[0.0, 1.0]], [[2.0, 1.0]], [[4.0, 1.0]]])
    assert disagreement(predicted).tolist() == pytest.approx([(8 / 3 + 0) / 2])
    assert disagreement(predicted[:1].expand(5, -1, -1)).tolist() == [0.0]


def test_histogram_counts_all() -> None:
    values = np.random.default_rng(0).normal(size=(50, 20))
    said = histogram(values)
    assert said["count"] == sum(said["counts"]) == 1000
    assert len(said["edges"]) == len(said["counts"]) + 1
    assert said["percentiles"]["0"] == values.min()
    assert said["percentiles"]["50"] == pytest.approx(np.median(values))


def test_targets_that_cannot_be_are_refused() -> None:
    rewards, values = np.array([-1.0, 0.0, 1.0]), np.array([2.0, 4.0])
    refuse_odd_targets(rewards, np.array([-1 + 0.5 * 2, 1 + 0.5 * 4]), values, 0.5)
    for targets in ([3.01, 0.0], [-0.01, 0.0], [math.nan, 0.0]):
        with pytest.raises(HomeError, match="targets"):
            refuse_odd_targets(rewards, np.array(targets), values, 0.5)
    with pytest.raises(HomeError, match="nothing can be learned"):
        refuse_odd_targets(np.full(3, 7.0), np.array([8.0]), values, 0.5)
