"""Frames on disk: `rgb/`, `depth/`, `segmentation/`, `frames.parquet`, `scene.json` and a preview video."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image

from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole
from scenes.info import scene_info
from scenes.scene import Scene
from sim.film import start_video
from sim.frame import Frame
from sim.shots import Shot

MM_PER_M = 1000.0
IMAGE_FOLDERS = ("rgb", "depth", "segmentation")
PREVIEW_FPS = 10
_UNFINISHED_PREVIEW = "preview.partial.mp4"
PREVIEW_DEPTH_M = 8.0
"""Depth at which the preview's colours end."""

_COLORS = np.array(
    [[48, 18, 59], [70, 107, 227], [40, 187, 236], [49, 242, 153], [162, 252, 60], [237, 208, 58], [251, 128, 34],
     [210, 49, 5], [122, 4, 3]], np.float64,
)  # fmt: skip
"""From near to far: dark blue over green and yellow to dark red."""


def depth_to_millimetres(depth: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """Depth (H, W), m -> uint16 millimetres; 0 where there is nothing, and beyond 65.535 m."""
    millimetres = np.rint(depth.astype(np.float64) * MM_PER_M)
    millimetres[millimetres > np.iinfo(np.uint16).max] = 0
    return millimetres.astype(np.uint16)


def color_depth(depth: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Depth (H, W), m -> colours (H, W, 3); black where there is nothing."""
    share = np.clip(depth / PREVIEW_DEPTH_M, 0.0, 1.0) * (len(_COLORS) - 1)
    channels = [np.interp(share, np.arange(len(_COLORS)), _COLORS[:, i]) for i in range(3)]
    return np.where(depth[..., None] > 0, np.stack(channels, axis=-1), 0).astype(np.uint8)


@dataclass
class FrameWriter:
    """Writes the frames of one run into a folder, in a `with` statement.

    `made_with`: what `scene.json` says of the run besides the scene (renderer, driver, noise, seed); it stands as JSON
    in the metadata of `frames.parquet`, too.
    Files appear whole. However the block is left, the index and the preview cover the frames that were written.
    `overwrite`: an earlier run in the folder is replaced.

    Raises:
        HomeError: the folder may not be written into; see `require_free`.
    """

    folder: Path
    scene: Scene
    made_with: dict[str, Any]
    overwrite: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        require_free(self.folder, overwrite=self.overwrite)
        with plain_errors(self.folder):
            self._begin()

    def _begin(self) -> None:
        """Makes the folders, describes the scene and opens the preview."""
        _clear(self.folder)
        for name in IMAGE_FOLDERS:
            (self.folder / name).mkdir(parents=True)
        said = scene_info(self.scene) | self.made_with
        write_whole(self.folder / "scene.json", json.dumps(said, ensure_ascii=False, indent=1).encode())
        import imageio.v3

        # in memory, because a video that a full disk cuts short cannot be closed
        self._video = io.BytesIO()
        self._preview = imageio.v3.imopen(self._video, "w", plugin="pyav", extension=".mp4")
        start_video(self._preview, PREVIEW_FPS)

    def __enter__(self) -> FrameWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with plain_errors(self.folder):
            self._finish()

    def add(self, frame: Frame, shot: Shot) -> None:
        """Writes one frame.

        Raises:
            HomeError: the disk refuses.
        """
        with plain_errors(self.folder):
            self._add(frame, shot)

    def _add(self, frame: Frame, shot: Shot) -> None:
        index = len(self.rows)
        images: dict[str, npt.NDArray[Any]] = {
            "rgb": frame.rgb,
            "depth": depth_to_millimetres(frame.depth),
            "segmentation": frame.segmentation.astype(np.uint16),
        }
        for name, image in images.items():
            write_whole(self.folder / name / f"{index:06d}.png", _png(image))
        both = np.concatenate([frame.rgb, color_depth(frame.depth)], axis=1)
        self._preview.write_frame(np.pad(both, [(0, side % 2) for side in both.shape[:2]] + [(0, 0)], mode="edge"))
        camera = frame.intrinsics
        self.rows.append(
            {
                "frame": index,
                "T_world_camera": frame.T_world_camera.reshape(-1).tolist(),
                "fx": camera.fx,
                "fy": camera.fy,
                "cx": camera.cx,
                "cy": camera.cy,
                "width": camera.width,
                "height": camera.height,
                "level": shot.level,
                "room": shot.room,
                "time_s": shot.time_s,
                "pan_deg": shot.ptz.pan_deg if shot.ptz else None,
                "tilt_deg": shot.ptz.tilt_deg if shot.ptz else None,
                "zoom": shot.ptz.zoom if shot.ptz else None,
            }
        )

    def _finish(self) -> None:
        """Writes `frames.parquet`, closes the preview, and takes back images of a frame that was interrupted."""
        self._preview.close()
        for name in IMAGE_FOLDERS:
            (self.folder / name / f"{len(self.rows):06d}.png").unlink(missing_ok=True)
        import pyarrow
        from pyarrow import parquet

        schema = pyarrow.schema(
            [
                ("frame", pyarrow.int32()),
                ("T_world_camera", pyarrow.list_(pyarrow.float64(), 16)),
                *((name, pyarrow.float64()) for name in ("fx", "fy", "cx", "cy")),
                *((name, pyarrow.int32()) for name in ("width", "height")),
                *((name, pyarrow.string()) for name in ("level", "room")),
                *((name, pyarrow.float64()) for name in ("time_s", "pan_deg", "tilt_deg", "zoom")),
            ],
            metadata={"made_with": json.dumps(self.made_with, ensure_ascii=False)},
        )
        buffer = io.BytesIO()
        parquet.write_table(pyarrow.Table.from_pylist(self.rows, schema=schema), buffer)
        write_whole(self.folder / "frames.parquet", buffer.getvalue())
        write_whole(self.folder / "preview.mp4", self._video.getvalue())


def _png(image: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def require_free(folder: Path, *, overwrite: bool) -> None:
    """Check that a run may write into a folder: it is new, empty, or holds an earlier run and `overwrite` is set.

    Raises:
        HomeError: it is a file, holds other things, or holds an earlier run that is to stay.
    """
    if folder.exists() and not folder.is_dir():
        raise HomeError(f"{folder} is a file; name a folder with --out")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    if not (folder / "scene.json").is_file():
        raise HomeError(f"{folder} holds other files; name a new folder with --out")
    if not overwrite:
        frames = sum(1 for _ in (folder / IMAGE_FOLDERS[0]).glob("*.png"))
        raise HomeError(
            f"{folder} holds an earlier run of {frames} frames; name another with --out, or replace it with --overwrite"
        )


def _clear(folder: Path) -> None:
    """Make way for a run: an earlier run's files go."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in IMAGE_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("scene.json", "frames.parquet", "preview.mp4", _UNFINISHED_PREVIEW):
        (folder / name).unlink(missing_ok=True)
