"""A video file that appears whole or not at all."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES_PER_S = 10


def start_video(file: Any, frames_per_s: int) -> None:
    """Begin the H.264 stream of a video file that `imageio.v3.imopen` opened for writing.

    The same pictures give the same bytes. They would not with more threads, as many as there are cores otherwise, nor
    with x264's macroblock tree, which reads memory that nobody wrote (x264 165; glibc's `MALLOC_PERTURB_` shows it).
    """
    file.init_video_stream("libx264", fps=frames_per_s)
    file._video_stream.codec_context.thread_count = 1
    file._video_stream.options = {"x264-params": "mbtree=0"}


class Film:
    """Writes pictures (H, W, 3) uint8 to an .mp4 file, in a `with` statement; one that fails leaves no file."""

    def __init__(self, path: Path, frames_per_s: int = FRAMES_PER_S) -> None:
        import imageio.v3

        self._path = path
        self._aside = path.with_name(f".{path.stem}.partial.mp4")
        self._file = imageio.v3.imopen(self._aside, "w", plugin="pyav")
        start_video(self._file, frames_per_s)

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if kind is None:
            self._aside.replace(self._path)
        else:
            self._aside.unlink(missing_ok=True)

    def add(self, picture: npt.NDArray[np.uint8]) -> None:
        """One more frame; all have one size, which is made even by repeating the last row or column."""
        self._file.write_frame(np.pad(picture, [(0, side % 2) for side in picture.shape[:2]] + [(0, 0)], mode="edge"))
