"""Materials of models as programs write them: MTL by Blender, SketchUp and others, by the format's own description."""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import read_home
from scenes.images import decode_image
from scenes.limits import VARIABLE
from scenes.models.materials import parse_mtl
from scenes.scene import NO_TEXTURE, Material, Scene
from tests.homes.parts import CUBE, contents, piece, scene_of
from tests.program import HOMES

FOUND = HOMES / "found" / "mtl_dialects.sh3d"
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"


def image() -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (2, 2), (200, 60, 40)).save(buffer, "PNG")
    return buffer.getvalue()


def dressed(mtl: bytes, *files: str, lib: bytes = b"mtllib m.mtl", use: bytes = b"usemtl a") -> tuple[Scene, Material]:
    """A home with one triangle that wears a material, images being beside it; and the material."""
    entries = {
        "1/m.obj": lib + b"\n" + TRIANGLE.encode() + use + b"\nf 1/1 2/2 3/3\n",
        "1/m.mtl": mtl,
        **{f"1/{name}": image() for name in files},
    }
    scene = scene_of(entries, furniture=(piece("p", "1/m.obj", (0, 0), (50, 50, 50)),))
    (part,) = (part for instance in scene.instances if instance.source == "p" for part in scene.parts_of(instance.id))
    return scene, scene.materials[part.material]


@pytest.mark.parametrize(
    ("value", "file"),
    [
        (b"tex.png", "tex.png"),
        (b"tex.png  ", "tex.png"),
        (b"  tex.png", "tex.png"),
        (b"my tex.png", "my tex.png"),
        (b"my  tex.png", "my tex.png"),
        (b"my  tex.png", "my  tex.png"),
        (b"TEX.PNG", "tex.png"),
        (b'"my tex.png"', "my tex.png"),
        (b"./tex.png", "tex.png"),
        (b"textures/tex.png", "textures/tex.png"),
        (b"textures/../tex.png", "tex.png"),
        (b"textures\\tex.png", "textures/tex.png"),
        (b"C:\\Users\\x\\my tex.png", "my tex.png"),
        (b"/home/x/tex.png", "tex.png"),
        (b"-s 2 2 1 tex.png", "tex.png"),
        (b"-s 2 tex.png", "tex.png"),
        (b"-o 0.5 0 -s 2 2 1 -bm 1.0 -clamp on -mm 0 1 my tex.png", "my tex.png"),
        (b"-x.png", "-x.png"),
        (b"3 -s b.png", "3 -s b.png"),
        (b"t\xe9x.png", "téx.png"),
        ("Å…à.png".encode(), "Å…à.png"),
        ("화장실.png".encode(), "화장실.png"),
        (b"\\\ntex.png", "tex.png"),
    ],
)
def test_maps_are_found_by_the_names_that_programs_write(value: bytes, file: str) -> None:
    scene, material = dressed(b"newmtl a\nKd 0.5 0.5 0.5\nmap_Kd " + value + b"\n", file)
    assert scene.warnings == ()
    assert material.texture != NO_TEXTURE
    assert material.color == (1, 1, 1)


@pytest.mark.parametrize("value", [b"none.png", b"", b"-s 2 2 1", b"../../Home.xml"])
def test_a_map_that_is_not_there_leaves_the_colour(value: bytes) -> None:
    scene, material = dressed(b"newmtl a\nKd 0.5 0.25 0\nmap_Kd " + value + b"\n", "tex.png")
    assert (material.color, material.texture) == ((0.5, 0.25, 0), NO_TEXTURE)
    assert len(scene.warnings) == (value != b"")
    assert all("of 'p' (p) is left out" in warning for warning in scene.warnings)


@pytest.mark.parametrize(
    "mtl",
    [
        b"newmtl a\nKd 1 0 0\nd 0.5\n",
        b"newmtl\ta\n\tKd\t1 0 0\n\td\t0.5\n",
        b"newmtl a \r\nKd 1 0 0 \r\nd 0.5 \r\n",
        b"newmtl a\rKd 1 0 0\rd 0.5\r",
        b"\xef\xbb\xbfnewmtl a\nKd 1 0 0\nd 0.5\n",
        b"# made by x\nnewmtl  a\n  Kd 1.0 0.0 0.0\n  d 0.5\n",
        b"newmtl a\nKd 1 \\\n0 0\nd 0.5\n",
        b"newmtl a\nKd 0 1 0\nTr 0.9\nnewmtl a\nKd 1 0 0\nd 0.5\nTr 0.9\n",
        b"Kd 0 1 0\nnewmtl a\nKd 1 0 0\nd 0.5",
    ],
)
def test_ways_to_write_one_material(mtl: bytes) -> None:
    """The program leaves Tr unused, too, and takes the last of several with one name."""
    _, material = dressed(mtl)
    assert (material.color, material.alpha, material.texture) == ((1, 0, 0), 0.5, NO_TEXTURE)


