"""What works on this machine: each part is tried in a process of its own, since a missing library can end a process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = 60

_BUILD = """
from scenes.library import load_scene
print(load_scene("round").name)
"""

_RENDER = """
from scenes.library import load_scene
from sim.camera import Intrinsics
from sim.renderers.bullet import BulletRenderer
from sim.tour import tour
scene = load_scene("round")
with BulletRenderer(scene) as renderer:
    frame = renderer.render(Intrinsics.from_fov(64, 48, 75), tour(scene, 1)[0].T_world_camera)
assert (frame.depth > 0).any()
print("a frame of the bundled scene 'round'")
"""

_VIDEO = """
import av, imageio.v3
assert "libx264" in av.codecs_available
print("libx264 in av", av.__version__)
"""

_CACHE = """
from scenes.cache import cache_folder
folder = cache_folder()
folder.mkdir(parents=True, exist_ok=True)
probe = folder / ".probe"
probe.write_bytes(b"")
probe.unlink()
print(folder)
"""

_EGL = """
from sim.renderers.egl import describe, open_context
print(describe(open_context()))
"""


@dataclass(frozen=True)
class Probe:
    """A part of Stairwell: code that prints what it found, and what to do where it fails."""

    part: str
    code: str
    remedy: str
    needed: bool = True


@dataclass(frozen=True)
class Finding:
    """The outcome of a probe. `detail`: what works, or the error."""

    part: str
    works: bool
    detail: str
    remedy: str
    needed: bool


_PIP = "./setup.sh, or pip install -c constraints.txt -e ."

PROBES = (
    Probe("reading and building homes", _BUILD, _PIP),
    Probe("renderer bullet", _RENDER, _PIP),
    Probe("ray casting (open3d)", "import open3d; print('open3d', open3d.__version__)",
          "apt-get install libusb-1.0-0 libgl1 libgomp1"),
    Probe("preview video", _VIDEO, _PIP),
    Probe("scene cache", _CACHE, "set STAIRWELL_CACHE to a folder that is writable"),
    Probe("renderer gl (EGL)", _EGL, "apt-get install libegl1 libgl1-mesa-dri", needed=False),
    Probe("training (torch)", "import torch; print('torch', torch.__version__)",
          "./setup.sh --train, or pip install -c constraints.txt -e '.[train]'", needed=False),
)  # fmt: skip


def examine() -> list[Finding]:
    """Runs all probes."""
    python = Finding("Python", sys.version_info[:2] == (3, 11), sys.version.split()[0], "use Python 3.11", needed=True)
    return [python, *map(_try, PROBES)]


def _try(probe: Probe) -> Finding:
    try:
        run = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", probe.code],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            cwd=Path(__file__).parent.parent,
        )
    except subprocess.TimeoutExpired:
        return Finding(probe.part, False, f"no answer in {TIMEOUT_S} s", probe.remedy, probe.needed)
    works = run.returncode == 0
    said = (run.stdout if works else run.stderr).strip().splitlines()
    crash = f"the process ended with {run.returncode}"
    return Finding(probe.part, works, said[-1] if said else crash, probe.remedy, probe.needed)
