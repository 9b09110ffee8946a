"""What one factor changes in the closed-loop table: differences of policies on the same drives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from train.ablation.driving_settings import DECIDING, SINGLE, is_base
from train.ablation.driving_table import LOOKS, Driven
from train.evaluate.statistics import Interval, bootstrap, weighted_mean

_SEED = 0
_FACTORS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "RGB-D instead of RGB": ({"depth": False}, {"depth": True}),
    "told the previous command": ({"history": False}, {"history": True}),
    "from randomised homes instead of static": ({"looks": "static"}, {"looks": "randomised"}),
    "from wandering instead of perfect": ({"expert": "perfect"}, {"expert": "wandering"}),
    "from teleporting instead of perfect": ({"expert": "perfect"}, {"expert": "teleporting"}),
}
"""What is compared with what, all else equal."""


@dataclass(frozen=True)
class Effect:
    """Means of some policies less those of as many others; intervals are over policies and drives.

    Attributes:
        pairs: of policies.
        success: the share of drives that reach the end; `by_look`: of those as drawn, and painted.
        completion: the share of the way.
        accuracy: offline.
    """

    name: str
    pairs: int
    success: Interval
    by_look: Mapping[str, Interval]
    completion: Interval
    accuracy: float


def effects(policies: Iterable[Driven]) -> list[Effect]:
    """Of each factor, over all pairs of the factorial table that differ in it alone."""
    plain = {one.row.name: (one, one.row) for one in policies if one.row is not None and one.row.is_plain}
    first = min((row.seed for _, row in plain.values()), default=0)
    found = []
    for name, (before, after) in _FACTORS.items():
        pairs = [
            (plain[row.model_copy(update=after).name][0], one)
            for one, row in plain.values()
            if row.seed == first and row == row.model_copy(update=before)
        ]
        found.append(_effect(name, pairs))
    rule = [(replace(one, drives=one.likeliest), one) for one, row in plain.values() if row.seed == first]
    return [*found, _effect("always the likeliest command instead of drawn", rule)]


def agreement(policies: Iterable[Driven]) -> float:
    """Spearman's rank correlation of offline accuracy and success, of the policies that have both."""
    pairs = [(one.accuracy, one.mean("success")) for one in policies if one.accuracy is not None]
    return float(spearmanr(np.array(pairs)).statistic)


def changes(policies: Sequence[Driven]) -> list[Effect]:
    """Of each change of the base policy, over the seeds that both have."""
    found = []
    for name, change in (DECIDING | SINGLE).items():
        base, changed = (_by_seed(policies, how) for how in ({}, change))
        pairs = [(changed[seed], base[seed]) for seed in base if seed in changed]
        if pairs:
            found.append(_effect(name, pairs))
    return found


def _by_seed(policies: Iterable[Driven], change: Mapping[str, Any]) -> dict[int, Driven]:
    return {one.row.seed: one for one in policies if one.row is not None and is_base(one.row, **change)}


def _effect(name: str, pairs: Sequence[tuple[Driven, Driven]]) -> Effect:
    rng = np.random.default_rng(_SEED)

    def gain(measure: str, looks: Sequence[str] = LOOKS) -> Interval:
        rows = [
            (number, drive, a[measure] - b[measure])
            for number, (one, other) in enumerate(pairs)
            for drive, (a, b) in enumerate(zip(one.drives, other.drives, strict=True))
            if a["look"] in looks
        ]
        policy, drive, value = (np.array(column) for column in zip(*rows, strict=True))
        return bootstrap(weighted_mean(value.astype(np.float64)), {"policy": policy, "drive": drive}, rng)

    accuracy = float(np.mean([(one.accuracy or 0.0) - (other.accuracy or 0.0) for one, other in pairs]))
    by_look = {look: gain("success", [look]) for look in LOOKS}
    return Effect(name, len(pairs), gain("success"), by_look, gain("path_completion"), accuracy)


def effect_table(found: Sequence[Effect]) -> str:
    """Effects as Markdown; bold where the interval does not hold 0."""
    titles = ("change", "pairs", "offline accuracy", "success", *LOOKS, "of the way")
    lines = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    for one in found:
        parts = (one.success, *(one.by_look[look] for look in LOOKS), one.completion)
        signed = " | ".join(_signed(part) for part in parts)
        lines.append(f"| {one.name} | {one.pairs} | {one.accuracy:+.3f} | {signed} |")
    return "\n".join(lines)


def _signed(interval: Interval) -> str:
    if not interval.known:
        return f"{interval.value:+.2f}"
    mark = "" if interval.holds(0.0) else "**"
    return f"{mark}{interval.value:+.2f}{mark} [{interval.low:+.2f}, {interval.high:+.2f}]"
