"""The OBJ export as a scene: against the homes it was exported from, on exports written here, and on bad files."""

import io
import json
import os
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from scenes.build.assemble import build_scene
from scenes.draw.drawing import Drawing, LevelDrawing
from scenes.home.reader import parse_home, read_home
from scenes.obj_import import load_obj_scene
from scenes.obj_import.pieces import split_pieces
from tests.homes.cabin import box, cabin
from tests.homes.storeys import storeys
from tests.obj_files import cube, exported, imported

HOMES = Path(os.environ.get("STAIRWELL_HOMES", Path(__file__).parents[2] / "shared" / "homes"))
needs_homes = pytest.mark.skipif(not (HOMES / "obj").is_dir(), reason=f"no real homes in {HOMES} (STAIRWELL_HOMES)")
NAMES = sorted(path.stem for path in (HOMES / "obj").glob("*.zip"))


def colors(scene):
    return [
        [(m.color, m.alpha, m.texture >= 0) for m in (scene.materials[part.material] for part in scene.parts_of(i.id))]
        for i in scene.instances
    ]


@pytest.mark.parametrize("drawing", [cabin, storeys])
def test_a_drawn_home_comes_back_from_its_export(drawing):
    scene = build_scene(parse_home(drawing().to_bytes(), "home"))
    back = imported(exported(scene))
    assert [instance.category for instance in back.instances] == [instance.category for instance in scene.instances]
    assert [instance.triangles for instance in back.instances] == [instance.triangles for instance in scene.instances]
    np.testing.assert_allclose(
        [instance.bounds_m for instance in back.instances], [i.bounds_m for i in scene.instances], atol=1e-5
    )
    for level, other in zip(back.levels, scene.levels, strict=True):
        assert level.elevation_m == pytest.approx(other.elevation_m, abs=1e-5)
        assert level.floor_thickness_m == pytest.approx(other.floor_thickness_m, abs=1e-5)
    assert [instance.level for instance in back.instances] == [instance.level for instance in scene.instances]
    for room, other in zip(back.rooms, scene.rooms, strict=True):
        assert (room.level, room.has_floor, room.has_ceiling) == (other.level, other.has_floor, other.has_ceiling)
        assert room.area_m2 == pytest.approx(other.area_m2, rel=1e-4)
        assert len(room.polygon) == len(other.polygon)
    assert [sorted(looks) for looks in colors(back)] == [sorted(looks) for looks in colors(scene)]
    assert {texture.data for texture in back.textures} == {texture.data for texture in scene.textures}
    assert back.warnings == ()


def test_the_way_of_the_names():
    scene = imported(exported(build_scene(parse_home(storeys().to_bytes(), "home"))))
    assert [instance.source for instance in scene.instances[:3]] == ["ground", "wall_1", "wall_2"]
    assert {i.source for i in scene.instances if i.category == "floor"} == {
        "room_11/floor",
        "room_12/floor",
        "room_13/floor",
    }
    assert [i.source for i in scene.instances][-1] == "furniture_12"
    assert [level.name for level in scene.levels] == ["Level at -2.72 m", "Ground floor", "Level at 2.62 m"]
    assert {part.group for part in scene.parts} > {"sweethome3d_opening_on_hinge_1"}


def test_walls_of_half_levels_that_stand_on_the_ground_are_on_their_level():
    home = Drawing("half levels", wall_height=250)
    for index, elevation in enumerate((0.0, 80.0, 140.0)):
        level = home.level(f"{elevation}", elevation=elevation, floor_thickness=elevation or 12.0)
        x = 1000.0 * index
        level.walls([(x, 0), (x + 500, 0), (x + 500, 400), (x, 400)], closed=True, thickness=15)
        level.room("room", [(x, 0), (x + 500, 0), (x + 500, 400), (x, 400)])
    scene = imported(exported(build_scene(parse_home(home.to_bytes(), "home"))))
    assert [i.level for i in scene.instances if i.category == "wall"] == [0] * 4 + [1] * 4 + [2] * 4
    assert [level.elevation_m for level in scene.levels] == pytest.approx([0.0, 0.8, 1.4])


def row(*parts):
    """Names and boxes (x from, to; y from, to; z from, to, cm) for `split_pieces`."""
    boxes = np.array([box for _, box in parts], float).reshape(-1, 3, 2).transpose(0, 2, 1) / 100
    return [name for name, _ in parts], boxes


def spans(parts):
    return [(run.start, run.stop) for run in split_pieces(*row(*parts))]


LEGS = [("leg", (0, 5, 0, 5, 0, 70)), ("leg_1", (95, 100, 0, 5, 0, 70)), ("leg_2", (0, 5, 55, 60, 0, 70))]
TOP = ("top", (0, 100, 0, 60, 70, 74))


def moved(parts, x):
    return [(name, (a + x, b + x, *rest)) for name, (a, b, *rest) in parts]


