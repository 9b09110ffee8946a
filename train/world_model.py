"""Trains a world model on a dataset: its parts, the loop, and the judgement on homes that the model has not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import model_validator

from datagen.reader import Dataset, open_dataset
from datagen.splits import columns_of, make_split, store_split
from datagen.store.schema import Json
from scenes.errors import HomeError
from train.checkpoints import load_tensors, save_tensors
from train.config import Settings
from train.data import Frames, Sampler, load_frames, refuse_benchmark_homes, refuse_shared_homes
from train.evaluate.embeddings import embed
from train.evaluate.evaluation import can_roll, evaluate_world_model, quick_figures, spread
from train.evaluate.linear import fit_ridge, hold_out
from train.evaluate.rollout import STEPS
from train.evaluate.targets import Targets, targets_of
from train.loop import Fitted, LoopSettings, fit
from train.models.config import ModelConfig, build
from train.motion import MOTIONS, Kind
from train.objective import Objective
from train.preprocess import Preprocessing
from train.resume import MODEL, model_tensors
from train.runs import Run

KIND = "world-model"
MODEL_FILE = "model.safetensors"
MAIN, AUTO = "main", "auto"
"""The split that is taken if none is named, and the one that is made if there is no such."""
_SHARES = {"train": 70.0, "val": 15.0, "test": 15.0}
_FEWEST_HOMES, _FEWEST_EPISODES = 3, 4
_FEWEST_TRAINED = 2
_MOST_PROBED = 2000


class DataSettings(Settings):
    """What is trained and judged on.

    Attributes:
        split: of the dataset; if not given `main`, or else one that is made, by home if there are three.
        train, val, test: the parts to train on, to choose the best checkpoint by, and to judge on.
        judge_on: the folder of another dataset to judge on, in the test part's stead.
    """

    split: str | None = None
    train: str = "train"
    val: str = "val"
    test: str = "test"
    judge_on: str | None = None


class WorldModelSettings(Settings):
    """All settings of a world model's training.

    Attributes:
        preprocessing: what the model sees.
        model: which.
        loop: how it is trained.
        data: on what.
        primary: the figure that says which checkpoint is best: `skill`, the mean over 1 to 5 steps ahead of what
            prediction saves of copying's error, where no alarm for collapse is on; or `probe`, the mean R2 of ridge
            probes. Both are of the part `val`, higher is better. If not given, skill where there is one.
        seed: of weights, batches, and whatever else is random.
    """

    preprocessing: Preprocessing = Preprocessing()
    model: ModelConfig = ModelConfig()
    loop: LoopSettings = LoopSettings()
    data: DataSettings = DataSettings()
    primary: str | None = None
    seed: int = 0

    @model_validator(mode="after")
    def _known_primary(self) -> WorldModelSettings:
        if self.primary not in {None, "probe", "skill"}:
            raise ValueError(f"no figure {self.primary!r}; there are skill and probe")
        if self.primary == "skill" and self.model.name != "latent":
            raise ValueError(f"{self.model.name} does not predict what actions do; set primary=probe")
        return self

    def explicit(self, split: str) -> WorldModelSettings:
        """The same with what was left open: the split and the primary figure."""
        primary = self.primary or ("skill" if self.model.name == "latent" else "probe")
        return self.model_copy(update={"data": self.data.model_copy(update={"split": split}), "primary": primary})


@dataclass(frozen=True, eq=False)
class Lesson:
    """What a model is trained and judged on.

    Attributes:
        settings: with nothing left open.
        train, val, test: the frames.
        notes: what a reader of the results must know of the split.
    """

    settings: WorldModelSettings
    train: Frames
    val: Frames
    test: Frames
    notes: tuple[str, ...]

    @property
    def datasets(self) -> dict[str, str]:
        """Content hashes by folder."""
        return {str(part.folder): part.dataset_hash for part in (self.train, self.test)}

    @property
    def new_homes(self) -> bool:
        """Is the test on homes that were not trained on?"""
        return not _shared(self.train, self.test)


@dataclass(frozen=True)
class Trained:
    """What came of it. `best_step`: of the checkpoint that was kept; `figures`: on the test part."""

    fitted: Fitted
    best_step: int
    figures: Mapping[str, float]


def prepare(folder: Path, settings: WorldModelSettings, hashes: Mapping[str, str] | None = None) -> Lesson:
    """Reads what a model is to be trained and judged on. A split is made and stored if there is none.

    `hashes`: content hashes that datasets must have, by folder.

    Raises:
        HomeError: other datasets; parts, channels or actions that are not there; test homes, or those of a benchmark
            set, among those to be trained on.
    """
    hashes = hashes or {}
    dataset = open_dataset(folder)
    split = settings.data.split or find_split(dataset)
    settings = settings.explicit(split)
    data, seen = settings.data, settings.preprocessing

    def part(name: str) -> Frames:
        wanted = hashes.get(str(folder))
        return load_frames(folder, seen, split=split, part=name, dataset_hash=wanted, seed=settings.seed)

    train, val = part(data.train), part(data.val)
    refuse_benchmark_homes(train)
    if data.judge_on is None:
        test = part(data.test)
    else:
        test = load_frames(data.judge_on, seen, dataset_hash=hashes.get(data.judge_on), seed=settings.seed)
    how = open_dataset(folder).about["splits"][split]
    if how["by"] == "home" or data.judge_on is not None:
        for known in (train, val):
            refuse_shared_homes(known, test)
    notes = tuple(f"split {split!r}: {warning}" for warning in how["warnings"])
    if ungrouped := _new_frames(dataset, split):
        notes += (f"split {split!r} knows nothing of {ungrouped:,} frames that were added later; make one with them",)
    if _shared(train, test):
        notes += ("nothing will be said about new homes; `sim homes make` draws some",)
    _refuse_short(settings, (train, val, test))
    return Lesson(settings, train, val, test, notes)


def _new_frames(dataset: Dataset, split: str) -> int:
    """How many frames are in episodes of which a split knows none."""
    parts, episode = dataset.split(split), dataset.column("episode")
    return int((~np.isin(episode, episode[parts != ""])).sum())


def _shared(train: Frames, test: Frames) -> bool:
    return bool(set(train.homes.values()) & set(test.homes.values()))


def find_split(dataset: Dataset) -> str:
    """The split to use if none was named: `main`, or `auto`, which is made where there is neither.

    By home if there are three or more; else by episode, and then nothing is said about new homes.

    Raises:
        HomeError: too few episodes.
    """
    stored = dataset.about["splits"]
    if MAIN in stored or AUTO in stored:
        return MAIN if MAIN in stored else AUTO
    columns = columns_of(dataset)
    homes, episodes = (len(np.unique(columns[name])) for name in ("home", "episode"))
    if episodes < _FEWEST_EPISODES:
        told = f"{dataset.folder} has {episodes} episode{'s' * (episodes != 1)}; four are needed"
        raise HomeError(f"{told}: two to train on, one to validate and one to test; generate more")
    by = "home" if homes >= _FEWEST_HOMES else "episode"
    store_split(dataset.folder, AUTO, make_split(columns, by, _SHARES, seed=0), columns)
    return AUTO


def _refuse_short(settings: WorldModelSettings, parts: tuple[Frames, ...]) -> None:
    """Refuses parts too short or too few for training and judging: better now than after an hour."""
    if len(np.unique(parts[0].columns["episode"])) < _FEWEST_TRAINED:
        raise HomeError(
            f"the part {parts[0].part!r} of {parts[0].folder} has a single episode; two are needed at least, "
            "for probes to choose their strength by; generate more, or make another split"
        )
    model = _build(settings, parts[0].kind)
    parts[0].windows(model.window)
    if can_roll(model):
        for part in parts[1:]:
            part.windows(model.config.history + STEPS)


def build_model(lesson: Lesson) -> Objective:
    """The model before its first step."""
    return _build(lesson.settings, lesson.train.kind)


def _build(settings: WorldModelSettings, kind: Kind) -> Objective:
    seen, motion = settings.preprocessing, MOTIONS[kind]
    model = build(settings.model, seen.planes, seen.size, motion.state_dim, motion.action_dim, settings.seed)
    model.preprocessing = seen
    return model


def train_world_model(lesson: Lesson, run: Run, tell: Callable[[str], None] = lambda _: None) -> Trained:
    """Trains within a run, from its last checkpoint on if it has one, and judges the best checkpoint.

    Leaves `model.safetensors`, `report.html`, `report.json` and `embeddings.parquet` in the run's folder. `tell` is
    called with what is judged next.

    Raises:
        StoppedError: a guard that is to stop found something.
    """
    settings, model = lesson.settings, build_model(lesson)
    assert settings.primary is not None
    facts = {"kind": KIND, "settings": settings.model_dump(mode="json"), "motion": lesson.train.kind}
    sampler = Sampler(lesson.train, lesson.train.windows(model.window), settings.loop.batch, settings.seed)
    judge = _Validation.of(lesson)
    fitted = fit(
        model,
        sampler,
        settings.loop,
        run,
        seed=settings.seed,
        primary=settings.primary,
        evaluate=lambda objective, _step: judge(objective),
        facts=facts,
    )
    best = run.checkpoints.best() or run.checkpoints.latest()
    assert best is not None
    tensors, meta = load_tensors(best)
    model.load_state_dict(model_tensors(tensors))
    weights = {name: tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
    save_tensors(run.folder / MODEL_FILE, weights, meta)
    figures = evaluate_world_model(
        model,
        lesson.train,
        lesson.test,
        run.folder,
        untrained=build_model(lesson),
        seed=settings.seed,
        new_homes=lesson.new_homes,
        tell=tell,
    )
    run.log(fitted.steps, {f"test_{name}": value for name, value in figures.items()})
    for name in (MODEL_FILE, "report.html", "report.json", "embeddings.parquet"):
        run.artifact(run.folder / name)
    return Trained(fitted, meta["step"], figures)


@dataclass(frozen=True, eq=False)
class _Validation:
    """What is asked of a model while it is trained. `probed`: frames that ridge probes are fitted to and judged on."""

    lesson: Lesson
    probed: tuple[np.ndarray[Any, np.dtype[np.intp]], np.ndarray[Any, np.dtype[np.intp]]]
    targets: tuple[Targets, Targets]

    @staticmethod
    def of(lesson: Lesson) -> _Validation:
        one, other = (spread(len(frames), _MOST_PROBED) for frames in (lesson.train, lesson.val))
        return _Validation(lesson, (one, other), (targets_of(lesson.train, one), targets_of(lesson.val, other)))

    def __call__(self, objective: Objective) -> dict[str, float]:
        """`skill`, `probe` and others, of the part `val`."""
        figures = quick_figures(objective, self.lesson.val, self.lesson.settings.seed)
        skills = [figures[name] for name in (f"skill_{step}" for step in range(1, STEPS + 1)) if name in figures]
        if skills and not figures["alarms"]:
            figures["skill"] = float(np.mean(skills))
        return figures | {"probe": self._probe(objective)}

    def _probe(self, objective: Objective) -> float:
        """The mean R2 of ridge probes for what varies and is known of both parts; 0 is no better than the mean."""
        (train, val), frames = self.targets, (self.lesson.train, self.lesson.val)
        known, new = (embed(objective, part, index) for part, index in zip(frames, self.probed, strict=True))
        held = hold_out(train.home, train.episode, np.random.default_rng([self.lesson.settings.seed, 8]))
        scores = []
        for name in (name for name in train.numbers if name in val.numbers):
            fitted, judged = np.isfinite(train.numbers[name]), np.isfinite(val.numbers[name])
            true = val.numbers[name][judged]
            told = fit_ridge(known[fitted], train.numbers[name][fitted, None], held[fitted])(new[judged])[:, 0]
            scores.append(1 - ((true - told) ** 2).sum() / ((true - true.mean()) ** 2).sum())
        return float(np.mean(scores)) if scores else math.nan


def load_world_model(path: Path) -> Objective:
    """A world model from a run's folder (its best weights), or from a checkpoint.

    It knows its `preprocessing`; on the CPU, in evaluation mode.

    Raises:
        HomeError: there is none, or the file is damaged.
    """
    tensors, meta = load_tensors(path / MODEL_FILE if path.is_dir() else path)
    model = _build(settings_of(meta, path), meta["motion"])
    model.load_state_dict(model_tensors(tensors))
    return model.eval()


def settings_of(meta: Mapping[str, Json], path: Path) -> WorldModelSettings:
    """The settings that stand in a checkpoint of a world model.

    Raises:
        HomeError: it is a checkpoint of something else.
    """
    if meta.get("kind") != KIND:
        raise HomeError(f"{path} is no world model; name the run or a checkpoint of `sim train world-model`")
    return WorldModelSettings.model_validate(meta["settings"])
