"""What renderers hold: memory over many loads, what they do when they are closed, and when OpenGL refuses something."""

import ctypes
import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import theilslopes

from scenes.library import load_scene
from sim.camera import Intrinsics, pose_looking
from sim.renderers.choose import open_renderer
from sim.renderers.egl import RendererError
from sim.renderers.gl import GlRenderer

ROOT = Path(__file__).resolve().parents[1]
CAMERA, POSE = Intrinsics.from_fov(64, 48, 75), pose_looking([1.0, -2.0, 1.5], 0, 0)
NO_DRIVER = {"__EGL_VENDOR_LIBRARY_DIRS": "/nonexistent", "__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent.json"}
MOST_KIB = 50.0

_LOADS = """
import json, os, resource, sys
from pathlib import Path
from scenes.library import load_scene
from sim.camera import Intrinsics, pose_looking
from sim.renderers.choose import open_renderer

camera, pose = Intrinsics.from_fov(64, 48, 75), pose_looking([1.0, -2.0, 1.5], 0, 0)
page_kib = resource.getpagesize() / 1024
kib, files, threads = [], [], []
for index in range(int(sys.argv[2])):
    scene = load_scene("blocks", cached=index % 10 > 0)
    with open_renderer(sys.argv[1], scene) as renderer:
        assert renderer.render(camera, pose).segmentation.any()
    kib.append(int(Path("/proc/self/statm").read_text().split()[1]) * page_kib)
    files.append(len(os.listdir("/proc/self/fd")))
    threads.append(len(os.listdir("/proc/self/task")))
print(json.dumps({"kib": kib, "files": files, "threads": threads}))
"""


@pytest.mark.parametrize("name", ["gl", "bullet", "raycast"])
@pytest.mark.parametrize(("loads", "warm_up"), [(60, 30), pytest.param(1000, 100, marks=pytest.mark.full)])
def test_memory_is_flat_over_many_loads(name, loads, warm_up, tmp_path):
    """The slope of a process that loads and closes; a scene and a context hold megabytes."""
    run = subprocess.run(
        [sys.executable, "-c", _LOADS, name, str(loads + warm_up)],
        capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ | {"STAIRWELL_CACHE": str(tmp_path)},
    )  # fmt: skip
    held = {key: np.array(values[warm_up:]) for key, values in json.loads(run.stdout.splitlines()[-1]).items()}
    slope_kib = theilslopes(held["kib"]).slope  # a single step, as of an arena of the C library, is no slope
    assert slope_kib < MOST_KIB, f"{name}: {slope_kib:.1f} KiB per load"
    assert np.ptp(held["files"]) == np.ptp(held["threads"]) == 0


def test_images_of_many_sizes_are_given_back():
    with GlRenderer(load_scene("blocks"), samples=4) as renderer:
        kib = []
        for index in range(80):
            renderer.render(Intrinsics.from_fov(320 + index % 7, 240, 75), POSE, normals=index % 2 == 0)
            kib.append(int(Path("/proc/self/statm").read_text().split()[1]) * 4)
    assert np.polyfit(np.arange(50), kib[30:], 1)[0] < MOST_KIB


@pytest.mark.parametrize("name", ["gl", "bullet"])
def test_a_closed_renderer_says_so(name):
    renderer = open_renderer(name, load_scene("blocks"))
    renderer.close()
    renderer.close()
    with pytest.raises(RendererError, match=f"{name}: the renderer is closed"):
        renderer.render(CAMERA, POSE)


def test_a_fork_of_a_process_with_opengl_is_told_so():
    """The driver would hang there."""
    code = """
import multiprocessing
from scenes.library import load_scene
from sim.renderers.gl import GlRenderer
def child(answers):
    try:
        GlRenderer(load_scene("blocks"))
    except RuntimeError as error:
        answers.put(str(error))
GlRenderer(load_scene("blocks")).close()
context = multiprocessing.get_context("fork")
answers = context.Queue()
process = context.Process(target=child, args=(answers,))
process.start()
print(answers.get(timeout=1200))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout == "gl: this process was forked from one that uses OpenGL; start it by spawn or forkserver\n"


def test_a_renderer_after_another_one_shows_the_same_as_a_fresh_one():
    """They share an OpenGL context."""
    scene = load_scene("blocks")
    with GlRenderer(load_scene("round"), samples=4) as before:
        before.render(CAMERA, POSE, normals=True)
        with GlRenderer(scene) as beside:
            expected = beside.render(CAMERA, POSE)
    with GlRenderer(scene) as after:
        frame = after.render(CAMERA, POSE)
    np.testing.assert_array_equal(frame.rgb, expected.rgb)
    np.testing.assert_array_equal(frame.depth, expected.depth)


def test_an_error_of_opengl_is_an_exception_and_no_frame():
    with GlRenderer(load_scene("blocks")) as renderer:
        with renderer._context:
            library = ctypes.CDLL("libEGL.so.1")
            library.eglGetProcAddress.restype = ctypes.c_void_p
            ctypes.CFUNCTYPE(None, ctypes.c_uint)(library.eglGetProcAddress(b"glEnable"))(0xFFFF)
        with pytest.raises(RendererError, match=r"gl: the driver reports GL_INVALID_ENUM \(llvmpipe|gl: the driver"):
            renderer.render(CAMERA, POSE)
        assert renderer.render(CAMERA, POSE).segmentation.any()


def test_an_image_beyond_the_driver_is_refused():
    with GlRenderer(load_scene("blocks")) as renderer:
        with pytest.raises(RendererError, match="gl: an image of 70000 x 48 pixels; the driver draws up to"):
            renderer.render(Intrinsics.from_fov(70_000, 48, 75), POSE)
        assert renderer.render(CAMERA, POSE).segmentation.any()


def test_a_scene_with_too_many_instances_is_refused():
    scene = load_scene("blocks")
    crowd = dataclasses.replace(scene, instances=scene.instances * 2000)
    with pytest.raises(RendererError, match="gl: 19 materials and 90000 instances; each can be 65535"):
        GlRenderer(crowd)


def test_without_a_driver_auto_renders_with_bullet_and_says_so_in_one_line(tmp_path):
    """EGL is there and has no driver, as on a machine without Mesa."""
    arguments = [sys.executable, "-m", "sim.cli", "render", "--scene", "blocks", "--frames", "1", "--size", "32x24"]
    run = subprocess.run(
        [*arguments, "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | NO_DRIVER,
    )
    lines = [line for line in run.stderr.splitlines() if "renderer bullet, because gl: no OpenGL through EGL" in line]
    assert len(lines) == 1
    assert "apt-get install libegl1 libgl1-mesa-dri" in lines[0]
    assert "Traceback" not in run.stderr
    refused = subprocess.run(
        [*arguments, "--out", str(tmp_path / "gl"), "--renderer", "gl"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=os.environ | NO_DRIVER,
    )  # fmt: skip
    assert refused.returncode == 2, refused.stderr
    assert "gl: no OpenGL through EGL" in refused.stderr
    assert "Traceback" not in refused.stderr
