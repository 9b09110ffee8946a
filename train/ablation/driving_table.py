"""The closed-loop table as Markdown and JSON, from the drives of all policies."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from train.ablation.driving_settings import HOMES, Row, is_base
from train.evaluate.statistics import wilson

LOOKS = ("as drawn", "painted")


@dataclass(frozen=True)
class Driven:
    """What came of one policy.

    Attributes:
        row: which; None for policies that learn nothing.
        frames: that it learned from.
        accuracy: offline, of the held-out frames.
        drives: with commands drawn as it finds them likely.
        likeliest: the same drives with the likeliest commands.
    """

    name: str
    row: Row | None
    frames: int
    accuracy: float | None
    drives: Sequence[Mapping[str, Any]]
    likeliest: Sequence[Mapping[str, Any]] = ()

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
        accuracy = said["offline"]["accuracy"]
        found.append(Driven(row.name, row, said["frames"], accuracy, said["drawn"], said["likeliest"]))
    return found


def table(policies: Sequence[Driven]) -> str:
    """A line per policy: offline accuracy beside what came of driving."""
    titles = (
        "learned from", "sees", "seed", "offline accuracy", "success", "as drawn", "painted", "SPL", "of the way",
        "collisions / 100", "oscillation", "success, likeliest command",
    )  # fmt: skip
    head = [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]
    return "\n".join(head + [_line(one) for one in policies])


def _line(one: Driven) -> str:
    success = wilson(one.reached, len(one.drives))
    rates = [np.mean([drive["success"] for drive in one.drives if drive["look"] == look]) for look in LOOKS]
    collisions = 100 * sum(drive["collisions"] for drive in one.drives) / sum(drive["actions"] for drive in one.drives)
    accuracy = "" if one.accuracy is None else f"{one.accuracy:.3f}"
    likeliest = f"{np.mean([drive['success'] for drive in one.likeliest]):.2f}" if one.likeliest else ""
    learned, sees, seed = _described(one)
    return (
        f"| {learned} | {sees} | {seed} | {accuracy} | {success.value:.2f} [{success.low:.2f}, {success.high:.2f}] | "
        f"{rates[0]:.2f} | {rates[1]:.2f} | {one.mean('spl'):.2f} | {one.mean('path_completion'):.2f} | "
        f"{collisions:.1f} | {one.mean('oscillation'):.0f} | {likeliest} |"
    )


def _described(one: Driven) -> tuple[str, str, str]:
    row = one.row
    if row is None:
        return one.name, "", ""
    learned = f"{row.expert}, {row.looks}"
    learned += f", mirrored ({row.mirror})" if row.mirror != "off" else ""
    learned += f", {row.split} split" if row.split != "episode" else ""
    sees = ("RGB-D" if row.depth else "RGB") + (" + previous command" if row.history else "")
    sees += f" ({1 - row.history_dropout:.0%} of frames)" if row.history_dropout else ""
    return learned, sees + (", ResNet-18" if row.network == "resnet18" else ""), str(row.seed)


def home_table(policies: Sequence[Driven]) -> str:
    """Success by home, for the three ways to split: who never saw a home's route does not know it."""
    lines = [f"| split | offline accuracy | {' | '.join(HOMES)} |", "|---" * (len(HOMES) + 2) + "|"]
    for one in policies:
        if one.row is None or not is_base(one.row, split=one.row.split) or one.row.seed:
            continue
        rates = [np.mean([drive["success"] for drive in one.drives if drive["home"] == home]) for home in HOMES]
        lines.append(f"| {one.row.split} | {one.accuracy:.3f} | {' | '.join(f'{rate:.2f}' for rate in rates)} |")
    return "\n".join(lines)
