"""Randomisation: values that combine, schedules, paint, furniture."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.config import Config, make_config
from datagen.randomise.draws import changes, draw
from datagen.randomise.floor_plan import room_plans
from datagen.randomise.furniture import rearranged
from datagen.randomise.paint import painted
from datagen.randomise.settings import Furniture, Paint
from datagen.randomise.values import Choice, Normal, Number, Product, Sum, Uniform, draw_number, number_range
from datagen.tasks import task_of
from scenes.body import PERSON
from scenes.connectors import find_connectors
from scenes.errors import HomeError
from scenes.library import load_scene
from scenes.scene import NO_TEXTURE, Scene
from sim.camera import Intrinsics, pose_looking
from sim.frame import View
from sim.nav import NavGraph
from sim.renderers.gl import GlRenderer
from sim.stops import find_stops

SMALL = {"homes": ["two-levels"], "policies": ["sweep"], "episodes": 9}
FLOATS = st.floats(-10, 10)


def numbers() -> st.SearchStrategy[Number]:
    pair = st.tuples(FLOATS, FLOATS).map(sorted)
    leaves = st.one_of(
        FLOATS,
        pair.map(lambda ends: Uniform(uniform=tuple(ends))),
        st.tuples(FLOATS, st.floats(0, 3)).map(lambda pair: Normal(normal=pair)),
    )
    several = lambda inner: st.lists(inner, min_size=1, max_size=3).map(tuple)  # noqa: E731
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            several(inner).map(lambda parts: Sum(sum=parts)),
            several(inner).map(lambda parts: Product(product=parts)),
            several(inner).map(lambda parts: Choice(choice=parts)),
        ),
        max_leaves=6,
    )


@given(numbers(), st.integers(0, 2**32))
def test_a_value_stays_in_its_range_and_survives_a_file(value: Number, seed: int) -> None:
    low, high = number_range(value)
    slack = 1e-9 * max(1.0, abs(low), abs(high))
    drawn = [draw_number(value, np.random.default_rng([seed, n])) for n in range(5)]
    assert all(low - slack <= one <= high + slack for one in drawn)
    if not isinstance(value, float):
        again = type(value).model_validate_json(value.model_dump_json())
        assert [draw_number(again, np.random.default_rng([seed, n])) for n in range(5)] == drawn


def test_values_combine_like_numbers() -> None:
    value = 2 * Uniform(uniform=(0, 1)) + Normal(normal=(5, 1)) * 0.5
    assert number_range(value) == pytest.approx((1.0, 6.0))
    drawn = np.array([value.draw(np.random.default_rng(n)) for n in range(4000)])
    assert drawn.mean() == pytest.approx(3.5, abs=0.05)
    assert drawn.std() == pytest.approx(np.sqrt(4 / 12 + 0.25), abs=0.03)
    weighted = Choice(choice=(0.0, 1.0), weights=(1, 3))
    assert np.mean([weighted.draw(np.random.default_rng(n)) for n in range(4000)]) == pytest.approx(0.75, abs=0.03)


def config(**randomise: object) -> Config:
    return make_config(SMALL | {"randomise": randomise})


def test_schedules_draw_when_they_say() -> None:
    uniform = {"uniform": [-0.2, 0.2]}
    asked = config(
        height_m={"value": uniform, "when": "episode"},
        tilt_deg={"value": uniform, "when": 3},
        fov_factor={"value": {"uniform": [0.9, 1.1]}, "when": "never"},
        paint={"when": 4},
    )
    tasks = [task_of(asked, index) for index in range(2)]
    drawn = [[draw(asked, task, step) for step in range(12)] for task in tasks]
    assert len({step.height_m for step in drawn[0]}) == 1
    assert drawn[0][0].height_m != drawn[1][0].height_m
    tilts = [step.tilt_deg for step in drawn[0]]
    assert [tilts[n] == tilts[n - 1] for n in range(1, 12)] == [n % 3 != 0 for n in range(1, 12)]
    assert {step.fov_factor for step in drawn[0]} == {1.0}
    assert [step.paint for step in drawn[0]] == [step // 4 for step in range(12)]
    assert [change["step"] for change in changes(drawn[0])] == [0, 3, 4, 6, 8, 9]


def test_no_setting_changes_what_another_draws() -> None:
    height = {"value": {"normal": [0, 0.05]}, "when": 2}
    one, two = config(height_m=height), config(height_m=height, paint={"when": 1}, furniture={})
    for step in range(6):
        assert draw(one, task_of(one, 3), step).height_m == draw(two, task_of(two, 3), step).height_m


@pytest.mark.parametrize(
    ("randomise", "said"),
    [
        ({"fov_factor": {"value": {"normal": [1, 0.5]}}}, "fov_factor"),
        ({"height_m": {"value": {"unifrom": [0, 1]}}}, "randomise.height_m"),
        ({"height_m": {"value": {"uniform": [1, 0]}}}, "uniform from 1"),
        ({"light": {"value": {"choice": ["noon"]}}}, "noon"),
        ({"noise": {"value": {"choice": ["blurr"]}}}, "blurr"),
        ({"paint": {"patterns": ["marble"]}}, "marble"),
        ({"paint": {"when": 0}}, "when"),
        ({"furniture": {"moved": 1.5}}, "moved"),
        ({"wallpaper": {}}, "wallpaper"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(randomise: dict[str, object], said: str) -> None:
    with pytest.raises(HomeError, match=said):
        make_config(SMALL | {"randomise": randomise})


def test_the_camera_is_lifted_leaned_and_widened() -> None:
    asked = config(
        height_m={"value": 0.25}, tilt_deg={"value": 10.0}, fov_factor={"value": 1.5}, noise={"value": {"choice": [""]}}
    )
    drawn = draw(asked, task_of(asked, 0), 0)
    camera = Intrinsics.from_fov(64, 48, 60)
    seen = drawn.seen_from(View(camera, pose_looking((1, 2, 1.5), 30, -4)))
    assert np.allclose(seen.T_world_camera, pose_looking((1, 2, 1.75), 30, 6))
    assert np.tan(np.radians(seen.intrinsics.fov_deg / 2)) == pytest.approx(1.5 * np.tan(np.radians(30)))


@pytest.fixture(scope="module")
def home() -> Scene:
    return load_scene("two-levels")


def test_paint_changes_looks_and_nothing_else(home: Scene) -> None:
    settings_ = Paint(surfaces=("wall", "floor"), share=0.7)
    scene, record = painted(home, settings_, np.random.default_rng(3))
    again, _ = painted(home, settings_, np.random.default_rng(3))
    assert scene.materials == again.materials
    assert np.array_equal(scene.vertices, home.vertices)
    assert np.array_equal(scene.triangles, home.triangles)
    new = [part for part, old in zip(scene.parts, home.parts, strict=True) if part.material != old.material]
    assert len(new) == len(record) > 0
    surfaces = [p for p in home.parts if home.instances[p.instance - 1].category in ("wall", "floor")]
    assert 0.4 < len(new) / len(surfaces) < 0.95
    assert {scene.instances[part.instance - 1].category for part in new} == {"wall", "floor"}
    for part in new:
        material = scene.materials[part.material]
        assert material.alpha == 1.0
        if material.texture != NO_TEXTURE:  # an image's side is between 0.9 and 2 m of surface
            run = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
            corners, uv = scene.vertices[run].astype(float), scene.uvs[run].astype(float)
            edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
            spans = np.linalg.norm(uv - np.roll(uv, 1, axis=1), axis=2)
            long = edges > 0.05
            assert (spans[long] < edges[long] / 0.9 + 0.01).all()
            assert np.median(spans[long] * 2.0 / edges[long]) > 0.9


def test_a_renderer_that_is_repainted_shows_what_a_new_one_does(home: Scene) -> None:
    first, _ = painted(home, Paint(), np.random.default_rng(1))
    second, _ = painted(home, Paint(), np.random.default_rng(2))
    camera = Intrinsics.from_fov(96, 72, 80)
    stops = find_stops(home)
    poses = [pose_looking(stop.position, stop.yaw_deg, -10) for stop in stops[:3]]
    with GlRenderer(second) as renderer:
        wanted = [renderer.render(camera, pose) for pose in poses]
    with GlRenderer(home) as renderer:
        plain = [renderer.render(camera, pose) for pose in poses]
        renderer.repaint(first)
        between = [renderer.render(camera, pose) for pose in poses]
        renderer.repaint(second)
        got = [renderer.render(camera, pose) for pose in poses]
        with pytest.raises(ValueError, match="same triangles"):
            renderer.repaint(home.without(["wall"]))
    for n, frame in enumerate(wanted):
        assert np.array_equal(frame.rgb, got[n].rgb)
        assert np.array_equal(plain[n].depth, got[n].depth)
        assert np.array_equal(plain[n].segmentation, between[n].segmentation)
        assert not np.array_equal(plain[n].rgb, between[n].rgb)
        assert not np.array_equal(between[n].rgb, got[n].rgb)


@given(st.integers(0, 2**32))
@settings(max_examples=3)
def test_furniture_moves_within_its_room_and_ways_stay_open(seed: int) -> None:
    home = load_scene("two-levels")
    asked = Furniture(moved=0.7, swapped=0.1, removed=0.1)
    scene, record = rearranged(home, asked, np.random.default_rng(seed))
    assert rearranged(home, asked, np.random.default_rng(seed))[1] == record
    assert [one.source for one in scene.instances] == [one.source for one in home.instances]
    doors = [one for one in home.instances if one.category == "door"]
    lines = [connector.line for connector in find_connectors(home)]
    before = {piece.instance.source: plan for plan in room_plans(home) for piece in plan.pieces}
    moved = {one["source"]: one for one in record}
    for plan in room_plans(scene):
        for piece in plan.pieces:
            source = piece.instance.source
            if source not in moved:
                continue
            assert before[source].area.covers(piece.outline)
            assert not any(piece.outline.buffer(-0.02).intersects(o.outline) for o in plan.pieces if o is not piece)
            for door in doors:
                (x0, y0, z0), (x1, y1, _) = door.bounds_m
                if abs(z0 - piece.instance.bounds_m[0][2]) < 0.5:
                    assert piece.outline.distance(shapely.box(x0, y0, x1, y1)) > 0.7
            for line in lines:
                if abs(line[:, 2].min() - piece.instance.bounds_m[0][2]) < 0.5:
                    assert piece.outline.distance(shapely.LineString(line[:, :2])) > 0.7
    old, new = NavGraph.build(home, PERSON), NavGraph.build(scene, PERSON)
    assert set(old.islands[old.main_island].rooms) <= set(new.islands[new.main_island].rooms)


def test_what_is_done_to_furniture_is_what_is_said(home: Scene) -> None:
    scene, record = rearranged(home, Furniture(moved=0.6, removed=0.3), np.random.default_rng(5))
    ids = {instance.source: instance.id for instance in home.instances}
    said = {ids[one["source"]]: one for one in record}
    assert any("removed" in one for one in record)
    assert any("shifted_m" in one for one in record)
    shown = {part.instance for part in scene.parts}
    for number, one in said.items():
        if "removed" in one:
            assert number not in shown
        else:
            runs = [slice(p.first_vertex, p.first_vertex + p.vertices) for p in home.parts_of(number)]
            was = np.concatenate([home.vertices[run] for run in runs])
            now = np.concatenate([scene.vertices[run] for run in runs])
            assert np.allclose(was[:, 2], now[:, 2])
            turn = np.radians(one["turned_deg"])
            rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            assert np.allclose((was[:, :2] - was[0, :2]) @ rotation.T, now[:, :2] - now[0, :2], atol=1e-4)
            low, high = np.array(scene.instances[number - 1].bounds_m)
            assert np.allclose((now.min(axis=0), now.max(axis=0)), (low, high), atol=1e-5)
    still = [p for p in home.parts if home.instances[p.instance - 1].category in ("wall", "door", "stair")]
    for part in still:
        run = slice(part.first_vertex, part.first_vertex + part.vertices)
        assert np.array_equal(home.vertices[run], scene.vertices[run])
