"""Depth noise: its statistics against the published figures, its geometry against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import norm

from sim.camera import Intrinsics
from sim.sensors import DepthRange, DepthStep, DisparityStep, KinectDepth, RedwoodDepth
from sim.sensors.kinect import axial_sigma_m, lateral_sigma_px
from sim.sensors.limits import KINECT_DISPARITY_STEP_PER_M
from sim.sensors.surface import Surface, projector_shadow
from tests.sensor_scenes import KINECT, frame_of, plane

ALL = [KinectDepth(), RedwoodDepth(), DepthStep(), DisparityStep(), DepthRange()]
WITHOUT_SHADOW = KinectDepth(baseline_m=0.0)


def measure(noise, depth, camera=None, seed=0):
    return noise(frame_of(depth, camera), np.random.default_rng(seed)).depth


def sigma(z_m, angle_deg):
    """The paper's axial noise, m, in double precision."""
    angle = np.radians(angle_deg)
    steep = 0.0001 / np.sqrt(z_m) * (angle / (np.pi / 2 - angle)) ** 2
    return 0.0012 + 0.0019 * (z_m - 0.4) ** 2 + np.where(angle > np.pi / 3, steep, 0.0)


# Figures


@pytest.mark.parametrize(
    ("z_m", "angle_deg", "axial_mm", "lateral_mm"), [(1.0, 45.0, 2.0, 1.4), (2.8, 10.0, 12.0, 3.9)]
)
def test_figures_are_those_that_others_quote_from_the_paper(z_m, angle_deg, axial_mm, lateral_mm):
    """Fankhauser et al., "Kinect v2 for Mobile Robot Navigation", ICAR 2015, quote the paper at two places."""
    z, angle = np.float32([z_m]), np.float32([math.radians(angle_deg)])
    assert axial_sigma_m(z, angle)[0] * 1e3 == pytest.approx(axial_mm, rel=0.06)
    assert lateral_sigma_px(angle)[0] * z_m / 585.0 * 1e3 == pytest.approx(lateral_mm, rel=0.03)


@pytest.mark.parametrize("z_m", [0.6, 1.0, 2.0, 3.0, 5.0])
@pytest.mark.parametrize(("tilt_deg", "turn_deg"), [(20.0, 0.0), (45.0, 90.0), (55.0, 200.0), (66.0, 0.0)])
def test_axial_noise_has_the_published_deviation(z_m, tilt_deg, turn_deg):
    """Over a tilted plane, so that all phases of the disparity's steps occur. Bounds: 4 standard errors."""
    depth, angle = plane(KINECT, z_m, tilt_deg, turn_deg)
    measured = np.concatenate([measure(WITHOUT_SHADOW, depth, seed=seed) for seed in range(3)])
    true, angle_deg = np.tile(depth, (3, 1)), np.degrees(np.tile(angle, (3, 1)))
    kept = (measured > 0) & (true > 0.45)
    assert kept.mean() > 0.5
    scores = ((measured - true) / sigma(true.astype(np.float64), angle_deg))[kept]
    n = scores.size
    assert abs(scores.mean()) < 4 / math.sqrt(n) + 2e-3 * z_m
    assert scores.std() == pytest.approx(1.0, abs=4 / math.sqrt(2 * n) + 1e-3)


@pytest.mark.parametrize(("z_m", "sigma_mm"), [(1.0, 1.88), (2.0, 6.06), (3.0, 14.04)])
def test_axial_noise_at_one_two_and_three_metres(z_m, sigma_mm):
    """Straight ahead: the spread over planes within 2 cm of each other, so that steps do not fall on one phase."""
    residuals = [
        (measured := measure(WITHOUT_SHADOW, np.full((60, 60), z, np.float32), seed=seed))[measured > 0] - z
        for seed, z in enumerate(np.linspace(z_m - 0.01, z_m + 0.01, 25))
    ]
    residuals = np.concatenate(residuals)
    assert residuals.std() * 1e3 == pytest.approx(sigma_mm, rel=4 / math.sqrt(2 * residuals.size) + 0.01)


