"""Videos of drives: what the policy saw, what it did, and what it should have done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.agents.protocol import Action
from sim.camera import Floats
from sim.film import Film
from sim.frame import Frame
from sim.output import color_depth
from train.driving.drive import Drive, Track

FILM_WIDTH_PX = 320
_STRIP_PX = 18


def worst(drives: Sequence[Drive], count: int) -> list[Drive]:
    """The drives that came to least: failures first, by how much of the way they ever did."""

    def merit(drive: Drive) -> tuple[float, ...]:
        measures = drive.measures
        return measures["success"], measures["path_completion"], measures["spl"], drive.episode

    return sorted(drives, key=merit)[:count]


def make_film(track: Track, drive: Drive, path: Path) -> None:
    """Shows a drive again, from where it was: colours beside depth, and under them what was done and what was right.

    `track`: the set's home in a look as it was driven in, of any size of images.
    """
    with Film(path) as film:
        for step in range(len(drive.action) + 1):
            pose = _body_pose(drive.position[step], float(drive.yaw_deg[step])) @ track.env.T_body_camera
            film.add(_picture(track.frame_at(drive.episode, step, pose), _said(drive, step)))


def film_size(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a film's images in the shape of those that the policy saw, pixels."""
    return FILM_WIDTH_PX, round(FILM_WIDTH_PX * size[1] / size[0])


def _picture(frame: Frame, text: str) -> npt.NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    both = np.concatenate([frame.rgb, color_depth(frame.depth)], axis=1)
    picture = Image.fromarray(np.pad(both, [(0, _STRIP_PX), (0, 0), (0, 0)]))
    ImageDraw.Draw(picture).text((4, both.shape[0] + 3), text, fill=(255, 255, 255))
    return np.asarray(picture)


def _said(drive: Drive, step: int) -> str:
    left = f"{drive.left_m[step]:.1f} m left"
    if step == len(drive.action):
        return f"{step}: {drive.ending.value}, {left}"
    done, right = (Action(int(of[step])).name.lower() for of in (drive.action, drive.right))
    hit = ", ran into something" if drive.collided[step] else ""
    return f"{step}: {done}" + (f" (right: {right})" if done != right else "") + f", {left}{hit}"


def _body_pose(position: Floats, yaw_deg: float) -> Floats:
    """`T_world_body` (4, 4)."""
    pose, yaw = np.eye(4), math.radians(yaw_deg)
    pose[:2, :2] = [[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]]
    pose[:3, 3] = position
    return pose
