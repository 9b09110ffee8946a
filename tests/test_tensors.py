"""Frames as tensors hold the same numbers."""

import numpy as np
import pytest

from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.raycast import RaycastRenderer
from sim.tour import tour

torch = pytest.importorskip("torch", reason="torch is not installed (extra `train`)")


@pytest.mark.parametrize("normals", [False, True])
def test_tensors_hold_what_frames_hold(normals):
    from sim.tensors import as_tensors

    scene = load_scene("round")
    with RaycastRenderer(scene) as renderer:
        camera = Intrinsics.from_fov(40, 30, 75)
        frames = [renderer.render(camera, pose.T_world_camera, normals=normals) for pose in tour(scene, 3)]
    tensors = as_tensors(frames)
    assert set(tensors) == {"rgb", "depth", "segmentation"} | ({"normals"} if normals else set())
    assert tensors["rgb"].dtype == tensors["depth"].dtype == torch.float32
    assert tensors["rgb"].shape == (3, 3, 30, 40)
    assert tensors["depth"].shape == (3, 1, 30, 40)
    for index, frame in enumerate(frames):
        np.testing.assert_allclose(tensors["rgb"][index].permute(1, 2, 0) * 255, frame.rgb, atol=1e-4)
        np.testing.assert_array_equal(tensors["depth"][index, 0], frame.depth)
        np.testing.assert_array_equal(tensors["segmentation"][index], frame.segmentation)
        if normals:
            np.testing.assert_array_equal(tensors["normals"][index].permute(1, 2, 0), frame.normals)
