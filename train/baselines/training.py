"""Trains a baseline on a dataset's frames, and leaves a policy behind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from datagen.reader import open_dataset
from datagen.reader.dataset import Ints
from datagen.splits import columns_of, make_split, store_split
from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import write_whole
from train.baselines.backbone import Backbone, read_backbone
from train.baselines.batch import LabelledSampler
from train.baselines.config import BaselineConfig, BaselineModel
from train.baselines.judge import Judged, classes_of, judge, usable
from train.baselines.labels import Labels, read_labels
from train.baselines.losses import class_weights
from train.baselines.objective import BaselineObjective
from train.baselines.outputs import class_names
from train.baselines.policy import BaselinePolicy, View, save_policy
from train.checkpoints import load_tensors
from train.data import Frames, load_frames
from train.loop import Fitted, fit
from train.resume import model_tensors
from train.runs import Run

POLICY, OFFLINE = "policy.safetensors", "offline.json"
MAIN, EPISODES = "main", "episodes"
_SHARES = {"train": 85.0, "val": 15.0}


@dataclass(frozen=True, eq=False)
class Part:
    """The frames of one part of a split. `members`: those that are labelled as the model needs it."""

    frames: Frames
    labels: Labels
    members: Ints


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a baseline is trained on and judged by.

    Attributes:
        config: as asked for, with the split.
        model: the same, with the dataset's threshold where headings need one.
        train, held_out: the two parts.
        counts: (C,), frames of each class to train on. weights: (C,), of the classes in the loss.
        view: how they were taken.
        backbone: the world model by whose encoder it sees, if that is asked for.
        about: what `dataset.yaml` says.
    """

    config: BaselineConfig
    model: BaselineModel
    train: Part
    held_out: Part
    counts: Ints
    weights: npt.NDArray[np.float64]
    view: View
    backbone: Backbone | None
    about: Mapping[str, Any]

    @property
    def leaks(self) -> list[str]:
        """Where the split lets its parts know each other, as it was noted when it was made."""
        split = self.config.data.split
        return [] if split is None else list(self.about["splits"][split].get("warnings", []))


@dataclass(frozen=True, eq=False)
class Trained:
    """What came of it. `policy`: its file; `judged`: the best checkpoint by the part that was held out."""

    policy: Path
    judged: Judged
    fitted: Fitted


def prepare(folder: Path, config: BaselineConfig, dataset_hash: str | None = None) -> Lesson:
    """Reads a dataset for a baseline; makes the split by episode if none was named and there is none.

    Raises:
        HomeError: another dataset than that of the hash; a split, a part, a channel or labels that it does not have; no
            frame of a class; no such world model, or one that sees otherwise.
    """
    parts = {}
    model = resolved(config.model, folder)
    config = config.explicit(config.data.split or find_split(folder))
    for name in (config.data.train, config.data.judge):
        frames = load_frames(
            folder, config.preprocessing, split=config.data.split, part=name, dataset_hash=dataset_hash
        )
        labels = read_labels(folder, frames.number, config.target.threshold_deg)
        parts[name] = Part(frames, labels, usable(labels, model, f"{folder}, part {name!r}"))
    train = parts[config.data.train]
    counts = np.bincount(classes_of(train.labels, train.members, model), minlength=len(class_names(model.target)))
    held_out, about = parts[config.data.judge], open_dataset(folder).about
    checkpoint = config.network.checkpoint
    backbone = None if checkpoint is None else read_backbone(Path(checkpoint), config.preprocessing)
    weights = class_weights(counts, config.loss.weights, class_names(model.target))
    return Lesson(config, model, train, held_out, counts, weights, view_of(train.frames), backbone, about)


def find_split(folder: Path) -> str:
    """The split to use if none was named: `main`, or `episodes`, which is made where there is neither.

    Raises:
        HomeError: no dataset, or one with a single episode.
    """
    dataset = open_dataset(folder)
    if not {MAIN, EPISODES} & set(dataset.about["splits"]):
        columns = columns_of(dataset)
        store_split(folder, EPISODES, make_split(columns, "episode", _SHARES, seed=0), columns)
        return EPISODES
    return MAIN if MAIN in dataset.about["splits"] else EPISODES


def resolved(model: BaselineModel, folder: Path) -> BaselineModel:
    """The model with the threshold of the dataset's commands, if it says headings and was given none.

    Raises:
        HomeError: the dataset has several thresholds, or none.
    """
    if model.target.output != "heading" or model.target.threshold_deg is not None:
        return model
    found = np.unique(open_dataset(folder).column("command_threshold"))
    if len(found) != 1 or np.isnan(found[0]):
        raise HomeError(f"{folder} has no one threshold of its commands ({found.tolist()}); set target.threshold_deg")
    return model.model_copy(update={"target": model.target.model_copy(update={"threshold_deg": float(found[0])})})


def view_of(frames: Frames) -> View:
    """Size of the images and horizontal field of view, the median of all frames."""
    columns = frames.columns
    fov_deg = np.degrees(2 * np.arctan(columns["width"] / (2 * columns["fx"])))
    width, height = (int(np.median(columns[side])) for side in ("width", "height"))
    return View((width, height), float(np.median(fov_deg)))


def build(lesson: Lesson) -> BaselineObjective:
    """The baseline before its first step; the same lesson gives the same weights."""
    config, backbone = lesson.config, lesson.backbone
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        world_model = None if backbone is None else backbone.world_model
        return BaselineObjective(lesson.model, config.loss, config.augment, lesson.weights, world_model)


def train_baseline(lesson: Lesson, objective: BaselineObjective, run: Run) -> Trained:
    """Trains within a run, from its last checkpoint if it has one; the best checkpoint becomes `policy.safetensors`.

    What the held-out part says of it is kept in `offline.json`.
    """
    config, train, held_out = lesson.config, lesson.train, lesson.held_out
    sampler = LabelledSampler(
        train.frames, train.labels, train.members, config.loss.sampler, config.loop.batch, config.seed
    )

    def judged() -> Judged:
        return judge(objective.network, lesson.model, held_out.frames, held_out.labels, held_out.members)

    fitted = fit(
        objective,
        sampler,
        config.loop,
        run,
        seed=config.seed,
        primary=config.primary,
        evaluate=lambda _objective, _step: judged().numbers(),
        facts={"kind": "baseline-training"},
    )
    best = run.checkpoints.best() or run.checkpoints.latest()
    assert best is not None
    tensors, meta = load_tensors(best)
    objective.load_state_dict(model_tensors(tensors))
    found = judged()
    offline = {"step": meta["step"], "leaks": lesson.leaks} | counts_of(lesson) | found.to_json()
    world_model = None if lesson.backbone is None else lesson.backbone.meta
    policy = BaselinePolicy(
        objective.network.eval(), lesson.model, lesson.view, dataset_of(lesson), offline, world_model
    )
    save_policy(policy, run.folder / POLICY)
    write_whole(run.folder / OFFLINE, json.dumps(offline, indent=1).encode())
    for name in (POLICY, OFFLINE):
        run.artifact(run.folder / name)
    return Trained(run.folder / POLICY, found, fitted)


def counts_of(lesson: Lesson) -> dict[str, Json]:
    """How many frames of each class are learned from."""
    names = class_names(lesson.model.target)
    return {"learned_from": dict(zip(names, lesson.counts.tolist(), strict=True))}


def dataset_of(lesson: Lesson) -> dict[str, Json]:
    """What a policy knows of the dataset that it learned from."""
    frames = lesson.train.frames
    config = lesson.about["config"]
    return {"folder": str(frames.folder), "content_hash": frames.dataset_hash, "config": config}
