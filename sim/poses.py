"""Camera poses from files: a JSON list, or the `frames.parquet` of an earlier run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from scenes.errors import HomeError
from sim.camera import Floats, pose_looking

_RIGID_TOLERANCE = 1e-4


def read_poses(path: Path) -> list[Floats]:
    """The camera poses (4, 4) of a file.

    JSON: a list of `{"position": [x, y, z], "yaw_deg": a, "pitch_deg": b}` or `{"T_world_camera": [16 numbers]}`.

    Raises:
        HomeError: no such list, or a matrix that is not a pose.
    """
    matrices = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_json(path)
    if not matrices:
        raise HomeError(f"{path}: no poses in it")
    return matrices


def _read_parquet(path: Path) -> list[Floats]:
    import pyarrow
    from pyarrow import parquet

    try:
        column = parquet.read_table(path, columns=["T_world_camera"])["T_world_camera"].to_pylist()
    except (pyarrow.ArrowInvalid, KeyError) as error:
        raise HomeError(f"{path} is no frames.parquet of `sim render`: {error}") from error
    return [_matrix(row, f"{path}, row {index}") for index, row in enumerate(column)]


def _read_json(path: Path) -> list[Floats]:
    try:
        rows = json.loads(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} is not JSON: {error}") from error
    if not isinstance(rows, list):
        raise HomeError(f"{path}: expected a list of poses, found {type(rows).__name__}")
    return [_pose(row, f"{path}, pose {index}") for index, row in enumerate(rows)]


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
