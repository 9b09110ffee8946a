"""What W&B's own packages make of sweep files; run by a Python that has `wandb[sweeps]`, see `test_sweep_wandb.py`.

Reads a JSON object of questions on standard input, writes one of answers.
"""

import json
import sys
import warnings

warnings.simplefilter("ignore")
import numpy as np  # noqa: E402
import sweeps  # noqa: E402
import yaml  # noqa: E402
from sweeps.config import SweepConfig, schema_violations_from_proposed_config  # noqa: E402
from sweeps.params import HyperParameter  # noqa: E402
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args  # noqa: E402


def violations(text):
    """What is wrong with a file by W&B's schema; nothing must be."""
    said = yaml.safe_load(text)
    found = schema_violations_from_proposed_config(said)
    if not found:
        SweepConfig(said)  # raises if anything is left
    return found


def grid(text):
    """The settings of all runs of a grid, in order."""
    config, runs = yaml.safe_load(text), []
    while (run := sweeps.next_run(config, runs)) is not None:
        run.state = sweeps.RunState.finished
        runs.append(run)
    return [{name: value["value"] for name, value in run.config.items()} for run in runs]


def quantiles(said, shares):
    """Values of a parameter at shares of its draws."""
    parameter = HyperParameter("a", said)
    return [np.asarray(parameter.ppf(share)).item() for share in shares]


def arguments(settings):
    """The macros that hold arguments."""
    return create_sweep_command_args({"args": {name: {"value": value} for name, value in settings.items()}})


def stopped(rule, goal, own, others):
    """Does Hyperband stop a run?"""
    config = {
        "method": "random",
        "metric": {"name": "loss", "goal": goal},
        "early_terminate": {"type": "hyperband", **rule},
        "parameters": {"a": {"values": [1]}},
    }

    def run(name, state, reports):
        return sweeps.SweepRun(name=name, state=state, history=[{"loss": value} for value in reports])

    runs = [run("own", "running", own), *(run(str(i), "finished", one) for i, one in enumerate(others))]
    return any(one.name == "own" for one in sweeps.stop_runs(config, runs))


QUESTIONS = {one.__name__: one for one in (violations, grid, quantiles, arguments, stopped)}
asked = json.load(sys.stdin)
json.dump([QUESTIONS[question](*args) for question, *args in asked], sys.stdout)
