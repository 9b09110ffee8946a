"""W&B's own packages as judges: their schema, their grid, their distributions, their command lines, their Hyperband.

They want an older numpy, so they live in an environment of their own: `STAIRWELL_WANDB` names its Python.

    python3 -m venv /tmp/wandb && /tmp/wandb/bin/pip install 'wandb[sweeps]'
    STAIRWELL_WANDB=/tmp/wandb/bin/python pytest tests/test_sweep_wandb.py
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sweeps import sweep, text
from tests.test_sweep_command import SETTINGS, line
from tests.waiting import HANGS_S
from train.sweeps.config import Hyperband, Metric, read_sweep
from train.sweeps.distributions import Choice
from train.sweeps.hyperband import should_stop
from train.sweeps.search import suggest, trial_settings

PYTHON = os.environ.get("STAIRWELL_WANDB", "")
EXAMPLES = Path(__file__).parents[1] / "train" / "recipes" / "sweeps"

pytestmark = pytest.mark.skipif(not PYTHON, reason="set STAIRWELL_WANDB to a Python with wandb[sweeps]")


def ask(*questions: tuple[Any, ...]) -> list[Any]:
    script = Path(__file__).with_name("wandb_sweeps.py")
    asked = json.dumps(questions)  # -P: its `sweeps` is not the module beside the script
    done = subprocess.run(
        [PYTHON, "-P", script], input=asked, capture_output=True, text=True, check=False, timeout=HANGS_S
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_its_schema_takes_our_files() -> None:
    paths = sorted(EXAMPLES.glob("*.yaml"))
    everything = text(
        method="bayes",
        metric={"name": "loss", "goal": "maximize", "target": 0.9, "impute": "best"},
        controller={"type": "cloud", "seed": 7, "repeats": 3, "seed_parameter": "seed"},
        early_terminate={"type": "hyperband", "max_iter": 27, "s": 2, "eta": 3, "strict": True},
        run_cap=30,
        parameters={
            "a.b": {"min": 1, "max": 4},
            "n": {"parameters": {"c": {"values": [1, 2], "probabilities": [0.5, 0.5]}}},
        },
    )
    for path in paths:
        read_sweep(path)
    assert paths
    found = ask(*(("violations", path.read_text()) for path in paths), ("violations", everything.decode()))
    assert found == [[]] * (len(paths) + 1)
    (top_level,) = ask(("violations", text(parameters={"a": {"value": 1}}, seed=3).decode()))
    assert top_level == ["Additional properties are not allowed ('seed' was unexpected)"]  # why `controller` holds it


def test_its_grid_has_the_same_points_in_the_same_order() -> None:
    keys: dict[str, Any] = {
        "method": "grid",
        "parameters": {
            "z": {"values": ["p", "q", "p"]},
            "a": {"min": 1, "max": 3},
            "m": {
                "parameters": {
                    "y": {"values": [True, False]},
                    "b": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25},
                }
            },
            "B": {"values": [0.5, 2, None]},
            "k": {"value": 9},
        },
    }
    read = sweep(**keys)
    assert read.most_trials == 2 * 3 * 2 * 4 * 3
    ours = [trial_settings(read, suggest(read, [], number), number) for number in range(read.most_trials)]
    assert ask(("grid", text(**keys).decode())) == [ours]


@pytest.mark.filterwarnings("ignore:parameters")  # exponents
def test_its_distributions_have_the_same_quantiles() -> None:
    ends = {"min": 0.5, "max": 20.0}
    said: list[dict[str, Any]] = [
        {"min": 3, "max": 9},
        {"min": 3.0, "max": 9.0},
        {"values": ["x", "y", "z"]},
        {"values": [1, 2, 3], "probabilities": [0.2, 0.5, 0.3]},
        {"distribution": "beta", "a": 2, "b": 3},
        {"distribution": "q_beta", "a": 2, "b": 3, "q": 0.1},
        {"distribution": "normal", "mu": 1, "sigma": 2},
        {"distribution": "q_normal", "mu": 1, "sigma": 2, "q": 2},
        {"distribution": "log_normal", "mu": 0.5, "sigma": 0.2},
        {"distribution": "q_log_normal", "mu": 0.5, "q": 0.5},
        *({"distribution": name, **ends} for name in ("log_uniform_values", "inv_log_uniform_values", "q_uniform")),
        {"distribution": "q_log_uniform_values", **ends, "q": 3},
        *({"distribution": name, "min": -3, "max": 1} for name in ("log_uniform", "inv_log_uniform", "q_log_uniform")),
    ]
    shares = np.random.default_rng(0).uniform(0.001, 0.999, 200).tolist()
    theirs = ask(*(("quantiles", one, shares) for one in said))
    for one, expected in zip(said, theirs, strict=True):
        (leaf,) = sweep(parameters={"a": one}).space.leaves
        of = leaf.distribution
        ours = [of.values[of.index_at(u)] if isinstance(of, Choice) else of.quantile(u) for u in shares]
        if isinstance(ours[0], str):
            assert ours == expected
        else:
            np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12, err_msg=str(one))  # type: ignore[arg-type]


def test_its_macros_hold_the_same_arguments() -> None:
    (theirs,) = ask(("arguments", SETTINGS))
    for name in ("args", "args_no_equals", "args_no_hyphens", "args_no_boolean_flags", "args_json"):
        assert line(f"${{{name}}}") == theirs[name]
    for name in ("args_append_hydra", "args_override_hydra"):
        assert line(f"${{{name}}}") == theirs[name]


def test_its_hyperband_stops_the_same_runs() -> None:
    rng = np.random.default_rng(0)
    cases = []
    for _ in range(300):
        rule: dict[str, Any] = {"eta": float(rng.choice([1.5, 2.0, 3.0])), "strict": bool(rng.integers(2))}
        rule |= (
            {"min_iter": int(rng.integers(1, 4))} if rng.integers(2) else {"max_iter": int(rng.integers(4, 28)), "s": 2}
        )
        own, *others = (rng.normal(size=rng.integers(1, 13)).round(2).tolist() for _ in range(rng.integers(1, 9)))
        cases.append((rule, str(rng.choice(["minimize", "maximize"])), own, others))
    theirs = ask(*(("stopped", *case) for case in cases))
    ours = [
        should_stop(Hyperband(type="hyperband", **rule), Metric(name="loss", goal=goal), own, others)
        for rule, goal, own, others in cases
    ]
    assert ours == theirs
    assert 30 < sum(theirs) < 270
