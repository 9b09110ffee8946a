"""Judging of rollouts: by models of which it is known how good they are, and by the geometry of cameras."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.judged import SIZE, poses, ptz_frames, targets
from train.evaluate.decoding import decode_rollouts
from train.evaluate.rollout import by_change, headline, roll, self_prediction
from train.evaluate.targets import Targets
from train.evaluate.view_change import GRID, displacement_px, intrinsics, mean_displacement_px

HISTORY = 2


@pytest.fixture(scope="module")
def frames():
    return ptz_frames(["a", "b", "c", "d"], np.random.default_rng(0))


def kinematics(latents, states, actions, future):
    """Knows what cameras do, and that the latent is the state."""
    assert future.shape[1] == actions.shape[1] - HISTORY
    now, ahead = states[:, -1], []
    for action in actions[:, HISTORY - 1 :].unbind(1):
        pan = torch.atan2(now[:, 0], now[:, 1]) + action[:, 3] * torch.pi
        now = torch.stack([pan.sin(), pan.cos(), now[:, 2] + action[:, 4], now[:, 3] + action[:, 2]], dim=1)
        ahead.append(now)
    ahead = torch.stack(ahead, dim=1)
    assert torch.allclose(ahead[:, :-1], future, atol=1e-5)  # the states to come are those that the actions lead to
    return ahead


def copying(latents, states, actions, future):
    return latents[:, -1:].expand(-1, actions.shape[1] - HISTORY + 1, -1)


def drifting(latents, states, actions, future):
    return kinematics(latents, states, actions, future) + 0.2


def test_who_knows_the_kinematics_predicts_and_not_with_other_actions(frames):
    rng = np.random.default_rng(1)
    rollouts = roll(kinematics, HISTORY, frames, frames.state, rng)
    scores = headline(rollouts, frames.state.mean(axis=0), rng)
    assert [score.step for score in scores] == [1, 2, 3, 4, 5]
    for score in scores:
        assert score.skill.value > 0.9999
        assert score.over_mean.value > 0.9999
        assert score.shuffled.value < 0
        assert score.predicts
        assert score.skill.over == ("home",)
    found = self_prediction(rollouts)
    assert found.error < 1e-9
    assert found.share > 0.99
    assert found.holds


def test_copying_has_no_skill_and_ignores_actions(frames):
    rng = np.random.default_rng(2)
    rollouts = roll(copying, HISTORY, frames, frames.state, rng)
    for score in headline(rollouts, frames.state.mean(axis=0), rng):
        assert score.skill.value == pytest.approx(0, abs=1e-6)
        assert score.shuffled.value == pytest.approx(0, abs=1e-6)
        assert not score.predicts
    assert not self_prediction(rollouts).holds  # a model that no action moves does not know the null action


def test_a_model_that_drifts_without_being_told_fails_the_self_prediction(frames):
    assert not self_prediction(roll(drifting, HISTORY, frames, frames.state, np.random.default_rng(3))).holds


def test_errors_are_the_mean_squares_of_the_windows_that_moved(frames):
    rng = np.random.default_rng(4)
    rollouts = roll(drifting, HISTORY, frames, frames.state, rng)
    for score in headline(rollouts, np.zeros(4), rng):
        moved = rollouts.moved_px[:, score.step - 1] >= 1
        change = frames.state[rollouts.ahead[moved, score.step - 1]] - frames.state[rollouts.now[moved]]
        assert score.windows == moved.sum()
        assert score.error == pytest.approx(0.04, rel=1e-3)
        assert score.error_copy == pytest.approx((change**2).mean())
        assert score.skill.value == pytest.approx(1 - score.error / score.error_copy)


def test_classes_of_change_cover_all_windows_once(frames):
    rng = np.random.default_rng(5)
    rollouts = roll(copying, HISTORY, frames, frames.state, rng)
    scores = by_change(rollouts, np.zeros(4), rng)
    for step in range(1, 6):
        assert sum(score.windows for score in scores if score.step == step) == len(rollouts.now)
        still = next(score for score in scores if score.step == step and score.high_px == 1)
        assert still.windows == (rollouts.moved_px[:, step - 1] < 1).sum()


def test_moves_of_less_than_a_pixel_are_kept_out_of_the_headline(frames):
    rng = np.random.default_rng(6)
    rollouts = roll(copying, HISTORY, frames, frames.state, rng)
    few = replace(
        rollouts, moved_px=np.where(np.arange(len(rollouts.now))[:, None] < 7, 1.0, 0.999) + 0 * rollouts.moved_px
    )
    assert [score.windows for score in headline(few, np.zeros(4), rng)] == [7] * 5
    none = replace(rollouts, moved_px=0 * rollouts.moved_px)
    score = headline(none, np.zeros(4), rng)[0]
    assert score.windows == 0
    assert np.isnan(score.skill.value)
    assert not score.predicts
    assert not self_prediction(none).holds


@settings(max_examples=30)
@given(st.floats(-20, 20), st.floats(-15, 15), st.floats(1, 2), st.floats(1, 2), st.integers(0, 9999))
def test_turning_and_zooming_move_pixels_by_the_homography(d_pan, d_tilt, zoom, zoom_after, seed):
    rng = np.random.default_rng(seed)
    pose = poses(np.radians([10, 10 + d_pan]), np.radians([-20, -20 + d_tilt]))
    K = [np.array([[30 * z, 0, 16], [0, 28 * z, 15], [0, 0, 1]]) for z in (zoom, zoom_after)]
    T = np.linalg.inv(pose[1]) @ pose[0]
    pixels = rng.uniform(0, 32, (20, 2))
    points = np.concatenate([pixels, np.ones((20, 1))], axis=1) @ (K[1] @ T[:3, :3] @ np.linalg.inv(K[0])).T
    wanted = np.linalg.norm(points[:, :2] / points[:, 2:] - pixels, axis=1)
    depth = rng.uniform(0, 5, (1, 20)) * (rng.random((1, 20)) < 0.7)  # depth must not matter
    found = displacement_px(K[0][None], K[1][None], T[None], pixels, depth, 1e9)[0]
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-9)


def test_walking_moves_near_pixels_more_than_far_ones():
    K = np.array([[[40.0, 0, 16], [0, 40, 16], [0, 0, 1]]])
    T = np.eye(4)[None].copy()
    T[0, 2, 3] = -0.5  # half a metre forward
    pixels = np.array([[26.0, 16.0], [26.0, 16.0], [26.0, 16.0], [16.0, 16.0], [26.0, 16.0]])
    depth = np.array([[1.0, 2.0, 0.0, 1.0, 0.3]])
    found = displacement_px(K, K, T, pixels, depth, 32.0)[0]
    assert found == pytest.approx([10 * (1 / 0.5) - 10, 10 * (2 / 1.5) - 10, 0, 0, 32])  # the last is behind by then


def test_displacements_of_frames_are_means_over_a_grid(frames):
    pairs = np.array([[0, 1], [3, 9], [5, 5]])
    found = mean_displacement_px(frames, pairs)
    K = intrinsics(frames.columns, SIZE)
    places = (np.arange(GRID) + 0.5) * SIZE[0] / GRID
    for (one, other), mean in zip(pairs, found, strict=True):
        moved = []
        for x in places:
            for y in places:
                T = np.linalg.inv(frames.columns["T_world_camera"][other]) @ frames.columns["T_world_camera"][one]
                seen = K[other] @ T[:3, :3] @ np.linalg.inv(K[one]) @ [x, y, 1]
                far = np.hypot(*(seen[:2] / seen[2] - [x, y])) if seen[2] > 0 else np.inf
                moved.append(min(far, SIZE[0]))
        assert mean == pytest.approx(np.mean(moved))
    assert found[2] == pytest.approx(0, abs=1e-9)


def test_intrinsics_follow_the_size():
    columns = {"fx": [200.0], "fy": [210.0], "cx": [112.0], "cy": [110.0], "width": [224.0], "height": [224.0]}
    K = intrinsics({name: np.array(value) for name, value in columns.items()}, (56, 112))[0]
    assert K.tolist() == [[50, 0, 28], [0, 105, 55], [0, 0, 1]]


def true_of(frames, rng):
    columns = frames.columns
    return Targets(
        numbers={"tilt": columns["tilt_deg"], "log_zoom": np.log(columns["zoom"])},
        in_view=(columns["tilt_deg"] > -25)[:, None],
        categories=("lamp",),
        room=columns["room"],
        home=columns["home"],
        episode=columns["episode"],
        pan_deg=columns["pan_deg"],
        axis=columns["T_world_camera"][:, :3, 2],
        position=np.zeros((len(frames), 3)),
        half_view_deg=np.degrees(np.arctan(columns["width"] / 2 / columns["fx"])),
    )


def test_quantities_decoded_from_good_predictions_are_right_and_from_copies_as_wrong_as_the_move(frames):
    rng = np.random.default_rng(7)
    known = ptz_frames(list("mnopq"), rng)
    rollouts = roll(kinematics, HISTORY, frames, frames.state, rng)
    records = decode_rollouts(rollouts, known.state, true_of(known, rng), true_of(frames, rng), rng)
    assert {r.target for r in records} == {"tilt", "log_zoom", "relative_pan", "object_in_view"}
    assert {(r.home, r.horizon) for r in records} == {(home, n) for home in "abcd" for n in range(1, 6)}
    for record in records:
        here = (rollouts.home == record.home) & (rollouts.moved_px[:, record.horizon - 1] >= 1)
        assert record.windows == here.sum()
        now, then = rollouts.now[here], rollouts.ahead[here, record.horizon - 1]
        if record.target == "tilt":
            moved = ((frames.columns["tilt_deg"][now] - frames.columns["tilt_deg"][then]) ** 2).mean()
            assert record.error < 1e-3
            assert record.error_copy == pytest.approx(moved, rel=0.01)
        if record.target == "relative_pan":
            turned = (frames.columns["pan_deg"][then] - frames.columns["pan_deg"][now] + 180) % 360 - 180
            assert record.error_copy == pytest.approx((turned**2).mean())  # a copy is told to have turned by 0
            assert record.error < 0.1 * record.error_copy
        assert record.error == pytest.approx(record.error_true, rel=0.05, abs=1e-4)


def test_a_copying_model_is_decoded_as_copies(frames):
    rng = np.random.default_rng(8)
    known = ptz_frames(list("mnopq"), rng)
    rollouts = roll(copying, HISTORY, frames, frames.state, rng)
    records = decode_rollouts(rollouts, known.state, true_of(known, rng), true_of(frames, rng), rng)
    assert all(record.error == pytest.approx(record.error_copy, rel=1e-4) for record in records)


def test_quantities_that_do_not_vary_are_not_asked_for(frames):
    rng = np.random.default_rng(9)
    rollouts = roll(copying, HISTORY, frames, frames.state, rng)
    made = targets(["m", "n"], 40, rng)
    records = decode_rollouts(rollouts, rng.normal(size=(80, 4)), made, true_of(frames, rng), rng)
    assert {r.target for r in records} == {"tilt", "log_zoom", "relative_pan"}  # depth is not known of both
