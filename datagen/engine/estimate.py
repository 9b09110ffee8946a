"""What a dataset will take, by trying some of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from datagen.collect import Studio
from datagen.config import Config
from datagen.store import images
from datagen.tasks import task_of
from sim.frame import Frame
from sim.output import depth_to_millimetres

_FRAMES = 8
_EPISODES = 4


@dataclass(frozen=True)
class Estimate:
    """About what it takes. `cpu_s`: of one core; divide by the number of workers."""

    frames: int
    bytes: int
    cpu_s: float


def estimate(studio: Studio, indices: Sequence[int]) -> Estimate:
    """What episodes will take, by one of each policy (four at most), of which a few frames are rendered."""
    config = studio.job.config
    firsts = {task_of(config, index).policy: index for index in reversed(indices)}
    tried = sorted(firsts.values())[:_EPISODES]
    frames, size, cpu_s = 0.0, 0.0, 0.0
    for index in tried:
        start_s = time.process_time()
        count = studio.length(index)
        planned_s, start_s = time.process_time() - start_s, time.process_time()
        shown = [frame for (frame, _), _ in zip(studio.episode(index), range(_FRAMES), strict=False)]
        per_frame = sum(_encoded(config, frame) for frame in shown) / len(shown)
        rendered_s = max(time.process_time() - start_s - planned_s, 0.0)
        frames, size, cpu_s = (
            frames + count,
            size + count * per_frame,
            cpu_s + planned_s + rendered_s / len(shown) * count,
        )
    share = len(indices) / len(tried)
    return Estimate(round(frames * share), round(size * share), cpu_s * share)


def _encoded(config: Config, frame: Frame) -> int:
    """How many bytes a frame takes on the disk."""
    size = len(images.encode_rgb(frame.rgb, config.rgb)) + len(images.encode_grey(depth_to_millimetres(frame.depth)))
    return size + (len(images.encode_grey(frame.segmentation.astype("uint16"))) if config.segmentation else 0)
