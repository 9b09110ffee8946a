"""Useless data is named: each planted episode by what is wrong with it, and good ones by nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.checks import Finding, check_dataset
from datagen.checks.views import count_distinct, look_at, use_findings
from datagen.collect.describe import describe_home
from datagen.config import make_config
from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, home_hash, verify, writing
from scenes.draw import Drawing
from scenes.library import load_scene
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame
from sim.output import depth_to_millimetres
from tests.recordings import frame, make, source, spec

CAMERA = Intrinsics.from_fov(64, 48, 75)
FRAMES = 12
RECORD = {"cx": CAMERA.cx, "cy": CAMERA.cy, "fx": CAMERA.fx, "fy": CAMERA.fy, "width": CAMERA.width}


def plane_depth(normal: tuple[float, float, float], distance_m: float) -> np.ndarray:
    """Depth (H, W), m, of a plane at this distance from the camera, in closed form."""
    v, u = np.mgrid[: CAMERA.height, : CAMERA.width] + 0.5
    rays = np.stack([(u - CAMERA.cx) / CAMERA.fx, (v - CAMERA.cy) / CAMERA.fy, np.ones_like(u)], axis=-1)
    unit = np.array(normal) / np.linalg.norm(normal)
    return (distance_m / np.maximum(rays @ unit, 1e-3)).astype(np.float32)


@pytest.mark.parametrize("normal", [(0, 0, 1), (0.5, 0, 1), (0, 0.6, 0.8), (0.3, -0.3, 1)])
@pytest.mark.parametrize("distance_m", [0.4, 1.0, 3.0])
def test_a_plane_is_flat_whichever_way_it_lies(normal: tuple[float, float, float], distance_m: float) -> None:
    depth = plane_depth(normal, distance_m)
    view = look_at(depth_to_millimetres(depth), RECORD)
    assert view.flat > 0.97
    assert view.near == pytest.approx((depth < 0.7).mean(), abs=0.02)
    assert bool(view.useless) == (view.depth_m < 1.5 or view.near > 0.5)


def test_a_corner_of_two_walls_is_not_flat() -> None:
    corner = np.minimum(plane_depth((0.7, 0, 0.7), 1.0), plane_depth((-0.7, 0, 0.7), 1.0))
    view = look_at(depth_to_millimetres(corner), RECORD)
    assert view.flat < 0.8
    assert not view.useless


def test_distinct_views_are_those_that_no_other_shows() -> None:
    def seen(yaws_deg: list[float], zoom: float = 1.0) -> list[dict[str, object]]:
        poses = [pose_looking((0, 0, 1.5), yaw, 0).reshape(-1) for yaw in yaws_deg]
        return [{"T_world_camera": pose, "fx": CAMERA.fx * zoom, "width": CAMERA.width} for pose in poses]

    assert count_distinct(seen([0.0] * 9), [2.0] * 9) == 1
    assert count_distinct(seen([0, 30, 0, 30, 0, 60]), [2.0] * 6) == 3
    assert count_distinct(seen([0, 0.5, 1.0, 1.5]), [2.0] * 4) == 1
    assert count_distinct([*seen([0]), *seen([0], 2.0)], [2.0] * 2) == 2


def planted(change: Callable[[Frame, int], Frame], index: int) -> Episode:
    """An episode whose frames are changed."""
    episode = source({"seed": 7, "frames": FRAMES}, index)
    step = 0
    while True:
        try:
            shown, row = next(episode)
        except StopIteration as end:
            return end.value
        yield change(shown, step), row
        step += 1


def at_a_wall(shown: Frame, _step: int) -> Frame:
    """A wall, 0.9 m before the camera."""
    return dataclasses.replace(shown, depth=np.full_like(shown.depth, 0.9))


def too_near(shown: Frame, _step: int) -> Frame:
    """Things that reach up to the camera."""
    return dataclasses.replace(shown, depth=shown.depth * np.float32(0.15))


def frozen(shown: Frame, _step: int) -> Frame:
    """The camera stands still; noise makes the images differ."""
    return dataclasses.replace(shown, T_world_camera=pose_looking((0, 0, 1.5), 0, 0))


def creeping(shown: Frame, step: int) -> Frame:
    return dataclasses.replace(shown, T_world_camera=pose_looking((0, 0, 1.5), 0.5 * step, 0))


PLANTED = {
    "a wall": (at_a_wall, "useless view", "12 of 12 frames show one flat surface nearer than 1.5 m"),
    "things too near": (too_near, "useless view", "12 of 12 frames stand at something nearer than 0.7 m"),
    "a camera that hardly moves": (creeping, "hardly changes", "2 of 12 views are distinct"),
}


def check(folder: Path, change: Callable[[Frame, int], Frame]) -> list[Finding]:
    """The findings in a dataset of which episode 1 is changed."""
    of = spec(3, frames=FRAMES)
    with writing(folder, of) as store:
        for index in store.missing():
            store.write(index, planted(change if index == 1 else lambda shown, _: shown, index))
        store.finish()
    return check_dataset(folder)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_episode_is_named_and_no_other(tmp_path: Path, name: str) -> None:
    change, code, told = PLANTED[name]
    (found,) = check(tmp_path, change)
    assert (found.severity, found.code, found.place) == ("warning", code, "episodes/000001.zip")
    assert told in found.message


def test_a_frozen_camera_is_an_error(tmp_path: Path) -> None:
    def still(shown: Frame, step: int) -> Frame:
        return frozen(shown, step)

    (found,) = check(tmp_path, still)
    assert (found.code, found.place) == ("hardly changes", "episodes/000001.zip")  # a door moves before it
    views = [look_at(depth_to_millimetres(frame(np.random.default_rng(0), 0).depth), RECORD)] * FRAMES
    from datagen.checks.views import view_findings

    pose = pose_looking((0, 0, 1.5), 0, 0).reshape(-1)
    (found,) = view_findings(views, [RECORD | {"T_world_camera": pose, "moving": []}] * FRAMES, "episode 1")
    assert (found.severity, found.code) == ("error", "frozen camera")


def standing(poses: Sequence[tuple[tuple[float, float, float], float]], label: tuple[str, str], index: int) -> Episode:
    """An episode at these places and headings, labelled so."""
    rng = np.random.default_rng(index)
    for step, (place, yaw_deg) in enumerate(poses):
        shown = dataclasses.replace(frame(rng, step), T_world_camera=pose_looking(place, yaw_deg, 0))
        yield shown, Row(step / 10, "villa", *label)
    return EpisodeFacts("villa", "")


GOOD = [((2.0 + 0.1 * step, -2.0, 1.5), 30.0 * step) for step in range(FRAMES)]
ON_THE_ROOF = [((x, y, 7.0), yaw_deg) for (x, y, _), yaw_deg in GOOD]
ON_THE_LAWN = [((x, y + 12.0, 1.5), yaw_deg) for (x, y, _), yaw_deg in GOOD]
ROOMS = {
    "the roof": (ON_THE_ROOF, ("Ground", "Hall"), {"above the ceiling", "wrong label"}),
    "the lawn": (ON_THE_LAWN, ("Ground", ""), {"outdoors"}),
    "a wrong room": (GOOD, ("Ground", "Bath"), {"wrong label"}),
    "a wrong level": (GOOD, ("Attic", "Hall"), {"wrong label"}),
}


def villa(path: Path) -> Path:
    """Two rooms with floors and ceilings behind walls."""
    home = Drawing("villa", wall_height=250)
    ground = home.level("Ground", elevation=0, height=250)
    ground.walls([(0, 0), (800, 0), (800, 400), (0, 400)], closed=True, thickness=20)
    ground.walls([(500, 0), (500, 400)], thickness=10)
    ground.room("Hall", [(10, 10), (495, 10), (495, 390), (10, 390)], floor=0x886644)
    ground.room("Bath", [(505, 10), (790, 10), (790, 390), (505, 390)], floor=0x886644)
    home.save(path)
    return path


@pytest.mark.parametrize("at_hand", [True, False], ids=["by the home", "by what is kept of it"])
@pytest.mark.parametrize("name", ROOMS)
def test_an_episode_where_no_camera_should_be_is_named(tmp_path: Path, name: str, *, at_hand: bool) -> None:
    poses, label, codes = ROOMS[name]
    path = villa(tmp_path / "villa.sh3d")
    info = describe_home(load_scene(str(path)), make_config({"homes": [str(path)], "policies": ["fly"], "episodes": 1}))
    of = Spec({"seed": 1}, 2, {"villa": HomeEntry(home_hash(path), info)}, "none", "none")
    with writing(tmp_path / "set", of) as store:
        for index, (there, named) in enumerate([(GOOD, ("Ground", "Hall")), (poses, label)]):
            episode = standing(there, named, index)
            store.write(index, _of_home(episode, home_hash(path)))
        store.finish()
    found = check_dataset(tmp_path / "set", homes=[path] if at_hand else [])
    assert {finding.code for finding in found} == codes
    assert {finding.place for finding in found} == {"episodes/000001.zip"}
    assert all(finding.message.startswith("12 of 12 frames") for finding in found)


def _of_home(episode: Episode, digest: str) -> Episode:
    facts = yield from episode
    return dataclasses.replace(facts, home_hash=digest)


def test_too_few_views_for_the_use(tmp_path: Path) -> None:
    make(tmp_path)
    assert check_dataset(tmp_path) == []
    (found,) = check_dataset(tmp_path, use="world-model")
    assert (found.severity, found.code) == ("warning", "too few views")
    assert "30 distinct views in 6 episodes; a world model takes 1,000 views in 4 episodes at least" in found.message
    assert list(use_findings("policy", 1000, 2)) == []


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3, st.floats(-180, 180), st.floats(1, 4)), min_size=1, max_size=12))
def test_views_are_counted_as_the_writer_measures_motion(cameras: list[tuple[float, ...]]) -> None:
    records = [
        {"T_world_camera": pose_looking((x, y, z), yaw, 0), "fx": CAMERA.fx * zoom, "width": CAMERA.width}
        for x, y, z, yaw, zoom in cameras
    ]
    counted: list[dict[str, object]] = []
    for record in records:
        if all(verify.image_motion_px(record, other, 2.0) > 0.05 * CAMERA.width for other in counted):
            counted.append(record)
    assert count_distinct(records, [2.0] * len(records)) == len(counted)
