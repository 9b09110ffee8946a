"""`dataset.yaml`: what a dataset is, what made it, its splits and its content hash."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from datagen.store.episode import Storage, plain_errors
from datagen.store.images import SUFFIX
from datagen.store.schema import READABLE, Json
from scenes.errors import HomeError
from scenes.files import write_whole

ABOUT = "dataset.yaml"
GENERATING, COMPLETE = "generating", "complete"
IDENTITY = ("schema", "config", "episodes", "storage", "homes")
"""The keys that the content hash covers, beside the episodes' files."""

_PARTS = {"schema": int, "config": dict, "episodes": int, "storage": dict, "homes": dict, "state": str}
_PARTS |= {"made_with": list, "splits": dict}
UNITS = {
    "T_world_camera": "row-major 4x4, metres; world z up, camera x right, y down, z forward",
    "fx, fy, cx, cy": "pixels; the centre of pixel (i, j) is at (i + 0.5, j + 0.5)",
    "depth": "16-bit PNG, millimetres, planar z; 0 = nothing",
    "segmentation": "16-bit PNG, ids of homes/HOME.json; 0 = nothing",
    "time_s": "seconds, simulated",
    "pan_deg, tilt_deg": "degrees",
    "zoom": "magnification",
    "goal_distance_m": "metres on the plan, to what the body is under way to",
    "goal_bearing_deg": "degrees, from the body's heading to the left",
    "way_bearing_deg": "degrees, from the body's heading to the left; what the command was made from",
}


def read_about(folder: Path) -> dict[str, Any]:
    """What `dataset.yaml` says.

    Raises:
        HomeError: there is none, or it cannot be read.
    """
    path = folder / ABOUT
    try:
        about = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise HomeError(f"{folder} is no dataset: it has no {ABOUT}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HomeError(f"{path} cannot be read: {error}; restore it from a copy") from error
    if not _describes_a_dataset(about):
        raise HomeError(f"{path} does not describe a dataset; restore it from a copy")
    if about["schema"] not in READABLE:
        known = " and ".join(map(str, READABLE))
        raise HomeError(f"{path} has schema {about['schema']}; this Stairwell reads schemas {known}")
    return about


def _describes_a_dataset(about: Any) -> bool:
    return (
        isinstance(about, dict)
        and all(isinstance(about.get(part), kind) for part, kind in _PARTS.items())
        and about["state"] in (GENERATING, COMPLETE)
        and about["storage"].keys() == {field.name for field in fields(Storage)}
        and about["storage"]["rgb"] in SUFFIX
        and all(isinstance(home, str) for home in about["homes"].values())
        and all(isinstance(entry, dict) for entry in (*about["made_with"], *about["splits"].values()))
    )


def write_about(folder: Path, about: Mapping[str, Json]) -> None:
    """Writes `dataset.yaml` whole."""
    text = yaml.dump(dict(about), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)
    with plain_errors(folder):
        write_whole(folder / ABOUT, text.encode())
