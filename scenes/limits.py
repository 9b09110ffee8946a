"""The limits on what a home file may hold, in one place: a file from a stranger must not take the machine.

The defaults are several times what the largest homes known to us hold. Whoever trusts a larger file raises a limit for
one command: `STAIRWELL_LIMITS="walls=50000 seconds=600" sim check large.sh3d`.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from typing import Any

from scenes.errors import HomeError

VARIABLE = "STAIRWELL_LIMITS"
MIB = 2**20


def _limit(default: int, unit: str) -> Any:
    """A field with the words that an error puts behind its number."""
    return dataclasses.field(default=default, metadata={"unit": unit})


@dataclasses.dataclass(frozen=True)
class Limits:
    """The most that is read of a file and built of it. A name that ends in `_mib` counts 2**20 bytes."""

    file_mib: int = _limit(512, "MiB in a file")
    entries: int = _limit(50_000, "entries in a zip")
    entry_mib: int = _limit(256, "MiB in an entry of a zip")
    archive_mib: int = _limit(1024, "MiB in all entries of a zip")
    xml_mib: int = _limit(32, "MiB of XML")
    elements: int = _limit(200_000, "elements")
    warnings: int = _limit(1_000, "warnings of a file")
    nesting: int = _limit(100, "elements, groups or nodes inside one another")
    java_mib: int = _limit(64, "MiB of Java objects")
    java_objects: int = _limit(1_000_000, "objects in a Java stream")
    levels: int = _limit(200, "levels")
    walls: int = _limit(4_000, "walls")
    rooms: int = _limit(2_000, "rooms")
    pieces: int = _limit(5_000, "pieces of furniture")
    lines: int = _limit(2_000, "polylines")
    labels: int = _limit(500, "labels")
    corners: int = _limit(5_000, "corners in an outline")
    crossings: int = _limit(1_000, "crossings of an outline with itself")
    overlaps: int = _limit(10_000, "pairs of overlapping outlines on a level")
    wall_cells: int = _limit(500, "parts of a wall that its openings cut")
    obj_mib: int = _limit(128, "MiB in an OBJ export")
    obj_groups: int = _limit(100_000, "groups in an OBJ export")
    model_mib: int = _limit(32, "MiB in a model")
    model_groups: int = _limit(5_000, "groups in a model")
    model_materials: int = _limit(10_000, "materials in a model")
    model_instances: int = _limit(10_000, "instances in a model")
    model_libraries: int = _limit(100, "material libraries (mtllib) in a model")
    model_triangles: int = _limit(1_000_000, "triangles in a model")
    face_corners: int = _limit(2_000, "corners in a face")
    corner_pairs: int = _limit(5_000_000, "pairs of corners of the same face in a model")
    smooth_pairs: int = _limit(20_000_000, "pairs of smooth faces that share a corner in a model")
    triangles: int = _limit(20_000_000, "triangles")
    textures: int = _limit(5_000, "textures")
    texture_pixels: int = _limit(32 * 2**20, "pixels in a texture")
    all_texture_pixels: int = _limit(256 * 2**20, "pixels in all textures")
    yaml_mib: int = _limit(8, "MiB of YAML")
    yaml_values: int = _limit(100_000, "values in YAML")
    seconds: int = _limit(120, "seconds to build a scene")
    memory_mib: int = _limit(4096, "MiB of memory to build a scene")


def limits() -> Limits:
    """Return the limits that hold: the defaults, and what the environment variable `STAIRWELL_LIMITS` sets.

    Raises:
        HomeError: the variable names no limit, or gives one no whole number above 0.
    """
    return _parse(os.environ.get(VARIABLE, ""))


def excess(name: str, count: float) -> str | None:
    """Return the words of a warning if `count` is over the limit `name`, else None.

    >>> excess("walls", 70_000)
    'over the limit of 50,000 walls; for a file that you trust, raise it: STAIRWELL_LIMITS=walls=N'
    """
    most = getattr(limits(), name)
    if count <= most:
        return None
    return f"over the limit of {most:,} {unit(name)}; for a file that you trust, raise it: {VARIABLE}={name}=N"


def require_within(name: str, count: float, what: str) -> None:
    """Raise HomeError, with `what` as its subject, if `count` is over the limit `name`."""
    over = excess(name, count)
    if over is not None:
        raise HomeError(f"{what} is {over}")


def unit(name: str) -> str:
    """Return what a limit counts, in words."""
    return next(str(field.metadata["unit"]) for field in dataclasses.fields(Limits) if field.name == name)


@functools.lru_cache
def _parse(text: str) -> Limits:
    names = [field.name for field in dataclasses.fields(Limits)]
    values = {}
    for word in re.split(r"[\s,]+", text.strip()):
        name, _, number = word.partition("=")
        if not word:
            continue
        if name not in names:
            raise HomeError(f"{VARIABLE} has no limit {name!r}; choose from {', '.join(names)}")
        if not number.isdecimal() or int(number) == 0:
            raise HomeError(f"{VARIABLE}: {word!r} is not {name}=N with a whole number N above 0")
        values[name] = int(number)
    return Limits(**values)
