"""`dataset.yaml`: what a dataset is, what made it, its splits and its content hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from datagen.store import images
from datagen.store.schema import READABLE, Json
from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole
from scenes.yaml_files import parse_yaml

ABOUT = "dataset.yaml"
GENERATING, COMPLETE = "generating", "complete"
SUM = "sum"
"""The key of the description's own sum."""
IDENTITY = ("schema", "config", "episodes", "storage", "homes")
"""The keys that the content hash covers, beside the episodes' files."""

_PlainName = Annotated[str, Field(pattern=r"^[^/\x00]{1,255}$")]
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    """A part of the description: values of the wrong type are refused, keys of later versions are not."""

    model_config = ConfigDict(strict=True, extra="allow")


class _StoredAs(_Part):
    model_config = ConfigDict(strict=True, extra="forbid")

    rgb: images.RgbFormat
    segmentation: bool


class _SplitBy(_Part):
    by: str
    warnings: list[str] = []


class _About(_Part):
    """What `dataset.yaml` must say."""

    schema_version: int = Field(alias="schema")
    config: dict[str, Any]
    episodes: Annotated[int, Field(ge=1, le=10_000_000)]
    storage: _StoredAs
    homes: dict[_PlainName, str]
    state: Literal["generating", "complete"]
    made_with: Annotated[list[dict[str, str]], Field(min_length=1)]
    splits: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")], _SplitBy]
    content_hash: _Hash | None = None
    sums: dict[str, _Hash] = {}
    sum: _Hash | None = None


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
        about = parse_yaml(path.read_bytes(), str(path))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise HomeError(f"{folder} is no dataset: it has no {ABOUT}") from error
    except HomeError as error:
        raise HomeError(f"{error}; restore it from a copy") from error
    if fault := _fault(about):
        raise HomeError(f"{path} does not describe a dataset ({fault}); restore it from a copy")
    if about["schema"] not in READABLE:
        known = " and ".join(map(str, READABLE))
        raise HomeError(f"{path} has schema {about['schema']}; this Stairwell reads schemas {known}")
    if SUM in about and about[SUM] != _sum_of(about):
        raise HomeError(f"{path} was changed since it was written; restore it from a copy")
    return about


def _sum_of(about: Mapping[str, Json]) -> str:
    """The sha256 of all that a description says, its own sum left out."""
    said = {key: value for key, value in about.items() if key != SUM}
    return hashlib.sha256(json.dumps(said, sort_keys=True, allow_nan=False).encode()).hexdigest()


def summed(folder: Path, about: Mapping[str, Json], path: str, data: bytes) -> bytes:
    """Return the data of a file of a complete dataset, if it is what the description has the sum of.

    Raises:
        HomeError: it was changed since.
    """
    if about["state"] == COMPLETE and about.get("sums", {}).get(path, "") not in ("", hashlib.sha256(data).hexdigest()):
        raise HomeError(f"{folder / path} was changed since it was written; restore it from a copy")
    return data


def _fault(about: object) -> str:
    """What of a description is not what it should be; "" if nothing."""
    try:
        _About.model_validate(about)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"{where + ': ' if where else ''}{first['msg'].removeprefix('Value error, ')}"
    return ""


def write_about(folder: Path, about: Mapping[str, Json]) -> None:
    """Writes `dataset.yaml` whole, with the sum of all that it says."""
    said = {key: value for key, value in about.items() if key != SUM}
    text = yaml.dump(
        said | {SUM: _sum_of(said)}, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120
    )
    with plain_errors(folder):
        write_whole(folder / ABOUT, text.encode())
