"""Images of strangers: six formats are opened, decoded whole when the home is read, and nothing is started by any."""

from __future__ import annotations

import ast
import contextlib
import io
import os
from pathlib import Path

import numpy as np
import PIL.EpsImagePlugin
import PIL.Image
import pytest

from scenes.build.assemble import build_scene
from scenes.check import check_home
from scenes.errors import HomeError
from scenes.home.basics import Texture
from scenes.home.home import Home
from scenes.home.reader import HomeFile, parse_home, read_home
from scenes.home.writer import format_home
from scenes.images import FORMATS, decode_image
from scenes.limits import VARIABLE
from scenes.scene import NO_TEXTURE, Scene
from tests.homes.parts import CUBE_REFERENCE, piece, rectangle, room, scene_of
from tests.program import HOMES, SHARED

ROOT = Path(__file__).parents[1]
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n"


def encoded(form: str, image: PIL.Image.Image | None = None, **options: object) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, form, **options)
    return buffer.getvalue()


def picture(size: int = 48) -> PIL.Image.Image:
    """Noise, so that no format packs it into few bytes."""
    return PIL.Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8))


def tiled(data: bytes) -> HomeFile:
    """A home with one floor that wears the image."""
    floor = Texture(name="tiles", image="tiles", width=100.0, height=100.0)
    home = Home(rooms=(room("hall", rectangle(0, 0, 300, 300), floor_texture=floor),))
    return parse_home(format_home(home, {"tiles": data}), "tiled")


def textured(data: bytes) -> Scene:
    return build_scene(tiled(data))


@pytest.mark.parametrize("form", FORMATS)
def test_formats_that_are_read(form: str) -> None:
    data = encoded(form)
    image = decode_image(data)
    assert (image.mode, image.size, image.format) == ("RGB", (48, 48), form)
    if form in ("PNG", "BMP", "TIFF"):
        assert (np.asarray(image) == np.asarray(picture())).all()
    assert textured(data).warnings == ()


@pytest.mark.parametrize("form", ["PPM", "TGA", "ICO", "PCX", "JPEG2000", "DDS", "SGI"])
def test_other_formats_are_left_out_in_words_that_never_change(form: str) -> None:
    data = encoded(form)
    (warning,) = textured(data).warnings
    assert warning == "texture 'tiles' of room 'hall' (hall) is left out: not a JPEG, PNG, BMP, GIF, WebP or TIFF image"


