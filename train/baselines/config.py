"""Settings of a baseline: what it sees, what it says, what it learns from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from train.config import Settings
from train.preprocess import Preprocessing


class NetworkSettings(Settings):
    """What looks at images, and what decides."""

    name: Literal["small", "resnet18", "world_model"] = "small"
    width: int = Field(24, ge=8, description="channels of the small network's first layer; a multiple of 8")
    hidden: int = Field(128, ge=8, description="of the two layers that decide")
    checkpoint: str | None = Field(None, description="a world model's checkpoint or run, for `world_model`")
    frozen: bool = Field(True, description="the world model's encoder stays as it is")

    @model_validator(mode="after")
    def _fits(self) -> NetworkSettings:
        if (self.checkpoint is None) != (self.name != "world_model"):
            raise ValueError("network `world_model` and `checkpoint`, a world model's, go together")
        if self.width % 8:
            raise ValueError(f"width {self.width}; give a multiple of 8")
        return self


class InputSettings(Settings):
    """What it knows besides the image."""

    previous_command: bool = Field(False, description="what was done before; none at an episode's start")
    history_dropout: float = Field(0.0, ge=0, le=1, description="share of the frames that learn without it")
    goal: bool = Field(False, description="distance and heading of the goal")

    @model_validator(mode="after")
    def _fits(self) -> InputSettings:
        if self.history_dropout and not self.previous_command:
            raise ValueError("history_dropout without previous_command; there is nothing to drop")
        return self


class TargetSettings(Settings):
    """What it says."""

    output: Literal["command", "heading"] = Field("command", description="heading: where the right way begins, degrees")
    stop: bool = Field(False, description="stop is a command as well: for goals; routes end by themselves")
    threshold_deg: float | None = Field(
        None, gt=0, lt=180, description="so far off straight on forward is right; null: the dataset's own commands"
    )

    @model_validator(mode="after")
    def _fits(self) -> TargetSettings:
        if self.stop and self.output == "heading":
            raise ValueError("a heading says nothing of stopping; leave `stop` out, or predict commands")
        return self


class LossSettings(Settings):
    """What counts how much."""

    weights: Literal["none", "median_frequency", "sqrt", "inverse"] = "none"
    sampler: Literal["natural", "sqrt", "balanced"] = "natural"
    gamma: float = Field(0.0, ge=0, description="of the focal loss; 0: cross entropy")


class AugmentSettings(Settings):
    """What is changed in images that are learned from."""

    mirror: Literal["off", "correct", "mistaken"] = Field(
        "off", description="half of them; correct: left and right change places too; mistaken: they do not"
    )
    jitter: float = Field(0.0, ge=0, lt=1, description="of brightness, contrast and colour")


class BaselineModel(Settings):
    """What makes a network what it is: all that a policy needs to know of its training."""

    preprocessing: Preprocessing = Preprocessing()
    network: NetworkSettings = NetworkSettings()
    inputs: InputSettings = InputSettings()
    target: TargetSettings = TargetSettings()
