"""Windows: frames that follow each other in one episode."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datagen.reader.dataset import Ints


def find_windows(
    episode: npt.NDArray[np.integer],
    step: npt.NDArray[np.integer],
    length: int,
    *,
    stride: int = 1,
    use: npt.NDArray[np.bool_] | None = None,
) -> Ints:
    """All windows of `length` frames, `stride` steps apart, as frame numbers (M, length).

    `episode`, `step`: (N,), sorted by both. `use`: (N,), the frames that a window may hold; None is all.
    No window crosses an episode or a missing step.
    """
    if length < 1 or stride < 1:
        raise ValueError(f"windows of {length} frames, {stride} steps apart; both must be 1 or more")
    span = (length - 1) * stride
    starts = np.arange(max(0, len(episode) - span))
    ends = starts + span
    whole = (episode[starts] == episode[ends]) & (step[ends] - step[starts] == span)
    windows = starts[whole, None] + np.arange(length) * stride
    return windows if use is None else windows[use[windows].all(axis=1)]
