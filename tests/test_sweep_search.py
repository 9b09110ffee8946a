"""What is tried next, and what is stopped."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sweeps import sweep, trial
from train.sweeps.config import Hyperband, Metric, Sweep
from train.sweeps.hyperband import bands, should_stop
from train.sweeps.search import RANDOM_FIRST, State, Trial, point_values, target_reached

SPACE = {
    "lr": {"distribution": "log_uniform_values", "min": 1.0e-5, "max": 1.0},
    "n": {"min": 1, "max": 9},
    "kind": {"values": ["a", "b", "c"]},
}
LOSS, GAIN = Metric(name="loss"), Metric(name="loss", goal="maximize")


def bayes(seed: int, repeats: int = 1, method: str = "bayes") -> Sweep:
    controller = {"type": "cloud", "seed": seed, "repeats": repeats}
    return sweep(method=method, metric={"name": "loss"}, controller=controller, parameters=SPACE)


def loss(settings: Any) -> float:
    return (math.log10(settings["lr"]) + 3) ** 2 + abs(settings["n"] - 4) / 4 + 2 * (settings["kind"] != "b")


def searched(of: Sweep, count: int) -> list[Trial]:
    """Trials one after the other, as one agent has them."""
    trials: list[Trial] = []
    for number in range(count):
        begun = trial(of, number, (), trials, "running")
        trials.append(trial(of, number, (loss(begun.settings),), trials))
    return trials


def test_bayes_repeats_with_its_seed() -> None:
    once, again, other = (searched(bayes(seed), RANDOM_FIRST + 6) for seed in (1, 1, 2))
    assert once == again
    assert not {one.point for one in once} & {one.point for one in other}


def test_bayes_finds_more_than_chance() -> None:
    guided, chance = ([searched(bayes(seed, method=how), 32) for seed in range(3)] for how in ("bayes", "random"))
    best = [statistics.mean(min(loss(one.settings) for one in trials) for trials in side) for side in (guided, chance)]
    assert best[0] < best[1] / 2
    late = [one.settings["kind"] for trials in guided for one in trials[RANDOM_FIRST:]]
    assert late.count("b") > 0.6 * len(late)


def test_bayes_spreads_out_while_trials_run() -> None:
    of = bayes(0)
    trials = searched(of, RANDOM_FIRST + 2)
    ended = len(trials)
    for number in range(ended, ended + 6):
        trials.append(trial(of, number, (), trials, "running"))
    assert len({one.point for one in trials}) == len(trials)


def test_repeats_share_a_point_and_count_as_its_mean() -> None:
    of = bayes(0, repeats=3)
    trials = searched(of, 9)
    assert [one.point for one in trials[::3]] == [one.point for one in trials[2::3]]
    assert len({one.point for one in trials}) == 3
    told = [trial(of, number, (float(number),), trials) for number in range(6)]
    assert list(point_values(LOSS, told).values()) == [1.0, 4.0]


def test_a_repeat_knows_its_point_from_any_other_of_its_trials() -> None:
    of = bayes(0, repeats=3)
    trials = searched(of, 6)
    missing = [one for one in trials if one.number != 3]
    assert trial(of, 3, trials[3].reports, missing) == trials[3]


@pytest.mark.parametrize(
    ("impute", "goal", "expected"),
    [
        ("worst", "minimize", 9.0),
        ("worst", "maximize", 1.0),
        ("latest", "minimize", 6.0),
        ("best", "minimize", 4.0),
        ("best", "maximize", 6.0),
    ],
)
def test_failed_trials_are_imputed(impute: Any, goal: Any, expected: float) -> None:
    of = bayes(0)
    trials = [trial(of, 0, (1.0,), []), trial(of, 1, (2.0, 9.0), []), trial(of, 2, (4.0, 6.0), [], "failed")]
    metric = Metric(name="loss", goal=goal, impute=impute)
    assert point_values(metric, trials)[trials[2].point] == expected


def test_where_all_failed_nothing_is_the_worst() -> None:
    assert point_values(LOSS, [trial(bayes(0), 0, (4.0,), [], "failed")]) == {}


@pytest.mark.parametrize(
    ("metric", "reached"),
    [
        (None, False),
        (LOSS, False),
        (Metric(name="loss", target=0.5), True),
        (Metric(name="loss", target=0.49), False),
        (Metric(name="loss", goal="maximize", target=3.0), True),
        (Metric(name="loss", goal="maximize", target=3.1), False),
    ],
)
def test_the_target_is_reached_by_any_report(metric: Metric | None, reached: bool) -> None:
    trials = [trial(bayes(0), 0, (3.0, 0.5, 1.0), [], "running")]
    assert target_reached(metric, trials) == reached


def test_only_trials_that_ended_by_themselves_or_early_are_judged() -> None:
    states: list[State] = ["running", "finished", "stopped", "failed", "killed", "abandoned"]
    trials = [trial(bayes(0), 0, (3.0, 2.0), [], state) for state in states]
    assert [one.value for one in trials] == [None, 2.0, 2.0, None, None, None]


def rule(**keys: Any) -> Hyperband:
    return Hyperband(type="hyperband", **keys)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"min_iter": 3}, [3, 9, 27, 81]),  # W&B's own example
        ({"max_iter": 27, "s": 2}, [3, 9]),  # likewise
        ({"max_iter": 27, "s": 5}, [1, 3, 9]),
        ({"min_iter": 4, "eta": 1.5}, [4, 6, 9, 13, 20, 30, 45, 68]),
        ({"min_iter": 101}, []),
    ],
)
def test_bands(keys: dict[str, Any], expected: list[int]) -> None:
    assert bands(rule(**keys), 100) == expected


def test_hyperband_by_hand() -> None:
    """Bands at 2 and 4; eta 2: a trial goes on if it is no worse than the one at half of those that came so far."""
    band, others = rule(min_iter=2, eta=2), [[9.0, 8.0], [9.0, 6.0], [9.0, 4.0], [9.0, 2.0, 1.0, 1.0]]
    cases: Sequence[tuple[list[float], bool, bool]] = [
        # at band 2 there are 8, 6, 4, 2 and the own: sorted, the one at int(5 / 2) = 2 is the threshold
        ([9.0], False, False),  # no band yet
        ([9.0, 5.0], False, False),  # 2, 4, [5], 6, 8: it is the threshold
        ([9.0, 5.5], False, False),  # 2, 4, [5.5], 6, 8
        ([9.0, 7.0], True, True),  # 2, 4, [6], 7, 8
        ([1.0, 7.0], True, False),  # not strict: its best counts
        ([9.0, 7.0, 1.0], True, False),  # likewise, later
        ([9.0, 5.0, 5.0, 0.5], False, False),  # band 4: 0.5, [1]
    ]
    for own, strict, lenient in cases:
        assert should_stop(band, LOSS, own, others) == strict, own
        assert should_stop(rule(min_iter=2, eta=2, strict=False), LOSS, own, others) == lenient, own
        negative = [[-value for value in one] for one in others]
        assert should_stop(band, GAIN, [-value for value in own], negative) == strict, own
    third = [*others, [9.0, 2.0, 1.0, 2.0]]
    assert not should_stop(band, LOSS, [9.0, 5.0, 5.0, 3.0], others)  # band 4: 1, [3]
    assert should_stop(band, LOSS, [9.0, 5.0, 5.0, 3.0], third)  # band 4: 1, [2], 3


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=30, unique=True), st.floats(1.1, 6))
def test_at_one_band_the_best_share_goes_on(values: list[float], eta: float) -> None:
    stopped = [
        should_stop(rule(min_iter=1, eta=eta), LOSS, [value], [[other] for other in values if other != value])
        for value in values
    ]
    kept = sorted(value for value, stop in zip(values, stopped, strict=True) if not stop)
    assert kept == sorted(values)[: int(len(values) / eta) + 1]
