"""The closed-loop table: which policies learn what, and where they drive. Fixed before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from datagen.homes.make import home_name
from train.config import Settings

PROCEDURAL = (11, 2)
"""Seed and index of the home made for the table: three floors, a route of 48 m (`datagen.homes.make`)."""
HOMES = ("oldenborg", home_name(*PROCEDURAL), "two-levels")
"""The last is the one that the split by home holds out."""
Expert = Literal["perfect", "wandering", "teleporting"]
EXPERTS: tuple[Expert, ...] = ("perfect", "wandering", "teleporting")
Looks = Literal["static", "randomised"]
SplitBy = Literal["episode", "random", "home"]


class DrivingSettings(Settings):
    """The closed-loop table.

    Attributes:
        episodes: of each expert's datasets, over the homes in turn; they end where the route does.
        frames: that each policy learns from, drawn from those that its split gives it.
        px: width and height of the images.
        paint: share of the surfaces that are painted anew in each randomised episode.
        jitter: of brightness, contrast and colour, while learning.
        drives: of each home's frozen set: the first half as drawn, the second painted as no dataset is.
        steps, batch, lr: how each policy is trained; `resnet_steps`: the large network.
        seeds: of the contrasts that decide; all other rows have the first.
        data_seed: of the datasets.
    """

    episodes: dict[Expert, Annotated[int, Field(ge=6)]]
    frames: Annotated[int, Field(ge=1)]
    px: Annotated[int, Field(ge=32)] = 64
    paint: Annotated[float, Field(gt=0, le=1)] = 0.5
    jitter: Annotated[float, Field(ge=0, lt=1)] = 0.2
    drives: tuple[int, int, int]
    steps: Annotated[int, Field(ge=1)]
    resnet_steps: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=2)] = 96
    lr: Annotated[float, Field(gt=0)] = 2e-3
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0, 1, 2)
    data_seed: int = 0

    def dataset(self, expert: Expert, looks: Looks, homes: Sequence[str]) -> dict[str, Any]:
        """The configuration of a dataset in homes, for `datagen.config.make_config`."""
        return {
            "homes": list(homes),
            "policies": [expert],
            "episodes": self.episodes[expert],
            "size": [self.px, self.px],
            "seed": self.data_seed,
            "segmentation": False,
            "walk": {"route": "frozen", "forward_m": 0.6, "target_m": 0.4},
            "randomise": self.painted if looks == "randomised" else {},
        }

    @property
    def painted(self) -> dict[str, Any]:
        """What is randomised where something is."""
        return {"paint": {"surfaces": ["wall", "floor", "ceiling"], "share": self.paint, "when": "episode"}}


class Row(Settings):
    """One policy.

    Attributes:
        expert, looks: the dataset that it learns from.
        history: is it told its previous command?
        history_dropout: the share of frames that it learns from without being told.
        depth: does it see depth besides colour?
        mirror: of images, see `train.baselines.config.AugmentSettings`.
        split: what is held out for the offline figure.
        network: which.
        seed: of weights and batches.
    """

    expert: Expert
    looks: Looks
    history: bool = False
    history_dropout: float = 0.0
    depth: bool = False
    mirror: Literal["off", "correct", "mistaken"] = "off"
    split: SplitBy = "episode"
    network: Literal["small", "resnet18"] = "small"
    seed: int = 0

    @property
    def is_plain(self) -> bool:
        """May it be in the factorial table?"""
        return self == Row(expert=self.expert, looks=self.looks, history=self.history, depth=self.depth, seed=self.seed)

    @property
    def name(self) -> str:
        """Letters and dashes, such as "wandering-static-history-rgbd-0"."""
        parts = [self.expert, self.looks, "history" if self.history else "image", "rgbd" if self.depth else "rgb"]
        parts += ["dropout"] if self.history_dropout else []
        parts += [f"mirror-{self.mirror}"] if self.mirror != "off" else []
        parts += [f"split-{self.split}"] if self.split != "episode" else []
        parts += [self.network] if self.network != "small" else []
        return "-".join([*parts, str(self.seed)])


def factorial(settings: DrivingSettings) -> list[Row]:
    """All experts, looks and senses, with the first seed."""
    return [
        Row(expert=expert, looks=looks, history=history, depth=depth, seed=settings.seeds[0])
        for looks in ("randomised", "static")
        for history in (False, True)
        for depth in (True, False)
        for expert in EXPERTS
    ]


def others(settings: DrivingSettings) -> list[Row]:
    """The rows of `CONTRASTS` that the factorial table does not have: those that decide with all seeds."""
    single = [_changed(settings.seeds[0], change) for change in SINGLE.values()]
    deciding = [_changed(seed, change) for change in ({}, *DECIDING.values()) for seed in settings.seeds]
    known = {row.name for row in factorial(settings)}
    return [row for row in (*single, *deciding) if row.name not in known]


def is_base(row: Row, **changed: Any) -> bool:
    """Is it wandering, randomised, RGB-D and the image alone, of any seed, but for what is `changed`?"""
    return row == _changed(row.seed, changed)


def _changed(seed: int, change: dict[str, Any]) -> Row:
    base = Row(expert="wandering", looks="randomised", depth=True, seed=seed)
    return base.model_copy(update=change)


DECIDING: dict[str, dict[str, Any]] = {
    "without depth": {"depth": False},
    "told the previous command": {"history": True},
    "from homes as drawn": {"looks": "static"},
    "mirrored, label kept (the mistake)": {"mirror": "mistaken"},
}
"""What is changed in `is_base`, with all seeds."""
SINGLE: dict[str, dict[str, Any]] = {
    "mirrored with the label": {"mirror": "correct"},
    "told the previous command in 70 % of frames": {"history": True, "history_dropout": 0.3},
    "split by random frames": {"split": "random"},
    "split by home": {"split": "home"},
}
"""The same with one seed."""
