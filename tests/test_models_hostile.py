"""Models that strangers damaged or made to take the machine: each costs its piece, which is marked, never the home."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import read_home
from scenes.limits import VARIABLE
from scenes.scene import Scene
from tests.homes.parts import CUBE_REFERENCE, piece, scene_of
from tests.program import SHARED

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"


def beside_a_cube(model: bytes, reference: str = "1/m.obj", **files: bytes) -> Scene:
    """A home with a piece of this model and another of a whole one."""
    entries = {reference: model} | {f"1/{name.replace('_', '.')}": data for name, data in files.items()}
    pieces = (piece("p", reference, (0, 0), (50, 40, 30)), piece("whole", CUBE_REFERENCE, (300, 0), (50, 50, 50)))
    scene = scene_of(entries, furniture=pieces)
    assert [instance.stand_in for instance in scene.instances if instance.source == "whole"] == [False]
    assert all(np.isfinite(table).all() for table in (scene.vertices, scene.normals, scene.uvs))
    return scene


def assert_stands_in(scene: Scene, words: str) -> None:
    """The piece is a marked red box of its size, and one warning says its name and why."""
    (stand_in,) = (instance for instance in scene.instances if instance.stand_in)
    assert stand_in.source == "p"
    low, high = np.array(stand_in.bounds_m)
    assert high - low == pytest.approx([0.5, 0.4, 0.3], abs=1e-6)
    (warning,) = (warning for warning in scene.warnings if "red box" in warning)
    assert "model of 'p' (p)" in warning
    assert words in warning
    assert "\n" not in warning
    assert " at 0x" not in warning


@pytest.mark.parametrize(
    ("limit", "obj", "words"),
    [
        ("face_corners=9", SQUARE + "f " + "1 2 3 4 " * 3, "a face of the model is over the limit of 9 corners"),
        ("corner_pairs=99", SQUARE + "f 1 2 3 4 1\n" * 4, "over the limit of 99 pairs of corners"),
        ("smooth_pairs=99", SQUARE + "s 1\n" + "f 1 2 3\n" * 6, "over the limit of 99 pairs of smooth faces"),
        ("model_triangles=13", SQUARE + "f 1 2 3 4\n" * 7, "over the limit of 13 triangles in a model"),
        ("model_groups=9", SQUARE + "".join(f"g {i}\nf 1 2 3\n" for i in range(10)), "over the limit of 9 groups"),
        ("model_libraries=9", "".join(f"mtllib {i}.mtl\n" for i in range(10)) + SQUARE + "f 1 2 3", "9 material lib"),
        ("model_mib=1", SQUARE + "f 1 2 3\n" + "#" * 2**20, "over the limit of 1 MiB in a model"),
    ],
)
def test_limits_cost_the_piece(limit: str, obj: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(instance.stand_in for instance in beside_a_cube(obj.encode()).instances)
    monkeypatch.setenv(VARIABLE, limit)
    assert_stands_in(beside_a_cube(obj.encode()), words)


def test_materials_of_all_libraries_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    obj = f"mtllib a.mtl\nmtllib b.mtl\n{SQUARE}f 1 2 3\n".encode()
    mtl = b"".join(b"newmtl m%d\n" % i for i in range(6))
    monkeypatch.setenv(VARIABLE, "model_materials=10")
    assert_stands_in(beside_a_cube(obj, a_mtl=mtl, b_mtl=mtl), "over the limit of 10 materials in a model")
    assert not any(instance.stand_in for instance in beside_a_cube(obj, a_mtl=mtl).instances)


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"MM\x00\x00", b"PK\x03\x04", b"v 0 x\nf 1 1 1\n", b"f 1 2 x"])
def test_what_is_no_model_costs_the_piece(data: bytes) -> None:
    assert_stands_in(beside_a_cube(data), "'1/m.obj': ")


def test_a_library_that_climbs_out_of_the_file_is_not_there() -> None:
    scene = beside_a_cube(f"mtllib ../../../../etc/passwd\n{SQUARE}f 1 2 3\n".encode())
    assert not any(instance.stand_in for instance in scene.instances)


def test_a_zip_without_a_model_costs_the_piece() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as inner:
        inner.writestr("readme.txt", b"hello")
    assert_stands_in(beside_a_cube(buffer.getvalue()), "a zip without a .dae or .obj inside")


@pytest.mark.skipif(not (SHARED / "attack").is_dir(), reason="no files of attack")
@pytest.mark.parametrize("path", sorted((SHARED / "attack").glob("model_*.sh3d")), ids=lambda path: path.stem)
def test_hostile_models_leave_the_piece_there(path: Path) -> None:
    scene = build_scene(read_home(path))
    (instance,) = (instance for instance in scene.instances if instance.source == "p")
    assert instance.stand_in == any("red box" in warning for warning in scene.warnings)
    assert all(np.isfinite(table).all() for table in (scene.vertices, scene.normals, scene.uvs))