def test_measured_depth_lies_on_steps_of_disparity():
    depth, _ = plane(KINECT, 2.0, 30.0)
    measured = measure(KinectDepth(), depth)
    steps = 1.0 / measured[measured > 0].astype(np.float64) / KINECT_DISPARITY_STEP_PER_M
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-4)
    near_three = np.unique(measured[(measured > 2.9) & (measured < 3.1)])
    assert np.diff(near_three) == pytest.approx(0.0257, rel=0.08)


# Angles


@given(st.floats(0, 80), st.floats(0, 360), st.floats(0.3, 20), st.sampled_from([60.0, 200.0, 585.0, 3000.0]))
@settings(max_examples=60)
def test_angles_of_planes_are_exact(tilt_deg, turn_deg, distance_m, focal):
    camera = Intrinsics(40, 30, fx=focal, fy=1.1 * focal, cx=17.0, cy=16.0)
    depth, angle = plane(camera, distance_m, tilt_deg, turn_deg)
    seen = (depth > 0) & (np.degrees(angle) < 85)
    found = np.degrees(np.arccos(Surface.of(depth).cos_angle(camera)))
    np.testing.assert_allclose(found[seen], np.degrees(angle)[seen], atol=0.1)


def test_edges_have_no_slope():
    depth = np.full((40, 40), 3.0, np.float32)
    depth[10:30, 10:30] = 1.0
    depth[:, 35:] = 0.0
    camera = Intrinsics(40, 40, 585.0, 585.0, 20.0, 20.0)
    assert Surface.of(depth).cos_angle(camera)[depth > 0].min() > 0.99


@pytest.mark.parametrize("tilt_deg", [60.0, 72.0, 77.0, 82.0, 87.0])
def test_the_share_lost_grows_with_the_angle(tilt_deg):
    depth, angle = plane(KINECT, 1.5, tilt_deg, 90.0)
    there = (depth > 0.6) & (depth < 8.0)
    lost = measure(WITHOUT_SHADOW, depth)[there] == 0
    expected = np.clip((np.degrees(angle[there]) - 70.0) / 15.0, 0.0, 1.0)
    for low in range(50, 90, 5):
        here = (np.degrees(angle[there]) >= low) & (np.degrees(angle[there]) < low + 5)
        if here.sum() > 300:
            share = expected[here].mean()
            # Pixels that look at the same neighbour are lost together: twice the binomial error, times 4.
            assert lost[here].mean() == pytest.approx(share, abs=8 * math.sqrt(0.25 / here.sum()) * (share > 0) + 0.01)


# Edges


def shadow_by_rays(camera, near_m, far_m, left_m, right_m, baseline_m):
    """Where a strip at `near_m` from x = `left_m` to `right_m` hides a wall at `far_m` from the projector: (H, W)."""
    on_wall = camera.rays()[..., 0] * far_m
    crossing = baseline_m + (on_wall - baseline_m) * near_m / far_m
    behind = (camera.rays()[..., 0] * near_m > left_m) & (camera.rays()[..., 0] * near_m < right_m)
    return (crossing > left_m) & (crossing < right_m) & ~behind, behind


@pytest.mark.parametrize("width_m", [0.02, 0.3], ids=["pole", "box"])
@pytest.mark.parametrize("baseline_m", [0.05, 0.075])
def test_the_projectors_shadow_is_where_rays_say(width_m, baseline_m):
    camera = Intrinsics(320, 4, 585.0, 585.0, 160.0, 2.0)
    expected, strip = shadow_by_rays(camera, 1.0, 3.0, 0.0, width_m, baseline_m)
    depth = np.where(strip, np.float32(1.0), np.float32(3.0))
    found = projector_shadow(Surface.of(depth).inverse, camera, baseline_m)
    width_px = min(585.0 * baseline_m * (1 - 1 / 3), 585.0 * width_m)
    assert expected.sum(axis=1) == pytest.approx(width_px, abs=1.5)
    assert np.count_nonzero(found != expected, axis=1).max() <= 2, "up to rounding at both ends"


