"""What came out of a sweep, point by point: means and intervals over repeats, and who is as good as the best."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from train.evaluate.statistics import Interval, t_interval, within_noise
from train.sweeps.config import Metric, Sweep
from train.sweeps.distributions import Value
from train.sweeps.search import Trial
from train.sweeps.space import Position


@dataclass(frozen=True)
class Row:
    """All trials of one point.

    Attributes:
        settings: by dotted name, of the parameters that are searched, the seed aside
        positions: where in the parameters' ranges, likewise
        trials: their numbers
        values: of those that were judged
        value: their mean with Student's interval; None if there are none
        unjudged: how many failed, were killed or abandoned, or reported nothing
        as_good: could it be as good as the best, by Welch's interval of the difference? None: one value says nothing
    """

    settings: Mapping[str, Value]
    positions: Mapping[str, Position]
    trials: tuple[int, ...]
    values: tuple[float, ...]
    value: Interval | None
    unjudged: int
    as_good: bool | None


def compare(sweep: Sweep, trials: Sequence[Trial]) -> list[Row]:
    """A row for each point whose trials have ended, the best first, those without a value last.

    A parameter that is the trials' seed makes repeats, not points, even where the sweep file searches it.
    """
    metric = sweep.file.metric
    if metric is None:
        return []
    groups: dict[str, list[Trial]] = {}
    for trial in trials:
        if trial.state != "running":
            groups.setdefault(json.dumps(searched(sweep, trial)), []).append(trial)
    sign = -1.0 if metric.goal == "maximize" else 1.0
    judged = {key: tuple(trial.value for trial in group if trial.value is not None) for key, group in groups.items()}
    means = {key: sum(values) / len(values) for key, values in judged.items() if values}
    order = sorted(groups, key=lambda key: (key not in means, sign * means.get(key, 0.0)))
    best = judged[order[0]] if order else ()
    return [_row(sweep, groups[key], judged[key], best, is_best=key == order[0]) for key in order]


def searched(sweep: Sweep, trial: Trial) -> dict[str, Value]:
    """What a trial's searched parameters are set to, by dotted name, the seed aside."""
    return {
        leaf.name: leaf.value(position)
        for leaf, position in zip(sweep.space.leaves, trial.point, strict=True)
        if leaf.path != sweep.seed_path
    }


def reached_best(metric: Metric, rows: Sequence[Row]) -> str:
    """What the table allows to say of the best point, in words."""
    ranked = [row for row in rows if row.value is not None]
    if not ranked:
        return "No trial has reported the metric."
    if any(row.as_good is None for row in ranked):
        return (
            "Some points have one trial only, which says nothing about noise: set `controller.repeats` in the sweep "
            "file to 3 or more before believing an order."
        )
    equals = sum(bool(row.as_good) for row in ranked) - 1
    if equals:
        return f"{equals} of the other {len(ranked) - 1} points could be as good as the best; their order is noise."
    return f"The best point's {metric.name} differs from all {len(ranked) - 1} others by more than their noise."


def _row(
    sweep: Sweep, group: Sequence[Trial], values: tuple[float, ...], best: tuple[float, ...], is_best: bool
) -> Row:
    first = group[0]
    as_good: bool | None = None
    if min(len(values), len(best)) > 1:
        as_good = is_best or within_noise(values, best)
    return Row(
        settings=searched(sweep, first),
        positions={leaf.name: at for leaf, at in zip(sweep.space.leaves, first.point, strict=True)},
        trials=tuple(trial.number for trial in group),
        values=values,
        value=t_interval(values) if values else None,
        unjudged=len(group) - len(values),
        as_good=as_good,
    )