@pytest.mark.parametrize(
    ("line", "color", "alpha"),
    [
        ("Kd 0.5", (0.5, 0.5, 0.5), 1),
        ("Kd 2 -1 0", (1, 0, 0), 1),
        ("Kd spectral red.rfl 1", (1, 1, 1), 1),
        ("Kd nan 0 0", (0, 0, 0), 1),
        ("Kd 1,0 0,5 0", (1, 1, 1), 1),
        ("d 0", (1, 1, 1), 0),
        ("d 7", (1, 1, 1), 1),
        ("d -halo 0.5", (1, 1, 1), 1),
        ("d", (1, 1, 1), 1),
    ],
)
def test_colours_and_alpha(line: str, color: tuple[float, ...], alpha: float) -> None:
    material = parse_mtl(f"newmtl a\n{line}\n".encode())["a"]
    assert (material.diffuse, material.alpha) == (color, alpha)


@pytest.mark.parametrize(
    ("lib", "use", "mtl"),
    [
        (b"mtllib m.mtl", b"usemtl a b", b"newmtl a b\n"),
        (b"mtllib m.mtl", b"usemtl a ", b"newmtl a\n"),
        (b"mtllib m.mtl", b"usemtl", b"newmtl\n"),
        (b"\xef\xbb\xbfmtllib m.mtl", b"usemtl a", b"newmtl a\n"),
        (b"mtllib ./m.mtl\r", b"usemtl a\r", b"newmtl a\n"),
        (b"mtllib M.MTL", b"usemtl a", b"newmtl a\n"),
        (b"mtllib none.mtl m.mtl", b"usemtl a", b"newmtl a\n"),
        (b"mtllib none.mtl\nmtllib m.mtl", b"usemtl a", b"newmtl a\n"),
        (b"mtllib m.mtl", "usemtl Åé…à".encode(), "newmtl Åé…à\n".encode()),
    ],
)
def test_materials_are_found_by_the_names_that_programs_write(lib: bytes, use: bytes, mtl: bytes) -> None:
    """Bytes of UTF-8 that Latin-1 takes for blanks or ends of lines part nothing."""
    assert dressed(mtl + b"Kd 1 0 0\n", lib=lib, use=use)[1].color == (1, 0, 0)


def test_a_library_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr("scenes.models.libraries.parse_mtl", lambda data: calls.append(data) or parse_mtl(data))
    assert dressed(b"newmtl a\nKd 1 0 0\n", lib=b"mtllib m.mtl\n" * 1000)[1].color == (1, 0, 0)
    assert len(calls) == 1


def test_a_library_that_is_missing_or_over_a_limit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    scene, _ = dressed(b"newmtl a\nKd 1 0 0\n", lib=b"mtllib gone.mtl")
    assert scene.warnings == ("model of 'p' (p): 'gone.mtl' is missing beside '1/m.obj': its materials are grey",)
    monkeypatch.setenv(VARIABLE, "model_materials=3")
    scene, material = dressed(b"".join(b"newmtl m%d\n" % i for i in range(4)))
    assert scene.warnings[0].startswith(
        "model of 'p' (p): the materials of 'm.mtl' are grey: the material file is over"
    )
    assert material.name == "default"


def test_a_piece_whose_icon_lies_beside_its_model_is_a_red_box_as_in_the_program() -> None:
    beside = piece("p", "cube/cube.obj", (0, 0), (50, 50, 50), icon="cube/icon.png")
    scene = scene_of(contents(CUBE) | {"cube/icon.png": image()}, furniture=(beside,))
    assert [instance.stand_in for instance in scene.instances if instance.source == "p"] == [True]
    assert "is drawn as a red box: 'cube/cube.obj': its icon lies in the folder" in scene.warnings[0]
    itself = piece("p", "cube/cube.obj", (0, 0), (50, 50, 50), icon="cube/cube.obj")
    assert not any(instance.stand_in for instance in scene_of(contents(CUBE), furniture=(itself,)).instances)


@pytest.mark.skipif(not FOUND.exists(), reason="no found homes")
def test_the_found_home_of_dialects() -> None:
    scene = build_scene(read_home(FOUND))
    materials = {
        instance.name: [scene.materials[part.material] for part in scene.parts_of(instance.id)]
        for instance in scene.instances
    }
    untextured = {name for name, worn in materials.items() if all(m.texture == NO_TEXTURE for m in worn)}
    assert untextured == {"trail", "ground", "d", "nomtl", "upper"}
    assert [instance.name for instance in scene.instances if instance.stand_in] == ["trail"]
    assert materials["trail"][0].color == (1, 0, 0)
    (grey,) = materials["gray16"]
    assert np.asarray(decode_image(scene.textures[grey.texture].data)).mean() == pytest.approx(101, abs=0.5)
