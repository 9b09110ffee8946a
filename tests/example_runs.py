"""Runs of an example, some of which were killed and resumed, and what TensorBoard reads of them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.toy_training import go_on
from train.config import Settings
from train.runs import Run, RunInfo, RunStore

ROOT = Path(__file__).parents[1]


class Model(Settings):
    latent: int = 64


class Example(Settings):
    model: Model = Model()
    lr: float = 1e-3
    primary: str = "score"
    seed: int = 0


def begin(store: RunStore, *, seed: int = 0, **changed: Any) -> Run:
    """A run of the example on one dataset."""
    config = Example(seed=seed, **{key: changed.pop(key) for key in ("lr", "model") if key in changed})
    given = {"datasets": {"data/oldy": "ab" * 32}, "seeds": {"seed": seed}} | changed
    return store.begin("world-model", "latent", config, **given)


def finished(store: RunStore, values: dict[str, float] | None = None, **changed: Any) -> RunInfo:
    with begin(store, **changed) as run:
        run.log(1, {"score": 1.0} if values is None else values)
    return store.get(run.id)


def stop(run: Run) -> None:
    """As Ctrl-C does."""
    with pytest.raises(KeyboardInterrupt), run:
        raise KeyboardInterrupt


def killed_and_resumed(store: RunStore, rng: random.Random, trackers: tuple[str, ...] = ()) -> RunInfo:
    """A run that was killed twice, at any step, and then goes to its end."""
    run = begin(store, seed=rng.randrange(1000), trackers=trackers)
    stop(run)
    for kills in range(2):
        command = [sys.executable, "-m", "tests.toy_training", store.folder, run.id]
        own = {key: value for key, value in os.environ.items() if key != "WANDB_SERVICE"}  # W&B's helper is its own too
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=own)
        assert process.stdout is not None
        for _ in range(rng.randint(1, 9)):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is gone, but keeps its number
        assert store.get(run.id).state == "abandoned"
        process.wait()
        assert store.get(run.id).state == "abandoned"
        if kills:
            with (run.folder / "metrics.jsonl").open("a") as file:
                file.write('{"step": 29, "wei')
    go_on(store.reopen(run.id))
    return store.get(run.id)


def event_numbers(folder: Path) -> Iterator[tuple[int, str, float, float]]:
    """Step, name, value and time of all scalars, as TensorBoard itself reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    for name in events.Tags()["tensors"]:
        if "text_summary" not in name:
            for event in events.Tensors(name):
                yield event.step, name, make_ndarray(event.tensor_proto).item(), event.wall_time


def check_event_files(run: RunInfo) -> None:
    """What TensorBoard reads is what the folder says, to the bit."""
    logged = [(line["step"], name, line[name]) for line in run.metrics() for name in line if name != "step"]
    read = [(step, name, value) for step, name, value, _ in event_numbers(run.folder / "tensorboard")]
    assert sorted(map(repr, read)) == sorted(map(repr, logged))
    assert logged