def test_what_an_image_is_instead_is_said() -> None:
    with pytest.raises(HomeError, match=r"but SVG$"):
        decode_image(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(HomeError, match=r"but PostScript, which is never run$"):
        decode_image(EPS)


def test_postscript_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Ghostscript that leaves a mark stands first on the PATH."""
    mark, program = tmp_path / "ran", tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {mark}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(PIL.EpsImagePlugin, "gs_binary", None)
    scene = textured(EPS)
    assert len(scene.warnings) == 1
    with pytest.raises(HomeError):
        decode_image(EPS)
    assert not mark.exists()
    with contextlib.suppress(OSError), PIL.Image.open(io.BytesIO(EPS)) as image:
        image.load()
    assert mark.exists(), "Pillow did not find the Ghostscript: the test shows nothing"


@pytest.mark.parametrize("form", FORMATS)
def test_images_that_break_off_are_found_when_the_home_is_read(form: str) -> None:
    """`sim check` says what `sim render` would meet; the room keeps its colour."""
    data = encoded(form, PIL.Image.effect_noise((300, 300), 90).convert("RGB"))
    home_file = tiled(data[: len(data) // 2])
    scene = build_scene(home_file)
    (warning,) = scene.warnings
    assert warning.startswith("texture 'tiles' of room 'hall' (hall) is left out: the image is damaged: ")
    assert " at 0x" not in warning
    assert scene.textures == ()
    assert any(warning in finding.message for finding in check_home(home_file, scene))


@pytest.mark.parametrize("colours", [1, 100])
def test_an_image_of_too_many_pixels_is_not_decoded(colours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "texture_pixels=2000")
    with pytest.raises(HomeError, match=r"image of 48 x 48 is over the limit of 2,000 pixels in a texture"):
        decode_image(encoded("GIF", picture().quantize(colours)))


def test_textures_together_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is over is left out and named; the others are there."""
    monkeypatch.setenv(VARIABLE, "all_texture_pixels=5000")
    files = {f"t{i}": encoded("PNG", PIL.Image.new("RGB", (48, 48), (i, i, i))) for i in range(3)}
    rooms = [
        room(
            f"r{i}",
            rectangle(400 * i, 0, 400 * i + 300, 300),
            floor_texture=Texture(name=f"t{i}", image=f"t{i}", width=9.0, height=9.0),
        )
        for i in range(3)
    ]
    scene = scene_of(files, rooms=tuple(rooms))
    assert [texture.name for texture in scene.textures] == ["t0", "t1"]
    (warning,) = scene.warnings
    assert warning.startswith(
        "texture 't2' of room 'r2' (r2) is left out: the home is over the limit of 5,000 pixels in all"
    )


def test_grey_of_16_bits_keeps_its_upper_8() -> None:
    grey = np.arange(0, 65536, 16, np.uint16).reshape(64, 64)
    for data in (encoded("PNG", PIL.Image.fromarray(grey)), encoded("TIFF", PIL.Image.fromarray(grey))):
        assert (np.asarray(decode_image(data)) == (grey >> 8)[..., None]).all()


def test_numbers_that_are_no_colours_are_refused() -> None:
    with pytest.raises(HomeError, match="numbers instead of colours"):
        decode_image(encoded("TIFF", PIL.Image.new("F", (4, 4), 0.5)))


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK"])
def test_other_kinds_of_pixel_are_made_colours(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    expected = picture().convert(mode)
    assert (np.asarray(decode_image(encoded(form, expected))) == np.asarray(expected.convert("RGB"))).all()


def test_holes_are_what_is_not_opaque() -> None:
    pixels = np.full((4, 4, 4), 255, np.uint8)
    assert [texture.has_alpha for texture in textured(encoded("PNG", PIL.Image.fromarray(pixels))).textures] == [False]
    pixels[0, 0, 3] = 254
    assert [texture.has_alpha for texture in textured(encoded("PNG", PIL.Image.fromarray(pixels))).textures] == [True]
    palette = picture().quantize(8)
    assert [t.has_alpha for t in textured(encoded("GIF", palette, transparency=3)).textures] == [True]


def test_a_material_whose_texture_cannot_be_read_has_its_colour() -> None:
    files = {
        "m/t.obj": b"mtllib t.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl a\nf 1/1 2/2 3/3\n",
        "m/t.mtl": b"newmtl a\nKd 0.2 0.3 0.4\nmap_Kd x.png\n",
        "m/x.png": b"no image",
    }
    whole = piece("whole", CUBE_REFERENCE, (300, 0), (50, 50, 50))
    scene = scene_of(files, furniture=(piece("p", "m/t.obj", (0, 0), (50, 50, 50)), whole))
    (material,) = [m for m in scene.materials if m.name == "a"]
    assert (material.color, material.texture) == ((0.2, 0.3, 0.4), NO_TEXTURE)
    assert scene.warnings[0].startswith("texture 'm/x.png' of 'p' (p) is left out: not a JPEG")
    assert {instance.source for instance in scene.instances} >= {"p", "whole"}


def test_no_other_module_opens_images_without_a_list_of_formats() -> None:
    loose = []
    for folder in ("scenes", "sim", "datagen", "train"):
        for path in (ROOT / folder).rglob("*.py"):
            source = path.read_text("utf-8")
            for call in ast.walk(ast.parse(source)) if "Image.open" in source else ():
                opens = isinstance(call, ast.Call) and ast.unparse(call.func).endswith("Image.open")
                if opens and not any(keyword.arg == "formats" for keyword in call.keywords):
                    loose.append(f"{path.relative_to(ROOT)}:{call.lineno}")
    assert loose == []


@pytest.mark.skipif(not (SHARED / "attack").is_dir(), reason="no files of attack")
@pytest.mark.parametrize("path", sorted((SHARED / "attack").glob("img*.sh3d")), ids=lambda path: path.stem)
def test_hostile_images_cost_their_surface_its_texture_only(path: Path) -> None:
    scene = build_scene(read_home(path))
    assert scene.textures == ()
    assert len(scene.warnings) == 1
    assert scene.warnings[0].startswith("texture 't0' of ")
    assert " at 0x" not in scene.warnings[0]
    assert any(instance.category == "floor" for instance in scene.instances)


@pytest.mark.skipif(not (HOMES / "found" / "mtl_dialects.sh3d").exists(), reason="no found homes")
def test_grey_of_16_bits_as_the_program_shows_it() -> None:
    scene = build_scene(read_home(HOMES / "found" / "mtl_dialects.sh3d"))
    (grey,) = [texture for texture in scene.textures if texture.name == "6/tex.png"]
    assert np.asarray(decode_image(grey.data)).mean() == pytest.approx(101, abs=0.5)
