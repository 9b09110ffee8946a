"""What the experiments are: arms, seeds, sizes. All of it is fixed before anything is trained."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from train.config import Settings
from train.models.config import ModelConfig
from train.preprocess import Channel

ARMS: dict[str, tuple[Channel, ...]] = {
    "rgb": ("rgb",),
    "rgb-d": ("rgb", "depth"),
    "depth": ("depth",),
    "constant": ("rgb", "constant_depth"),
    "shuffled": ("rgb", "shuffled_depth"),
}
"""What each arm of the depth question sees. The last two are controls: as many planes as rgb-d, and nothing in them."""


class DataSettings(Settings):
    """The dataset that all arms are trained on: PTZ cameras in procedural homes.

    Attributes:
        homes, home_seed: how many procedural homes, and of which seed; a sixth of them validates.
        episodes, frames: how many sequences, and how long each is.
        px: width and height of the images as rendered; networks see them at the training size.
        modulation: of the 21 actions: with 4 a jump pans by 20 degrees.
        paint: share of the surfaces that are painted anew in each episode.
        seed: of cameras and actions.
    """

    homes: Annotated[int, Field(ge=3)] = 24
    home_seed: int = 11
    episodes: Annotated[int, Field(ge=3)] = 408
    frames: Annotated[int, Field(ge=8)] = 48
    px: Annotated[int, Field(ge=32)] = 128
    modulation: float = 4.0
    paint: Annotated[float, Field(ge=0, le=1)] = 0.8
    seed: int = 0

    def config(self, homes: list[str]) -> dict[str, Any]:
        """The same for `datagen.config.make_config`."""
        return {
            "homes": homes,
            "policies": ["random"],
            "episodes": self.episodes,
            "frames": self.frames,
            "size": [self.px, self.px],
            "seed": self.seed,
            "ptz": {"cameras": 4, "modulation": self.modulation, "tilt_deg": [-40, 5], "zoom": [1, 3]},
            "randomise": {"paint": {"surfaces": ["wall", "floor", "ceiling"], "share": self.paint, "when": "episode"}},
        }


class DepthSettings(Settings):
    """The depth question.

    Attributes:
        data: what is trained on.
        benchmark: the frozen set that is judged on.
        seeds: of weights and batches; each arm is trained with each.
        size: width and height that networks see, pixels.
        model: the same for all arms.
        steps, batch: how long each cell is trained, and on how many windows at once.
        lr: the largest learning rate.
        bf16: encoders compute in bfloat16.
        horizons: how many steps ahead is judged.
    """

    data: DataSettings = DataSettings()
    benchmark: str = "stairwell-1"
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0, 1, 2)
    size: int = 64
    model: ModelConfig = ModelConfig()
    steps: Annotated[int, Field(ge=1)] = 600
    batch: Annotated[int, Field(ge=2)] = 64
    lr: Annotated[float, Field(gt=0)] = 2e-3
    bf16: bool = False
    horizons: Annotated[int, Field(ge=1)] = 5
