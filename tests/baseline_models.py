"""Baselines small enough to build and train within a test, and batches of noise for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from train.baselines.batch import LabelledBatch
from train.baselines.config import AugmentSettings, BaselineModel, InputSettings, LossSettings, NetworkSettings
from train.baselines.labels import NONE
from train.baselines.objective import BaselineObjective
from train.baselines.outputs import class_numbers
from train.baselines.policy import BaselinePolicy, View
from train.preprocess import Preprocessing

SMALL = NetworkSettings(width=8, hidden=32)
SEEN = Preprocessing(size=(32, 32))
ALL = InputSettings(previous_command=True, goal=True)


def model(**changes: Any) -> BaselineModel:
    return BaselineModel(**({"preprocessing": SEEN, "network": SMALL} | changes))


def objective(
    of: BaselineModel,
    loss: LossSettings | None = None,
    augment: AugmentSettings | None = None,
    weights: Any = None,
) -> BaselineObjective:
    torch.manual_seed(0)
    weights = np.ones(len(class_numbers(of.target))) if weights is None else np.array(weights)
    return BaselineObjective(of, loss or LossSettings(), augment or AugmentSettings(), weights)


def random_batch(count: int, seed: int = 0, planes: int = 5, commands: tuple[int, ...] = (1, 2, 3)) -> LabelledBatch:
    rng = np.random.default_rng(seed)
    angle = rng.uniform(-np.pi, np.pi, count)
    goal = np.stack([rng.uniform(0, 9, count), np.cos(angle), np.sin(angle)], axis=1)
    return LabelledBatch(
        torch.from_numpy(rng.uniform(-1, 1, (count, planes, 32, 32)).astype(np.float32)),
        torch.from_numpy(rng.choice(commands, count)),
        torch.from_numpy(rng.integers(0, NONE + 1, count)),
        torch.from_numpy(goal.astype(np.float32)),
        torch.from_numpy(rng.uniform(-90, 90, count).astype(np.float32)),
        torch.arange(count),
    )


def learn(of: BaselineObjective, batches: Any, steps: int, rate: float = 3e-3) -> list[dict[str, float]]:
    generator = torch.Generator().manual_seed(0)
    optimiser = torch.optim.AdamW([p for p in of.parameters() if p.requires_grad], lr=rate)
    of.train()
    found = []
    for step in range(steps):
        optimiser.zero_grad()
        found.append(of.backward(batches(step), generator))
        optimiser.step()
    return found


def policy_of(of: BaselineObjective) -> BaselinePolicy:
    with torch.no_grad():
        for number, values in enumerate(of.network.parameters()):
            values.copy_(0.1 * torch.randn(values.shape, generator=torch.Generator().manual_seed(number)))
    dataset = {"folder": "data/arrows", "content_hash": "ab" * 32}
    return BaselinePolicy(of.network.eval(), of.model, View((32, 32), 75.0), dataset, {"macro_f1": 0.5})
