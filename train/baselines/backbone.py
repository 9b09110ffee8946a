"""The encoder of a world model as the eyes of a baseline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datagen.store.schema import Json
from scenes.errors import HomeError
from train.checkpoints import read_meta
from train.models.config import build
from train.motion import MOTIONS
from train.objective import Objective
from train.preprocess import Preprocessing
from train.world_model import MODEL_FILE, load_world_model, settings_of

_KEPT = ("kind", "settings", "motion", "run")


@dataclass(frozen=True, eq=False)
class Backbone:
    """A world model, and what its checkpoint says that is needed to build it again."""

    world_model: Objective
    meta: Mapping[str, Json]


def read_backbone(path: Path, preprocessing: Preprocessing) -> Backbone:
    """The world model of a run's folder or a checkpoint.

    Raises:
        HomeError: there is none, or it sees other channels, another size or other depths than the baseline is to.
    """
    file = path / MODEL_FILE if path.is_dir() else path
    meta = read_meta(file)
    seen = settings_of(meta, file).preprocessing
    for name in Preprocessing.model_fields:
        theirs, ours = getattr(seen, name), getattr(preprocessing, name)
        if theirs != ours:
            raise HomeError(
                f"{file} sees {name} {_said(theirs)}, and the baseline is to see {_said(ours)}; "
                f"set preprocessing.{name} as the world model has it"
            )
    return Backbone(load_world_model(file), {name: meta[name] for name in _KEPT if name in meta})


def empty_backbone(meta: Mapping[str, Json], path: Path) -> Objective:
    """The world model that `Backbone.meta` describes, with weights that are yet to be loaded.

    Raises:
        HomeError: it describes something else.
    """
    settings, motion = settings_of(meta, path), MOTIONS[meta["motion"]]
    seen = settings.preprocessing
    return build(settings.model, seen.planes, seen.size, motion.state_dim, motion.action_dim, settings.seed)


def _said(value: tuple[object, ...]) -> str:
    return "[" + ", ".join(map(str, value)) + "]"
