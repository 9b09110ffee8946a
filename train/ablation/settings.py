"""What the experiments are: arms, seeds, sizes. All of it is fixed before anything is trained."""

from __future__ import annotations

from typing import Any

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

    homes: int = Field(24, ge=3)
    home_seed: int = 11
    episodes: int = Field(408, ge=3)
    frames: int = Field(48, ge=8)
    px: int = Field(128, ge=32)
    modulation: float = 4.0
    paint: float = Field(0.8, ge=0, le=1)
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
    seeds: tuple[int, ...] = Field((0, 1, 2), min_length=1)
    size: int = 64
    model: ModelConfig = ModelConfig()
    steps: int = Field(600, ge=1)
    batch: int = Field(64, ge=2)
    lr: float = Field(2e-3, gt=0)
    bf16: bool = False
    horizons: int = Field(5, ge=1)
