"""Cameras from files: a JSON list of poses, or the `frames.parquet` of an earlier run or a dataset."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenes.errors import HomeError
from sim.camera import MAX_SIDE_PX, Floats, Intrinsics, pose_looking

_RIGID_TOLERANCE = 1e-4
_CAMERA = ("width", "height", "fx", "fy", "cx", "cy")


@dataclass(frozen=True)
class RecordedView:
    """A pose from a file, with the camera that the file gives it.

    Attributes:
        T_world_camera: (4, 4).
        intrinsics: None where the file says nothing of the camera.
    """

    T_world_camera: Floats
    intrinsics: Intrinsics | None


def read_views(path: Path) -> list[RecordedView]:
    """Read the poses of a file and, where it has them, their cameras.

    JSON: a list of `{"position": [x, y, z], "yaw_deg": a, "pitch_deg": b}` or `{"T_world_camera": [16 numbers]}`, each
    of them alone or with the camera: `"width", "height"` in pixels and `"fx", "fy", "cx", "cy"`, pixel centres at +0.5.
    Parquet: the columns of those names, as `sim render` and `sim generate` write them.

    Raises:
        HomeError: no such list, a matrix that is not a pose, half a camera, cameras for some poses only, or images of
            several sizes.
    """
    views = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_json(path)
    if not views:
        raise HomeError(f"{path}: no poses in it")
    cameras = [view.intrinsics for view in views if view.intrinsics is not None]
    if 0 < len(cameras) < len(views):
        raise HomeError(f"{path}: {len(cameras)} of {len(views)} poses have a camera; give one to all or to none")
    sizes = {(camera.width, camera.height) for camera in cameras}
    if len(sizes) > 1:
        several = ", ".join(f"{width} x {height}" for width, height in sorted(sizes))
        raise HomeError(f"{path}: cameras with images of {several}; put each size into a file of its own")
    return views


def _read_parquet(path: Path) -> list[RecordedView]:
    import pyarrow
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(path)
        names = [name for name in ("T_world_camera", *_CAMERA) if name in table.schema_arrow.names]
        rows = table.read(columns=names).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise HomeError(f"{path} is no frames.parquet of `sim render`: {error}") from error
    if "T_world_camera" not in names:
        raise HomeError(f"{path} is no frames.parquet of `sim render`: it has no column T_world_camera")
    return [_view(row, f"{path}, row {index}") for index, row in enumerate(rows)]


def _read_json(path: Path) -> list[RecordedView]:
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} is not JSON: {error}") from error
    if not isinstance(rows, list):
        raise HomeError(f"{path}: expected a list of poses, found {type(rows).__name__}")
    return [_view(row, f"{path}, pose {index}") for index, row in enumerate(rows)]


def _view(row: Any, where: str) -> RecordedView:
    return RecordedView(_pose(row, where), _intrinsics(row, where))


def _intrinsics(row: dict[str, Any], where: str) -> Intrinsics | None:
    values = [row.get(name) for name in _CAMERA]
    if all(value is None for value in values):
        return None
    try:
        width, height, *rest = (float(value) for value in values)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise HomeError(f"{where}: a camera has the numbers {', '.join(_CAMERA)}; here they are {values}") from error
    whole = all(side.is_integer() and 1 <= side <= MAX_SIDE_PX for side in (width, height))
    if not whole or min(rest[:2]) <= 0 or not all(map(math.isfinite, rest)):
        raise HomeError(
            f"{where}: {values} is no camera; width and height are whole, from 1 to {MAX_SIDE_PX}; fx, fy, cx, cy are"
            " finite, fx and fy above 0"
        )
    return Intrinsics(int(width), int(height), *rest)


def _pose(row: Any, where: str) -> Floats:
    if isinstance(row, dict) and "T_world_camera" in row:
        return _matrix(row["T_world_camera"], where)
    try:
        position = [float(value) for value in row["position"]]
        yaw_deg, pitch_deg = float(row["yaw_deg"]), float(row.get("pitch_deg", 0.0))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HomeError(
            f'{where}: expected {{"position": [x, y, z], "yaw_deg": a, "pitch_deg": b}} ({error})'
        ) from error
    if len(position) != 3 or not np.isfinite([*position, yaw_deg, pitch_deg]).all():
        raise HomeError(f"{where}: a position has three finite numbers, angles are finite")
    return pose_looking(position, yaw_deg, pitch_deg)


def _matrix(values: Any, where: str) -> Floats:
    try:
        matrix = np.array(values, np.float64).reshape(4, 4)
    except (TypeError, ValueError) as error:
        raise HomeError(f"{where}: T_world_camera has 16 numbers, row by row ({error})") from error
    rotation = matrix[:3, :3]
    rigid = np.allclose(rotation @ rotation.T, np.eye(3), atol=_RIGID_TOLERANCE) and np.linalg.det(rotation) > 0
    if not np.isfinite(matrix).all() or not rigid or not np.allclose(matrix[3], [0, 0, 0, 1]):
        raise HomeError(f"{where}: T_world_camera is not a rotation and a position")
    return matrix
