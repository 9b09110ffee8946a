"""The data of several generations as one, and batches of old and new."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from train.data import Batch, Frames, Sampler


def joined(parts: Sequence[Frames]) -> Frames:
    """Frames one after the other, their episodes and numbers counted on. The hash is that of the parts' hashes."""
    first, columns = parts[0], [dict(part.columns) for part in parts]
    before = 0
    for of in columns:
        of["episode"] = of["episode"] + before
        before = int(of["episode"].max()) + 1
    starts = np.cumsum([0, *(len(part) for part in parts)])
    return dataclasses.replace(
        first,
        dataset_hash=hashlib.sha256("".join(part.dataset_hash for part in parts).encode()).hexdigest(),
        homes={name: home for part in parts for name, home in part.homes.items()},
        number=np.arange(starts[-1]),
        depth_from=np.concatenate([part.depth_from + start for part, start in zip(parts, starts, strict=False)]),
        columns={name: np.concatenate([of[name] for of in columns]) for name in first.columns},
        rgb=np.concatenate([part.rgb for part in parts]),
        depth_mm=np.concatenate([part.depth_mm for part in parts]),
        state=np.concatenate([part.state for part in parts]),
        raw_action=np.concatenate([part.raw_action for part in parts]),
        action=np.concatenate([part.action for part in parts]),
        lens=np.concatenate([part.lens for part in parts]),
    )


@dataclass(frozen=True)
class Rehearsal:
    """Batches of which a share comes from the generations before. Batch k is a function of the seed and k."""

    frames: Frames
    samplers: tuple[Sampler, ...]

    @staticmethod
    def of(parts: Sequence[Frames], length: int, batch: int, share: float, seed: int) -> Rehearsal:
        """Windows of `length` frames; `parts`: the generations, the newest last."""
        frames = joined(parts)
        windows = frames.windows(length)
        is_old = windows[:, 0] < len(frames) - len(parts[-1])
        old = round(share * batch) if is_old.any() else 0
        chosen = ((windows[~is_old], batch - old), (windows[is_old], old))
        return Rehearsal(frames, tuple(Sampler(frames, of, count, seed) for of, count in chosen if count))

    def batch(self, step: int) -> Batch:
        """The batch of a step, from 0."""
        return self.frames.batch(np.concatenate([sampler.rows(step) for sampler in self.samplers]))
