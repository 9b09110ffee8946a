"""An OBJ file -> its groups in the world, with their materials in a palette."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenes.build.frames import CM, WORLD_FROM_HOME
from scenes.build.furniture import SPECIAL
from scenes.build.palette import Palette
from scenes.build.sanity import LARGEST_CM
from scenes.build.surface import Surface
from scenes.errors import HomeError
from scenes.home.archive import reference_to
from scenes.home.reader import Contents
from scenes.limits import MIB, require_within
from scenes.mesh import Floats
from scenes.models.libraries import Libraries
from scenes.models.model import Shape
from scenes.models.neighbours import Neighbours
from scenes.models.obj import parse_obj
from scenes.obj_import.groups import Group, base_name, is_export

LARGEST_IN_METRES = 200.0
"""An OBJ from elsewhere that is wider than this is taken to be in centimetres."""


@dataclass(frozen=True)
class GroupFile:
    """What an OBJ holds. `is_export`: Sweet Home 3D wrote it, so the names of groups have a meaning."""

    groups: tuple[Group, ...]
    is_export: bool
    warnings: tuple[str, ...]


def read_groups(contents: Contents, entry: str, palette: Palette) -> GroupFile:
    """Reads an OBJ and the materials that it names.

    The export has the program's frame, centimetres with y up; an OBJ from elsewhere too, but in metres if it is small.

    Raises:
        HomeError: missing, damaged, empty, or too large.
    """
    data = contents.read(reference_to(entry))
    require_within("obj_mib", len(data) / MIB, entry)
    libraries = Libraries(Neighbours(contents, reference_to(entry)))
    model = libraries.with_images(parse_obj(data, libraries.read, is_home=True))
    if not model.shapes:
        raise HomeError(f"{entry} has no faces")
    warnings = libraries.warnings + [f"left out {what}" for what in model.left_out]
    shapes = _within_reach(model.shapes, warnings)
    exported = b"Sweet Home 3D" in data[:100] or is_export([shape.name for shape in shapes])
    matrix = WORLD_FROM_HOME if exported else _world_from_elsewhere(shapes, warnings)
    surfaces: dict[str, list[Surface]] = {}
    for shape in shapes:
        special = base_name(shape.name) if shape.name.startswith(SPECIAL) else ""
        material = palette.of_model(shape.material, used_by=shape.name)
        surface = Surface(shape.mesh.transformed(matrix), material, special)
        surfaces.setdefault(shape.name, []).append(surface)
    groups = tuple(Group(name, tuple(members)) for name, members in surfaces.items())
    return GroupFile(groups, exported, tuple(warnings))


def _within_reach(shapes: tuple[Shape, ...], warnings: list[str]) -> list[Shape]:
    """The shapes that are not absurdly far away or large, which would spoil the precision of all others."""
    kept = [shape for shape in shapes if np.abs(shape.mesh.positions).max() <= LARGEST_CM]
    lost = [shape.name for shape in shapes if np.abs(shape.mesh.positions).max() > LARGEST_CM]
    if not kept:
        raise HomeError(f"all of the OBJ lies beyond {LARGEST_CM:g} units; export it in centimetres or metres")
    if lost:
        others = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        warnings.append(f"left out group {lost[0]!r}{others}: beyond {LARGEST_CM:g} units")
    return kept


def _world_from_elsewhere(shapes: list[Shape], warnings: list[str]) -> Floats:
    """4x4 for an OBJ that Sweet Home 3D did not write."""
    points = np.concatenate([shape.mesh.positions for shape in shapes])
    in_metres = float(np.ptp(points, axis=0).max()) <= LARGEST_IN_METRES
    warnings.append(
        "Sweet Home 3D did not write this OBJ: it is taken to have y up and to be in "
        f"{'metres' if in_metres else 'centimetres'}, and each of its groups to be one thing"
    )
    return WORLD_FROM_HOME @ np.diag([1 / CM, 1 / CM, 1 / CM, 1.0]) if in_metres else WORLD_FROM_HOME
