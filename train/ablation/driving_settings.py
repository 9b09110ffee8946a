"""The closed-loop table: which policies learn what, and where they drive. Fixed before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from train.config import Settings

HOMES = ("oldenborg", "two-levels", "round")
SETS = ("oldenborg-west", "two-levels-route", "round-route")
"""Frozen drives along the routes of the homes, in their order."""
Expert = Literal["perfect", "wandering", "teleporting"]
EXPERTS: tuple[Expert, ...] = ("perfect", "wandering", "teleporting")
Looks = Literal["static", "randomised"]
SplitBy = Literal["episode", "random", "home"]


class DrivingSettings(Settings):
    """The closed-loop table.

    Attributes:
        episodes: of each dataset, over the homes in turn; they end where the route does.
        px: width and height of the images.
        paint: share of the surfaces that are painted anew in each randomised episode.
        drives: of each home's frozen set: the first half as drawn, the second painted as no dataset is.
        steps, batch, lr: how each policy is trained; `resnet_steps`: the large network.
        seeds: of the contrasts that decide; all other rows have the first.
        data_seed: of the datasets.
    """

    episodes: Annotated[int, Field(ge=6)] = 36
    px: Annotated[int, Field(ge=32)] = 64
    paint: Annotated[float, Field(gt=0, le=1)] = 0.8
    drives: tuple[int, int, int] = (14, 32, 10)
    steps: Annotated[int, Field(ge=1)] = 400
    resnet_steps: Annotated[int, Field(ge=1)] = 150
    batch: Annotated[int, Field(ge=2)] = 96
    lr: Annotated[float, Field(gt=0)] = 2e-3
    seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0, 1, 2)
    data_seed: int = 0

    def dataset(self, expert: Expert, looks: Looks) -> dict[str, Any]:
        """The configuration of a dataset, for `datagen.config.make_config`."""
        paint = {"paint": {"surfaces": ["wall", "floor", "ceiling"], "share": self.paint, "when": "episode"}}
        return {
            "homes": list(HOMES),
            "policies": [expert],
            "episodes": self.episodes,
            "size": [self.px, self.px],
            "seed": self.data_seed,
            "segmentation": False,
            "walk": {"route": "frozen", "forward_m": 0.6, "target_m": 0.4},
            "randomise": paint if looks == "randomised" else {},
        }


class Row(Settings):
    """One policy.

    Attributes:
        expert, looks: the dataset that it learns from.
        history: is it told its previous command?
        depth: does it see depth besides colour?
        mirror: of images, see `train.baselines.config.AugmentSettings`.
        split: what is held out for the offline figure.
        network: which.
        seed: of weights and batches.
    """

    expert: Expert
    looks: Looks
    history: bool = False
    depth: bool = False
    mirror: Literal["off", "correct", "mistaken"] = "off"
    split: SplitBy = "episode"
    network: Literal["small", "resnet18"] = "small"
    seed: int = 0

    @property
    def name(self) -> str:
        """Letters and dashes, such as "wandering-static-history-rgbd-0"."""
        parts = [self.expert, self.looks, "history" if self.history else "image", "rgbd" if self.depth else "rgb"]
        parts += [f"mirror-{self.mirror}"] if self.mirror != "off" else []
        parts += [f"split-{self.split}"] if self.split != "episode" else []
        parts += [self.network] if self.network != "small" else []
        return "-".join([*parts, str(self.seed)])


def rows_of(settings: DrivingSettings) -> list[Row]:
    """All policies, the whole factorial table first, then the contrasts that decide with the other seeds."""
    first, *others = settings.seeds
    table = [
        Row(expert=expert, looks=looks, history=history, depth=depth, seed=first)
        for looks in ("randomised", "static")
        for history in (False, True)
        for depth in (True, False)
        for expert in EXPERTS
    ]
    base = Row(expert="wandering", looks="randomised", depth=True, seed=first)
    deciding = [base, *(base.model_copy(update=change) for change in _CONTRASTS)]
    again = [row.model_copy(update={"seed": seed}) for row in deciding for seed in others]
    single = [base.model_copy(update=change) for change in _SINGLE]
    return list(_unique([*table, *deciding, *single, *again]))


_CONTRASTS: tuple[dict[str, Any], ...] = (
    {"depth": False},
    {"history": True},
    {"expert": "perfect"},
    {"mirror": "mistaken"},
)
_SINGLE: tuple[dict[str, Any], ...] = (
    {"mirror": "correct"},
    {"split": "random"},
    {"split": "home"},
)


def _unique(rows: list[Row]) -> Iterator[Row]:
    seen = set()
    for row in rows:
        if row.name not in seen:
            seen.add(row.name)
            yield row
