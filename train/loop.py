"""The training loop: one for all models, to be read from top to bottom in `fit`.

A step is a function of the weights, the optimiser's state, the settings and the step's number: batches and everything
random are drawn anew from (seed, step). So a run that was killed and resumed has, on a CPU, the weights of one that was
not, to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, TypeAlias

import numpy as np
import torch
from pydantic import Field

from datagen.store.schema import Json
from train.config import Settings
from train.guards import (
    MOST_SKIPPED,
    GuardSettings,
    Watch,
    bad_input,
    bad_numbers,
    constant_output,
    report,
    unlikely_first_losses,
)
from train.objective import Objective
from train.pace import Ahead, Batches, Clock, Stop, training_bar
from train.resume import restore_training, save_training
from train.runs import Run

Evaluate: TypeAlias = Callable[[Objective, int], Mapping[str, float]]
"""Figures by name, of a model (on the CPU, in evaluation mode) after so many steps."""

_LOOKED_AT = 64
"""Frames of a batch that are embedded to see whether the output is constant."""


class LoopSettings(Settings):
    """How a model is trained.

    Attributes:
        steps: of the optimiser.
        batch: samples in each.
        lr: the largest learning rate; it rises over the share `warmup` of the steps and falls as a cosine to 0.
        weight_decay: of AdamW, on matrices and kernels alone.
        clip: the largest norm of all gradients.
        bf16: encoders compute in bfloat16.
        micro_batches: parts that encoders see a batch in, for less memory.
        log_every, evaluate_every, checkpoint_every: in steps. Each evaluation saves a checkpoint, too.
        device: `auto` is a GPU where there is one.
        guards: what is done when something is wrong.
    """

    steps: Annotated[int, Field(ge=1)] = 3000
    batch: Annotated[int, Field(ge=1)] = 128
    lr: Annotated[float, Field(gt=0)] = 1e-3
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.05
    weight_decay: Annotated[float, Field(ge=0)] = 1e-3
    clip: Annotated[float, Field(gt=0)] = 1.0
    bf16: bool = False
    micro_batches: Annotated[int, Field(ge=1)] = 1
    log_every: Annotated[int, Field(ge=1)] = 10
    evaluate_every: Annotated[int, Field(ge=1)] = 250
    checkpoint_every: Annotated[int, Field(ge=1)] = 250
    device: Literal["auto", "cpu", "cuda"] = "auto"
    guards: GuardSettings = GuardSettings()


@dataclass(frozen=True)
class Fitted:
    """How it went. `steps`: done in all; `images_per_s` and `share_waiting` (for batches): of this call."""

    steps: int
    images_per_s: float
    share_waiting: float


def fit(
    objective: Objective,
    sampler: Batches,
    settings: LoopSettings,
    run: Run,
    *,
    seed: int,
    primary: str,
    evaluate: Evaluate | None = None,
    facts: Mapping[str, Json] | None = None,
) -> Fitted:
    """Trains a model, from the run's last checkpoint on if it has one.

    Args:
        objective: the model; it is left with the weights of the last step, on the CPU, in evaluation mode.
        sampler: batches by step.
        settings: how.
        run: where all is noted, and checkpoints go.
        seed: of what is random in the objective.
        primary: which of `evaluate`'s figures says which checkpoint is best; higher is better.
        evaluate: is asked every `evaluate_every` steps, and after the last.
        facts: what checkpoints tell besides, such as how to build the model.

    Raises:
        StoppedError: a guard that is to stop found something.
        HomeError: the last checkpoint is damaged.
        KeyboardInterrupt: Ctrl-C or SIGTERM; a checkpoint has been saved.
    """
    device = find_device(settings)
    objective.to(device).bf16 = settings.bf16
    optimiser = make_optimiser(objective, settings)
    trainer = _Trainer(objective, optimiser, settings, run, seed)
    done, watch = restore_training(run.checkpoints, objective, optimiser)
    clock = Clock()
    with (
        Stop() as stop,
        Ahead(sampler, done, settings.steps, clock) as ahead,
        training_bar(settings.steps, done) as show,
    ):
        while done < settings.steps and not watch.ended:
            batch = ahead.next().to(device)
            losses, watch = trainer.step(batch, done, watch)
            done += 1
            clock.trained(batch.images.shape[:-3].numel())
            evaluates = done % settings.evaluate_every == 0 or done == settings.steps
            figures = trainer.evaluate(evaluate, done) if evaluates else {}
            if evaluates or done % settings.log_every == 0:
                run.log(done, losses | figures, timing=clock.figures())
                show(done, losses, clock.images_per_s)
            if evaluates:
                watch = trainer.look(batch, figures.get(primary), done, watch)
            if evaluates or done % settings.checkpoint_every == 0 or stop.asked:
                save_training(run.checkpoints, objective, optimiser, done, watch, figures.get(primary), facts or {})
                clock.start()  # judging and saving are not training
            if stop.asked:
                raise KeyboardInterrupt
    objective.cpu().eval()
    return Fitted(done, clock.images_per_s, clock.share_waiting)


@dataclass(frozen=True)
class _Trainer:
    """What the loop does with a batch, and with the guards."""

    objective: Objective
    optimiser: torch.optim.Optimizer
    settings: LoopSettings
    run: Run
    seed: int

    def step(self, batch: Any, step: int, watch: Watch) -> tuple[dict[str, float], Watch]:
        """One step, from 0, unless a guard skips it; what is to be logged, and what guards remember."""
        guards, rate = self.settings.guards, watch.lr_factor * rate_at(step, self.settings)
        trouble = bad_input(batch)
        if trouble:
            report(self.run, "bad_batch", trouble, step, _unless_too_many(guards.bad_batch, watch), batch)
            return {"lr": rate}, replace(watch, skipped=watch.skipped + 1)
        self.optimiser.zero_grad(set_to_none=True)
        losses = self.objective.train().backward(batch, generator_at(self.seed, step), self.settings.micro_batches)
        norm = self._clip()
        logged = losses | {"gradient_norm": norm, "lr": rate}
        trouble = bad_numbers(losses, norm)
        if trouble:
            report(self.run, "not_finite", trouble, step, _unless_too_many(guards.not_finite, watch), batch)
            return logged, replace(watch, skipped=watch.skipped + 1)
        trouble = unlikely_first_losses(losses, self.objective.expected_initial()) if step == 0 else None
        if trouble:
            report(self.run, "first_losses", trouble, step, "stop", batch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.step()
        self.objective.after_step(step + 1, self.settings.steps)
        return logged, replace(watch, skipped=0)

    def _clip(self) -> float:
        """Bounds the gradients' norm; what it was."""
        trained = [parameter for group in self.optimiser.param_groups for parameter in group["params"]]
        return float(torch.nn.utils.clip_grad_norm_(trained, self.settings.clip))

    def evaluate(self, evaluate: Evaluate | None, done: int) -> dict[str, float]:
        """The figures after so many steps."""
        if evaluate is None:
            return {}
        device = next(self.objective.parameters()).device
        figures = dict(evaluate(self.objective.cpu().eval(), done))
        self.objective.to(device)
        return figures

    def look(self, batch: Any, score: float | None, done: int, watch: Watch) -> Watch:
        """Looks at the output and the primary metric."""
        guards = self.settings.guards
        embeddings = self.objective.eval().encode(batch.images.flatten(0, -4)[:_LOOKED_AT])
        trouble = constant_output(embeddings)
        if trouble:
            report(self.run, "constant_output", trouble, done, guards.constant_output, batch)
        if score is None or guards.plateau == "ignore":
            return watch
        watch, trouble = watch.scored(score, guards)
        if trouble:
            action = "the training ends" if watch.ended else guards.plateau
            report(self.run, "plateau", trouble, done, action, batch)
        return watch


def _unless_too_many(action: str, watch: Watch) -> str:
    return "stop" if watch.skipped >= MOST_SKIPPED else action


def rate_at(step: int, settings: LoopSettings) -> float:
    """The learning rate of a step, from 0: a linear rise, then half a cosine to 0 after the last."""
    rise = max(1, round(settings.warmup * settings.steps))
    if step < rise:
        return settings.lr * (step + 1) / rise
    return settings.lr * 0.5 * (1 + math.cos(math.pi * (step - rise + 1) / (settings.steps - rise + 1)))


def make_optimiser(objective: Objective, settings: LoopSettings) -> torch.optim.AdamW:
    """AdamW; what has fewer than two axes, biases and the scales of norms, does not decay."""
    trained = [parameter for parameter in objective.parameters() if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in trained if parameter.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [parameter for parameter in trained if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.lr)


def generator_at(seed: int, step: int) -> torch.Generator:
    """What is random in a step."""
    drawn = np.random.SeedSequence([seed, step]).generate_state(1)
    return torch.Generator().manual_seed(int(drawn[0]))


def find_device(settings: LoopSettings) -> torch.device:
    """Where it is computed."""
    if settings.device != "auto":
        return torch.device(settings.device)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
