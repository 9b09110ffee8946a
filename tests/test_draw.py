"""Drawing in code: bodies are closed, models hold together, frames turn and mirror, what is written reads back."""

from __future__ import annotations

import inspect
import io
import math
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import open3d
import PIL.Image
import pytest
import trimesh

from scenes.build.assemble import build_scene
from scenes.draw import Drawing, DrawnModel, Frame, FramedLevel, FramedRoom, furniture, solids, textures
from scenes.draw.finishes import WOOD
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST
from scenes.draw.model import Mould
from scenes.home.furniture import Piece
from scenes.home.home import ObserverCamera
from scenes.home.reader import parse_home
from scenes.models.obj import parse_obj
from scenes.scene import Scene

ROOT = Path(__file__).parent.parent


def made(name: str) -> DrawnModel:
    """A piece of furniture with its defaults."""
    make = getattr(furniture, name)
    wanted = inspect.signature(make).parameters
    arguments = {"rng": np.random.default_rng(5), "image": textures.painting(np.random.default_rng(5))}
    return make(**{key: value for key, value in arguments.items() if key in wanted})


def built(drawing: Drawing) -> Scene:
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


def as_mesh(mould: Mould) -> trimesh.Trimesh:
    fans = [(face[0], face[k], face[k + 1]) for face in mould.faces for k in range(1, len(face) - 1)]
    mesh = trimesh.Trimesh(mould.points, fans, process=False)
    mesh.merge_vertices()
    return mesh


CLOSED = {
    "box": (solids.box((0, 0, 0), (1, 2, 3), WOOD), 6.0),
    "bevelled box": (solids.box((0, 0, 0), (10, 20, 30), WOOD, bevel=1), 6000 - 2 * 60 + 8 * 2 / 3),
    "prism": (solids.prism([(0, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2)], 0, 4, WOOD, axis="x"), 12.0),
    "clockwise prism": (solids.prism([(0, 0), (0, 2), (2, 2), (2, 0)], 5, 1, WOOD, axis="y"), 16.0),
    "cylinder": (solids.lathe([(0, 0), (1, 0), (1, 2), (0, 2)], WOOD, sides=64), math.pi * 2),
    "cylinder from above": (solids.lathe([(0, 2), (1, 2), (1, 0), (0, 0)], WOOD, sides=64), math.pi * 2),
    "bent tube": (solids.tube([(0, 0, 0), (0, 5, 0), (5, 5, 0)], 0.5, WOOD, sides=64), math.pi / 4 * 10),
    "ellipsoid": (solids.ball((1, 2, 3), (1, 2, 1), WOOD, sides=64, rings=64), 4 / 3 * math.pi * 2),
    "frame": (solids.frame((0, 0, 0), (10, 20, 1), 2, WOOD), 200 - 6 * 16),
}


@pytest.mark.parametrize("name", CLOSED)
def test_solids_are_closed_and_look_outwards(name: str) -> None:
    mould, volume = CLOSED[name]
    mesh = as_mesh(mould)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume == pytest.approx(volume, rel=0.02)


def test_textured_faces_are_laid_from_where_they_look_to() -> None:
    """A box of 100 x 50 x 20 cm under a tile of 100 x 100 cm: no face is mirrored, and none is stretched."""
    finish = type(WOOD)("veneer", (1, 1, 1), image=b"JPEG", tile_cm=(100, 100))
    mould = solids.box((0, 0, 0), (100, 50, 20), finish)
    assert mould.uvs is not None
    for face, corners in zip(mould.faces, mould.uvs, strict=True):
        ring = mould.points[list(face)]
        normal = np.cross(ring[1] - ring[0], ring[2] - ring[1])
        u, v = np.array(corners).T
        turning = np.sum(u * np.roll(v, -1) - np.roll(u, -1) * v)
        assert turning > 0, "the image is mirrored"
        assert abs(turning) / 2 * 1e4 == pytest.approx(np.linalg.norm(normal), rel=1e-6)


@pytest.mark.parametrize("name", furniture.__all__)
def test_furniture_is_economical_stands_on_the_floor_and_reads_back(name: str) -> None:
    model = made(name)
    low, high = model.bounds_cm()
    assert 8 <= model.triangles() <= 2000
    assert low[1] == pytest.approx(0, abs=0.5)
    assert abs(low[0] + high[0]) < 12
    assert (high > low).all()
    files = model.files()
    known = {mould.finish.name for mould in model.moulds}
    assert set(re.findall(r"newmtl (\S+)", files[f"{model.name}.mtl"].decode())) == known
    assert set(re.findall(r"map_Kd (\S+)", files[f"{model.name}.mtl"].decode())) == {n for n in files if ".jpg" in n}
    read = parse_obj(files[f"{model.name}.obj"], lambda _: {})
    assert sum(len(shape.mesh.triangles) for shape in read.shapes) == model.triangles()
    np.testing.assert_allclose(np.ptp(read.points(), axis=0), high - low, atol=0.02)


