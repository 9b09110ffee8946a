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
from tests.collada_files import INSTANCE, TRIANGLES, VERTEX, collada
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


ENTITIES = b"<!DOCTYPE l [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><COLLADA>&b;</COLLADA>"
FILE_ENTITY = b"<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><COLLADA>&a;</COLLADA>"
CYCLE = "<node id='a'><instance_node url='#b'/></node><node id='b'><instance_node url='#a'/></node>"
BOMB = f"<node id='k0'>{INSTANCE}</node>" + "".join(
    f"<node id='k{i}'>" + f"<instance_node url='#k{i - 1}'/>" * 10 + "</node>" for i in range(1, 8)
)


def in_library(nodes: str, used: str) -> bytes:
    return collada(
        nodes=f"<node><instance_node url='#{used}'/></node>", libraries=f"<library_nodes>{nodes}</library_nodes>"
    )


def node(transform: str) -> bytes:
    return collada(nodes=f"<node>{transform}{INSTANCE}</node>")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (ENTITIES, "declares a DTD or entities"),
        (FILE_ENTITY, "declares a DTD or entities"),
        (collada()[:-300], "not well-formed XML"),
        (collada().replace(b"utf-8", b"x-evil"), "not well-formed XML"),
        (b"<COLLADA/>", "neither faces nor lines"),
        (b"<x><COLLADA/></x>", "holds <x>, not <COLLADA>"),
        (in_library(CYCLE, "a"), "over the limit of 100 elements, groups or nodes inside one another"),
        (in_library(BOMB, "k7"), "over the limit of 10,000 instances in a model"),
        (collada(nodes="<node>" * 500 + "</node>" * 500), "over the limit of 100 elements, groups or nodes"),
        (node("<matrix>" + "nan " * 16 + "</matrix>"), "numbers that are not finite"),
        (node("<scale>1e40 1 1</scale>"), "numbers that are not finite"),
        (node("<rotate>inf 0 0 90</rotate>"), "<rotate> of numbers that are not finite"),
        (node("<scale>1</scale>"), "1 numbers in <scale>"),
        (node("<scale>a b c</scale>"), "the model is damaged: could not convert string to float"),
        (collada(points=(0, 0, float("nan"))), "a coordinate is not a finite number"),
        (collada(points=(0, 0, 1e40)), "a coordinate is not a finite number"),
        (collada().replace(b"source='#gp'/>", b"source='#x'/>"), "there is no source '#x'"),
        (collada().replace(b"semantic='VERTEX'", b"semantic='V'"), "polygons without positions"),
        (collada().replace(b"offset='0'", b"offset='999999999'"), "an offset of 999999999"),
        (collada().replace(b"offset='0'", b"offset='-1'"), "offset=-1"),
        (collada().replace(b"stride='3'", b"stride='0'"), "a stride of 0"),
        (collada().replace(b"stride='3'", b"stride='9999999999'"), "a stride of 9999999999"),
    ],
)
def test_hostile_collada_costs_the_piece(document: bytes, words: str) -> None:
    assert_stands_in(beside_a_cube(document), words)


def test_counts_that_no_corners_follow_are_not_believed() -> None:
    """A polygon said to have 10^9 corners, sources said to have 10^9 numbers: what is there is read."""
    huge = f"<polylist count='9' material='sym'>{VERTEX}<vcount>{'1000000000 ' * 9}</vcount><p>0 1 2</p></polylist>"
    scene = beside_a_cube(collada(TRIANGLES + huge).replace(b"count='12'", b"count='1000000000'"))
    assert not any(instance.stand_in for instance in scene.instances)
    assert any("holds 9 polygons with too few corners" in warning for warning in scene.warnings)


def test_instances_of_many_triangles_are_limited_together(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = f"<node>{INSTANCE * 20}</node>"
    assert not any(instance.stand_in for instance in beside_a_cube(collada(nodes=nodes)).instances)
    monkeypatch.setenv(VARIABLE, "model_triangles=30")
    assert_stands_in(beside_a_cube(collada(nodes=nodes)), "over the limit of 30 triangles in a model")


@pytest.mark.skipif(not (SHARED / "attack").is_dir(), reason="no files of attack")
@pytest.mark.parametrize("path", sorted((SHARED / "attack").glob("model_*.sh3d")), ids=lambda path: path.stem)
def test_hostile_models_leave_the_piece_there(path: Path) -> None:
    scene = build_scene(read_home(path))
    (instance,) = (instance for instance in scene.instances if instance.source == "p")
    assert instance.stand_in == any("red box" in warning for warning in scene.warnings)
    assert all(np.isfinite(table).all() for table in (scene.vertices, scene.normals, scene.uvs))
