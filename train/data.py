"""Frames in memory at training size, and batches of windows of them that depend on the seed and the step alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from datagen.reader import Dataset, find_windows, open_cache, open_dataset
from datagen.reader.dataset import Ints
from datagen.store.frozen import frozen_sets
from scenes.errors import HomeError
from train.motion import MOTIONS, Array, Kind, kind_of, lens_of, raw_actions
from train.preprocess import Preprocessing, metres, refuse_resampling

COLUMNS = (
    "episode", "step", "time_s", "home", "level", "room", "camera", "T_world_camera", "fx", "fy", "cx", "cy", "width",
    "height", "pan_deg", "tilt_deg", "zoom", "command",
)  # fmt: skip
"""The columns of a dataset that `Frames.columns` holds."""


@dataclass(frozen=True)
class Batch:
    """Windows of T frames that follow each other.

    Attributes:
        images: (B, T, planes, H, W) float32.
        state: (B, T, S) float32, see `train.motion`.
        action: (B, T, A) float32; `action[:, t]` leads from frame t to t + 1.
        index: (B, T), which of the `Frames` they are.
    """

    images: torch.Tensor
    state: torch.Tensor
    action: torch.Tensor
    index: torch.Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on a device."""
        return Batch(*(getattr(self, part.name).to(device) for part in fields(self)))


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of a dataset, or of one part of a split, in memory.

    Attributes:
        folder, dataset_hash: where they come from, and its content hash.
        part: of the split; "" for all frames.
        homes: content hashes of the homes that are shown, by name.
        kind: what moves the camera.
        preprocessing: what networks see of them.
        number: (N,), their numbers in the dataset.
        rgb: (N, 3, H, W) uint8. depth_mm: (N, H, W) uint16, 0 where there is nothing.
        depth_from: (N,), whose depth stands in for a frame's own as `shuffled_depth`.
        state: (N, S). raw_action: (N, R), as the dataset has them. action: (N, A), encoded. lens: (N, 2).
        columns: of the dataset by name (`COLUMNS`), for these frames.
    """

    folder: Path
    dataset_hash: str
    part: str
    homes: Mapping[str, str]
    kind: Kind
    preprocessing: Preprocessing
    number: Ints
    rgb: npt.NDArray[np.uint8]
    depth_mm: npt.NDArray[np.uint16]
    depth_from: Ints
    state: Array
    raw_action: Array
    action: Array
    lens: Array
    columns: Mapping[str, npt.NDArray[Any]]

    def __len__(self) -> int:
        return len(self.number)

    def images(self, index: npt.ArrayLike) -> torch.Tensor:
        """What networks see of frames of any shape (...): (..., planes, H, W) float32."""
        chosen = np.asarray(index, np.intp)
        channels = self.preprocessing.channels
        images: dict[str, torch.Tensor] = {}
        if "rgb" in channels:
            images["rgb"] = torch.from_numpy(self.rgb[chosen])
        if "depth" in channels:
            images["depth"] = metres(self.depth_mm[chosen])[..., None, :, :]
        if "shuffled_depth" in channels:
            images["shuffled_depth"] = metres(self.depth_mm[self.depth_from[chosen]])[..., None, :, :]
        if "zoom" in channels:
            images["zoom"] = torch.as_tensor(self.columns["zoom"][chosen])
        return self.preprocessing(images)

    def windows(self, length: int, stride: int = 1) -> Ints:
        """All windows (M, length) of frames `stride` steps apart, as indices. None crosses an episode or a gap.

        Raises:
            HomeError: no episode is so long.
        """
        found = find_windows(self.columns["episode"], self.columns["step"], length, stride=stride)
        if not len(found):
            raise HomeError(
                f"{_named(self.folder, self.part)} has no {length} frames that follow each other, {stride} apart; "
                "generate longer episodes (--frames), or split by home or episode"
            )
        return found

    def batch(self, windows: Ints) -> Batch:
        """Windows (B, T) of indices, as what a world model learns from."""
        state, action = (torch.from_numpy(array[windows].astype(np.float32)) for array in (self.state, self.action))
        return Batch(self.images(windows), state, action, torch.from_numpy(windows))


@dataclass
class Sampler:
    """Batches of windows (M, T). Batch k is a function of the seed and k: each epoch has each window once.

    An epoch that ends within a batch is followed by the next, so that all batches have the same size.
    """

    frames: Frames
    windows: Ints
    batch_size: int
    seed: int
    _epochs: dict[int, Ints] = field(default_factory=dict, repr=False)

    def rows(self, step: int) -> Ints:
        """The windows (B, T) of a step, from 0."""
        places = np.arange(step * self.batch_size, (step + 1) * self.batch_size)
        epochs, within = np.divmod(places, len(self.windows))
        kept = {epoch: self._order(epoch) for epoch in np.unique(epochs).tolist()}
        self._epochs = kept
        return self.windows[[kept[epoch][place] for epoch, place in zip(epochs.tolist(), within.tolist(), strict=True)]]

    def batch(self, step: int) -> Batch:
        """The batch of a step, from 0."""
        return self.frames.batch(self.rows(step))

    def _order(self, epoch: int) -> Ints:
        if epoch in self._epochs:
            return self._epochs[epoch]
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.windows))


def load_frames(
    folder: Path | str,
    preprocessing: Preprocessing,
    *,
    split: str | None = None,
    part: str | None = None,
    dataset_hash: str | None = None,
    seed: int = 0,
) -> Frames:
    """Reads frames into memory, from the dataset's cache, which is made where there is none.

    `split`, `part`: a stored split and which part of it; all frames if not given. `dataset_hash`: the content hash that
    the dataset must have. `seed`: of the permutation for `shuffled_depth`.

    Raises:
        HomeError: another or an unfinished dataset, a missing channel, images that are too small or of another shape,
            a part without frames, a dataset without actions.
    """
    dataset = open_dataset(folder)
    found_hash = _checked_hash(dataset, dataset_hash)
    kind = kind_of(dataset)
    motion = MOTIONS[kind]
    if "zoom" in preprocessing.channels and kind != "ptz":
        raise HomeError(f"{folder} has no channel 'zoom': its cameras have none; leave it out of `channels`")
    for width, height in np.unique(np.stack([dataset.column("width"), dataset.column("height")], axis=1), axis=0):
        refuse_resampling((int(width), int(height)), preprocessing.size, str(folder))
    number = _members(dataset, split, part)
    columns = {name: dataset.column(name)[number] for name in COLUMNS}
    state = motion.state(columns["pan_deg"], columns["tilt_deg"], columns["zoom"])
    raw, lens = raw_actions(dataset)[number], lens_of(columns)
    _refuse_unknown(raw, state, dataset.folder)
    cache = open_cache(dataset, preprocessing.size)
    frames = Frames(
        folder=dataset.folder,
        dataset_hash=found_hash,
        part=part or "",
        homes={name: dataset.about["homes"][name] for name in np.unique(columns["home"]).tolist()},
        kind=kind,
        preprocessing=preprocessing,
        number=number,
        rgb=np.ascontiguousarray(np.moveaxis(cache.rgb[number], -1, 1)),
        depth_mm=np.array(cache.depth_mm[number]),
        depth_from=_others(len(number), seed),
        state=state,
        raw_action=raw,
        action=motion.action(state, raw, lens),
        lens=lens,
        columns=columns,
    )
    if "depth" in preprocessing.channels and not frames.depth_mm.any():
        raise HomeError(f"{folder} has no channel 'depth': it is 0 in all frames; leave it out of `channels`")
    return frames


def refuse_shared_homes(train: Frames, test: Frames) -> None:
    """Refuses to judge on homes that were trained on, whatever they are called.

    Raises:
        HomeError: names the home.
    """
    known = {home_hash: name for name, home_hash in train.homes.items()}
    for name, home_hash in test.homes.items():
        if home_hash in known:
            raise HomeError(
                f"the home {name!r} of {_named(test.folder, test.part)} is {known[home_hash]!r} of "
                f"{_named(train.folder, train.part)}: nothing would be said about new homes; split by home"
            )


def refuse_benchmark_homes(train: Frames) -> None:
    """Refuses to train on homes of a benchmark set, also on the benchmark set itself.

    Raises:
        HomeError: names the home and the set.
    """
    for benchmark in frozen_sets():
        names = {home_hash: name for name, home_hash in benchmark.homes.items()}
        for name, home_hash in train.homes.items():
            if home_hash in names:
                raise HomeError(
                    f"the home {name!r} of {_named(train.folder, train.part)} is {names[home_hash]!r} of the benchmark "
                    f"set {benchmark.name!r}, which is judged on and never trained on; take other homes"
                )


def _checked_hash(dataset: Dataset, wanted: str | None) -> str:
    found = dataset.about.get("content_hash")
    if found is None:
        raise HomeError(f"{dataset.folder} is unfinished; go on with `sim generate --out {dataset.folder}`")
    if wanted is not None and found != wanted:
        raise HomeError(
            f"{dataset.folder} is another dataset: content hash {found[:12]}, not {wanted[:12]}; name the folder of "
            "the right one"
        )
    return str(found)


def _members(dataset: Dataset, split: str | None, part: str | None) -> Ints:
    """The frame numbers of a part."""
    if split is None:
        return np.arange(len(dataset))
    parts = dataset.split(split)
    members = np.flatnonzero(parts == part)
    if not len(members):
        names = sorted(set(parts.tolist()) - {""})
        raise HomeError(
            f"{dataset.folder}: part {part!r} of split {split!r} has no frames; there are {', '.join(names)}"
        )
    return members


def _refuse_unknown(raw: Array, state: Array, folder: Path) -> None:
    """Refuses numbers that are not known or not finite: they would spoil a run much later."""
    for what, values in (("action", raw), ("position", state)):
        if not np.isfinite(values).all():
            lost = int((~np.isfinite(values).all(axis=1)).sum())
            raise HomeError(f"{folder}: {lost} frames have no {what}; run `sim data check {folder}`")


def _others(count: int, seed: int) -> Ints:
    """Another frame for each (N,), drawn once: a permutation in which, of two or more, no frame is its own."""
    order = np.random.default_rng([seed, count]).permutation(count)
    others = np.empty(count, np.intp)
    others[order] = np.roll(order, 1)
    return others


def _named(folder: Path, part: str) -> str:
    return f"{folder}, part {part!r}" if part else str(folder)
