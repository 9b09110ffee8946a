"""A file is what its content says, whatever its name."""

import pytest

from scenes.errors import HomeError, reading
from scenes.home.reader import read_home
from scenes.library import load_scene
from scenes.obj_import import load_obj_scene
from tests.homes.cabin import cabin
from tests.mutate import pack, unpack

OBJ = b"# made by hand\nmtllib none.mtl\ng box\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


@pytest.fixture(scope="module")
def home():
    return cabin().to_bytes()


@pytest.mark.parametrize("name", ["cabin", "cabin.zip", "cabin.obj", "cabin.SH3D", "cabin.txt"])
def test_a_home_by_any_name(tmp_path, home, name):
    path = tmp_path / name
    path.write_bytes(home)
    assert {room.name for room in load_scene(str(path), cached=False).rooms}
    assert read_home(path).name == "cabin"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_by_any_name_and_encoding(tmp_path, home, encoding):
    text = unpack(home)["Home.xml"].decode().replace("encoding='UTF-8'", "")
    path = tmp_path / "cabin.zip"
    path.write_bytes(text.encode(encoding))
    assert load_scene(str(path), cached=False).rooms


@pytest.mark.parametrize("name", ["box", "box.obj", "box.sh3d", "box.xml"])
def test_an_obj_by_any_name(tmp_path, name):
    (tmp_path / name).write_bytes(OBJ)
    assert len(load_scene(str(tmp_path / name)).triangles) == 1
    (tmp_path / name).write_bytes(pack({"box.obj": OBJ}))
    assert len(load_scene(str(tmp_path / name), cached=False).triangles) == 1
    assert len(load_obj_scene(tmp_path / name).triangles) == 1


def test_a_home_in_a_zip_is_named(tmp_path, home):
    path = tmp_path / "mail.zip"
    path.write_bytes(pack({"my home.sh3d": home}))
    with pytest.raises(HomeError, match=r"unpack 'my home.sh3d' from it"):
        read_home(path)
    with pytest.raises(HomeError, match=r"unpack 'my home.sh3d' from it"):
        load_scene(str(path))


def test_a_renamed_home_is_built_once(tmp_path, home, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    for name in ("a.sh3d", "b.zip"):
        (tmp_path / name).write_bytes(home)
        assert load_scene(str(tmp_path / name)).name == name[0]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_cause_is_said_once():
    def fail():
        raise ZeroDivisionError("two\nlines")

    with pytest.raises(HomeError) as caught, reading("the home is damaged"), reading("the model is damaged"):
        fail()
    assert str(caught.value) == "the model is damaged: two lines"
    with pytest.raises(KeyboardInterrupt), reading("the home is damaged"):
        raise KeyboardInterrupt
