"""Homes that people drew, against what the real program computed for them."""

import json
from functools import cache

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.build.furniture import Furnisher
from scenes.build.levels import Levels
from scenes.build.palette import Palette
from scenes.build.pieces import placed_pieces
from scenes.build.wall_outline import outlines
from scenes.errors import HomeError
from scenes.home.java_reader import parse_java_home
from scenes.home.reader import read_home
from scenes.home.writer import format_home
from scenes.home.xml_reader import parse_home_xml
from tests.mutate import unpack
from tests.program import HOMES, judge_bounds, judge_surfaces, needs_homes

pytestmark = needs_homes

NAMES = sorted(path.stem for path in HOMES.glob("*.sh3d"))
SERIALISED = sorted(path.stem for path in (HOMES / "resaved").glob("*.sh3d"))


@cache
def home_of(name):
    return read_home(HOMES / f"{name}.sh3d")


@cache
def scene_of(name):
    return build_scene(home_of(name))


@cache
def truth_of(name):
    return json.loads((HOMES / "truth" / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_every_object_is_where_the_program_has_it(name):
    verdict = judge_bounds(scene_of(name), HOMES / "truth" / f"{name}.json")
    assert verdict.startswith("ok"), verdict
    assert "100.0 % within" in verdict


@pytest.mark.parametrize("rays", [3000, pytest.param(20_000, marks=pytest.mark.full)])
@pytest.mark.parametrize("name", NAMES)
def test_rays_meet_the_programs_surfaces(name, rays, tmp_path):
    truth = HOMES / "truth" / f"{name}.json"
    verdict = judge_surfaces(scene_of(name), HOMES / "obj" / f"{name}.zip", truth, tmp_path, rays)
    assert verdict.startswith("ok"), verdict


@pytest.mark.parametrize("name", NAMES)
def test_walls_have_the_programs_outlines(name):
    walls = home_of(name).home.walls
    ours = outlines(walls, {}, {})
    off = [
        float(np.abs(ours[wall.id] - np.array(real["points"])).max())
        for wall, real in zip(walls, truth_of(name)["walls"], strict=True)
    ]
    assert sum(distance_cm > 0.1 for distance_cm in off) <= 0.01 * len(off)


@pytest.mark.parametrize("name", NAMES)
def test_models_are_placed_by_the_programs_matrices(name):
    home_file = home_of(name)
    furnisher = Furnisher(Palette(home_file.contents), home_file.home.version)
    real = {}

    def collect(pieces):
        for piece in pieces:
            real[piece["path"].replace(".", "/")] = piece
            collect(piece.get("furniture", ()))

    collect(truth_of(name)["furniture"])
    placed = placed_pieces(home_file.home, Levels.of(home_file.home))
    for piece in placed:
        matrix = furnisher._matrix(piece, furnisher.posed_model(piece))
        expected = np.reshape(real[piece.path]["modelToHome"], (4, 4))
        np.testing.assert_allclose(matrix, expected, atol=2e-3 * max(1.0, np.abs(expected).max() / 1000))


@pytest.mark.parametrize("name", NAMES)
def test_rooms_have_the_programs_areas(name):
    real = truth_of(name)["rooms"]
    drawn = {room.source: room for room in scene_of(name).rooms}
    for index, room in enumerate(home_of(name).home.rooms):
        found = drawn.get(room.id or f"room[{index}]")
        if found is not None:
            assert found.area_m2 == pytest.approx(real[index]["area"] / 1e4, rel=1e-4)


NAMED_ANEW = {"id", "level", "model", "icon", "plan_icon", "image", "wall_at_start", "wall_at_end"}
IN_ONE_ONLY = {
    "door_or_window", "horizontally_rotatable", "width_in_plan", "depth_in_plan", "height_in_plan", "model_size",
    "model_centered_at_origin", "model_flags", "elevation_index", "drop_on_top_elevation",
}  # fmt: skip
"""Fields that objects hold and the XML leaves out where they say nothing, or that the newer version works out."""


def differences(first, second, path=""):
    """Where two readings of a home differ."""
    if isinstance(first, tuple) and isinstance(second, tuple) and len(first) == len(second):
        return [d for i, pair in enumerate(zip(first, second, strict=True)) for d in differences(*pair, f"{path}[{i}]")]
    if hasattr(first, "__dataclass_fields__") and type(first) is type(second):
        names = [name for name in first.__dataclass_fields__ if name not in NAMED_ANEW | IN_ONE_ONLY]
        return [d for n in names for d in differences(getattr(first, n), getattr(second, n), f"{path}.{n}")]
    if isinstance(first, float) and isinstance(second, float):
        return [] if abs(first - second) <= 1e-5 * max(1.0, abs(first)) else [f"{path}: {first} {second}"]
    return [] if first == second else [f"{path}: {first!r} {second!r}"]


@pytest.mark.parametrize("name", SERIALISED)
def test_the_older_format_says_what_the_newer_one_says(name):
    """The program saved these homes again, with Home.xml: the same home, under new ids and new names of contents."""
    older, _ = parse_java_home(unpack((HOMES / f"{name}.sh3d").read_bytes())["Home"])
    newer, _ = parse_home_xml(unpack((HOMES / "resaved" / f"{name}.sh3d").read_bytes())["Home.xml"])
    for part in ("walls", "rooms", "furniture", "levels", "polylines", "labels", "dimension_lines"):
        assert differences(getattr(older, part), getattr(newer, part), part) == []


@pytest.mark.parametrize("name", SERIALISED)
def test_the_older_format_builds_the_same_scene(name):
    older, newer = scene_of(name), build_scene(read_home(HOMES / "resaved" / f"{name}.sh3d"))
    for table in ("vertices", "normals", "uvs"):  # which triangles share a vertex is up to the last digit of a number
        corners, others = (getattr(scene, table)[scene.triangles] for scene in (older, newer))
        np.testing.assert_allclose(corners, others, atol=1e-5)
    assert [i.category for i in older.instances] == [i.category for i in newer.instances]


@pytest.mark.parametrize("name", NAMES)
def test_written_again_a_home_is_the_same(name):
    home = home_of(name).home
    written = unpack(format_home(home, {}))["Home.xml"]
    assert parse_home_xml(written)[0] == home


def test_damaged_homes_are_mended_as_far_as_the_program_mends_them():
    for path in sorted((HOMES / "damaged").glob("*.json")):
        truth = json.loads(path.read_text())
        home_file = read_home(path.with_suffix(".sh3d"))
        assert [len(getattr(home_file.home, part)) for part in ("walls", "rooms", "furniture")] == [
            len(truth[part]) for part in ("walls", "rooms", "furniture")
        ]
        assert any("content" in warning for warning in home_file.warnings)
        build_scene(home_file)
    with pytest.raises(HomeError, match="cut off"):
        read_home(HOMES / "damaged" / "up_damagedHome.sh3d")