@pytest.mark.parametrize("name", ["door", "double_door", "window", "cased_opening"])
def test_openings_leave_the_passage_they_promise(name: str) -> None:
    """Frames of doors take 5 cm at each side; leaves and panes carry the group names that Sweet Home 3D knows."""
    model = made(name)
    body = [mould for mould in model.moulds if mould.group == "body"]
    if name != "window":
        frame = body[0].points
        clear = np.abs(frame[(frame[:, 1] < 1)][:, 0]).min() * 2
        assert clear == pytest.approx(model.size_cm()[0] - 10)
    groups = {mould.group for mould in model.moulds} - {"body"}
    expected = {
        "door": {"sweethome3d_hinge_1", "sweethome3d_opening_on_hinge_1"},
        "double_door": {f"sweethome3d_{part}_{k}" for part in ("hinge", "opening_on_hinge") for k in (1, 2)},
        "window": {"sweethome3d_window_pane"},
        "cased_opening": set(),
    }
    assert groups == expected[name]


@pytest.mark.parametrize("solid", [True, False])
def test_flights_have_the_steps_asked_for(solid: bool) -> None:
    drawing = Drawing("flight")
    drawing.flat().place(furniture.flight(7, 16.5, 29, 110, solid=solid), 0, 0)
    heights = _steps_along(built(drawing), -7 * 29 / 2, 7 * 29 / 2)
    assert heights[::-1] == pytest.approx([0.165 * (k + 1) for k in range(7)], abs=1e-4)


@pytest.mark.parametrize("risers", [1, 2, 3, 4])
def test_short_flights_stay_above_their_floor(risers: int) -> None:
    drawing = Drawing("flight")
    drawing.flat().place(furniture.flight(risers, 18, 29, 110, solid=False), 0, 0)
    low, high = (corner[2] for corner in built(drawing).bounds_m())
    assert (low, high) == pytest.approx((0.0, 0.18 * risers), abs=1e-3)


def test_a_u_staircase_ends_level_with_the_upper_floor() -> None:
    drawing = Drawing("u")
    model = furniture.u_staircase(18, 17, 26, 240, landing=100, gap=10)
    drawing.flat().place(model, 0, 0)
    scene = built(drawing)
    up = _steps_along(scene, -167, 167, x=-62)
    back = _steps_along(scene, -167, 167, x=62)
    assert up == pytest.approx([1.53, *(0.17 * k for k in range(8, 0, -1)), 0.0], abs=1e-4)
    assert back == pytest.approx([1.53, *(0.17 * k for k in range(10, 19))], abs=1e-4)


def _steps_along(scene: Scene, start_cm: float, end_cm: float, x: float = 0.0) -> list[float]:
    """The heights, m, met one after the other by rays from above along a line of plan y."""
    ys = np.arange(start_cm + 1, end_cm - 1, 1.0)
    caster = open3d.t.geometry.RaycastingScene()
    caster.add_triangles(open3d.core.Tensor(scene.vertices), open3d.core.Tensor(scene.triangles.astype(np.uint32)))
    down = np.tile([x / 100, 0.0, 10.0, 0.0, 0.0, -1.0], (len(ys), 1)).astype(np.float32)
    down[:, 1] = -ys / 100
    tops = np.round(10.0 - caster.cast_rays(open3d.core.Tensor(down))["t_hit"].numpy(), 3).tolist()
    return [top for k, top in enumerate(tops) if k == 0 or top != tops[k - 1]]


@pytest.mark.parametrize(
    "name", ["planks", "carpet", "tiles", "brick", "grass", "plaster", "wood", "checks", "stripes"]
)
def test_textures_have_no_seam_and_come_from_the_generator(name: str) -> None:
    make = getattr(textures, name)
    image = make(np.random.default_rng(3)).astype(float)
    assert image.shape[0] == image.shape[1]
    assert np.array_equal(image, make(np.random.default_rng(3)))
    for axis in (0, 1):
        steps = np.abs(np.diff(image, axis=axis)).mean(axis=(1 - axis, 2))
        seam = np.abs(np.take(image, 0, axis) - np.take(image, -1, axis)).mean()
        assert seam <= 1.1 * steps.max() + 1.0


def _corner(frame: Frame) -> Scene:
    """An asymmetric corner of a home, drawn in a frame."""
    drawing = Drawing("corner")
    pen = FramedLevel(drawing.level("Ground", elevation=0, height=250), frame)
    pen.walls([(0, 0), (400, 0), (400, 300)], thickness=20, left=0xFF0000, right=0x00FF00)
    pen.room("Room", [(0, 0), (400, 0), (400, 300)])
    pen.door(furniture.door(wall=20), 100, 0, SOUTH)
    room = FramedRoom(pen, 390, 300)
    room.stand(furniture.desk(), WEST, 120)
    room.stand(furniture.bed(), EAST, 200)
    room.hang(furniture.towel_rail(), NORTH, 50, 100)
    room.light(furniture.desk_lamp(), 200, 150, NORTH)
    return built(drawing)


