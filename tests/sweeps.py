"""Sweep files and trials for tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from train.sweeps.config import Sweep, parse_sweep
from train.sweeps.search import State, Trial, suggest, trial_settings


def sweep(**keys: Any) -> Sweep:
    """A sweep of these keys."""
    return parse_sweep(text(**keys), "sweep.yaml")


def text(**keys: Any) -> bytes:
    """A sweep file of these keys."""
    return yaml.safe_dump({"program": "train.py", "method": "random", **keys}, sort_keys=False).encode()


def trial(
    of: Sweep, number: int, reports: Sequence[float], trials: Sequence[Trial], state: State = "finished"
) -> Trial:
    """A trial of the point that the sweep suggests."""
    point = suggest(of, trials, number)
    return Trial(
        number,
        point,
        trial_settings(of, point, number),
        0,
        int(state == "abandoned"),
        state,
        tuple(reports),
        {},
        (),
        1.0,
    )


def program(folder: Path, code: str) -> Path:
    """A program in a file; `settings` holds its arguments, `json`, `os`, `sys` and `time` are imported."""
    path = folder / "program.py"
    head = "import json, os, sys, time\nsettings = dict(arg[2:].split('=', 1) for arg in sys.argv[1:])\n"
    path.write_text(head + code)
    return path
