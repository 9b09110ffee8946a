"""Networks of the baselines: a small CNN and a ResNet-18, random at first, for any number of planes.

Both normalise by groups of channels of one image (Wu and He 2018), not by batches: a batch's statistics in training are
those of the sampler (balanced, mirrored), which driving does not see, while groups compute the same in both.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.baselines.labels import NONE

_GROUP = 8
"""Channels per group."""


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(max(1, channels // _GROUP), channels)


def _conv(planes: int, channels: int, kernel: int, stride: int) -> nn.Conv2d:
    conv = nn.Conv2d(planes, channels, kernel, stride, kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv


class SmallCNN(nn.Module):
    """Four convolutions, each of stride 2, and a grid of 4 x 4 cells, so that left and right stay apart.

    Images (N, planes, H, W) to features (N, `features`).
    """

    def __init__(self, planes: int, width: int = 24) -> None:
        super().__init__()
        channels = (width, 2 * width, 4 * width, 4 * width)
        layers: list[nn.Module] = []
        for number, (before, after) in enumerate(zip((planes, *channels[:-1]), channels, strict=True)):
            layers += [_conv(before, after, 5 if number == 0 else 3, 2), _norm(after), nn.ReLU()]
        self.layers = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten())
        self.features = 16 * channels[-1]

    def forward(self, images: Tensor) -> Tensor:
        """Features of images."""
        return self.layers(images)


class _Block(nn.Module):
    """Two 3 x 3 convolutions beside a way past them; at first it changes nothing (Goyal et al. 2017)."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.first, self.first_norm = _conv(before, after, 3, stride), _norm(after)
        self.second, self.second_norm = _conv(after, after, 3, 1), _norm(after)
        nn.init.zeros_(self.second_norm.weight)
        same = before == after and stride == 1
        self.past = nn.Identity() if same else nn.Sequential(_conv(before, after, 1, stride), _norm(after))

    def forward(self, images: Tensor) -> Tensor:
        inner = functional.relu(self.first_norm(self.first(images)))
        return functional.relu(self.past(images) + self.second_norm(self.second(inner)))


class ResNet18(nn.Module):
    """ResNet-18 (He et al. 2016), with groups for batches, and a grid of 2 x 2 cells for the one mean at its end.

    Images (N, planes, H, W) to features (N, `features`).
    """

    def __init__(self, planes: int) -> None:
        super().__init__()
        stem = [_conv(planes, 64, 7, 2), _norm(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        stages = [
            _Block(before, after, stride)
            for wide, narrow, step in ((64, 64, 1), (128, 64, 2), (256, 128, 2), (512, 256, 2))
            for before, after, stride in ((narrow, wide, step), (wide, wide, 1))
        ]
        self.layers = nn.Sequential(*stem, *stages, nn.AdaptiveAvgPool2d(2), nn.Flatten())
        self.features = 4 * 512

    def forward(self, images: Tensor) -> Tensor:
        """Features of images."""
        return self.layers(images)


class PolicyNetwork(nn.Module):
    """Sees an image, may know the previous command and the goal, and says how good each output is.

    The last layer is 0 at first, so that an untrained network finds all classes equally likely, whatever it sees.
    """

    def __init__(
        self, encoder: nn.Module, features: int, hidden: int, outputs: int, *, previous: bool, goal: bool
    ) -> None:
        super().__init__()
        self.encoder, self.features = encoder, features
        self.of_image = nn.Linear(features, hidden)
        self.of_previous = nn.Embedding(NONE + 1, hidden) if previous else None
        self.of_goal = nn.Linear(3, hidden) if goal else None
        self.decide = nn.Sequential(nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.last = nn.Linear(hidden, outputs)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, images: Tensor, previous: Tensor, goal: Tensor) -> Tensor:
        """Outputs (N, outputs) for images (N, planes, H, W), previous commands (N,) and goals (N, 3); see `Labels`."""
        return self.from_features(self.features_of(images), previous, goal)

    def features_of(self, images: Tensor) -> Tensor:
        """Features (N, F) float32 of images; channels lie last in memory, which convolutions on a CPU like better."""
        return self.encoder(images.to(memory_format=torch.channels_last)).float()

    def from_features(self, features: Tensor, previous: Tensor, goal: Tensor) -> Tensor:
        """The same from features (N, F)."""
        known = self.of_image(features)
        if self.of_previous is not None:
            known = known + self.of_previous(previous)
        if self.of_goal is not None:
            known = known + self.of_goal(torch.cat([torch.log1p(goal[:, :1]), goal[:, 1:]], dim=1))
        return self.last(self.decide(known))
