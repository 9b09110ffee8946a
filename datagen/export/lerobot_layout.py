"""What a frame is as a LeRobot feature: names, shapes, types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.export.huggingface import image_type, with_features
from datagen.export.samples import split_columns
from datagen.reader import Dataset
from datagen.store.schema import Json
from scenes.errors import HomeError

RGB, DEPTH = "observation.images.camera", "observation.images.camera_depth"
STATE, ACTION, PREVIOUS_ACTION = "observation.state", "action", "previous_action"
POSE, NEXT_DONE, TASK = "T_world_camera", "next.done", "task"
THRESHOLD = "command_threshold"

_PLACE = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")
_LENS = ("fx", "fy", "cx", "cy")
_PTZ = ("pan_deg", "tilt_deg", "zoom")
_ACTIONS = {2: ("forward_m", "turn_deg"), 3: ("pan_deg", "tilt_deg", "zoom")}
"""What the collectors' actions are, by how many numbers they have."""
_TEXTS = ("home", "level", "room", "camera", "command", "previous_command", "moving", "checks")
_DEPTH_INFO: dict[str, Json] = {"info": {"is_depth_map": True, "depth_unit": "mm"}}
"""What newer LeRobots (from their pull requests 3644 and 3899 on) know depth by."""
_OWN: dict[str, str] = {
    "timestamp": "float32",
    "frame_index": "int64",
    "episode_index": "int64",
    "index": "int64",
    "task_index": "int64",
}
"""The features that LeRobot itself asks for."""


@dataclass(frozen=True)
class Layout:
    """The features of an export, as `info.json` says them, and its frames per second."""

    features: Mapping[str, Json]
    fps: int
    ptz: bool

    def task(self, row: Mapping[str, Json]) -> str:
        """The task of an episode, in words."""
        return f"Look around {row['home']}" if self.ptz else f"Move through {row['home']}"

    def schema(self) -> Any:
        """The columns of the data files, a `pyarrow.Schema`."""
        import pyarrow as pa

        fields: list[Any] = []
        features: dict[str, Json] = {}
        for name, feature in self.features.items():
            kind, length = feature["dtype"], feature["shape"][0]
            if kind == "image":
                fields.append(pa.field(name, image_type()))
                features[name] = {"_type": "Image"}
                continue
            value = {"_type": "Value", "dtype": kind}
            item = pa.string() if kind == "string" else pa.bool_() if kind == "bool" else pa.from_numpy_dtype(kind)
            fields.append(pa.field(name, item if length == 1 else pa.list_(item, length)))
            features[name] = value if length == 1 else {"_type": "Sequence", "feature": value, "length": length}
        return with_features(pa.schema(fields), features)


def layout_of(dataset: Dataset, *, depth: bool = True) -> Layout:
    """Return the layout that fits all frames of a dataset, with or without its depth.

    Raises:
        HomeError: frames that differ in size or in what their actions and states hold.
    """
    width, height = (_the_same(dataset, name) for name in ("width", "height"))
    sizes = {len(action or ()) for action in dataset.frames["action"].to_pylist()}
    if len(sizes) > 1:
        raise _mixed(dataset, f"actions of {' and '.join(map(str, sorted(sizes)))} numbers")
    ptz = _in_all(dataset, _PTZ)
    features: dict[str, Json] = {
        RGB: _feature("image", (height, width, 3), ("height", "width", "channels")),
    }
    if depth:
        features[DEPTH] = _feature("image", (height, width, 1), ("height", "width", "channels")) | _DEPTH_INFO
    features |= {
        STATE: _vector("float32", (*_PLACE, *_LENS, *(_PTZ if ptz else ()))),
    }
    if actions := sizes.pop():
        names = _ACTIONS.get(actions, tuple(f"action_{number}" for number in range(actions)))
        features[ACTION] = features[PREVIOUS_ACTION] = _vector("float32", names)
    features[POSE] = _vector("float64", tuple(f"m{row}{column}" for row in range(4) for column in range(4)))
    features["intrinsics"] = _vector("float64", _LENS)
    features["time_s"] = _feature("float64", (1,), None)
    if _in_all(dataset, (THRESHOLD,)):
        features[THRESHOLD] = _feature("float64", (1,), None)
    features[NEXT_DONE] = _feature("bool", (1,), None)
    features |= {name: _feature("string", (1,), None) for name in (*_TEXTS, *split_columns(dataset))}
    features |= {name: _feature(kind, (1,), None) for name, kind in _OWN.items()}
    return Layout(features, _fps(dataset), ptz)