def test_beside_an_edge_depth_is_lost_on_the_left_only():
    camera = Intrinsics(320, 240, 585.0, 585.0, 160.0, 120.0)
    expected, strip = shadow_by_rays(camera, 1.0, 3.0, 0.0, 0.2, 0.075)
    lost = measure(KinectDepth(), np.where(strip, np.float32(1.0), np.float32(3.0)), camera) == 0
    left = int(np.argmax(expected[0])), int(np.argmax(strip[0]))
    assert lost[:, left[0] + 3 : left[1] - 3].mean() > 0.99, "the shadow; its border frays by the lateral noise"
    assert lost[:, : left[0] - 4].mean() < 0.001
    assert lost[:, left[1] + 4 :].mean() < 0.001


@pytest.mark.parametrize("tilt_deg", [0.0, 40.0, 65.0])
@pytest.mark.parametrize("turn_deg", [0.0, 90.0, 180.0])
def test_planes_cast_no_shadow(tilt_deg, turn_deg):
    depth, _ = plane(KINECT, 2.0, tilt_deg, turn_deg)
    assert not projector_shadow(Surface.of(depth).inverse, KINECT, 0.075).any()


@pytest.mark.parametrize("focal", [585.0, 292.5, 1170.0])
def test_edges_fray_by_the_published_lateral_noise(focal):
    """A pixel k + 1/2 pixels beside an edge shows the other side with a normal tail's share; sigma scales with f."""
    camera = Intrinsics(60, 100, focal, focal, 30.0, 50.0)
    depth = np.full((100, 60), 2.0, np.float32)
    depth[:, 30:] = 1.0
    device = KinectDepth(baseline_m=0.0)
    near = np.concatenate([measure(device, depth, camera, seed) for seed in range(40)]) < 1.5
    deviation = 0.8 * focal / 585.0
    for k in range(3):
        expected = norm.sf((k + 0.5) / deviation)
        bound = 5 * math.sqrt(expected * (1 - expected) / 4000) + 1e-3
        assert near[:, 29 - k].mean() == pytest.approx(expected, abs=bound)
        assert (~near[:, 30 + k]).mean() == pytest.approx(expected, abs=bound)


# Redwood


def test_redwood_has_its_published_noise_and_steps():
    depths = np.linspace(0.8, 6.0, 200)
    disparities, errors = [], []
    for seed, z in enumerate(depths):
        measured = measure(RedwoodDepth(), np.full((20, 20), z, np.float32), seed=seed).astype(np.float64)
        disparities.append(35.130 / measured)
        errors.append(35.130 / measured - 35.130 / z)
    steps = np.concatenate(disparities) * 8
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-3)
    errors = np.concatenate(errors)
    expected = math.sqrt((1 / 36) ** 2 + (1 / 8) ** 2 / 12)
    assert errors.std() == pytest.approx(expected, rel=0.03)
    assert abs(errors.mean()) < 0.005


def test_redwood_ends_at_ten_metres_and_shows_blocks():
    camera = Intrinsics(80, 60, 525.0, 525.0, 40.0, 30.0)
    assert measure(RedwoodDepth(), np.full((60, 80), 9.9, np.float32), camera).min() > 9.0
    assert not measure(RedwoodDepth(), np.full((60, 80), 10.0, np.float32), camera).any()
    edge = np.full((60, 80), 1.0, np.float32)
    edge[:, 41:] = 2.0
    near = measure(RedwoodDepth(), edge, camera) < 1.5
    assert near[:, 41].mean() > 0.9, "the block of columns 40 and 41 shows what column 40 sees"
    small = Intrinsics(80, 60, 200.0, 200.0, 40.0, 30.0)
    near = measure(RedwoodDepth(), edge, small) < 1.5
    assert near[:, 41].mean() < 0.1, "at a third of the resolution a block is one pixel"


