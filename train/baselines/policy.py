"""A trained baseline that acts: one file, with all that it needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from datagen.store.schema import Json
from scenes.errors import HomeError
from train.baselines.backbone import empty_backbone
from train.baselines.config import BaselineModel
from train.baselines.networks import PolicyNetwork
from train.baselines.objective import build_network
from train.baselines.outputs import class_names, class_numbers, classes_said
from train.checkpoints import load_tensors, save_tensors
from train.config import load_settings

KIND = "baseline"
_IMAGES = ("rgb", "depth")


@dataclass(frozen=True)
class View:
    """How the frames were taken that it learned from: size of the images, pixels, and horizontal field of view."""

    size: tuple[int, int]
    fov_deg: float


@dataclass(eq=False)
class BaselinePolicy:
    """Drives an environment (docs/environments.md) by its network. It remembers nothing.

    Attributes:
        network: in evaluation mode.
        model: what it is.
        view: what an environment should show; images of any size of the same shape will do.
        dataset: folder and content hash of what it learned from.
        facts: whatever else was saved with it, such as its scores.
        world_model: whose encoder it sees by, as `train.baselines.backbone` describes it; None: it has its own.
        draws: commands are drawn as the network finds them likely; else it always gives the likeliest.
    """

    network: PolicyNetwork
    model: BaselineModel
    view: View
    dataset: Mapping[str, Json]
    facts: Mapping[str, Json]
    world_model: Mapping[str, Json] | None = None
    draws: bool = False
    _rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0), repr=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """The commands that it may give."""
        return class_names(self.model.target)

    @property
    def can_draw(self) -> bool:
        """Does it say how likely commands are? Who says a heading does not."""
        return self.model.target.output == "command"

    @property
    def observations(self) -> tuple[str, ...]:
        """What an environment must let it observe."""
        inputs = self.model.inputs
        images = [name for name in _IMAGES if name in self.model.preprocessing.channels]
        return (*images, *["goal_offset"] * inputs.goal, *["previous_action"] * inputs.previous_command)

    def reset(self, seed: int) -> None:
        """Before an episode: what is drawn in it depends on the seed alone."""
        self._rng = np.random.default_rng(seed)

    def act(self, observation: Mapping[str, Any]) -> int:
        """The number of a command, of `sim.agents.protocol.Action`.

        Raises:
            HomeError: the environment does not show what it has to see.
        """
        target, outputs = self.model.target, self.outputs(observation)
        if self.draws:
            up_to = outputs[0].double().softmax(dim=0).cumsum(dim=0).cpu().numpy()
            said = int(np.searchsorted(up_to, self._rng.random() * up_to[-1], side="right"))
        else:
            said = int(classes_said(outputs, target)[0])
        return class_numbers(target)[said]

    @torch.no_grad()
    def outputs(self, observation: Mapping[str, Any]) -> torch.Tensor:
        """What the network says, (1, C) logits or (1, 2) cosine and sine of a heading."""
        missing = [name for name in self.observations if name not in observation]
        if missing:
            raise HomeError(
                f"the policy sees {', '.join(self.observations)}, and the environment shows no "
                f"{' and no '.join(missing)}; make it with observations={list(self.observations)}"
            )
        inputs, device = self.model.inputs, self.network.last.weight.device
        previous, goal = torch.zeros(1, dtype=torch.long), torch.zeros(1, 3)
        if inputs.previous_command:
            if np.ndim(observation["previous_action"]):
                raise HomeError("the policy gives commands, and the environment wants speeds; make it continuous=False")
            previous = torch.tensor([int(observation["previous_action"])])
        if inputs.goal:
            goal = torch.from_numpy(np.asarray(observation["goal_offset"][:3], np.float32))[None]
        images = self._planes(observation)[None]
        return self.network(images.to(device), previous.to(device), goal.to(device))

    def _planes(self, observation: Mapping[str, Any]) -> torch.Tensor:
        """The preprocessed images, (planes, h, w); what the network does not look at is black."""
        shown = next(observation[name] for name in _IMAGES if name in self.observations)
        height, width = shown.shape[:2]
        rgb = observation["rgb"] if "rgb" in self.observations else np.zeros((height, width, 3), np.uint8)
        depth = observation["depth"] if "depth" in self.observations else np.zeros((height, width), np.float32)
        return self.model.preprocessing.of_frame(rgb, np.reshape(depth, (height, width)))


def save_policy(policy: BaselinePolicy, path: Path) -> None:
    """Writes a policy into one file, which needs nothing else to be used anywhere."""
    meta = {
        "kind": KIND,
        "model": policy.model.model_dump(mode="json"),
        "view": {"size": list(policy.view.size), "fov_deg": policy.view.fov_deg},
        "dataset": dict(policy.dataset),
        "facts": dict(policy.facts),
        "world_model": None if policy.world_model is None else dict(policy.world_model),
    }
    save_tensors(path, policy.network.state_dict(), meta)


def load_policy(path: Path | str, *, dataset_hash: str | None = None, draws: bool = False) -> BaselinePolicy:
    """Reads a policy, on the CPU.

    Args:
        path: the file.
        dataset_hash: the content hash of the dataset that it must have learned from, if that matters.
        draws: see `BaselinePolicy`.

    Raises:
        HomeError: no such file, a damaged one, one of something else, or a policy that learned from another dataset;
            headings to be drawn from.
    """
    path = Path(path)
    tensors, meta = load_tensors(path)
    if meta.get("kind") != KIND:
        raise HomeError(f"{path} holds no baseline (kind {meta.get('kind')!r}); give policy.safetensors of its run")
    dataset = meta["dataset"]
    if dataset_hash is not None and dataset["content_hash"] != dataset_hash:
        raise HomeError(
            f"{path} learned from {dataset['folder']}, content hash {dataset['content_hash'][:12]}, not from the "
            f"dataset of {dataset_hash[:12]}; train on that one, or judge it without asking for one"
        )
    model = load_settings(BaselineModel, meta["model"], str(path))
    world_model = meta["world_model"]
    network = build_network(model, None if world_model is None else empty_backbone(world_model, path))
    network.load_state_dict(tensors)
    view = View(tuple(meta["view"]["size"]), meta["view"]["fov_deg"])
    policy = BaselinePolicy(network.eval(), model, view, dataset, meta["facts"], world_model, draws)
    if draws and not policy.can_draw:
        raise HomeError(f"{path} says a heading, not how likely commands are, so none can be drawn; leave `draws` out")
    return policy
