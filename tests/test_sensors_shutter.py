"""Shutters, with a renderer whose answer is known: a wall, half black and half white, before a moving camera."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame, View
from sim.renderers.bullet import BulletRenderer
from sim.sensors import INSTANT, MotionBlur, RollingShutter, interpolate_poses
from sim.sensors.light import to_light, to_rgb
from tests.homes.cabin import cabin

CAMERA = Intrinsics(64, 48, fx=100.0, fy=100.0, cx=32.0, cy=24.0)
WALL_M = 2.0
SPEED_M_PER_S = 3.0


def shoot(camera, pose):
    """A wall at z = 2 m before a camera that looks along z: white where x < 0, black elsewhere, ids 1 and 2."""
    x = camera.rays()[..., 0] * (WALL_M - pose[2, 3]) + pose[0, 3]
    white = x < 0
    depth = np.full(white.shape, WALL_M - pose[2, 3], np.float32)
    rgb = np.repeat(np.where(white, 255, 0).astype(np.uint8)[..., None], 3, axis=-1)
    return Frame(rgb, depth, np.where(white, 1, 2).astype(np.int32), camera, pose)


def pose_at(x_m, z_m=0.0):
    pose = np.eye(4)
    pose[0, 3], pose[2, 3] = x_m, z_m
    return pose


def still(_time_s):
    return View(CAMERA, pose_at(0.0))


def sideways(time_s):
    """To the right, so the edge goes left: at a time t it is in column cx - f v t / z."""
    return View(CAMERA, pose_at(SPEED_M_PER_S * time_s))


def edge_column(time_s):
    return CAMERA.cx - CAMERA.fx * SPEED_M_PER_S * time_s / WALL_M


def assert_same(one, other):
    for field in dataclasses.fields(Frame):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)


@pytest.mark.parametrize(
    "shutter",
    [INSTANT, MotionBlur(5, 0.1), RollingShutter(7, 0.1), RollingShutter(48, 0.1, MotionBlur(3, 0.01))],
    ids=["instant", "blur", "rolling", "both"],
)
@pytest.mark.parametrize("time_s", [0.0, 1.7])
def test_a_camera_that_stands_still_sees_the_instant(shutter, time_s):
    assert_same(shutter.capture(shoot, still, time_s), shoot(CAMERA, pose_at(0.0)))


def test_blur_is_the_share_of_the_exposure_in_linear_light():
    exposure_s, samples = 0.2, 40
    frame = MotionBlur(samples, exposure_s).capture(shoot, sideways, 0.0)
    columns = np.arange(CAMERA.width) + 0.5
    first, last = edge_column(exposure_s / 2), edge_column(-exposure_s / 2)
    white = np.clip((last - columns) / (last - first), 0, 1)
    assert np.abs(to_light(frame.rgb[0, :, 0]) - white).max() < 0.6 / samples
    assert last - first == pytest.approx(30.0)


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 8])
def test_blur_samples_evenly_and_keeps_the_middle(samples):
    asked = []

    def look(time_s):
        asked.append(time_s)
        return View(CAMERA, pose_at(0.0, time_s))

    frame = MotionBlur(samples, 0.4).capture(shoot, look, 10.0)
    assert len(asked) == samples
    assert np.mean(asked) == pytest.approx(10.0)
    assert np.diff(asked) == pytest.approx(0.4 / samples)
    middle = sorted(asked)[samples // 2]
    assert abs(middle - 10.0) <= 0.2 / samples + 1e-9
    assert frame.T_world_camera[2, 3] == middle
    np.testing.assert_allclose(frame.depth, WALL_M - middle, rtol=1e-6)


@pytest.mark.parametrize("bands", [48, 1000])
def test_every_row_is_seen_at_its_own_time(bands):
    """A band a row: the edge leans by f v / z per second."""
    frame = RollingShutter(bands, readout_s=0.12).capture(shoot, sideways, 0.0)
    row_times = ((np.arange(CAMERA.height) + 0.5) / CAMERA.height - 0.5) * 0.12
    whites = np.count_nonzero(frame.segmentation == 1, axis=1)
    np.testing.assert_allclose(whites, edge_column(row_times), atol=0.501)
    np.testing.assert_array_equal(whites, np.count_nonzero(frame.rgb[..., 0], axis=1))
    np.testing.assert_array_equal(frame.T_world_camera, pose_at(0.0))
    assert frame.intrinsics == CAMERA


def test_a_band_is_seen_at_its_middle():
    frame = RollingShutter(4, readout_s=0.4).capture(shoot, sideways, 1.0)
    for band in range(4):
        view = sideways(1.0 + 0.4 * ((band + 0.5) / 4 - 0.5))
        instant = shoot(view.intrinsics, view.T_world_camera)
        rows = slice(12 * band, 12 * band + 12)
        np.testing.assert_array_equal(frame.segmentation[rows], instant.segmentation[rows])


def test_depth_rolls_too():
    def towards(time_s):
        return View(CAMERA, pose_at(0.0, time_s))

    frame = RollingShutter(48, readout_s=0.5).capture(shoot, towards, 0.0)
    row_times = ((np.arange(48) + 0.5) / 48 - 0.5) * 0.5
    np.testing.assert_allclose(frame.depth[:, 0], WALL_M - row_times, rtol=1e-6)


def test_rows_that_roll_are_blurred_each_in_its_own_exposure():
    blur = MotionBlur(20, 0.05)
    frame = RollingShutter(6, 0.3, blur).capture(shoot, sideways, 0.0)
    for band in range(6):
        alone = blur.capture(shoot, sideways, 0.3 * ((band + 0.5) / 6 - 0.5))
        rows = slice(8 * band, 8 * band + 8)
        np.testing.assert_array_equal(frame.rgb[rows], alone.rgb[rows])


def test_zoom_during_the_readout_is_seen():
    def zooming(time_s):
        return View(dataclasses.replace(CAMERA, fx=100.0 * (1 + time_s)), pose_at(0.3))

    frame = RollingShutter(48, readout_s=1.0).capture(shoot, zooming, 0.0)
    row_times = (np.arange(48) + 0.5) / 48 - 0.5
    expected = CAMERA.cx - 100.0 * (1 + row_times) * 0.3 / WALL_M
    np.testing.assert_allclose(np.count_nonzero(frame.segmentation == 1, axis=1), expected, atol=0.501)


def test_a_real_renderer_through_both_shutters():
    """While the camera stands still, bands and samples give the renderer's own image, but for pixels on edges."""
    camera = Intrinsics(120, 90, 80.0, 80.0, 60.0, 45.0)
    pose = pose_looking([0.6, -0.6, 1.5], -40, -20)
    with BulletRenderer(build_scene(parse_home(cabin().to_bytes(), "cabin"))) as renderer:
        plain = renderer.render(camera, pose)
        blurred = MotionBlur(3, 0.1).capture(renderer.render, lambda _time_s: View(camera, pose), 0.0)
        rolled = RollingShutter(5, 0.1).capture(renderer.render, lambda _time_s: View(camera, pose), 0.0)
    assert_same(blurred, plain)
    assert np.mean(rolled.segmentation == plain.segmentation) > 0.99
    assert np.mean(np.abs(rolled.depth - plain.depth) < 1e-3) > 0.98
    assert np.mean(np.abs(rolled.rgb.astype(int) - plain.rgb) <= 8) > 0.95


