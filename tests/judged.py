"""Frames and what is true of them, made up so that the answers are known."""

from pathlib import Path

import numpy as np

from train.data import Frames
from train.evaluate.targets import Targets
from train.motion import PTZ
from train.preprocess import Preprocessing

SIZE = (32, 32)


def targets(homes, frames_each, rng, episodes_each=5):
    """Targets of frames that look about at random; the home's compass is turned by a random angle."""
    count = len(homes) * frames_each
    home = np.repeat(np.array(homes), frames_each)
    pan_deg = rng.uniform(-180, 180, count)
    tilt_deg = rng.uniform(-40, 0, count)
    pan, tilt = np.radians(pan_deg), np.radians(tilt_deg)
    axis = np.stack([np.cos(pan) * np.cos(tilt), -np.sin(pan) * np.cos(tilt), np.sin(tilt)], axis=1)
    episode = np.arange(count) // -(-frames_each // episodes_each)
    return Targets(
        numbers={"tilt": tilt_deg, "log_zoom": rng.uniform(0, 1.2, count), "mean_depth": rng.uniform(1, 4, count)},
        in_view=None,
        categories=(),
        room=np.char.add(home, np.where(episode % 2, " / kitchen", " / hall")),
        home=home,
        episode=episode,
        pan_deg=pan_deg,
        axis=axis,
        position=np.zeros((count, 3)),
        half_view_deg=np.full(count, 30.0),
    )


def ptz_frames(homes, rng, episodes_each=3, length=24, largest_deg=12.0):
    """PTZ cameras that obey at once, within their limits; all walls 3 m away."""
    count = len(homes) * episodes_each * length
    home = np.repeat(np.array(homes), episodes_each * length)
    episode = np.repeat(np.arange(len(homes) * episodes_each), length)
    raw = np.stack([rng.uniform(-1, 1, count), rng.uniform(-0.5, 0.5, count), rng.uniform(-0.02, 0.02, count)], axis=1)
    raw[:, :2] *= largest_deg
    state = np.empty((count, 4))
    for frame in range(count):
        if frame % length == 0:
            now = PTZ.state(rng.uniform(-180, 180), rng.uniform(-40, -10), rng.uniform(1.5, 3))
        state[frame] = now
        now = PTZ.advance(now, raw[frame])
    pan, tilt = np.arctan2(state[:, 0], state[:, 1]), np.radians(state[:, 2] * 90)
    zoom = np.exp(state[:, 3])
    lens = np.full((count, 2), np.tan(np.radians(30)))
    width, height = SIZE
    focal = zoom * width / 2 / lens[:, 0]
    columns = {
        "episode": episode, "step": np.arange(count) % length, "home": home, "level": np.full(count, "0"),
        "room": np.full(count, "hall"), "camera": np.full(count, "axis-0"), "T_world_camera": poses(pan, tilt),
        "fx": focal, "fy": focal, "cx": np.full(count, width / 2), "cy": np.full(count, height / 2),
        "width": np.full(count, width), "height": np.full(count, height), "pan_deg": np.degrees(pan),
        "tilt_deg": np.degrees(tilt), "zoom": zoom, "command": np.full(count, "move"), "time_s": np.arange(count) * 0.1,
    }  # fmt: skip
    return Frames(
        folder=Path("nowhere"),
        dataset_hash="",
        part="",
        homes={name: name for name in homes},
        kind="ptz",
        preprocessing=Preprocessing(size=SIZE),
        number=np.arange(count),
        rgb=np.zeros((count, 3, height, width), np.uint8),
        depth_mm=np.full((count, height, width), 3000, np.uint16),
        depth_from=np.arange(count),
        state=state,
        raw_action=raw,
        action=PTZ.action(state, raw, lens),
        lens=lens,
        columns=columns,
    )


def poses(pan, tilt):
    """T_world_camera (N, 4, 4) of cameras in one place, radians."""
    forward = np.stack([np.cos(pan) * np.cos(tilt), -np.sin(pan) * np.cos(tilt), np.sin(tilt)], axis=1)
    right = np.stack([-np.sin(pan), -np.cos(pan), np.zeros_like(pan)], axis=1)
    pose = np.tile(np.eye(4), (len(pan), 1, 1))
    pose[:, :3, :3] = np.stack([right, np.cross(forward, right), forward], axis=2)
    return pose
