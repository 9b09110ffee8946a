"""Tables of the depth question, as Markdown and JSON, from the records of all cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train.ablation.settings import ARMS
from train.evaluate.statistics import AT_MOST_1, Interval, bootstrap, t_interval, weighted_skill
from train.evaluate.targets import UNITS

CIRCULAR = {arm for arm, channels in ARMS.items() if "depth" in channels}
DEPTHS = ("nearest_depth", "mean_depth")
"""To read depth off a model that is shown depth says little: such cells are marked."""
_REFERENCE = "rgb"


@dataclass(frozen=True)
class CellRecords:
    """What one cell came to: `judged.json` of its run."""

    arm: str
    seed: int
    judged: Mapping[str, Any]


def read_cells(runs: Iterable[Path]) -> list[CellRecords]:
    """The records of finished cells, from the folders of their runs."""
    from train.ablation.cells import JUDGED
    from train.runs.info import read_run

    cells = []
    for folder in runs:
        config = read_run(folder).config
        cells.append(CellRecords(config["arm"], config["seed"], json.loads((folder / JUDGED).read_bytes())))
    return cells


@dataclass(frozen=True)
class Row:
    """A figure of one arm. `circular`: what is asked for was put in. `beats`: the interval of arm minus rgb, paired."""

    arm: str
    target: str
    horizon: int
    skill: Interval
    minus_rgb: Interval | None
    rms_error: float
    circular: bool

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        paired = None if self.minus_rgb is None else self.minus_rgb.to_json()
        return vars(self) | {"skill": self.skill.to_json(), "minus_rgb": paired}


def probe_rows(cells: Sequence[CellRecords], rng: np.random.Generator) -> list[Row]:
    """R2 of probes on held-out homes (against the training mean): by arm and quantity; horizon 0."""
    records = [
        _Record(cell.arm, cell.seed, one["target"], 0, one["home"], one["count"], one["error"], one["error_mean"])
        for cell in cells
        for one in cell.judged["probed"]
    ]
    return _rows(records, rng)


def step_rows(cells: Sequence[CellRecords], rng: np.random.Generator) -> list[Row]:
    """Skill over copying the last frame's latent, of what is decoded n steps ahead: by arm, quantity and horizon."""
    records = [
        _Record(
            cell.arm, cell.seed, one["target"], one["horizon"], one["home"], one["windows"], one["error"],
            one["error_copy"],
        )
        for cell in cells
        for one in cell.judged["decoded"]
    ]  # fmt: skip
    return _rows(records, rng)


def latent_rows(cells: Sequence[CellRecords]) -> dict[str, dict[str, list[Interval]]]:
    """Each arm's own latent skill over copying by horizon, with true and with shuffled actions, over seeds."""
    found: dict[str, dict[str, list[Interval]]] = {}
    for arm in dict.fromkeys(cell.arm for cell in cells):
        judged = [cell.judged["skills"] for cell in cells if cell.arm == arm]
        found[arm] = {
            name: [t_interval([one[step][name]["value"] for one in judged]) for step in range(len(judged[0]))]
            for name in ("skill", "shuffled")
        }
    return found


@dataclass(frozen=True)
class _Record:
    """Errors in one home by one cell, as sums over `count` frames or windows."""

    arm: str
    seed: int
    target: str
    horizon: int
    home: str
    count: int
    error: float
    reference: float


def _rows(records: Sequence[_Record], rng: np.random.Generator) -> list[Row]:
    targets = [target for target in UNITS if any(one.target == target for one in records)]
    horizons = sorted({one.horizon for one in records})
    arms = [arm for arm in ARMS if any(one.arm == arm for one in records)]
    return [
        _row([one for one in records if (one.target, one.horizon) == (target, horizon)], arm, rng)
        for target in targets
        for horizon in horizons
        for arm in arms
    ]


def _row(records: Sequence[_Record], arm: str, rng: np.random.Generator) -> Row:
    """One arm among the records of one quantity and horizon."""
    own = [one for one in records if one.arm == arm]
    error, reference, count = (
        np.array([getattr(one, name) for one in own]) for name in ("error", "reference", "count")
    )
    groups = {"home": np.array([one.home for one in own]), "seed": np.array([one.seed for one in own])}
    skill = bootstrap(weighted_skill(error * count, reference * count), groups, rng, within=AT_MOST_1)
    target, horizon = own[0].target, own[0].horizon
    paired = None if arm == _REFERENCE else _paired(own, [one for one in records if one.arm == _REFERENCE], rng)
    rms = float(np.sqrt((error * count).sum() / count.sum()))
    return Row(arm, target, horizon, skill, paired, rms, arm in CIRCULAR and target in DEPTHS)


def _paired(own: Sequence[_Record], others: Sequence[_Record], rng: np.random.Generator) -> Interval | None:
    """By how much an arm's error is smaller than rgb's, as a share of what rgb's reference errs; by home and seed."""
    other_of = {(one.seed, one.home): one for one in others}
    pairs = [(one, other_of[one.seed, one.home]) for one in own if (one.seed, one.home) in other_of]
    if not pairs:
        return None
    count = np.array([one.count for one, _ in pairs], np.float64)
    gain = np.array([other.error - one.error for one, other in pairs]) * count
    scale = np.array([other.reference for _, other in pairs]) * count
    groups = {"home": np.array([one.home for one, _ in pairs]), "seed": np.array([one.seed for one, _ in pairs])}
    return bootstrap(lambda weights: (weights @ gain) / (weights @ scale), groups, rng)


def markdown(rows: Sequence[Row], *, horizons: Sequence[int]) -> str:
    """Rows as a table: a line per quantity and horizon, a column per arm; `+`/`-` where an arm differs from rgb."""
    arms = list(dict.fromkeys(row.arm for row in rows))
    by_key = {(row.target, row.horizon, row.arm): row for row in rows}
    lines = [f"| quantity | {'steps | ' if any(horizons) else ''}{' | '.join(arms)} |"]
    lines.append("|---" * (len(arms) + 1 + any(horizons)) + "|")
    for target in dict.fromkeys(row.target for row in rows):
        for horizon in horizons:
            cells = [_cell(by_key[target, horizon, arm]) for arm in arms]
            steps = f"{horizon} | " if any(horizons) else ""
            lines.append(f"| {target.replace('_', ' ')} | {steps}{' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(row: Row) -> str:
    half = f" ± {row.skill.high - row.skill.value:.2f}" if row.skill.known else ""
    mark = ""
    if row.minus_rgb is not None and row.minus_rgb.known:
        mark = " **+**" if row.minus_rgb.low > 0 else " **−**" if row.minus_rgb.high < 0 else ""
    text = f"{row.skill.value:.2f}{half}{mark}"
    return f"({text})" if row.circular else text
