"""GLB files in Khronos' validator and in Blender."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from scenes.export import LAMP_CD
from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.choose import open_renderer
from sim.tour import tour
from tests.clients.conftest import HOME, Say
from tests.clients.environments import BLENDER, run_node

CAMERA = Intrinsics.from_fov(96, 72, 75)
WATTS_PER_CD = 4 * np.pi / 683
"""By which Blender reads the format's candela."""


def test_khronos_validator_finds_nothing(glb: Path, say: Say) -> None:
    report = json.loads(run_node("validate_gltf.mjs", glb))
    issues = report["issues"]
    say(f"gltf-validator {report['version']}: {issues['numErrors']} errors, {issues['numWarnings']} warnings")
    found = [issue for issue in issues["messages"] if issue["severity"] < 2]
    assert not found


@pytest.fixture(scope="module")
def in_blender(glb: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[np.ndarray]]:
    """What Blender makes of three views of the home, and where those are seen from."""
    out = tmp_path_factory.mktemp("blender")
    poses = [stop.T_world_camera for stop in tour(load_scene(HOME), 9)[::3]]
    size = {"width": CAMERA.width, "height": CAMERA.height, "fx": CAMERA.fx}
    views = [{"name": f"view{n}", **size, "T_world_camera": pose.tolist()} for n, pose in enumerate(poses)]
    (out / "views.json").write_text(json.dumps(views))
    BLENDER.run("render_in_blender.py", glb, out / "views.json", out)
    return out, poses


def test_blender_sees_the_colours_and_depth_that_we_see(in_blender: tuple[Path, list[np.ndarray]], say: Say) -> None:
    out, poses = in_blender
    with open_renderer("raycast", load_scene(HOME)) as renderer:
        for number, pose in enumerate(poses):
            ours = renderer.render(CAMERA, pose)
            flat = np.asarray(PIL.Image.open(out / f"view{number}-flat.png")).astype(int)
            apart = np.abs(flat - ours.rgb).max(axis=2)
            depth_m = np.abs(np.load(out / f"view{number}-depth.npy") - ours.depth)
            say(
                f"Blender, view {number}: colours apart by {apart.mean():.2f} of 255 in the mean, depth by "
                f"{np.median(depth_m) * 1000:.3f} mm in the median; {np.mean(depth_m > 0.001):.2%} by over 1 mm"
            )
            assert apart.mean() < 4
            assert np.mean(apart > 8) < 0.04
            assert np.mean(depth_m > 0.001) < 0.01
            lit = np.asarray(PIL.Image.open(out / f"view{number}-lit.png"))
            assert 20 < lit.mean() < 250


def test_blender_has_each_instance_its_lamps_and_hinges(in_blender: tuple[Path, list[np.ndarray]]) -> None:
    objects = json.loads((in_blender[0] / "objects.json").read_text())
    scene = load_scene(HOME)
    for instance in scene.instances:
        extras = objects[instance.source]["extras"]
        assert (extras["category"], extras["id"]) == (instance.category, instance.id)
        assert extras["level"] == scene.levels[instance.level].name
    lamps = sorted(item["watts"] for item in objects.values() if item["type"] == "LIGHT")
    assert lamps == pytest.approx(sorted(WATTS_PER_CD * LAMP_CD * lamp.power for lamp in scene.lights), rel=0.01)
    hinges = [item for item in objects.values() if item["extras"].get("joint") == "hinge"]
    assert hinges
