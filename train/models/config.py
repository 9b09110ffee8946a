"""What a model is: its settings, and the model made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from train.config import Settings

if TYPE_CHECKING:
    from train.objective import Objective


class ViTConfig(Settings):
    """A small vision transformer."""

    patch: int = Field(8, ge=2, description="pixels")
    width: int = Field(128, ge=8)
    depth: int = Field(4, ge=1)
    heads: int = Field(4, ge=1)

    @model_validator(mode="after")
    def _whole_heads(self) -> ViTConfig:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        return self


class PredictorConfig(Settings):
    """Residual blocks that say what an action does to a latent."""

    width: int = Field(512, ge=8)
    depth: int = Field(3, ge=1)
    conditioning: Literal["adaln", "film"] = "adaln"


class RegulariserConfig(Settings):
    """What keeps latents from becoming all the same."""

    kind: Literal["sigreg", "vicreg", "ema", "none"] = "sigreg"
    weight: float = Field(10.0, ge=0, description="of SIGReg, or of VICReg's variance; per batch of any size")
    projections: int = Field(256, ge=1, description="random directions of SIGReg, drawn anew each step")
    covariance: float = Field(0.04, ge=0, description="weight of VICReg's covariance relative to its variance")


class EmaConfig(Settings):
    """The target network: momentum from the first optimiser step to the last, linearly."""

    start: float = Field(0.996, ge=0, le=1)
    end: float = Field(1.0, ge=0, le=1)


class MaskConfig(Settings):
    """Multi-block masks of I-JEPA (arXiv 2301.08243)."""

    targets: int = Field(4, ge=1)
    target_scale: tuple[float, float] = Field((0.15, 0.2), description="share of the patches")
    target_aspect: tuple[float, float] = (0.75, 1.5)
    context_scale: tuple[float, float] = (0.85, 1.0)
    min_keep: int = Field(8, ge=1, description="patches that a context keeps at least")


class ModelConfig(Settings):
    """A model. Parts that a model does not have are not looked at."""

    name: Literal["latent", "ijepa", "pairs"] = "latent"
    encoder: Literal["conv", "vit"] | None = Field(None, description="null: vit for ijepa, else conv")
    latent: int = Field(128, ge=2, le=1024, description="numbers in an embedding; ijepa's are vit.width")
    history: int = Field(2, ge=1, le=8, description="frames that a prediction starts from (latent)")
    predictor: PredictorConfig = PredictorConfig()
    regulariser: RegulariserConfig = RegulariserConfig()
    vit: ViTConfig = ViTConfig()
    ema: EmaConfig = EmaConfig()
    masks: MaskConfig = MaskConfig()

    @model_validator(mode="after")
    def _fits(self) -> ModelConfig:
        if self.name == "ijepa" and self.encoder == "conv":
            raise ValueError("ijepa predicts patches, which encoder conv does not have; give encoder vit")
        return self


def build(
    config: ModelConfig, planes: int, size: tuple[int, int], state_dim: int, action_dim: int, seed: int
) -> Objective:
    """A model with its initial weights, which depend on the arguments alone.

    Args:
        config: which model
        planes: planes of the images
        size: width and height of the images, px
        state_dim: numbers in a state, S
        action_dim: numbers in an action, A
        seed: of the weights

    Raises:
        HomeError: images that the encoder cannot take
    """
    import torch

    from train.models.ijepa import MaskedImageModel
    from train.models.latent import LatentWorldModel
    from train.models.pairs import PairModel

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if config.name == "ijepa":
            return MaskedImageModel(config, planes, size)
        if config.name == "pairs":
            return PairModel(config, planes, size, state_dim)
        return LatentWorldModel(config, planes, size, state_dim, action_dim)