def test_legs_that_a_top_joins_are_one_piece_and_without_it_they_are_not():
    assert spans([*LEGS, TOP]) == [(0, 4)]
    assert spans(LEGS) == [(0, 1), (1, 2), (2, 3)]


def test_a_name_that_comes_again_begins_a_new_piece_even_where_both_touch():
    chest = [("body", (0, 50, 0, 50, 0, 80)), ("door", (0, 50, 50, 52, 0, 80))]
    assert spans([*chest, *moved(chest, 50), *moved(chest, 100)]) == [(0, 2), (2, 4), (4, 6)]


def test_where_a_cut_must_be_it_is_behind_movable_parts():
    door = [("frame", (0, 90, 0, 10, 0, 210)), ("sweethome3d_opening_on_hinge_1", (5, 85, 0, 4, 0, 205))]
    panel = [("panel", (90, 100, 0, 10, 0, 210))]
    assert spans([*door, *panel, *moved(door, 100)]) == [(0, 2), (2, 5)]


def test_a_run_of_two_known_models_is_two_pieces():
    lamp = [("shade", (0, 10, 0, 10, 80, 90)), ("foot", (0, 10, 0, 10, 74, 80))]
    table = [("plate", (0, 100, 0, 60, 70, 74)), ("column", (45, 55, 25, 35, 0, 70))]
    apart = [*moved(lamp, 300), *moved(table, 600)]
    assert spans([*lamp, *table, *apart]) == [(0, 2), (2, 4), (4, 6), (6, 8)]


def test_what_is_written_for_both_sides_is_kept_once():
    sheet = "v 0 0 0\nv 100 0 0\nv 100 0 100\nv 0 0 100\ng polyline_1_1\nf 1 2 3 4\nf 4 3 2 1\nf 2 3 1\nf 1 3 2\n"
    scene = imported({"home.obj": ("# Exported by Sweet Home 3D\n" + sheet).encode()})
    assert [(i.source, i.category, i.triangles) for i in scene.instances] == [("polyline_1", "line", 3)]


def test_a_cupboard_before_a_wall_and_a_rug_in_a_doorway_are_no_doors():
    home = cabin()
    west = LevelDrawing(home, home.levels[0])
    west.place(box("cupboard", (100, 40, 250)), 150, 370, name="As high as the wall")
    west.place(box("rug", (90, 10, 2)), 300, 200, angle=np.pi / 2, name="In the doorway")
    scene = imported(exported(build_scene(parse_home(home.to_bytes(), "home"))))
    assert Counter(i.category for i in scene.instances)["door"] == 1
    assert Counter(i.category for i in scene.instances)["window"] == 1


def test_a_room_with_a_ceiling_only_is_on_the_level_of_its_ceiling():
    home = Drawing("ceiling", wall_height=250)
    low, high = home.level("Low", elevation=0), home.level("High", elevation=262)
    for level in (low, high):
        level.room("whole", [(0, 0), (500, 0), (500, 400), (0, 400)])
        level.room("porch", [(600, 0), (900, 0), (900, 400), (600, 400)], floor_visible=False)
    scene = imported(exported(build_scene(parse_home(home.to_bytes(), "home"))))
    assert [(room.level, room.has_floor, room.has_ceiling) for room in scene.rooms] == [
        (0, True, True), (0, False, True), (1, True, True), (1, False, True)
    ]  # fmt: skip
    assert [room.area_m2 for room in scene.rooms] == pytest.approx([20.0, 12.0, 20.0, 12.0])


@pytest.mark.parametrize(("size", "unit", "edge_m"), [(3.0, "metres", 3.0), (300.0, "centimetres", 3.0)])
def test_an_obj_from_elsewhere_is_read_by_group(size, unit, edge_m):
    text = cube("a box", size) + cube("other.001", size, (2 * size, 0, 0))
    scene = imported({"home.obj": text.encode()})
    assert [(i.source, i.category) for i in scene.instances] == [("a", "furniture"), ("other.001", "furniture")]
    np.testing.assert_allclose(scene.instances[0].bounds_m, [[0, -edge_m, 0], [edge_m, 0, edge_m]], atol=1e-6)
    assert len(scene.levels) == 1
    assert unit in scene.warnings[0]
    assert "y up" in scene.warnings[0]


def test_stairs_and_inclines_of_an_obj_from_elsewhere_are_told():
    text = cube("floor", 9.0, (0, -9, 0))
    for step in range(1, 5):
        text += cube(f"step_{step}", 1.0, (1.0 * step, 0.17 * step - 1.0, 0.0))
    scene = imported({"home.obj": text.encode()})
    assert Counter(i.category for i in scene.instances) == {"furniture": 1, "stair": 4}


