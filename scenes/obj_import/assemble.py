"""OBJ -> `Scene`: the file's groups as instances, in the order in which the program writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from scenes.build.assemble import GROUND_COLOR, LIGHT_COLOR, SKY_COLOR
from scenes.build.draft import Draft, pack
from scenes.build.palette import Palette, rgb
from scenes.build.surface import Surface
from scenes.home.archive import Archive
from scenes.home.reader import Contents
from scenes.obj_import.files import open_files
from scenes.obj_import.furniture import FoundPiece, categories, find_pieces
from scenes.obj_import.groups import Export, Group, sort_groups
from scenes.obj_import.reading import read_groups
from scenes.obj_import.rooms import FoundRoom, find_rooms
from scenes.obj_import.storeys import Storeys
from scenes.obj_import.walls import FoundWall, find_walls
from scenes.scene import NO_TEXTURE, Room, Scene, Surroundings


def load_obj_scene(path: Path) -> Scene:
    """Loads a `.obj` with the `.mtl` and the textures beside it, or a `.zip` that holds them.

    Sweet Home 3D's export says by its group names what is ground, wall, room, line or label. Levels come from the
    heights of floors and walls; geometry tells what furniture belongs together and what of it is a door, a window, a
    stair or an incline. Lamps, names and saved cameras are not in the file. An OBJ from elsewhere gives one instance
    per group.

    Raises:
        HomeError: a damaged zip, no OBJ in it, or an OBJ that is damaged or empty.
        OSError: the file cannot be opened.
    """
    archive, entry = open_files(path)
    return parse_obj_scene(archive, entry, path.stem)


def parse_obj_scene(archive: Archive, entry: str, name: str) -> Scene:
    """`load_obj_scene` for files in memory; `entry` is the OBJ among them, `name` the scene's."""
    palette = Palette(Contents(archive))
    file = read_groups(palette.contents, entry, palette)
    if file.is_export:
        export, ground = sort_groups(file.groups), 0.0
        pieces = find_pieces(export.furniture)
    else:
        export, ground = Export({}, []), min(float(group.box[0, 2]) for group in file.groups)
        pieces = [FoundPiece(group.name, (group,), group.name) for group in file.groups]
    walls = find_walls(export.objects("wall"))
    storeys = Storeys.of(find_rooms(export.objects("room")), walls, ground)
    arrays = pack(_structure(export, walls, storeys) + _furniture(pieces, walls, storeys))
    return Scene(
        name=name,
        levels=storeys.levels,
        rooms=tuple(_room(room, level) for room, level in storeys.rooms),
        instances=arrays.instances,
        parts=arrays.parts,
        materials=tuple(palette.materials),
        textures=tuple(palette.textures),
        lights=(),
        viewpoints=(),
        surroundings=_surroundings(export, palette),
        warnings=(*archive.warnings, *file.warnings, *palette.warnings),
        vertices=arrays.vertices,
        normals=arrays.normals,
        uvs=arrays.uvs,
        triangles=arrays.triangles,
    )


def _structure(export: Export, walls: Sequence[FoundWall], storeys: Storeys) -> list[Draft]:
    """Ground, walls, floors and ceilings, lines, labels."""
    drafts = [Draft("ground", "ground", "ground", 0, _surfaces(export.structure.get("ground", ())))]
    drafts += [_draft(wall.source, "wall", storeys.of_wall(wall.box), wall.groups) for wall in walls]
    for room, level in storeys.rooms:
        for kind, sheet in (("floor", room.floor), ("ceiling", room.ceiling)):
            surfaces = _surfaces(sheet.groups if sheet else ())
            drafts.append(Draft(f"{room.source}/{kind}", _spoken(room.source), kind, level, surfaces))
    for kind, category in (("polyline", "line"), ("label", "label")):
        for source, groups in export.objects(kind).items():
            drafts.append(_draft(source, category, storeys.of_thing(groups[0].box), groups))
    return drafts


def _furniture(pieces: Sequence[FoundPiece], walls: Sequence[FoundWall], storeys: Storeys) -> list[Draft]:
    return [
        Draft(piece.source, piece.name, kind, storeys.of_thing(piece.box), _surfaces(piece.groups))
        for piece, kind in zip(pieces, categories(pieces, walls, storeys), strict=True)
    ]


def _draft(source: str, category: str, level: int, groups: Iterable[Group]) -> Draft:
    return Draft(source, _spoken(source), category, level, _surfaces(groups))


def _spoken(source: str) -> str:
    """`room_3` -> `room 3`."""
    return source.replace("_", " ")


def _surfaces(groups: Iterable[Group]) -> list[Surface]:
    return [surface for group in groups for surface in group.surfaces]


def _room(room: FoundRoom, level: int) -> Room:
    return Room(
        source=room.source,
        name=_spoken(room.source),
        level=level,
        area_m2=room.area.area,
        polygon=room.polygon,
        has_floor=room.floor is not None,
        has_ceiling=room.ceiling is not None,
    )


def _surroundings(export: Export, palette: Palette) -> Surroundings:
    """The program's defaults: sky, light and place are not in the file. A ground without a texture gives its colour."""
    color = rgb(GROUND_COLOR)
    for surface in _surfaces(export.structure.get("ground", ())):
        material = list(palette.materials)[surface.material]
        if material.texture == NO_TEXTURE:
            color = material.color
    return Surroundings(color, rgb(SKY_COLOR), rgb(LIGHT_COLOR), NO_TEXTURE, 0.0, 0.0, 0.0)
