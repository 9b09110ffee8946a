"""What a sweep tries next: pure functions of the sweep file and the trials so far.

Trial n is repeat n mod r of point n div r. A grid's points and random ones depend on their number alone; those of
`bayes` on the points before that have ended.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from scenes.errors import HomeError
from train.sweeps.config import Metric, Sweep
from train.sweeps.distributions import Choice, Value
from train.sweeps.space import Point, Position, Space, grid_point, grid_sizes, put

if TYPE_CHECKING:
    import optuna

State: TypeAlias = Literal["running", "finished", "stopped", "failed", "killed", "abandoned"]
"""`stopped`: early, by Hyperband; `killed`: on the user's word; `abandoned`: its agent died."""

RANDOM_FIRST = 10
"""Points that `bayes` draws at random before it models anything; Optuna's own number."""


@dataclass(frozen=True)
class Trial:
    """A trial, by its last attempt.

    Attributes:
        number: from 0
        point: what was tried; all repeats of a point share it
        settings: what the program was given, nested as the parameters are
        attempt: from 0; more if an agent died or was stopped
        abandoned: how many attempts were abandoned
        state: see `State`
        reports: the metric's values, in their order, without NaN and infinities
        latest: the last report of every metric
        runs: ids of the runs that it was
        seconds: that it took, if it has ended
    """

    number: int
    point: Point
    settings: Mapping[str, Value]
    attempt: int
    abandoned: int
    state: State
    reports: tuple[float, ...]
    latest: Mapping[str, float]
    runs: tuple[str, ...]
    seconds: float | None

    @property
    def value(self) -> float | None:
        """What the trial is judged by: the last report of the metric, if it ended by itself or by Hyperband."""
        return self.reports[-1] if self.reports and self.state in ("finished", "stopped") else None


def suggest(sweep: Sweep, trials: Sequence[Trial], number: int) -> Point:
    """The point of a trial that has none yet; trials before it all have theirs.

    Raises:
        HomeError: `bayes` without Optuna.
    """
    first = number - number % sweep.repeats
    for trial in trials:
        if first <= trial.number < first + sweep.repeats:
            return trial.point
    point_number = number // sweep.repeats
    if sweep.file.method == "grid":
        return grid_point(grid_sizes(sweep.space), point_number)
    if sweep.file.method == "bayes" and len(_ended(sweep, trials)) >= RANDOM_FIRST:
        return _model_based(sweep, trials, point_number)
    return sweep.space.drawn(np.random.default_rng([sweep.file.controller.seed, point_number]))


def trial_settings(sweep: Sweep, point: Point, number: int) -> dict[str, Value]:
    """What the program of a trial is given: the point's settings, and the repeat's seed if there are repeats."""
    settings = sweep.space.settings(point)
    if sweep.repeats > 1:
        base = sweep.space.constants.get(sweep.seed_path, 0)
        assert isinstance(base, int)
        put(settings, sweep.seed_path, base + number % sweep.repeats)
    return dict(sorted(settings.items()))


def target_reached(metric: Metric | None, trials: Sequence[Trial]) -> bool:
    """Has any trial reported the metric's target, or better?"""
    if metric is None or metric.target is None:
        return False
    return any(not metric.better(metric.target, value) for trial in trials for value in trial.reports)


def point_values(metric: Metric, trials: Sequence[Trial]) -> dict[Point, float]:
    """The mean value of each point over its trials that have ended, failed ones imputed."""
    judged = [trial.value for trial in trials if trial.value is not None]
    worst = (min if metric.goal == "maximize" else max)(judged, default=None)
    values: dict[Point, list[float]] = {}
    for trial in trials:
        value = _imputed(metric, trial, worst)
        if value is not None:
            values.setdefault(trial.point, []).append(value)
    return {point: math.fsum(some) / len(some) for point, some in values.items()}


def _imputed(metric: Metric, trial: Trial, worst: float | None) -> float | None:
    if trial.state == "running":
        return None
    if trial.value is not None:
        return trial.value
    if metric.impute == "worst" or not trial.reports:
        return worst
    best = max if metric.goal == "maximize" else min
    return best(trial.reports) if metric.impute == "best" else trial.reports[-1]


def _ended(sweep: Sweep, trials: Sequence[Trial]) -> dict[Point, float]:
    assert sweep.file.metric is not None
    return point_values(sweep.file.metric, trials)


def _model_based(sweep: Sweep, trials: Sequence[Trial], point_number: int) -> Point:
    """A point from Optuna's tree-structured Parzen estimator (Bergstra et al. 2011), in the leaves' positions.

    Points whose trials still run count as bad ones (constant liar), so that agents spread out.
    """
    optuna = import_optuna()
    values = _ended(sweep, trials)
    study = study_of(sweep, values, [trial.point for trial in trials if trial.point not in values])
    seed = int(np.random.SeedSequence([sweep.file.controller.seed, point_number]).generate_state(1)[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_FIRST, constant_liar=True)
    asked = study.ask(_distributions(sweep.space))
    return tuple(asked.params[leaf.name] for leaf in sweep.space.leaves)


def study_of(sweep: Sweep, values: Mapping[Point, float], running: Sequence[Point]) -> optuna.Study:
    """An Optuna study in memory with the points so far, in the leaves' positions."""
    optuna = import_optuna()
    assert sweep.file.metric is not None
    study = optuna.create_study(direction=sweep.file.metric.goal)
    distributions = _distributions(sweep.space)
    complete, unfinished = optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.RUNNING
    told: list[tuple[Point, float | None]] = [*values.items(), *((point, None) for point in dict.fromkeys(running))]
    for point, value in told:
        study.add_trial(
            optuna.trial.create_trial(
                state=unfinished if value is None else complete,
                value=value,
                params=_named(sweep.space, point),
                distributions=distributions,
            )
        )
    return study


def import_optuna() -> Any:
    """Optuna, quiet.

    Raises:
        HomeError: it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise HomeError("this needs Optuna: pip install 'stairwell[train]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _named(space: Space, point: Point) -> dict[str, Position]:
    return {leaf.name: position for leaf, position in zip(space.leaves, point, strict=True)}


def _distributions(space: Space) -> dict[str, Any]:
    optuna = import_optuna()
    return {
        leaf.name: optuna.distributions.CategoricalDistribution(range(len(leaf.distribution.values)))
        if isinstance(leaf.distribution, Choice)
        else optuna.distributions.FloatDistribution(0.0, 1.0)
        for leaf in space.leaves
    }