def test_light_is_averaged_not_codes():
    grey = to_rgb(np.float32([[[0.5, 0.5, 0.5]]]))[0, 0, 0]
    frame = MotionBlur(2, 0.02).capture(shoot, sideways, 0.0)
    assert set(np.unique(frame.rgb)) == {0, grey, 255}
    assert grey == 188


# Poses between poses

poses = st.builds(
    lambda x, y, yaw, pitch: pose_looking([x, y, 1.0], yaw, pitch),
    st.floats(-0.3, 0.3),
    st.floats(-0.3, 0.3),
    st.floats(-180, 180),
    st.floats(-80, 80),
)


@given(st.lists(poses, min_size=1, max_size=5), st.floats(-1, 6))
def test_poses_between_are_rigid_and_those_given_are_kept(given_poses, time_s):
    times = [float(k) for k in range(len(given_poses))]
    between = interpolate_poses(times, given_poses)
    for time, pose in zip(times, given_poses, strict=True):
        np.testing.assert_allclose(between(time), pose, atol=1e-9)
    rotation = between(time_s)[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(between(time_s)[3], [0, 0, 0, 1])
    np.testing.assert_allclose(between(-9.0), given_poses[0])
    np.testing.assert_allclose(between(99.0), given_poses[-1], atol=1e-9)


@given(st.floats(0, 2), st.floats(1, 170))
def test_a_turn_has_an_even_speed(time_s, turn_deg):
    between = interpolate_poses(
        [0.0, 2.0], [pose_looking([0, 0, 1], 10, 0), pose_looking([0.4, 0, 1], 10 + turn_deg, 0)]
    )
    expected = pose_looking([0.2 * time_s, 0, 1], 10 + turn_deg * time_s / 2, 0)
    np.testing.assert_allclose(between(time_s), expected, atol=1e-9)


def test_over_a_cut_the_earlier_pose_holds():
    first, second = pose_looking([0, 0, 1], 0, 0), pose_looking([5, 0, 1], 90, 0)
    between = interpolate_poses([0.0, 1.0], [first, second])
    np.testing.assert_array_equal(between(0.999), first)
    np.testing.assert_allclose(between(1.0), second, atol=1e-12)
    assert interpolate_poses([0.0, 1.0], [first, second], cut_m=6.0)(0.5)[0, 3] == pytest.approx(2.5)


@pytest.mark.parametrize(("times", "count"), [([], 0), ([0.0], 2), ([0.0, 0.0], 2), ([1.0, 0.0], 2)])
def test_poses_need_growing_times(times, count):
    with pytest.raises(ValueError, match="growing time for each pose"):
        interpolate_poses(times, [np.eye(4)] * count)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MotionBlur(0), "samples is 0"),
        (lambda: MotionBlur(4, math.nan), "exposure_s is nan"),
        (lambda: RollingShutter(0), "bands is 0"),
        (lambda: RollingShutter(4, -1), "readout_s is -1"),
    ],
)
def test_senseless_figures_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
