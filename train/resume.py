"""Checkpoints of a training: all that a step depends on, and what the model is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

from datagen.store.schema import Json
from train.checkpoints import Checkpoints, load_tensors
from train.guards import Watch

if TYPE_CHECKING:
    from train.objective import Objective

MODEL, _OPTIMISER = "model.", "optimiser."
"""What the names of tensors begin with."""


def save_training(
    checkpoints: Checkpoints,
    objective: Objective,
    optimiser: torch.optim.Optimizer,
    done: int,
    watch: Watch,
    score: float | None,
    facts: Mapping[str, Json],
) -> None:
    """Saves a checkpoint after `done` steps; `facts`: what the model is; `score`: of the primary metric, if known."""
    tensors = {MODEL + name: tensor for name, tensor in objective.state_dict().items()}
    names = _names(objective, optimiser)
    for number, values in optimiser.state_dict()["state"].items():
        tensors |= {f"{_OPTIMISER}{names[number]}/{key}": value for key, value in values.items()}
    checkpoints.save(done, tensors, {**facts, "watch": watch.to_json()}, score)


def restore_training(
    checkpoints: Checkpoints, objective: Objective, optimiser: torch.optim.Optimizer
) -> tuple[int, Watch]:
    """Takes the last checkpoint, if there is one: how many steps are done, and what guards remember.

    Raises:
        HomeError: it is damaged; names the file.
    """
    latest = checkpoints.latest()
    if latest is None:
        return 0, Watch()
    tensors, meta = load_tensors(latest)
    objective.load_state_dict(model_tensors(tensors))
    number = {name: i for i, name in enumerate(_names(objective, optimiser))}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(_OPTIMISER):
            parameter, _, key = name.removeprefix(_OPTIMISER).rpartition("/")
            state.setdefault(number[parameter], {})[key] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    return meta["step"], Watch(**meta["watch"])


def model_tensors(tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The model's part of a checkpoint's tensors, as its `state_dict`."""
    return {name.removeprefix(MODEL): tensor for name, tensor in tensors.items() if name.startswith(MODEL)}


def _names(objective: Objective, optimiser: torch.optim.Optimizer) -> list[str]:
    """The names of what is trained, in the optimiser's order."""
    of = {id(parameter): name for name, parameter in objective.named_parameters()}
    return [of[id(parameter)] for group in optimiser.param_groups for parameter in group["params"]]
