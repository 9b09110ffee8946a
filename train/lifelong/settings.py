"""What a life is asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from datagen.config import Config, Ptz
from train.config import Settings
from train.dreams.agent import QSettings
from train.dreams.ensemble import EnsembleSettings
from train.dreams.training import AgentSettings, DreamSettings
from train.loop import LoopSettings
from train.models.config import ModelConfig
from train.preprocess import Preprocessing
from train.world_model import WorldModelSettings


class CollectSettings(Settings):
    """What each generation collects in its home, at the size that the model sees.

    Attributes:
        episodes, frames: how many, and of each episode.
        exam_episodes: likewise at random in each home, once; what is judged on and never trained on.
        epsilon: share of actions at random, of generations that have an agent.
        ptz: the cameras.
        renderer: as of `sim generate`.
    """

    episodes: Annotated[int, Field(ge=1)] = 40
    frames: Annotated[int, Field(ge=8)] = 48
    exam_episodes: Annotated[int, Field(ge=1)] = 12
    epsilon: Annotated[float, Field(ge=0, le=1)] = 0.3
    ptz: Ptz = Ptz(modulation=4.0, zoom=(1.0, 2.0))
    renderer: Literal["auto", "gl", "bullet", "raycast"] = "auto"


class LifeSettings(Settings):
    """All settings of a life but for its homes and how many generations it has.

    Attributes:
        collect: what is collected.
        preprocessing: what the model sees.
        model: which; it has to be one that predicts what actions do.
        loop: how each generation's model is trained, from the weights of the one before.
        rehearsal: share of each batch that comes from earlier generations' data.
        reward: of the agents: `disagreement`, where an ensemble disagrees; or `goal`, closeness to a goal's latent.
        ensemble, dreams, q: how agents learn.
        seed: of all that is drawn.
    """

    collect: CollectSettings = CollectSettings()
    preprocessing: Preprocessing = Preprocessing()
    model: ModelConfig = ModelConfig()
    loop: LoopSettings = LoopSettings()
    rehearsal: Annotated[float, Field(ge=0, lt=1)] = 0.5
    reward: Literal["goal", "disagreement"] = "disagreement"
    ensemble: EnsembleSettings = EnsembleSettings()
    dreams: DreamSettings = DreamSettings()
    q: QSettings = QSettings()
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _predicts(self) -> LifeSettings:
        if self.model.name != "latent":
            raise ValueError(f"{self.model.name} does not predict what actions do, so none can dream; set latent")
        return self

    def data(self, home: str, *, exam: bool) -> Config:
        """The dataset of a generation, or the exam, in a home."""
        collect = self.collect
        return Config(
            homes=(home,),
            policies=("random",),
            episodes=collect.exam_episodes if exam else collect.episodes,
            frames=collect.frames,
            size=self.preprocessing.size,
            seed=self.seed,
            renderer=collect.renderer,
            ptz=collect.ptz,
            segmentation=False,
        )

    def world(self, number: int) -> WorldModelSettings:
        """The world model of a generation, from 1."""
        return WorldModelSettings(
            preprocessing=self.preprocessing, model=self.model, loop=self.loop, primary="skill", seed=self.seed + number
        )

    def agent(self, number: int) -> AgentSettings:
        """The agent of a generation, from 1."""
        return AgentSettings(
            dreams=self.dreams,
            q=self.q,
            reward=self.reward,
            ensemble=self.ensemble,
            modulation=self.collect.ptz.modulation,
            seed=self.seed + number,
        )
