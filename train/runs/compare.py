"""Comparing configurations by what their seeds gave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scenes.errors import HomeError
from train.config import changes
from train.evaluate.statistics import Interval, difference, t_interval
from train.runs.info import RunInfo, is_seed
from train.runs.query import find_key


@dataclass(frozen=True)
class Row:
    """Repeats of one configuration with other seeds.

    Attributes:
        label: what tells it from the first row's.
        runs: their ids.
        means: by metric, the mean of the last values with its interval over seeds (95 %).
        from_first: by metric, the difference from the first row's mean with Welch's interval; where it holds 0 (or
            nothing can be said, with one seed on a side), the difference is within noise.
    """

    label: str
    runs: tuple[str, ...]
    means: Mapping[str, Interval]
    from_first: Mapping[str, Interval]

    def told(self, metric: str) -> dict[str, str]:
        """The row of one metric in words."""
        mean, off = self.means.get(metric), self.from_first.get(metric)
        return {
            metric: self.label,
            "runs": str(len(self.runs)),
            "mean": "" if mean is None else str(mean),
            "from the first": "" if off is None else str(off),
            "": "within noise" if off is not None and off.holds(0.0) else "",
        }


@dataclass(frozen=True)
class Comparison:
    """`rows`: the first is what the others are held against; `left_out`: runs that do not count, and why."""

    metrics: tuple[str, ...]
    rows: tuple[Row, ...]
    left_out: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rows": [
                {
                    "label": row.label,
                    "runs": list(row.runs),
                    "means": {name: mean.to_json() for name, mean in row.means.items()},
                    "from_first": {
                        name: off.to_json() | {"within_noise": off.holds(0.0)} for name, off in row.from_first.items()
                    },
                }
                for row in self.rows
            ],
            "left_out": dict(self.left_out),
        }


def compare(runs: Sequence[RunInfo], wrong: Mapping[str, str], metrics: Sequence[str]) -> Comparison:
    """Holds configurations against the first run's.

    Args:
        runs: of one or more configurations.
        wrong: runs that are marked as wrong, and why; these, those that did not finish, and all but the last of those
            that repeat another with the same seeds, are left out.
        metrics: names, or last parts of names; if none are given, the primary metric, else all.

    Raises:
        HomeError: no run is left, or a metric that none has.
    """
    groups, left_out = _groups(runs, wrong)
    if not groups:
        told = "; ".join(f"{run}: {why}" for run, why in left_out.items())
        raise HomeError(f"no finished run to compare{f' ({told})' if told else ''}")
    last = {run.id: run.last() for group in groups for run in group}
    chosen = _metrics([run for group in groups for run in group], last, metrics)
    values = [
        {name: [last[run.id][name] for run in group if name in last[run.id]] for name in chosen} for group in groups
    ]
    rows = tuple(
        Row(
            label=_label(group[0], groups[0][0]),
            runs=tuple(run.id for run in group),
            means={name: t_interval(found[name]) for name in chosen if found[name]},
            from_first={
                name: difference(found[name], values[0][name]) for name in chosen if found[name] and values[0][name]
            },
        )
        for group, found in zip(groups, values, strict=True)
    )
    return Comparison(tuple(chosen), rows, left_out)


def _groups(runs: Sequence[RunInfo], wrong: Mapping[str, str]) -> tuple[list[list[RunInfo]], dict[str, str]]:
    """Runs that count by configuration, in the order in which the configurations are named first."""
    left_out: dict[str, str] = {}
    groups: dict[str, dict[str, RunInfo]] = {}
    for run in runs:
        if run.id in wrong:
            left_out[run.id] = f"marked as wrong: {wrong[run.id]}"
        elif run.state != "finished":
            left_out[run.id] = run.state
        else:
            repeats = groups.setdefault(run.repeat_hash, {})
            if run.config_hash in repeats:
                left_out[repeats[run.config_hash].id] = f"the same as {run.id}, seeds included"
            repeats[run.config_hash] = run
    return [list(repeats.values()) for repeats in groups.values()], left_out


def _metrics(runs: Sequence[RunInfo], last: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> list[str]:
    rows: list[dict[str, Any]] = [
        {name: value for name, value in last[run.id].items() if name != "step"} for run in runs
    ]
    if names:
        return list(dict.fromkeys(find_key(name.removeprefix("metrics."), rows) for name in names))
    primary = dict.fromkeys(run.primary for run in runs if run.primary)
    return list(primary) or list(dict.fromkeys(name for row in rows for name in row))


def _label(run: RunInfo, first: RunInfo) -> str:
    """The name, and what differs from the first in settings (seeds aside) and datasets."""
    differs = [
        f"{key}={new}"
        for key, (_, new) in changes(first.config, run.config).items()
        if not is_seed(key, {**first.seeds, **run.seeds})
    ]
    if set(run.datasets.values()) != set(first.datasets.values()):
        differs += [f"{folder}={content[:8]}" for folder, content in run.datasets.items()]
    return " ".join([run.name, *differs])
