"""States and actions of cameras, held against the PTZ device itself and against closed forms."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.ptz import ACTIONS, AXIS, HANWHA, PROFILES, Position, PTZCamera, apply, change
from tests.recordings import make as make_recordings
from tests.views import make
from train.data import load_frames
from train.motion import MOTIONS, PTZ, WALK, kind_of, lens_of, positions, roll_out
from train.preprocess import Preprocessing

SMALL = Preprocessing(size=(8, 8))
angles = st.floats(-179.9, 179.9)
tilts = st.floats(-90, 20)
zooms = st.floats(1, 30)
LENS = np.array([0.64, 0.48])


def state_of(pan_deg: float, tilt_deg: float, zoom: float) -> np.ndarray:
    return PTZ.state(np.array(pan_deg), np.array(tilt_deg), np.array(zoom))


@given(angles, tilts, zooms)
def test_a_position_is_read_back_from_its_state(pan_deg: float, tilt_deg: float, zoom: float) -> None:
    state = state_of(pan_deg, tilt_deg, zoom)
    assert np.hypot(state[0], state[1]) == pytest.approx(1)
    assert [float(x) for x in positions(state)] == pytest.approx([pan_deg, tilt_deg, zoom])


@given(angles, tilts, zooms)
def test_pan_has_no_seam(pan_deg: float, tilt_deg: float, zoom: float) -> None:
    assert state_of(pan_deg + 360.0, tilt_deg, zoom) == pytest.approx(state_of(pan_deg, tilt_deg, zoom), abs=1e-12)
    over = PTZ.advance(state_of(179.0, 0, 1), np.array([2.0, 0, 0]))
    assert over == pytest.approx(state_of(-179.0, 0, 1), abs=1e-12)


@given(angles, tilts, zooms, st.sampled_from(list(PROFILES)), st.integers(0, 20), st.floats(0.5, 8))
def test_kinematics_are_the_devices(
    pan_deg: float, tilt_deg: float, zoom: float, profile: str, action: int, modulation: float
) -> None:
    """All 21 actions from anywhere, also where tilt and the wide end cut them."""
    camera = PTZCamera(PROFILES[profile], np.eye(4), 32, 24, Position(pan_deg, tilt_deg, zoom))
    raw = np.array(change(ACTIONS[action], PROFILES[profile], modulation))
    apply(camera, ACTIONS[action], modulation)
    camera.step(100.0)
    there = camera.status()
    found = PTZ.advance(state_of(pan_deg, tilt_deg, zoom), raw)
    assert found == pytest.approx(state_of(there.pan_deg, there.tilt_deg, there.zoom), abs=1e-9)


@given(angles, tilts, zooms)
def test_the_null_action_is_0_and_goes_nowhere_to_the_bit(pan_deg: float, tilt_deg: float, zoom: float) -> None:
    state = state_of(pan_deg, tilt_deg, zoom)
    assert not PTZ.action(state, np.zeros(3), LENS).any()
    assert np.array_equal(PTZ.advance(state, np.zeros(3)), state)
    assert not WALK.action(np.zeros(1), np.zeros(2), LENS).any()


def test_an_action_is_told_in_views_in_turns_and_in_log_zoom() -> None:
    half_deg = math.degrees(math.atan(0.64 / 2)), math.degrees(math.atan(0.48 / 2))
    state = state_of(10.0, -30.0, 2.0)
    found = PTZ.action(state, np.array([5.0, 3.0, 1.0]), LENS)
    wanted = [5 / (2 * half_deg[0]), 3 / (2 * half_deg[1]), math.log(3 / 2), 5 / 180, 3 / 90]
    assert found == pytest.approx(wanted)
    far = PTZ.action(state, np.array([-170.0, 0.0, 0.0]), LENS)
    assert far == pytest.approx([-3.0, 0, 0, -170 / 180, 0]), "cut at three views, and told whole beside it"


def test_what_the_limits_cut_off_is_not_told() -> None:
    up = PTZ.action(state_of(0, 19.0, 1.0), np.array([0.0, 6.0, -0.5]), LENS)
    assert up[4] == pytest.approx(1 / 90)
    assert up[2] == 0.0, "nothing is wider than the wide end"
    assert PTZ.zoom_limits[1] == max(AXIS.max_zoom, HANWHA.max_zoom)


def test_walks() -> None:
    found = WALK.action(np.zeros((2, 1)), np.array([[0.25, 0.0], [0.0, 90.0]]), LENS)
    assert found == pytest.approx(np.array([[1, 0, 0], [0, 1, -1]]), abs=1e-12)


@pytest.mark.parametrize("kind", ["ptz", "walk"])
def test_rolling_out_gives_the_states_and_actions_of_a_dataset_without_looking_at_them(
    tmp_path: Path, kind: str
) -> None:
    make(tmp_path / "set", kind)
    frames = load_frames(tmp_path / "set", SMALL)
    assert frames.kind == kind
    windows = frames.windows(7)
    first = windows[:, 0]
    states, actions = roll_out(frames.kind, frames.state[first], frames.raw_action[windows[:, :-1]], frames.lens[first])
    motion = MOTIONS[frames.kind]
    assert states.shape == (len(windows), 6, motion.state_dim)
    assert actions.shape == (len(windows), 6, motion.action_dim)
    assert states == pytest.approx(frames.state[windows[:, 1:]], abs=1e-9)
    assert actions == pytest.approx(frames.action[windows[:, :-1]], abs=1e-7)


def test_the_lens_is_the_profiles(tmp_path: Path) -> None:
    make(tmp_path / "set", size=(32, 24))
    dataset = open_dataset(tmp_path / "set")
    lens = lens_of({name: dataset.column(name) for name in ("zoom", "width", "height", "fx", "fy")})
    half = math.tan(math.radians(AXIS.fov_wide_deg / 2))
    assert lens == pytest.approx(np.tile([half, half * 24 / 32], (len(dataset), 1)))


def test_cameras_that_are_neither_are_refused(tmp_path: Path) -> None:
    make_recordings(tmp_path / "odd")
    with pytest.raises(HomeError, match="actions of 2 numbers, zoom known in 30 of 30 frames"):
        kind_of(open_dataset(tmp_path / "odd"))
