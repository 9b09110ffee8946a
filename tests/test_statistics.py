"""Intervals against closed forms, and by how often they hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from train.evaluate.statistics import (
    bootstrap,
    difference,
    t_interval,
    weighted_mean,
    weighted_r2,
    weighted_skill,
    wilson,
    within_noise,
)


@given(st.integers(1, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_bounds_solve_the_equation_of_the_score_test(counts):
    successes, trials = counts
    found = wilson(successes, trials)
    share = successes / trials
    assert 0 <= found.low <= share <= found.high <= 1
    z = stats.norm.ppf(0.975)
    for bound in (found.low, found.high):
        if 0 < bound < 1:
            assert abs(share - bound) == pytest.approx(z * math.sqrt(bound * (1 - bound) / trials), rel=1e-9)
    mirrored = wilson(trials - successes, trials)
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((found.low, found.high))


def test_wilson_of_nothing_is_anything():
    nothing = wilson(0, 0)
    assert math.isnan(nothing.value)
    assert (nothing.low, nothing.high) == (0, 1)
    with pytest.raises(ValueError, match="3 successes of 2"):
        wilson(3, 2)


def test_wilson_holds_the_truth_as_often_as_it_says():
    # exact: the binomial probability of all counts whose interval holds the share
    for share in (0.05, 0.3, 0.5, 0.9):
        held = sum(stats.binom.pmf(k, 60, share) for k in range(61) if wilson(k, 60).holds(share))
        assert 0.93 < held < 0.98


def test_t_interval_is_that_of_scipy():
    values = [0.3, 0.5, 0.45, 0.61]
    found = t_interval(values, 0.9)
    wanted = stats.ttest_1samp(values, 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))
    assert not t_interval([0.3]).known
    with pytest.raises(ValueError, match="no values"):
        t_interval([])


def test_difference_is_that_of_welch():
    one, other = [1.0, 1.2, 1.1, 0.7], [0.6, 0.2, 0.5]
    found = difference(one, other)
    wanted = stats.ttest_ind(one, other, equal_var=False).confidence_interval()
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high))


def test_within_noise():
    assert within_noise([0.80, 0.86, 0.83], [0.82, 0.85, 0.81])
    assert not within_noise([0.80, 0.81, 0.82], [0.70, 0.71, 0.72])
    assert within_noise([0.9], [0.1, 0.1, 0.1])  # a single run proves nothing
    assert not within_noise([1.0, 1.0], [0.5, 0.5])


def test_bootstrap_of_a_mean_has_the_standard_error_of_the_mean_of_homes():
    rng = np.random.default_rng(0)
    homes = np.repeat(np.arange(9), 50)
    values = rng.normal(size=9)[homes] + rng.normal(size=450)
    of_home = values.reshape(9, 50).mean(axis=1)
    found = bootstrap(weighted_mean(values), {"home": homes}, rng, draws=20_000)
    assert found.value == pytest.approx(values.mean())
    half = stats.t.ppf(0.975, 8) * of_home.std(ddof=1) / 3
    assert found.high - found.value == pytest.approx(half, rel=0.03)
    assert found.value - found.low == pytest.approx(half, rel=0.03)
    assert found.over == ("home",)


def test_bootstrap_adds_the_variances_of_homes_and_seeds():
    rng = np.random.default_rng(1)
    home, seed = (grid.ravel() for grid in np.meshgrid(np.arange(7), np.arange(4), indexing="ij"))
    values = rng.normal(size=7)[home] + 0.5 * rng.normal(size=4)[seed]
    table = values.reshape(7, 4)
    parts = table.mean(axis=1).var(ddof=1) / 7, table.mean(axis=0).var(ddof=1) / 4
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / 6 + parts[1] ** 2 / 3)
    found = bootstrap(weighted_mean(values), {"home": home, "seed": seed}, rng, draws=20_000)
    half = stats.t.ppf(0.975, freedom) * math.sqrt(sum(parts))
    assert found.high - found.value == pytest.approx(half, rel=0.03)
    assert found.over == ("home", "seed")


@pytest.mark.parametrize(("homes", "seeds"), [(6, 3), (3, 3), (10, 1)])
def test_bootstrap_holds_the_truth_as_often_as_it_says(homes, seeds):
    rng = np.random.default_rng([homes, seeds])
    home, seed = (grid.ravel() for grid in np.meshgrid(np.arange(homes), np.arange(seeds), indexing="ij"))
    held = 0
    for _ in range(400):
        values = 3.0 + rng.normal(size=homes)[home] + rng.normal(size=seeds)[seed] * (seeds > 1)
        values += 0.5 * rng.normal(size=len(home))
        held += bootstrap(weighted_mean(values), {"home": home, "seed": seed}, rng, draws=300).holds(3.0)
    assert held / 400 > 0.925  # 0.95 less two standard errors of the count


def test_bootstrap_of_paired_differences_sees_through_homes_that_differ():
    rng = np.random.default_rng(2)
    homes = np.arange(8)
    hard = rng.normal(size=8) * 5
    one, other = hard + 0.5 + 0.1 * rng.normal(size=8), hard + 0.1 * rng.normal(size=8)
    paired = bootstrap(weighted_mean(one - other), {"home": homes}, rng)
    assert paired.low > 0.3
    assert difference(one, other).holds(0)


def test_what_has_one_level_has_no_interval():
    found = bootstrap(
        weighted_mean(np.arange(4.0)), {"home": np.zeros(4), "seed": np.zeros(4)}, np.random.default_rng(0)
    )
    assert (found.value, found.known, found.over) == (1.5, False, ())
    assert found.to_json() == {"value": 1.5, "low": None, "high": None, "over": []}
    with pytest.raises(ValueError, match="level of each record"):
        bootstrap(weighted_mean(np.arange(4.0)), {}, np.random.default_rng(0))


def test_the_same_generator_gives_the_same_interval():
    values, homes = np.arange(12.0), np.arange(12) % 4
    twice = [bootstrap(weighted_mean(values), {"home": homes}, np.random.default_rng(5)) for _ in range(2)]
    assert twice[0] == twice[1]


def test_statistics_by_weight_are_those_of_records_repeated():
    rng = np.random.default_rng(3)
    target, predicted = rng.normal(size=30), rng.normal(size=30)
    weights = rng.integers(0, 4, 30)
    repeated = np.repeat(np.arange(30), weights)
    t, p = target[repeated], predicted[repeated]
    as_weights = weights[None].astype(float)
    assert weighted_r2(target, predicted)(as_weights)[0] == pytest.approx(1 - ((t - p) ** 2).sum() / (len(t) * t.var()))
    assert weighted_mean(target)(as_weights)[0] == pytest.approx(t.mean())
    skill = weighted_skill(predicted**2, target**2)(as_weights)[0]
    assert skill == pytest.approx(1 - (p**2).sum() / (t**2).sum())
