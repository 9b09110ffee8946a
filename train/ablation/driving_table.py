"""The closed-loop table as Markdown and JSON, from the drives of all policies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train.ablation.driving_settings import HOMES, Row
from train.evaluate.statistics import Interval, bootstrap, weighted_mean, wilson

LOOKS = ("as drawn", "painted")
_SEED = 0


@dataclass(frozen=True)
class Driven:
    """What came of one policy. `accuracy`: offline, of the held-out frames; None for policies that learn nothing."""

    name: str
    row: Row | None
    frames: int
    accuracy: float | None
    drives: Sequence[Mapping[str, Any]]

    @property
    def reached(self) -> int:
        """How many drives ended at the end of the route."""
        return sum(int(one["success"]) for one in self.drives)

    def mean(self, measure: str) -> float:
        """The mean of a measure over all drives."""
        return float(np.mean([one[measure] for one in self.drives]))


def read_driven(folders: Iterable[Path]) -> list[Driven]:
    """The policies of finished runs."""
    from train.ablation.driving_cells import DRIVEN

    found = []
    for folder in folders:
        said = json.loads((folder / DRIVEN).read_bytes())
        row = Row.model_validate(said["row"])
        found.append(Driven(row.name, row, said["frames"], said["offline"]["accuracy"], said["drives"]))
    return found


def table(policies: Sequence[Driven]) -> str:
    """A line per policy: offline accuracy beside what came of driving."""
    titles = (
        "learned from", "sees", "seed", "offline accuracy", "success", "as drawn", "painted", "SPL", "of the way",
        "collisions / 100", "oscillation",
    )  # fmt: skip
    head = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    return "\n".join(head + [_line(one) for one in policies])


def _line(one: Driven) -> str:
    success = wilson(one.reached, len(one.drives))
    rates = [np.mean([drive["success"] for drive in one.drives if drive["look"] == look]) for look in LOOKS]
    collisions = 100 * sum(drive["collisions"] for drive in one.drives) / sum(drive["actions"] for drive in one.drives)
    accuracy = "" if one.accuracy is None else f"{one.accuracy:.3f}"
    learned, sees, seed = _described(one)
    return (
        f"| {learned} | {sees} | {seed} | {accuracy} | {success.value:.2f} [{success.low:.2f}, {success.high:.2f}] | "
        f"{rates[0]:.2f} | {rates[1]:.2f} | {one.mean('spl'):.2f} | {one.mean('path_completion'):.2f} | "
        f"{collisions:.1f} | {one.mean('oscillation'):.0f} |"
    )


def _described(one: Driven) -> tuple[str, str, str]:
    row = one.row
    if row is None:
        return one.name, "", ""
    learned = f"{row.expert}, {row.looks}"
    learned += f", mirrored ({row.mirror})" if row.mirror != "off" else ""
    learned += f", {row.split} split" if row.split != "episode" else ""
    sees = ("RGB-D" if row.depth else "RGB") + (" + previous command" if row.history else "")
    return learned, sees + (", ResNet-18" if row.network == "resnet18" else ""), str(row.seed)


@dataclass(frozen=True)
class Contrast:
    """Success of one kind of policy less that of another, over seeds and drives (the same drives for both)."""

    name: str
    seeds: int
    success: Interval
    completion: Interval
    accuracy: float


def contrasts(policies: Sequence[Driven]) -> list[Contrast]:
    """The contrasts that decide: each against wandering, randomised, RGB-D, image alone, by the same seed."""
    base = [one for one in policies if one.row is not None and _is(one.row)]
    asked: dict[str, Callable[[Row], bool]] = {
        "without depth": lambda row: _is(row, depth=False),
        "told the previous command": lambda row: _is(row, history=True),
        "from the perfect expert": lambda row: _is(row, expert="perfect"),
        "from the teleporting expert": lambda row: _is(row, expert="teleporting"),
        "from homes as drawn": lambda row: _is(row, looks="static"),
        "mirrored, label kept (the mistake)": lambda row: _is(row, mirror="mistaken"),
        "mirrored with the label": lambda row: _is(row, mirror="correct"),
    }
    found = []
    for name, fits in asked.items():
        others = {one.row.seed: one for one in policies if one.row is not None and fits(one.row)}
        pairs = [(others[one.row.seed], one) for one in base if one.row is not None and one.row.seed in others]
        if pairs:
            found.append(_contrast(name, pairs))
    return found


def _is(row: Row, **differs: Any) -> bool:
    base = Row(expert="wandering", looks="randomised", depth=True, seed=row.seed)
    return row == base.model_copy(update=differs)


def _contrast(name: str, pairs: Sequence[tuple[Driven, Driven]]) -> Contrast:
    rng = np.random.default_rng(_SEED)
    groups = {
        "drive": np.concatenate([np.arange(len(one.drives)) for one, _ in pairs]),
        "seed": np.concatenate([np.full(len(one.drives), number) for number, (one, _) in enumerate(pairs)]),
    }

    def gain(measure: str) -> Interval:
        each = [
            np.array([a[measure] - b[measure] for a, b in zip(one.drives, other.drives, strict=True)], np.float64)
            for one, other in pairs
        ]
        return bootstrap(weighted_mean(np.concatenate(each)), groups, rng)

    accuracy = float(np.mean([(one.accuracy or 0.0) - (other.accuracy or 0.0) for one, other in pairs]))
    return Contrast(name, len(pairs), gain("success"), gain("path_completion"), accuracy)


def contrast_table(found: Sequence[Contrast]) -> str:
    """Contrasts as Markdown."""
    lines = ["| instead | seeds | offline accuracy | success | of the way |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.name} | {one.seeds} | {one.accuracy:+.3f} | {_signed(one.success)} | {_signed(one.completion)} |"
        for one in found
    ]
    return "\n".join(lines)


def _signed(interval: Interval) -> str:
    if not interval.known:
        return f"{interval.value:+.2f}"
    mark = "" if interval.holds(0.0) else "**"
    return f"{mark}{interval.value:+.2f}{mark} [{interval.low:+.2f}, {interval.high:+.2f}]"


def home_table(policies: Sequence[Driven]) -> str:
    """Success by home, for the three ways to split: who never saw a home's route does not know it."""
    lines = [f"| split | offline accuracy | {' | '.join(HOMES)} |", "|---" * (len(HOMES) + 2) + "|"]
    for one in policies:
        if one.row is None or not _is(one.row.model_copy(update={"split": "episode"})) or one.row.seed:
            continue
        rates = [np.mean([drive["success"] for drive in one.drives if drive["home"] == home]) for home in HOMES]
        lines.append(f"| {one.row.split} | {one.accuracy:.3f} | {' | '.join(f'{rate:.2f}' for rate in rates)} |")
    return "\n".join(lines)