def test_a_zip_and_a_folder_are_the_same_scene(tmp_path):
    files = exported(build_scene(parse_home(cabin().to_bytes(), "home")))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("__MACOSX/._home.obj", b"")
        for name, data in files.items():
            archive.writestr(f"some folder/{name}", data)
    scene, packed = load_obj_scene(tmp_path / "home.obj"), load_obj_scene(tmp_path / "packed.zip")
    assert (scene.name, packed.name) == ("home", "packed")
    assert len(scene.textures) == len(packed.textures) == 1
    assert scene.instances == packed.instances
    np.testing.assert_array_equal(scene.vertices, packed.vertices)


def test_what_is_missing_beside_an_obj_is_a_warning(tmp_path):
    files = exported(build_scene(parse_home(cabin().to_bytes(), "home")))
    scene = imported({name: data for name, data in files.items() if not name.endswith(".png")})
    assert not scene.textures
    assert [warning for warning in scene.warnings if "t0.png" in warning and "wall_1" in warning]
    scene = imported({"home.obj": files["home.obj"]})
    assert scene.warnings == ("'home.mtl' is missing beside 'home.obj': its materials are grey",)


def test_files_outside_of_the_folder_are_not_read(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "secret.mtl").write_text("newmtl paint\nKd 1 0 0\n")
    for name in ("../secret.mtl", str(tmp_path / "secret.mtl"), "a\0b.mtl", "x" * 5000):
        (tmp_path / "inside" / "home.obj").write_text(f"mtllib {name}\n" + cube("box"))
        scene = load_obj_scene(tmp_path / "inside" / "home.obj")
        assert any("is missing beside" in warning for warning in scene.warnings)
        assert scene.materials[0].color != (1.0, 0.0, 0.0)


def test_paths_of_another_machine_lead_to_the_files_beside():
    image = io.BytesIO()
    PIL.Image.new("RGB", (4, 4)).save(image, "PNG")
    library = "newmtl paint\nmap_Kd C:\\Users\\someone\\50%20off.png\n"
    text = "mtllib C:\\Users\\someone\\the.mtl\n" + cube("box")
    scene = imported({"home.obj": text.encode(), "the.mtl": library.encode(), "50%20off.png": image.getvalue()})
    assert len(scene.textures) == 1
    assert len(scene.warnings) == 1


def truth_of(name):
    return json.loads((HOMES / "truth" / f"{name}.json").read_text())


@needs_homes
@pytest.mark.parametrize("name", NAMES)
def test_walls_rooms_and_levels_of_real_homes(name):
    scene, truth = load_obj_scene(HOMES / "obj" / f"{name}.zip"), truth_of(name)
    drawn = [thing for thing in truth["exported"] if thing.get("groups")]
    walls = [thing["prefix"] for thing in drawn if thing["class"] == "Wall"]
    assert [i.source for i in scene.instances if i.category == "wall"] == walls
    rooms = {thing["prefix"]: truth["rooms"][thing["index"]] for thing in drawn if thing["class"] == "Room"}
    assert [room.source for room in scene.rooms] == list(rooms)
    for room in scene.rooms:
        covered = (name, room.source) in {("edo_myHomeHas2Stairs", "room_15"), ("rtreffer_2012", "room_41")}
        assert covered or room.area_m2 == pytest.approx(rooms[room.source]["area"] / 1e4, rel=0.002)
    elevations = {level["elevation"] / 100 for level in truth["levels"] if level["viewable"]} or {0.0}
    assert [level.elevation_m for level in scene.levels] == pytest.approx(sorted(elevations), abs=1e-4)


@needs_homes
def test_pieces_and_categories_of_real_homes():
    pieces, right = Counter(), Counter()
    for name in NAMES:
        scene, truth = load_obj_scene(HOMES / "obj" / f"{name}.zip"), truth_of(name)
        built = build_scene(read_home(HOMES / f"{name}.sh3d"))
        bounds = np.array([np.ravel(instance.bounds_m) for instance in built.instances])
        furniture = [thing for thing in truth["exported"] if thing.get("groups") and not thing.get("prefix")]
        boxes = np.array([to_metres(thing["bounds"]) for thing in furniture if thing["class"] != "Ground3D"]).reshape(
            -1, 6
        )
        for instance in scene.instances:
            box_m = np.ravel(instance.bounds_m)
            if instance.source.startswith("furniture_"):
                pieces["exact"] += bool((np.abs(boxes - box_m).max(axis=1) < 0.001).any())
            same = [built.instances[i].category for i in np.flatnonzero(np.abs(bounds - box_m).max(axis=1) < 0.01)]
            if same and "light" not in same:
                right[instance.category in same] += 1
        pieces["all"] += len(boxes)
    assert pieces["all"] == 577
    assert pieces["exact"] >= 563
    assert right[True] / right.total() > 0.99


def to_metres(box):
    """Bounds of the truth (cm, y up) as those of an instance: least x, y, z, then greatest."""
    x0, y0, z0, x1, y1, z1 = (value / 100 for value in box)
    return [x0, -z1, y0, x1, -z0, y1]
