"""What the training loop, the judges and the drivers know of a model.

A model has no batch statistics in its encoder and no state but its parameters and buffers: an image's embedding depends
on that image alone, and `state_dict()` is all there is to save.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from train.data import Batch
    from train.preprocess import Preprocessing

_ENCODED_AT_ONCE = 256


class Objective(nn.Module):
    """A model together with what it is trained for.

    Attributes:
        planes: planes of the images it takes
        size: width and height of the images, px
        latent: numbers in an embedding, D
        window: frames that a window of a batch needs at least, T
        bf16: the encoder computes in bfloat16; weights, latents and losses stay float32. The loop sets it
        preprocessing: what makes such images; whoever builds or loads the model sets it
    """

    bf16: bool = False
    preprocessing: Preprocessing | None = None

    def __init__(self, planes: int, size: tuple[int, int], latent: int, window: int) -> None:
        super().__init__()
        self.planes, self.size, self.latent, self.window = planes, size, latent, window

    @abstractmethod
    def embed(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) float32 -> (N, D) float32, in one part."""

    @abstractmethod
    def backward(self, batch: Batch, generator: torch.Generator, micro_batches: int = 1) -> dict[str, float]:
        """Add the gradients of one batch's losses; returns the losses by name, `loss` being the total.

        The encoder sees the batch in so many parts, one after the other, for less memory. Losses and gradients are
        those of the whole batch nevertheless. What is random comes from the generator, alike for any number of parts.
        """

    def after_step(self, step: int, total_steps: int) -> None:
        """To be called after each step of the optimiser, which is the `step`-th (from 1) of `total_steps`."""

    @abstractmethod
    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        """Where theory puts each loss before the first step: least and most, for any images. See docs/models.md."""

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """(N, planes, H, W) float32 -> (N, D) float32, what probes and plans use; each image by itself."""
        return torch.cat([self.embed(part) for part in torch.split(images, _ENCODED_AT_ONCE)])

    @contextmanager
    def precision(self) -> Iterator[None]:
        """Bfloat16 where it was asked for."""
        device = next(self.parameters()).device.type
        with torch.autocast(device, torch.bfloat16, enabled=self.bf16):
            yield


def backward_through(
    embed: Callable[[Tensor], Tensor],
    images: Tensor,
    losses_of: Callable[[Tensor], Mapping[str, Tensor]],
    micro_batches: int,
) -> dict[str, float]:
    """Add the gradients of a loss of all embeddings of a batch, with images embedded in several parts.

    With more than one part, embeddings are made without gradients first; the loss is differentiated with respect to
    them, and then each part is embedded again to carry that gradient on (gradient caching, arXiv 2101.06983). So a
    loss that depends on the whole batch, such as SIGReg, is what it would be in one part.

    Args:
        embed: (N, planes, H, W) -> (N, D)
        images: (N, planes, H, W)
        losses_of: embeddings (N, D) -> scalars by name; `loss` is differentiated
        micro_batches: parts

    Returns:
        the losses
    """
    if micro_batches == 1:
        losses = losses_of(embed(images))
        torch.autograd.backward(losses["loss"])
        return as_numbers(losses)
    parts = images.tensor_split(micro_batches)
    with torch.no_grad():
        latents = torch.cat([embed(part) for part in parts])
    losses = losses_of(latents.requires_grad_())
    torch.autograd.backward(losses["loss"])
    assert latents.grad is not None
    for part, gradient in zip(parts, latents.grad.tensor_split(micro_batches), strict=True):
        torch.autograd.backward(embed(part), gradient)
    return as_numbers(losses)


def as_numbers(losses: Mapping[str, Tensor]) -> dict[str, float]:
    """Scalars by name, for a log."""
    return {name: float(loss.detach()) for name, loss in losses.items()}