def numbers(layout: Layout, rows: Sequence[Mapping[str, Json]]) -> dict[str, npt.NDArray[Any]]:
    """The numeric features (N, k) of an episode's frames, without those that LeRobot itself asks for."""
    from scipy.spatial.transform import Rotation

    poses = np.array([row[POSE] for row in rows]).reshape(-1, 4, 4)
    lens = np.array([[row[name] for name in _LENS] for row in rows])
    quaternions = Rotation.from_matrix(poses[:, :3, :3]).as_quat(canonical=True, scalar_first=True)
    device = np.array([[row[name] for name in _PTZ] for row in rows]) if layout.ptz else np.empty((len(rows), 0))
    found = {
        STATE: np.concatenate([poses[:, :3, 3], quaternions, lens, device], axis=1),
        POSE: poses.reshape(-1, 16),
        "intrinsics": lens,
        "time_s": np.array([[row["time_s"]] for row in rows]),
        NEXT_DONE: (np.arange(len(rows)) == len(rows) - 1)[:, None],
    }
    if ACTION in layout.features:
        nothing = [0.0] * layout.features[ACTION]["shape"][0]
        found[ACTION] = np.array([row["action"] for row in rows])
        found[PREVIOUS_ACTION] = np.array([row["prev_action"] or nothing for row in rows])
    if THRESHOLD in layout.features:
        found[THRESHOLD] = np.array([[row[THRESHOLD]] for row in rows])
    return found


def strings(layout: Layout, rows: Sequence[Mapping[str, Json]]) -> dict[str, list[str]]:
    """The features of an episode's frames that are texts; "" where there is none."""
    said = {
        "previous_command": [row["prev_command"] or "" for row in rows],
        "moving": [json.dumps(row["moving"] or [], ensure_ascii=False) for row in rows],
        "checks": [",".join(row["checks"] or []) for row in rows],
    }
    texts = [name for name, feature in layout.features.items() if feature["dtype"] == "string"]
    return {name: said.get(name) or [row[name] or "" for row in rows] for name in texts}


def _feature(kind: str, shape: tuple[int, ...], names: tuple[str, ...] | None) -> dict[str, Json]:
    return {"dtype": kind, "shape": list(shape), "names": None if names is None else list(names)}


def _vector(kind: str, names: tuple[str, ...]) -> dict[str, Json]:
    return _feature(kind, (len(names),), names)


def _the_same(dataset: Dataset, name: str) -> int:
    """What all frames have."""
    values = np.unique(dataset.column(name))
    if len(values) > 1:
        raise _mixed(dataset, f"a {name} of {' and '.join(map(str, values))} pixels")
    return int(values[0])


def _in_all(dataset: Dataset, names: Sequence[str]) -> bool:
    """Do all frames have values in these columns, or none?"""
    missing = {int(dataset.frames[name].null_count) for name in names}
    if missing == {0} or missing == {len(dataset)}:
        return missing == {0}
    raise _mixed(dataset, f"{', '.join(names)} or none")


def _mixed(dataset: Dataset, what: str) -> HomeError:
    return HomeError(
        f"{dataset.folder}: its frames have {what}, but LeRobot's are all alike; "
        "generate a dataset for each kind and export them one by one"
    )


def _fps(dataset: Dataset) -> int:
    """The whole number of frames per second nearest to the usual one, 1 at least."""
    time_s, episode = dataset.column("time_s"), dataset.column("episode")
    steps = np.diff(time_s)[episode[1:] == episode[:-1]]
    return max(1, round(1 / float(np.median(steps)))) if len(steps) else 1
