"""What our cameras see, in the programs that count pixels from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.choose import open_renderer
from sim.tour import tour
from tests.clients.conftest import HOME, Say
from tests.clients.environments import READERS

CAMERA = Intrinsics(96, 72, 70.0, 73.0, 45.25, 38.5)


def test_opencv_and_open3d_agree_with_our_frames(tmp_path: Path, say: Say) -> None:
    scene = load_scene(HOME)
    poses = [stop.T_world_camera for stop in tour(scene, 6)]
    with open_renderer("raycast", scene) as renderer:
        depths = [renderer.render(CAMERA, pose).depth for pose in poses]
    points = [
        (CAMERA.rays() * depth[..., None]) @ pose[:3, :3].T + pose[:3, 3]
        for depth, pose in zip(depths, poses, strict=True)
    ]
    seen = CAMERA.open3d()
    focal, principal = seen.get_focal_length(), seen.get_principal_point()
    np.savez(
        tmp_path / "frames.npz",
        depth=depths,
        T_world_camera=poses,
        points=points,
        opencv=CAMERA.opencv(),
        open3d=np.array([seen.width, seen.height, *focal, *principal]),
    )
    report = json.loads(READERS.run("reproject.py", tmp_path / "frames.npz").splitlines()[-1])
    say(
        f"{report['programs']}: pixels off by {report['opencv_px']:.1e}, points by {1000 * report['open3d_m']:.1e} mm; "
        f"with K as it is by {1000 * report['open3d_forgotten_m']:.0f} mm"
    )
    assert report["opencv_px"] < 1e-6
    assert report["open3d_m"] < 1e-5
    assert report["open3d_forgotten_m"] > 1e-3
