"""What a dataset says of its frames and episodes: the columns of `frames.parquet` and `episodes.parquet`."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from sim.frame import Frame

SCHEMA_VERSION = 2
READABLE = (1, 2)
ADDED = ("goal_distance_m", "goal_bearing_deg", "way_bearing_deg")
"""Columns of `frames.parquet` that schema 1 lacks; read from there, they are null."""

Json: TypeAlias = Any
"""What JSON can say: None, bool, int, float, str, lists and string-keyed dictionaries of them."""


@dataclass(frozen=True)
class Row:
    """What is known of a frame besides its image and camera.

    Attributes:
        time_s: simulated, increasing within an episode.
        home, level, room: names; room is "" where the camera is in none.
        camera: the name of the camera; a home may have several.
        pan_deg, tilt_deg, zoom: what a PTZ device says of itself, zoom as a magnification; None for other cameras.
        action: what is done next, as numbers; their names stand in the dataset's configuration.
        command: the label of that action, None without one.
        command_threshold: the threshold that made the label, in the action's unit.
        moving: poses T_world_body (4, 4) of what moves, by name.
        goal_distance_m: how far what a body is under way to is from it, on the plan; None where it goes nowhere.
        goal_bearing_deg: in which direction of its heading that is, to the left positive.
        way_bearing_deg: likewise, where the right way there begins, which the command is made from.
    """

    time_s: float
    home: str
    level: str
    room: str
    camera: str = "camera"
    pan_deg: float | None = None
    tilt_deg: float | None = None
    zoom: float | None = None
    action: tuple[float, ...] = ()
    command: str | None = None
    command_threshold: float | None = None
    moving: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    goal_distance_m: float | None = None
    goal_bearing_deg: float | None = None
    way_bearing_deg: float | None = None


@dataclass(frozen=True)
class EpisodeFacts:
    """What is known of an episode.

    `home_hash`: `home_hash()` of the home's file; `outcome`: how it ended; `drawn`: what was drawn for it at random.
    """

    home: str
    home_hash: str
    outcome: str = ""
    drawn: Mapping[str, Json] = field(default_factory=dict)


Episode: TypeAlias = Generator[tuple[Frame, Row], None, EpisodeFacts]
"""The frames of an episode in order; returns its facts. A source is a pure function (config, index) -> Episode."""


def frame_schema() -> Any:
    """The columns of `frames.parquet`, a `pyarrow.Schema`. `T_world_camera`: row-major 4x4."""
    import pyarrow as pa

    pose = pa.list_(pa.float64(), 16)
    return pa.schema(
        [
            ("episode", pa.int32()),
            ("step", pa.int32()),
            ("time_s", pa.float64()),
            *((name, pa.string()) for name in ("home", "level", "room", "camera")),
            ("T_world_camera", pose),
            *((name, pa.float64()) for name in ("fx", "fy", "cx", "cy")),
            *((name, pa.int32()) for name in ("width", "height")),
            *((name, pa.float64()) for name in ("pan_deg", "tilt_deg", "zoom")),
            ("action", pa.list_(pa.float64())),
            ("prev_action", pa.list_(pa.float64())),
            ("command", pa.string()),
            ("prev_command", pa.string()),
            ("command_threshold", pa.float64()),
            ("moving", pa.list_(pa.struct([("name", pa.string()), ("T_world_body", pose)]))),
            ("checks", pa.list_(pa.string())),
            *((name, pa.float64()) for name in ADDED),
        ]
    )


def episode_schema() -> Any:
    """The columns of `episodes.parquet`, a `pyarrow.Schema`. `drawn`: JSON; `sha256`: of the episode's file."""
    import pyarrow as pa

    return pa.schema(
        [
            ("episode", pa.int32()),
            ("frames", pa.int32()),
            *((name, pa.string()) for name in ("home", "home_hash", "outcome", "drawn", "file")),
            ("bytes", pa.int64()),
            ("sha256", pa.string()),
        ]
    )


def frame_record(frame: Frame, row: Row, episode: int, step: int, before: Row | None) -> dict[str, Any]:
    """The row of `frames.parquet` for a frame, without its checks. `before`: the row one step earlier, if any."""
    camera = frame.intrinsics
    return {
        "episode": episode,
        "step": step,
        "time_s": row.time_s,
        "home": row.home,
        "level": row.level,
        "room": row.room,
        "camera": row.camera,
        "T_world_camera": frame.T_world_camera.reshape(-1).tolist(),
        "fx": camera.fx,
        "fy": camera.fy,
        "cx": camera.cx,
        "cy": camera.cy,
        "width": camera.width,
        "height": camera.height,
        "pan_deg": row.pan_deg,
        "tilt_deg": row.tilt_deg,
        "zoom": row.zoom,
        "action": list(row.action),
        "prev_action": list(before.action) if before else None,
        "command": row.command,
        "prev_command": before.command if before else None,
        "command_threshold": row.command_threshold,
        "moving": [
            {"name": name, "T_world_body": pose.reshape(-1).tolist()} for name, pose in sorted(row.moving.items())
        ],
        "goal_distance_m": row.goal_distance_m,
        "goal_bearing_deg": row.goal_bearing_deg,
        "way_bearing_deg": row.way_bearing_deg,
    }
