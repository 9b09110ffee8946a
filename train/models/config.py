"""What a model is: its settings, and the model made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from train.config import Settings

if TYPE_CHECKING:
    from train.objective import Objective


ModelName = Literal["latent", "ijepa", "pairs"]
Size = Annotated[int, Field(ge=8)]
Count = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class ConvConfig(Settings):
    """Four convolutions of stride 2. `width`: channels of the first, doubled each time; `hidden`: of the projector."""

    width: Annotated[int, Field(ge=8, multiple_of=8)] = 24
    hidden: Size = 128


class ViTConfig(Settings):
    """A small vision transformer. `patch`: pixels."""

    patch: Annotated[int, Field(ge=2)] = 8
    width: Size = 128
    depth: Count = 4
    heads: Count = 4

    @model_validator(mode="after")
    def _whole_heads(self) -> ViTConfig:
        if self.width % self.heads:
            raise ValueError(f"width {self.width} does not divide into {self.heads} heads")
        return self


class PredictorConfig(Settings):
    """Residual blocks that say what follows from a latent under a condition."""

    width: Size = 256
    depth: Count = 3
    conditioning: Literal["adaln", "film"] = "adaln"


class SigRegConfig(Settings):
    """Latents are held against N(0, 1) along random directions. `weight`: the same for batches of any size."""

    weight: Weight = 10.0
    projections: Count = 256


class VicRegConfig(Settings):
    """Weights: that each number of a latent varies, and that no two vary together."""

    variance: Weight = 1.0
    covariance: Weight = 0.04


class EmaConfig(Settings):
    """The target network: its momentum at the first step of the optimiser and at the last, linear in between."""

    start: Share = 0.996
    end: Share = 1.0


class MaskConfig(Settings):
    """Multi-block masks of I-JEPA. Scales: shares of the patches; `min_keep`: patches that a context keeps at least."""

    targets: Count = 4
    target_scale: tuple[Share, Share] = (0.15, 0.2)
    target_aspect: tuple[Weight, Weight] = (0.75, 1.5)
    context_scale: tuple[Share, Share] = (0.85, 1.0)
    min_keep: Count = 8


class ModelConfig(Settings):
    """A model; what it has no use for is not looked at.

    Attributes:
        name: which model.
        encoder: null: vit for ijepa, else conv.
        latent: numbers in an embedding; ijepa has vit.width.
        history: frames that a prediction starts from (latent).
        predictor: of latent and pairs.
        regulariser: what keeps the latents of latent from becoming all the same.
        ema: of ijepa, pairs, and latent with regulariser ema.
    """

    name: ModelName = "latent"
    encoder: Literal["conv", "vit"] | None = None
    latent: Annotated[int, Field(ge=2, le=1024)] = 64
    history: Annotated[int, Field(ge=1, le=8)] = 2
    predictor: PredictorConfig = PredictorConfig()
    regulariser: Literal["sigreg", "vicreg", "ema", "none"] = "sigreg"
    sigreg: SigRegConfig = SigRegConfig()
    vicreg: VicRegConfig = VicRegConfig()
    conv: ConvConfig = ConvConfig()
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