# Steps and range


@given(hnp.arrays(np.float32, (3, 5), elements=st.floats(0, 60, width=32)), st.sampled_from([0.001, 0.01, 0.25]))
def test_depth_steps_are_to_the_nearest(depth, step_m):
    measured = measure(DepthStep(step_m), depth)
    assert np.abs(measured.astype(np.float64) - depth).max() <= step_m / 2 + 1e-5
    np.testing.assert_allclose(measured / step_m, np.round(measured / step_m), atol=1e-2)
    np.testing.assert_array_equal(measure(DepthStep(step_m), measured), measured)


@given(hnp.arrays(np.float32, (3, 5), elements=st.floats(0.25, 60, width=32)), st.sampled_from([0.001, 0.00285, 0.01]))
def test_disparity_steps_are_to_the_nearest(depth, step_per_m):
    measured = measure(DisparityStep(step_per_m), depth).astype(np.float64)
    assert (measured > 0).all()
    assert np.abs(1 / measured - 1 / depth.astype(np.float64)).max() <= step_per_m / 2 * 1.001
    beyond = measure(DisparityStep(step_per_m), np.full((1, 1), 3 / step_per_m, np.float32))
    assert not beyond.any()


def test_out_of_range_is_nothing():
    measured = measure(DepthRange(0.5, 4.0), [[0.0, 0.49, 0.5, 2.0, 4.0, 4.01]])
    np.testing.assert_array_equal(measured, np.float32([[0, 0, 0.5, 2, 4, 0]]))


def test_the_kinect_returns_nothing_out_of_its_range():
    far = measure(KinectDepth(), np.full((40, 40), 12.0, np.float32))
    near = measure(KinectDepth(), np.full((40, 40), 0.3, np.float32))
    assert not far.any()
    assert not near.any()


# What holds for all


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=24),
        elements=st.one_of(st.just(0.0), st.floats(np.float32(1e-3), 100, width=32)),
    ),
    st.sampled_from(ALL),
    st.sampled_from([5.0, 200.0, 585.0, 20_000.0]),
    st.integers(0, 99),
)
@settings(max_examples=200)
def test_any_depth_gives_finite_depth_of_the_same_form(depth, noise, focal, seed):
    height, width = depth.shape
    frame = frame_of(depth.copy(), Intrinsics(width, height, focal, focal, width / 3, height / 2))
    with np.errstate(all="raise", under="ignore"):
        noisy = noise(frame, np.random.default_rng(seed))
    np.testing.assert_array_equal(frame.depth, depth, "the input is left alone")
    assert noisy.depth.shape == depth.shape
    assert noisy.depth.dtype == np.float32
    assert np.isfinite(noisy.depth).all()
    assert (noisy.depth >= 0).all()
    assert not noisy.depth[depth == 0].any(), "nothing stays nothing"
    assert noisy.segmentation is frame.segmentation
    assert noisy.rgb is frame.rgb
    assert noisy.T_world_camera is frame.T_world_camera


@pytest.mark.parametrize("noise", ALL[:2], ids=["kinect", "redwood"])
def test_same_seed_same_bytes(noise):
    depth, _ = plane(KINECT, 2.0, 30.0)
    first, second, other = (measure(noise, depth, seed=seed) for seed in (5, 5, 6))
    assert first.tobytes() == second.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: KinectDepth(nearest_m=5, farthest_m=4), "nearest_m is 5"),
        (lambda: KinectDepth(lost_to_deg=91), "lost_to_deg is 91"),
        (lambda: KinectDepth(baseline_m=math.nan), "baseline_m is nan"),
        (lambda: DepthStep(0), "step_m is 0"),
        (lambda: DisparityStep(-1), "step_per_m is -1"),
        (lambda: DepthRange(3, 2), "nearest_m is 3"),
        (lambda: RedwoodDepth(-1), "farthest_m is -1"),
    ],
)
def test_senseless_figures_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
