"""The real program and the judges that compare with it, where they are: `STAIRWELL_HOMES`, `STAIRWELL_ORACLE`."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

from scenes.export import export_glb
from scenes.info import scene_info
from scenes.scene import Scene

SHARED = Path(__file__).parents[2] / "shared"
HOMES = Path(os.environ.get("STAIRWELL_HOMES", SHARED / "homes"))
ORACLE = Path(os.environ.get("STAIRWELL_ORACLE", SHARED / "oracle"))

needs_homes = pytest.mark.skipif(
    not (HOMES / "truth").is_dir() or not (ORACLE / "judge.py").exists(),
    reason=f"no real homes in {HOMES} or no judges in {ORACLE} (set STAIRWELL_HOMES and STAIRWELL_ORACLE)",
)
needs_program = pytest.mark.skipif(
    not (ORACLE / "export_obj").exists() or shutil.which("sweethome3d") is None,
    reason=f"sweethome3d is not installed, or no oracle in {ORACLE} (set STAIRWELL_ORACLE)",
)


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ORACLE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(name: str, *arguments: str, stdin: str = "") -> str:
    """What a judge prints; it runs in this process, because starting one costs seconds."""
    printed = io.StringIO()
    called, given = patch.object(sys, "argv", [name, *arguments]), patch.object(sys, "stdin", io.StringIO(stdin))
    with called, given, redirect_stdout(printed):
        _module(name).main()
    return printed.getvalue()


def judge_bounds(scene: Scene, truth: Path, tolerance_m: float = 0.02) -> str:
    """The verdict of `judge.py`, with what is missing or off before it."""
    options = ("--tolerance-m", str(tolerance_m), "--list")
    return _run("judge", str(truth), *options, stdin=json.dumps(scene_info(scene)))


def judge_surfaces(scene: Scene, obj: Path, truth: Path, folder: Path, rays: int) -> str:
    """The last line of `judge_mesh.py`: its verdict on rays and areas. `obj`: zipped; `folder`: for the GLB."""
    glb = folder / "scene.glb"
    export_glb(scene, glb)
    return _run("judge_mesh", str(glb), str(obj), str(truth), "--rays", str(rays)).splitlines()[-1]


def export(home: Path, folder: Path) -> tuple[Path, Path]:
    """What the program makes of a home: its OBJ, zipped, and the file of what it computed."""
    subprocess.run([ORACLE / "export_obj", home, folder], check=True, capture_output=True, timeout=300)
    zipped = folder / "obj.zip"
    with zipfile.ZipFile(zipped, "w") as zip_file:
        zip_file.write(folder / f"{home.stem}.obj", f"{home.stem}.obj")
    return zipped, folder / f"{home.stem}.json"
