"""What a report tells of a dataset, measured."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

from datagen.reader.dataset import Dataset, Ints
from datagen.store.episode import DAMAGED
from datagen.store.listing import episode_file
from scenes.errors import HomeError
from sim.output import MM_PER_M

MOST_FRAMES = 2000
"""As many frames, evenly spread, are looked at."""
THUMBNAIL = 16
SAMPLES = 24
PAIRS = 4000
DEPTH_EDGES_M = np.linspace(0.0, 12.0, 49)
BRIGHTNESS_EDGES = np.linspace(0.0, 256.0, 33)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Looked:
    """What was seen in the frames that were looked at.

    `frames`: (L,), which; `depth`, `brightness`: pixel counts between the edges above; `nothing`: share of the pixels
    without depth; `thumbnails`: (L, 16, 16), grey 0..255; `samples`: (frame, rgb, depth in mm) of some.
    """

    frames: Ints
    depth: Floats
    brightness: Floats
    nothing: float
    thumbnails: Floats
    samples: list[tuple[int, npt.NDArray[np.uint8], npt.NDArray[np.uint16]]]


def look(dataset: Dataset, progress: Callable[[], None]) -> Looked:
    """Looks at frames of a dataset; `progress` is called for each.

    Raises:
        HomeError: a dataset without frames, or damaged images.
    """
    if not len(dataset):
        raise HomeError(f"{dataset.folder} lists no frames; there is nothing to report")
    frames = np.unique(np.linspace(0, len(dataset) - 1, min(MOST_FRAMES, len(dataset))).astype(np.intp))
    sampled = set(frames[np.linspace(0, len(frames) - 1, min(SAMPLES, len(frames))).astype(np.intp)].tolist())
    depth, brightness = np.zeros(len(DEPTH_EDGES_M) - 1), np.zeros(len(BRIGHTNESS_EDGES) - 1)
    without = pixels = 0
    thumbnails, samples = [], []
    for index in frames.tolist():
        shown = dataset.images(index)
        grey = np.asarray(PIL.Image.fromarray(shown.rgb).convert("L"))
        seen = shown.depth_mm[shown.depth_mm > 0]
        depth += np.histogram(np.minimum(seen / MM_PER_M, DEPTH_EDGES_M[-1]), DEPTH_EDGES_M)[0]
        brightness += np.histogram(grey, BRIGHTNESS_EDGES)[0]
        without, pixels = without + grey.size - len(seen), pixels + grey.size
        small = PIL.Image.fromarray(grey).resize((THUMBNAIL, THUMBNAIL), PIL.Image.Resampling.BOX)
        thumbnails.append(np.asarray(small, np.float64))
        if index in sampled:
            samples.append((index, shown.rgb, shown.depth_mm))
        progress()
    return Looked(frames, depth, brightness, without / pixels, np.stack(thumbnails), samples)


def counts(values: npt.NDArray[Any]) -> dict[str, int]:
    """How often each value occurs, most frequent first."""
    return dict(Counter(map(str, values.tolist())).most_common())


def identical_frames(dataset: Dataset) -> list[list[int]]:
    """Groups of frames with the same colours and depth, by the sums that the episodes' files keep.

    Raises:
        HomeError: an episode's file is damaged.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    episode, step = dataset.column("episode"), dataset.column("step")
    for value in np.unique(episode).tolist():
        path = episode_file(dataset.folder, value)
        try:
            with zipfile.ZipFile(path) as archive:
                sums = {info.filename: info.CRC for info in archive.infolist()}
        except DAMAGED as error:
            raise HomeError(f"{path} is damaged ({error}); run `sim data check {dataset.folder}`") from error
        for frame in np.flatnonzero(episode == value).tolist():
            names = dataset.storage.files(int(step[frame]))
            groups.setdefault((sums[names["rgb"]], sums[names["depth"]]), []).append(frame)
    return [frames for frames in groups.values() if len(frames) > 1]


@dataclass(frozen=True)
class Pairs:
    """Random pairs of frames of one home: distances, m; angles between optical axes, deg; image distances, 0..255."""

    distance_m: Floats
    angle_deg: Floats
    image: Floats


def random_pairs(dataset: Dataset, looked: Looked, rng: np.random.Generator) -> Pairs:
    """Pairs of the frames that were looked at."""
    pairs = rng.integers(0, len(looked.frames), (PAIRS, 2))
    home = dataset.column("home")[looked.frames]
    pairs = pairs[(pairs[:, 0] != pairs[:, 1]) & (home[pairs[:, 0]] == home[pairs[:, 1]])]
    poses = dataset.column("T_world_camera")[looked.frames][pairs]
    axes = poses[:, :, :3, 2]
    cosine = np.clip((axes[:, 0] * axes[:, 1]).sum(axis=1), -1, 1)
    image = np.abs(looked.thumbnails[pairs[:, 0]] - looked.thumbnails[pairs[:, 1]]).mean(axis=(1, 2))
    return Pairs(np.linalg.norm(poses[:, 0, :3, 3] - poses[:, 1, :3, 3], axis=1), np.degrees(np.arccos(cosine)), image)


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's; NaN where one does not vary."""
    if len(one) < 2 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    from scipy.stats import spearmanr

    return float(spearmanr(one, other).statistic)