FRAMES = {
    "moved": Frame((1000, -500)),
    "quarter": Frame((10, 20), u=(0.0, 1.0), v=(-1.0, 0.0)),
    "mirrored": Frame((30, 40), u=(-1.0, 0.0)),
    "mirrored on end": Frame((0, 0), u=(0.0, 1.0), v=(1.0, 0.0)),
}


@pytest.mark.parametrize("name", FRAMES)
def test_what_is_drawn_in_a_frame_is_the_same_there(name: str) -> None:
    """Every instance, taken back out of the frame, lies where it does without one, and so do its colours."""
    frame = FRAMES[name]
    u, v = np.array([frame.u, frame.v]) * [1, -1]

    def taken_out(points: np.ndarray) -> np.ndarray:
        plan = points[:, :2] - np.array([frame.origin[0], -frame.origin[1]]) / 100
        return np.stack([plan @ u, -(plan @ v), points[:, 2]], axis=1)

    plain, framed = _looks(_corner(Frame()), lambda points: points), _looks(_corner(frame), taken_out)
    assert len(plain) == len(framed) > 10
    for look in plain:
        assert min(np.abs(look - other).max() for other in framed) < 2e-3


def _looks(scene: Scene, out: Callable[[np.ndarray], np.ndarray]) -> list[np.ndarray]:
    """For each part of an instance its colour, the box around it, and the centre of its surface."""
    found = []
    for part in scene.parts:
        if scene.instances[part.instance - 1].category != "ground":
            triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
            points = out(scene.vertices[triangles.reshape(-1)].astype(float))
            corners = points.reshape(-1, 3, 3)
            areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
            centre = np.average(corners.mean(axis=1), axis=0, weights=areas)
            color = np.array(scene.materials[part.material].color)
            found.append(np.concatenate([points.min(0), points.max(0), centre, color]))
    return found


def test_written_homes_read_back_and_are_the_same_each_time() -> None:
    drawings = [_full_drawing() for _ in range(2)]
    data = drawings[0].to_bytes()
    assert data == drawings[1].to_bytes()
    read = parse_home(data, "full")
    assert read.home == drawings[0].home()
    assert read.warnings == ()
    assert {camera.role for camera in read.home.cameras} == {"observerCamera", "storedCamera"}
    assert isinstance(read.home.cameras[0], ObserverCamera)
    for piece in read.home.furniture[:3]:
        assert isinstance(piece, Piece)
        assert piece.icon is not None
        with PIL.Image.open(io.BytesIO(read.contents.read(piece.icon))) as icon:
            assert icon.size == (64, 64)


def _full_drawing() -> Drawing:
    drawing = Drawing("full", description="everything")
    level = drawing.level("Ground", elevation=0, height=250)
    upper = drawing.level("Upper", elevation=272, height=250, floor_thickness=22)
    paint = drawing.texture("brick", textures.jpeg(textures.brick(np.random.default_rng(1))), width=90, height=90)
    level.walls([(0, 0), (500, 0), (500, 400), (0, 400)], closed=True, left=paint, right=0xF0F0F0)
    level.room("Room", [(0, 0), (500, 0), (500, 400), (0, 400)], floor=paint)
    upper.room("Loft", [(0, 0), (500, 0), (500, 400), (0, 400)])
    level.door(furniture.door(wall=10), 100, 0)
    level.staircase(furniture.flight(16), 300, 200)
    level.light(furniture.ceiling_lamp(), 200, 200, elevation=239)
    level.group("Seats", [level.place(furniture.chair(), 50 + 60 * k, 300, repaint={"fabric": k}) for k in range(3)])
    drawing.look_around(50, 50, 170, yaw=1.0, name="Corner")
    return drawing


def test_models_used_again_are_stored_once() -> None:
    drawing = Drawing("chairs")
    chair = furniture.chair()
    for k in range(5):
        drawing.flat().place(chair if k % 2 else furniture.chair(), 60 * k, 0)
    assert sum(name.endswith(".obj") for name in drawing.contents) == 1


def test_corners_are_joined_where_two_walls_end() -> None:
    drawing = Drawing("corners")
    level = drawing.flat()
    level.walls([(0, 0), (300, 0)], left=1)
    level.walls([(300, 0), (300, 200)], left=2)
    level.walls([(150, 0), (150, 200)])
    level.walls([(300, 200), (400, 200)])
    level.walls([(300, 200), (300, 400)])
    drawing.join_corners()
    first, second, third, *others = drawing.home().walls
    assert (first.wall_at_end, second.wall_at_start) == (second.id, first.id)
    assert second.wall_at_end is None
    assert all(wall.wall_at_start is None for wall in (third, *others))


def test_the_example_of_the_docs_runs(tmp_path: Path) -> None:
    text = (ROOT / "docs/drawing.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    script = tmp_path / "example.py"
    script.write_text(example)
    subprocess.run([sys.executable, str(script)], cwd=tmp_path, check=True, env={"PYTHONPATH": str(ROOT)})
    scene = build_scene(parse_home((tmp_path / "hut.sh3d").read_bytes(), "hut"))
    assert scene.warnings == ()
    assert {"door", "window", "stair", "light", "wall", "floor"} <= {i.category for i in scene.instances}
