"""`sim bench render`: what it measures on, the peer it measures against, and what it reports."""

import importlib.util
import json

import numpy as np
import pytest

from scenes.library import load_scene
from sim.benchmarks import render as bench
from sim.benchmarks.flats import pitch_m, side_by_side
from sim.benchmarks.subjects import FLATS, LEAST_FURNITURE, POSES, furnished_poses, load_subject, triangles_seen
from sim.benchmarks.workers import Worker, WorkerError, fps_together
from sim.camera import Intrinsics
from sim.renderers.raycast import RaycastRenderer
from sim.tour import locate, tour
from tests.judge import inner_pixels

CAMERA = Intrinsics.from_fov(96, 72, 75)


def test_flats_are_copies_with_ids_of_their_own():
    scene = load_scene("round")
    flats = side_by_side(scene, 3)
    count = len(scene.instances)
    assert [instance.id for instance in flats.instances] == list(range(1, 3 * count + 1))
    grounds = sum(part.triangles for part in scene.parts if scene.instances[part.instance - 1].category == "ground")
    assert (flats.triangle_instances() > 0).sum() == 3 * len(scene.triangles) - 2 * grounds
    pose = tour(scene, 1)[0].T_world_camera
    moved = pose.copy()
    moved[1, 3] += 2 * pitch_m(scene)
    indoors = scene.without(["ground", "window"])
    frame = RaycastRenderer(indoors).render(CAMERA, pose)
    copy = RaycastRenderer(flats.without(["ground", "window"])).render(CAMERA, moved)
    here = (frame.segmentation > 0) & (np.abs(copy.depth - frame.depth) < 1e-3)
    assert here.mean() > 0.8
    np.testing.assert_array_equal(copy.segmentation[here], frame.segmentation[here] + 2 * count)
    levels = {(room.name, room.level) for room in scene.rooms}
    assert {(room.name, room.level) for room in flats.rooms} == levels
    assert locate(flats, moved[:3, 3].tolist()) == locate(scene, pose[:3, 3].tolist())


def test_the_big_home_is_big_and_its_poses_stand_in_furnished_rooms():
    subject = load_subject(bench.FLATS)
    assert len(subject.scene.triangles) >= 500_000
    assert len(subject.poses) == POSES
    assert {int(pose[1, 3] // pitch_m(load_scene("oldenborg"))) for pose in subject.poses} >= set(range(FLATS - 1))
    home = load_scene("oldenborg")
    rooms = {locate(home, pose[:3, 3].tolist()) for pose in furnished_poses(home, POSES)}
    assert len(rooms) > POSES // 2
    for level, room in rooms:
        pieces = [i for i in home.instances if i.category == "furniture" and located(home, i) == (level, room)]
        assert len(pieces) >= LEAST_FURNITURE
    assert triangles_seen(subject, (64, 64)) > 50


def located(scene, instance):
    return locate(scene, np.mean(instance.bounds_m, axis=0).tolist())


def test_mujoco_draws_the_same_triangles():
    if importlib.util.find_spec("mujoco") is None:
        pytest.skip("mujoco is not installed (extra `bench`)")
    from sim.benchmarks.mujoco_peer import MujocoRenderer

    scene = load_scene("two-levels")
    with MujocoRenderer(scene, (160, 120)) as peer, RaycastRenderer(scene) as judge:
        for pose in tour(scene, 6):
            frame = peer.render(CAMERA, pose.T_world_camera)
            truth = judge.render(CAMERA, pose.T_world_camera)
            inner = inner_pixels(truth.segmentation, truth.depth)
            assert np.mean(np.abs(frame.depth - truth.depth)[inner] < 2e-3) > 0.99
            assert np.mean((frame.segmentation == truth.segmentation)[inner]) > 0.99
            assert frame.rgb.std() > 10


def test_workers_draw_together():
    workers = [Worker("gl", "oldenborg") for _ in range(2)]
    try:
        assert all(worker.opened().first_fps > 0 for worker in workers)
        assert fps_together(workers, (64, 64), 0.1) > 10
    finally:
        for worker in workers:
            worker.close()


def test_a_renderer_that_does_not_open_says_why(monkeypatch):
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_DIRS", "/nonexistent")
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", "/nonexistent.json")
    worker = Worker("gl", "oldenborg")
    with pytest.raises(WorkerError, match="gl: no OpenGL through EGL"):
        worker.opened()
    worker.close()


def test_figures_are_ratios_of_one_round_and_json_has_them(monkeypatch, capsys):
    monkeypatch.setattr(bench, "BACKENDS", ("gl",))
    monkeypatch.setattr(bench, "SIZES", ((64, 64), (224, 224)))
    monkeypatch.setattr(bench, "SECONDS", 0.05)
    from sim.cli.bench import render

    render(as_json=True, rounds=1)
    printed = json.loads(capsys.readouterr().out)
    fps = {(row["subject"], *row["size"], row["processes"]): row["fps"] for row in printed["frames_per_s"]}
    figures = printed["figures"]
    assert figures["gl_fps_500k_224"] == pytest.approx(fps["flats", 224, 224, 1], rel=0.01)
    ratio = fps["oldenborg", 224, 224, 2] / fps["oldenborg", 224, 224, 1]
    assert figures["two_processes_over_one"] == pytest.approx(ratio, rel=0.01)
    assert not {"gl_over_bullet_oldenborg_224", "gl_over_mujoco_oldenborg_224"} & set(figures)
    assert printed["scenes"]["flats"]["triangles"] >= 500_000


def test_ratios_pair_the_rounds():
    samples = {
        ("oldenborg", (224, 224), "gl", 1): [100.0, 400.0, 200.0],
        ("oldenborg", (224, 224), "bullet", 1): [10.0, 20.0, 20.0],
    }
    assert bench._figures(samples, {})["gl_over_bullet_oldenborg_224"] == 10.0
