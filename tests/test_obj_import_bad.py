"""Bad and mutated OBJ exports: a scene or one error."""

import io
import random
import zipfile
from collections import Counter

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.limits import VARIABLE
from scenes.obj_import import load_obj_scene
from tests.homes.cabin import cabin
from tests.obj_files import cube, exported, imported


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "neither faces nor lines"),
        ("v 0 0 0\nv 1 0 0\nl 1 2\n", "no faces"),
        (cube("a").replace("v 1 0 0", "v nan 0 0").replace("v 1.0 0.0 0.0", "v nan 0 0"), "not a finite number"),
        (cube("a").replace("v 1.0 0.0 0.0", "v 1e999 0 0"), "not a finite number"),
        (cube("a").replace("v 1.0 0.0 0.0", "v one 0 0"), "damaged"),
        (cube("a") + "f a b c\n", "damaged"),
        (cube("a") + "f -a -b -c\n", "damaged"),
        (cube("a") + "f 99999999999999999999 1 2\n", "damaged"),
        (cube("a", 1e9), "beyond"),
    ],
)
def test_a_bad_obj_is_one_error(text, message):
    with pytest.raises(HomeError, match=message):
        imported({"home.obj": text.encode()})


def test_bad_faces_and_things_far_away_are_left_out_with_a_warning():
    text = cube("good") + "f 1 2 99\nf 1 2\nf\n" + cube("far", 1.0, (1e9, 0.0, 0.0))
    scene = imported({"home.obj": text.encode()})
    assert [i.source for i in scene.instances] == ["good"]
    assert any("left out 3 faces" in warning for warning in scene.warnings)
    assert any("'far'" in warning for warning in scene.warnings)


def test_bad_zips_are_one_error(tmp_path):
    path = tmp_path / "bad.zip"
    for data, message in ((b"", "not a zip"), (b"PK\3\4 what", "not a zip")):
        path.write_bytes(data)
        with pytest.raises(HomeError, match=message):
            load_obj_scene(path)
    for names, message in ((["home.mtl"], "holds no .obj"), (["a.obj", "b.obj"], "holds 2 .obj files")):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, cube("box"))
        with pytest.raises(HomeError, match=message):
            load_obj_scene(path)


def test_a_zip_that_has_lost_its_beginning_is_one_error(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("home.obj", cube("box"))
    (tmp_path / "cut.zip").write_bytes(buffer.getvalue()[100:])
    with pytest.raises(HomeError, match="damaged"):
        load_obj_scene(tmp_path / "cut.zip")


def mutated(files, rng):
    """The files with bytes, lines or numbers changed, a file lost, or two swapped."""
    found = dict(files)
    name = rng.choice(sorted(found))
    data = bytearray(found[name])
    match rng.randrange(6):
        case 0:
            for _ in range(rng.choice([1, 5, 50])):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case 1:
            del data[rng.randrange(len(data)) :]
        case 2:
            lines = bytes(data).splitlines()
            rng.shuffle(lines)
            data = bytearray(b"\n".join(lines))
        case 3:
            words = bytes(data).split(b" ")
            bad = [b"nan", b"-1e308", b"1e9", b"inf", b"0", b"-7", b"999999", b"", b"//", b"\\", b"ground_1", b"\xff"]
            for _ in range(rng.choice([1, 3, 30])):
                words[rng.randrange(len(words))] = rng.choice(bad)
            data = bytearray(b" ".join(words))
        case 4:
            start = rng.randrange(len(data))
            data += data[start : start + rng.randrange(5000)]
        case 5:
            other = rng.choice(sorted(found))
            found[other], data = bytes(data), bytearray(found[other])
    found[name] = bytes(data)
    return found


def check_mutations(count):
    files = exported(build_scene(parse_home(cabin().to_bytes(), "home")))
    rng = random.Random(5)
    outcomes = Counter()
    for _ in range(count):
        try:
            scene = imported(mutated(files, rng))
        except HomeError:
            outcomes["error"] += 1
            continue
        outcomes["scene"] += 1
        assert np.isfinite(scene.vertices).all()
        assert np.isfinite(scene.normals).all()
        assert np.isfinite(scene.uvs).all()
        assert scene.triangles.min() >= 0
        assert scene.triangles.max() < len(scene.vertices)
        assert all(0 <= instance.level < len(scene.levels) for instance in scene.instances)
    assert min(outcomes["error"], outcomes["scene"]) > count / 20


def test_mutated_exports_give_a_scene_or_an_error():
    check_mutations(300)


@pytest.mark.full
def test_many_mutated_exports_give_a_scene_or_an_error():
    check_mutations(5000)


@pytest.mark.parametrize(
    ("limit", "message"),
    [("triangles=11", "over the limit of 11 triangles"), ("obj_groups=1", "over the limit of 1 groups")],
)
def test_limits_of_an_export_are_those_of_a_home(limit, message, monkeypatch):
    """Those of a piece's model do not hold for it."""
    text = (cube("a") + cube("b")).encode()
    monkeypatch.setenv(VARIABLE, "model_groups=1 model_triangles=1 face_corners=3")
    assert len(imported({"home.obj": text}).instances) == 2
    monkeypatch.setenv(VARIABLE, limit)
    with pytest.raises(HomeError, match=message):
        imported({"home.obj": text})
