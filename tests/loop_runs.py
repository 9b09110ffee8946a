"""A small training that can be killed anywhere."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.small_models import SIDE, SMALL
from train.config import Settings, resolve
from train.data import Batch, Sampler, load_frames
from train.guards import GuardSettings
from train.loop import Fitted, LoopSettings, fit
from train.models.config import ModelConfig, build
from train.motion import PTZ
from train.objective import Objective
from train.preprocess import Preprocessing
from train.runs import Run, RunStore

SIZE = (SIDE, SIDE)
STEPS = 16
LOOP = LoopSettings(
    steps=STEPS, batch=4, lr=3e-3, log_every=1, evaluate_every=5, checkpoint_every=3, device="cpu",
    guards=GuardSettings(plateau="lower_lr", patience=2),
)  # fmt: skip


class Whole(Settings):
    """What a run of these tests is configured by."""

    loop: LoopSettings = LOOP
    model: ModelConfig = ModelConfig()


@dataclass
class Killing:
    """Batches, and the end of this process `delay_s` after batch `at` was asked for."""

    sampler: Sampler
    at: int
    delay_s: float
    how: signal.Signals

    def batch(self, step: int) -> Batch:
        if step == self.at:
            threading.Timer(self.delay_s, os.kill, (os.getpid(), self.how)).start()
        return self.sampler.batch(step)


def begin(store: RunStore, name: str = "test") -> Run:
    return store.begin("world-model", name, Whole(), datasets={}, seeds={})


def small_model(*overrides: str) -> tuple[ModelConfig, Objective]:
    config = resolve(ModelConfig, None, [*SMALL, *overrides])
    return config, build(config, 5, SIZE, PTZ.state_dim, PTZ.action_dim, seed=1)


def judge(objective: Objective, step: int) -> Mapping[str, float]:
    """A figure that depends on the weights; it rises at first and is level then."""
    first = next(objective.parameters()).detach()
    return {"score": min(step, 10) + float(first.abs().mean())}


def go_on(run: Run, data: Path, config: ModelConfig, wrap: Any = lambda sampler: sampler) -> Fitted:
    torch.set_num_threads(1)
    objective = build(config, 5, SIZE, PTZ.state_dim, PTZ.action_dim, seed=1)
    frames = load_frames(data, Preprocessing(size=SIZE))
    sampler = wrap(Sampler(frames, frames.windows(objective.window), LOOP.batch, seed=2))
    with run:
        return fit(objective, sampler, LOOP, run, seed=3, primary="score", evaluate=judge)


def go_on_until(
    runs: Path, run: str, data: Path, config: ModelConfig, at: int, delay_s: float, how: signal.Signals
) -> None:
    """What a process does that is to be killed."""
    go_on(RunStore(runs).reopen(run), data, config, lambda sampler: Killing(sampler, at, delay_s, how))
