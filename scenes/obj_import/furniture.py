"""Pieces of furniture of an export, and what they are, told by geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scenes.build.categories import DOOR_HEIGHT_CM, DOOR_SILL_CM, has_treads, is_incline, stair_boxes
from scenes.build.frames import CM
from scenes.build.furniture import SPECIAL
from scenes.obj_import.groups import Group, Thing
from scenes.obj_import.pieces import split_pieces
from scenes.obj_import.storeys import Storeys
from scenes.obj_import.walls import FoundWall, stands_in_wall


@dataclass(frozen=True)
class FoundPiece(Thing):
    """A piece of furniture; its source is its number among those of the file (`furniture_3`)."""

    name: str


def find_pieces(groups: Sequence[Group]) -> list[FoundPiece]:
    """The furniture of an export, named by the first shape of the model that has a name of its own."""
    if not groups:
        return []
    runs = split_pieces([group.base for group in groups], np.stack([group.box for group in groups]))
    found = []
    for number, run in enumerate(runs, 1):
        own = (group.base for group in groups[run] if group.base and not group.base.startswith(SPECIAL))
        found.append(FoundPiece(f"furniture_{number}", tuple(groups[run]), next(own, f"furniture {number}")))
    return found


def categories(pieces: Sequence[FoundPiece], walls: Sequence[FoundWall], storeys: Storeys) -> list[str]:
    """`door window stair ramp furniture` for each piece. Lamps cannot be told from other furniture."""
    floors = [0.0, *(level.elevation_m for level in storeys.levels)]
    kinds = [_category(piece, walls, storeys, floors) for piece in pieces]
    loose = [(i, piece.mesh) for i, (piece, kind) in enumerate(zip(pieces, kinds, strict=True)) if kind == "furniture"]
    steps = stair_boxes(loose, floors)
    return ["stair" if index in steps else kind for index, kind in enumerate(kinds)]


def _category(piece: FoundPiece, walls: Sequence[FoundWall], storeys: Storeys, floors: Sequence[float]) -> str:
    if has_treads(piece.mesh):
        return "stair"
    if stands_in_wall(piece.mesh.positions, walls):
        low, high = piece.box[:, 2]
        stands = low - storeys.levels[storeys.of_thing(piece.box)].elevation_m <= DOOR_SILL_CM * CM
        return "door" if stands and high - low >= DOOR_HEIGHT_CM * CM else "window"
    return "ramp" if is_incline(piece.mesh, floors) else "furniture"
