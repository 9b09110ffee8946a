"""Settings of a baseline: what it sees, what it says, what it learns from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from train.config import Settings
from train.loop import LoopSettings
from train.preprocess import Preprocessing

Size = Annotated[int, Field(ge=8)]
Share = Annotated[float, Field(ge=0, le=1)]


class NetworkSettings(Settings):
    """What looks at images, and what decides.

    Attributes:
        name: of the encoder.
        width: channels of the small network's first layer.
        hidden: of the two layers that decide.
        checkpoint: of `world_model`: a run's folder, or a file.
        frozen: of `world_model`: its encoder stays as it is.
    """

    name: Literal["small", "resnet18", "world_model"] = "small"
    width: Annotated[int, Field(ge=8, multiple_of=8)] = 24
    hidden: Size = 128
    checkpoint: str | None = None
    frozen: bool = True

    @model_validator(mode="after")
    def _fits(self) -> NetworkSettings:
        if (self.checkpoint is None) != (self.name != "world_model"):
            raise ValueError("network `world_model` and `checkpoint`, a world model's, go together")
        return self


class InputSettings(Settings):
    """What it knows besides the image.

    Attributes:
        previous_command: what was done before; none at an episode's start.
        history_dropout: the share of frames that are learned without it.
        goal: distance and heading of the goal.
    """

    previous_command: bool = False
    history_dropout: Share = 0.0
    goal: bool = False

    @model_validator(mode="after")
    def _fits(self) -> InputSettings:
        if self.history_dropout and not self.previous_command:
            raise ValueError("history_dropout without previous_command; there is nothing to drop")
        return self


class TargetSettings(Settings):
    """What it says.

    Attributes:
        output: a command, or where the right way begins as a heading, which becomes a command by the threshold.
        stop: is that a command as well? For goals; routes end by themselves.
        threshold_deg: forward is right where the way begins within so many degrees of straight on; None: commands as
            the dataset has them.
    """

    output: Literal["command", "heading"] = "command"
    stop: bool = False
    threshold_deg: Annotated[float, Field(gt=0, lt=180)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> TargetSettings:
        if self.stop and self.output == "heading":
            raise ValueError("a heading says nothing of stopping; leave `stop` out, or predict commands")
        return self


class LossSettings(Settings):
    """What counts how much.

    Attributes:
        weights: of the classes, by their frequencies.
        sampler: which frames are drawn how often.
        gamma: of the focal loss; 0: cross entropy.
    """

    weights: Literal["none", "median_frequency", "sqrt", "inverse"] = "none"
    sampler: Literal["natural", "sqrt", "balanced"] = "natural"
    gamma: Annotated[float, Field(ge=0)] = 0.0


class AugmentSettings(Settings):
    """What is changed in images that are learned from.

    Attributes:
        mirror: half of them are mirrored; `correct`: what is said of them too; `mistaken`: it is not.
        jitter: how much brightness, contrast and colour vary.
    """

    mirror: Literal["off", "correct", "mistaken"] = "off"
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.0


class BaselineModel(Settings):
    """What makes a baseline what it is: all that a policy needs to know of its training."""

    preprocessing: Preprocessing = Preprocessing()
    network: NetworkSettings = NetworkSettings()
    inputs: InputSettings = InputSettings()
    target: TargetSettings = TargetSettings()


class DataSettings(Settings):
    """Which frames.

    Attributes:
        split: a stored one of the dataset (`sim data split`). None: `main`, or `episodes`, which is made where there is
            neither: a route is learned from its own home, so homes are not held out.
        train, judge: its parts that are learned from, and that say which checkpoint is best.
    """

    split: str | None = None
    train: str = "train"
    judge: str = "val"


class BaselineConfig(BaselineModel):
    """A baseline and its training.

    Attributes:
        primary: the figure of the held-out frames that says which checkpoint is best.
        seed: of the first weights, of the order of frames, and of what is changed in them.
    """

    loss: LossSettings = LossSettings()
    augment: AugmentSettings = AugmentSettings()
    data: DataSettings = DataSettings()
    loop: LoopSettings = LoopSettings(steps=2000, lr=2e-3, weight_decay=0.05)
    primary: Literal["macro_f1", "accuracy"] = "macro_f1"
    seed: Annotated[int, Field(ge=0)] = 0

    def explicit(self, split: str) -> BaselineConfig:
        """The same with the split that was left open."""
        return self.model_copy(update={"data": self.data.model_copy(update={"split": split})})

    @property
    def model(self) -> BaselineModel:
        """What it is, without how it is trained."""
        return BaselineModel(**{name: getattr(self, name) for name in BaselineModel.model_fields})
