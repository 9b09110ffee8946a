"""Small datasets to learn from: cameras in painted boxes, without a renderer. What is seen follows from the pose."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datagen.store import Episode, EpisodeFacts, HomeEntry, Row, Spec, writing
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame
from sim.ptz import ACTIONS, AXIS, PTZCamera, apply, change
from tests.recordings import ALLOW

HALF_M = np.array([3.0, 2.0, 1.2])
"""Half the sides of the box that each camera is in."""
HOMES = ("attic", "barn", "cabin", "den")
MODULATION = 4.0


def see(camera: Intrinsics, T_world_camera: np.ndarray[Any, Any], home: int) -> Frame:
    """The inside of a box: waves whose colours and phases are the home's."""
    columns, rows = np.meshgrid(np.arange(camera.width) + 0.5, np.arange(camera.height) + 0.5)
    x, y = (columns - camera.cx) / camera.fx, (rows - camera.cy) / camera.fy
    rays = np.stack([x, y, np.ones_like(x)], axis=-1) @ T_world_camera[:3, :3].T
    position = T_world_camera[:3, 3]
    with np.errstate(divide="ignore"):
        depth = ((np.sign(rays) * HALF_M - position) / rays).min(axis=-1)
    points = position + depth[..., None] * rays
    phases = np.random.default_rng(home).uniform(0, 6, 3)
    waves = np.sin(points @ np.array([[1.3, 0.4, 0.2], [0.3, 1.1, 0.9], [0.8, 0.2, 1.7]]) + phases)
    rgb = (127.5 + 120.0 * waves).astype(np.uint8)
    depth = depth.astype(np.float32)
    depth[0, :2] = 0.0
    return Frame(rgb, depth, np.ones(depth.shape, np.int32), camera, T_world_camera)


def ptz_source(config: dict[str, Any], index: int) -> Episode:
    """Random actions of a PTZ camera; the homes take turns."""
    rng = np.random.default_rng([config["seed"], index])
    names, home = config["homes"], index % len(config["homes"])
    mount = np.eye(4)
    mount[:2, 3] = rng.uniform(-0.8, 0.8, 2)
    camera = PTZCamera(AXIS, mount, *config["size"])
    camera.absolute(pan_deg=rng.uniform(-180, 180), tilt_deg=rng.uniform(-40, 10), zoom=rng.uniform(1, 3))
    camera.step(30.0)
    for _ in range(config["frames"]):
        status = camera.status()
        action = ACTIONS[int(rng.integers(len(ACTIONS)))]
        yield (
            see(camera.intrinsics(), camera.T_world_camera(), HOMES.index(names[home])),
            Row(status.time_s, names[home], "ground", f"room {index % 2}", camera="axis-0", pan_deg=status.pan_deg,
                tilt_deg=status.tilt_deg, zoom=status.zoom, action=change(action, AXIS, MODULATION),
                command=action.name),
        )  # fmt: skip
        apply(camera, action, MODULATION)
        camera.step(5.0)
    return EpisodeFacts(names[home], f"hash of {names[home]}")


def walk_source(config: dict[str, Any], index: int) -> Episode:
    """A body that turns and goes on; its action is (forward, turn)."""
    rng = np.random.default_rng([config["seed"], index])
    names, home = config["homes"], index % len(config["homes"])
    camera = Intrinsics.from_fov(*config["size"], 75)
    place, yaw_deg = rng.uniform(-0.5, 0.5, 2), float(rng.uniform(-180, 180))
    for step in range(config["frames"]):
        forward = bool(rng.integers(2)) and abs(place).max() < 1.2
        pose = pose_looking((*place.tolist(), 0.0), yaw_deg, 0.0)
        action = (0.25, 0.0) if forward else (0.0, 10.0)
        yield (
            see(camera, pose, HOMES.index(names[home])),
            Row(step / 4, names[home], "ground", "room", camera="robot", action=action,
                command="forward" if forward else "left"),
        )  # fmt: skip
        ahead = np.array([np.cos(np.radians(yaw_deg)), np.sin(np.radians(yaw_deg))])
        place = place + action[0] * ahead
        yaw_deg += action[1]
    return EpisodeFacts(names[home], f"hash of {names[home]}")


SOURCES = {"ptz": ptz_source, "walk": walk_source}


def make(
    folder: Path,
    kind: str = "ptz",
    *,
    homes: Sequence[str] = HOMES,
    episodes: int = 8,
    frames: int = 12,
    size: tuple[int, int] = (24, 24),
    seed: int = 3,
) -> str:
    """Writes a dataset; returns its content hash."""
    config = {"seed": seed, "frames": frames, "homes": list(homes), "size": list(size), "kind": kind}
    entries = {name: HomeEntry(f"hash of {name}", {"instances": [{"id": 1, "name": "box"}]}) for name in homes}
    with writing(folder, Spec(config, episodes, entries, "numpy", "none"), ALLOW) as store:
        for index in store.missing():
            store.write(index, SOURCES[kind](config, index))
        return store.finish()
