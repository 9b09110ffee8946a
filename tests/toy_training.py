"""A training of one number, to be killed and resumed: `python -m tests.toy_training RUNS RUN`."""

from __future__ import annotations

import math
import random
import sys
from pathlib import Path

import torch

from train.checkpoints import load_tensors, step_of
from train.runs import Run, RunStore

STEPS, EVERY = 30, 4


def go_on(run: Run, *, tell: bool = False) -> None:
    """Goes on where the last checkpoint is. `tell`: print each step."""
    latest = run.checkpoints.latest()
    weight = load_tensors(latest)[0]["weight"] if latest else torch.zeros((), dtype=torch.float64)
    with run:
        for step in range(step_of(latest) + 1 if latest else 1, STEPS + 1):
            weight = torch.sin(weight + step)
            run.log(step, {"weight": weight.item()}, timing={"rate": random.random()})
            if step % 3 == 0:
                run.log(step, {"score": -weight.item(), "bad": math.nan})
            if step % EVERY == 0:
                run.checkpoints.save(step, {"weight": weight}, {}, score=-weight.item())
            if tell:
                sys.stdout.write(f"{step}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    torch.set_num_threads(1)
    go_on(RunStore(Path(sys.argv[1])).reopen(sys.argv[2]), tell=True)
